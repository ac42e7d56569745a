"""Resumes: taken, read, analysed, placed among their versions."""

from __future__ import annotations

from pathlib import PurePath
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts.service import Accounts
from domain.errors import Refused
from domain.messaging.chats import Who
from domain.ports import BlobStore, PersonKey
from domain.resumes.analysis import ExtractedText, ResumeAnalysis
from domain.resumes.jobs import AnalyseResume, AnalyseResumeAgain, ReceiveResume, SendOriginal
from domain.resumes.models import Resume, ResumeStatus
from domain.resumes.originals import SealedFile, sealed_original
from domain.resumes.pasted import PastedTexts
from domain.resumes.versions import chain_of
from domain.resumes.wording import legible

LARGEST_FILE = 20 * 1024 * 1024  # what Telegram lets a bot download
LONGEST_TITLE = 100
LONGEST_DESCRIPTION = 500
SHOWN = 30
AGAIN_AFTER = 60.0


class Resumes:
    """What a chat's conversation asks of resumes; every one is looked up with its owner."""

    def __init__(self, db: AsyncSession, who: Who, accounts: Accounts, blobs: BlobStore) -> None:
        self._db = db
        self._who = who
        self._accounts = accounts
        self._blobs = blobs
        self.pasted = PastedTexts(db, who, accounts, blobs)

    async def receive(self, file_id: str, file_name: str, size: int) -> UUID:
        """Take a file at once; raises `Refused("file.too_large")` by what Telegram says of its size."""
        if size > LARGEST_FILE:
            raise Refused("file.too_large", most=LARGEST_FILE // 1024 // 1024)
        resume_id = uuid4()
        name = PurePath(legible(file_name).replace("\\", "/")).name[:255] or "resume"
        await self._who.schedule(
            ReceiveResume(file_id=file_id, file_name=name, resume_id=resume_id, user_id=self._who.user_id)
        )
        return resume_id

    async def store(
        self, job: ReceiveResume, file: SealedFile, document: ExtractedText, seconds: float = 0.0
    ) -> None:
        """Keep a file and its text, sealed with its owner's key, and have it analysed.

        Fetching and reading took `seconds`.
        """
        key = await self._accounts.key()
        await self._blobs.keep(self._db, file.blob)
        self._db.add(
            Resume(
                id=job.resume_id,
                user_id=job.user_id,
                title=PurePath(job.file_name).stem[:LONGEST_TITLE] or "Resume",
                file_path=file.blob.key,
                file_name=job.file_name,
                file_size=file.size,
                file_type=document.file_type,
                hidden_text=document.hidden_text,
                extracted_text=self._sealed_text(key, document.text, job.resume_id),
            )
        )
        await self._db.flush()
        await self._who.schedule(
            AnalyseResume(
                resume_id=job.resume_id, user_id=job.user_id, links=document.links, read_seconds=seconds
            )
        )

    async def text_of(self, resume_id: UUID) -> str:
        """The text that was taken out of a resume's file."""
        resume = await self.one(resume_id)
        if resume.extracted_text is None:
            return ""
        key = await self._accounts.key()
        return key.open(
            resume.extracted_text,
            table="resumes",
            column="extracted_text",
            user_id=resume.user_id,
            row_id=resume.id,
            version=1,
        ).decode()

    async def analysis_of(self, resume_id: UUID) -> ResumeAnalysis | None:
        """What was understood of a resume; None until it was analysed."""
        resume = await self.one(resume_id)
        return ResumeAnalysis.model_validate(resume.analysis) if resume.analysis else None

    async def send_original(self, resume_id: UUID) -> None:
        """Have the file sent to this chat as it was sent to us."""
        resume = await self.one(resume_id)
        await self._who.schedule(SendOriginal(resume_id=resume.id, user_id=resume.user_id))

    async def original(self, resume_id: UUID) -> SealedFile:
        """The file as it was sent, still sealed. Raises `Refused("file.gone")`."""
        resume = await self.one(resume_id)
        return await sealed_original(self._db, self._blobs, await self._accounts.key(), resume)

    def _sealed_text(self, key: PersonKey, text: str, resume_id: UUID) -> bytes:
        return key.seal(
            text.encode(),
            table="resumes",
            column="extracted_text",
            user_id=self._who.user_id,
            row_id=resume_id,
            version=1,
        )

    async def store_analysis(self, resume_id: UUID, analysis: ResumeAnalysis, seconds: float) -> bool:
        """Keep what was understood; whether the resume may be a version of an earlier one."""
        resume = await self.one(resume_id)
        resume.analysis = analysis.model_dump(mode="json")
        resume.inferred_role = analysis.inferred_role[:100] or None
        resume.years_of_experience = analysis.years_of_experience
        resume.skills = [skill for skill in analysis.skills if skill not in analysis.inferred_skills]
        resume.confidence_score = analysis.confidence
        resume.processing_time = seconds
        if analysis.transcript:
            key = await self._accounts.key()
            resume.extracted_text = self._sealed_text(key, analysis.transcript, resume_id)
        resume.status = ResumeStatus.ANALYZED
        return len(await self.all()) > 1

    async def have_read_again(self, resume_id: UUID) -> None:
        """Have the AI read what was read by rules; once asked for, it is not asked for again."""
        resume = await self.one(resume_id)
        known = ResumeAnalysis.model_validate(resume.analysis or {})
        if known.method != "rules" or known.awaits_ai or resume.status is not ResumeStatus.ANALYZED:
            return
        resume.analysis = known.model_copy(update={"awaits_ai": True}).model_dump(mode="json")
        again = AnalyseResumeAgain(
            resume_id=resume.id, user_id=resume.user_id, links=tuple(known.contact.links)
        )
        await self._who.schedule(again, after=AGAIN_AFTER)

    async def is_there(self, resume_id: UUID) -> bool:
        """Whether a resume of this person exists still."""
        found = await self._db.get(Resume, resume_id)
        return found is not None and found.user_id == self._who.user_id

    async def one(self, resume_id: UUID) -> Resume:
        """A resume of this person; raises `Refused("resume.gone")` for any other."""
        found = await self._db.get(Resume, resume_id)
        if found is None or found.user_id != self._who.user_id:
            raise Refused("resume.gone")
        return found

    async def all(self) -> list[Resume]:
        """The person's resumes, each by its newest version, newest first."""
        newer = select(Resume.parent_version_id).where(
            Resume.user_id == self._who.user_id, Resume.parent_version_id.is_not(None)
        )
        return list(
            await self._db.scalars(
                select(Resume)
                .where(Resume.user_id == self._who.user_id, Resume.id.not_in(newer))
                .where(Resume.status == ResumeStatus.ANALYZED)
                .order_by(Resume.created_at.desc())
                .limit(SHOWN)
            )
        )

    # Versions

    async def versions(self, resume_id: UUID) -> list[Resume]:
        """All versions of a resume, newest first."""
        await self.one(resume_id)
        rows = await self._db.execute(
            select(Resume.id, Resume.parent_version_id).where(Resume.user_id == self._who.user_id)
        )
        parents = {row.id: row.parent_version_id for row in rows}
        return [await self.one(each) for each in chain_of(resume_id, parents)]

    async def make_version(self, resume_id: UUID, of: UUID) -> None:
        """Place a resume as the next version of another; raises `Refused` where either has its place."""
        resume, parent = await self.one(resume_id), await self.one(of)
        alone = len(await self.versions(resume.id)) == 1
        newest = (await self.versions(parent.id))[0]
        if not alone or newest.id != parent.id or resume.id == parent.id:
            raise Refused("resume.placed")
        resume.parent_version_id = parent.id
        resume.version = parent.version + 1
        resume.title = parent.title
        await self._db.flush()

    async def rename(self, resume_id: UUID, typed: str) -> None:
        """Give a resume, in all of its versions, another title.

        Raises `Refused` with "resume.title_empty" or "resume.title_too_long".
        """
        title = " ".join(legible(typed).split())
        if not title:
            raise Refused("resume.title_empty")
        if len(title) > LONGEST_TITLE:
            raise Refused("resume.title_too_long", most=LONGEST_TITLE)
        for version in await self.versions(resume_id):
            version.title = title
        await self._db.flush()

    async def describe(self, resume_id: UUID, typed: str) -> None:
        """Say of one version what it is for; nothing takes the description away.

        Raises `Refused("resume.description_too_long")`.
        """
        if len(typed.strip()) > LONGEST_DESCRIPTION:
            raise Refused("resume.description_too_long", most=LONGEST_DESCRIPTION)
        (await self.one(resume_id)).description = typed.strip() or None
        await self._db.flush()

    # Deleting

    async def delete(self, resume_id: UUID) -> None:
        """Delete one version and its file; the version before it takes its place."""
        resume = await self.one(resume_id)
        child = await self._db.scalar(select(Resume).where(Resume.parent_version_id == resume.id))
        if child is not None:
            child.parent_version_id = resume.parent_version_id
        await self._blobs.delete(self._db, resume.file_path)
        await self._db.delete(resume)
        await self._db.flush()

    async def delete_versions(self, resume_id: UUID) -> None:
        """Delete a resume with all of its versions."""
        for version in await self.versions(resume_id):
            await self.delete(version.id)

    async def delete_all(self) -> None:
        """Delete every resume of this person, those included that are still being read."""
        ids = select(Resume.id).where(Resume.user_id == self._who.user_id)
        for resume_id in list(await self._db.scalars(ids)):
            await self.delete(resume_id)

    async def erase_files(self) -> None:
        """Delete the files of all this person's resumes."""
        paths = select(Resume.file_path).where(Resume.user_id == self._who.user_id)
        for path in list(await self._db.scalars(paths)):
            await self._blobs.delete(self._db, path)
