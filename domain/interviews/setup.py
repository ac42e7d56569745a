"""What an interview is set up with: the settings of the last one, a job description from a file."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import Refused
from domain.interviews import languages
from domain.interviews.jobs import ReadJobDescription
from domain.interviews.models import InterviewSession
from domain.interviews.plan import InterviewSettings
from domain.interviews.service import LONGEST_ROLE, Interviews
from domain.messaging.chats import Who
from domain.resumes.service import LARGEST_FILE, Resumes


class InterviewSetup:
    """What a chat's conversation asks before an interview begins."""

    def __init__(self, db: AsyncSession, who: Who, resumes: Resumes, interviews: Interviews) -> None:
        self._db = db
        self._who = who
        self._resumes = resumes
        self._interviews = interviews

    async def last(self) -> InterviewSession | None:
        """The interview that was begun last, whatever came of it; practice of single questions is none."""
        found: InterviewSession | None = await self._db.scalar(
            select(InterviewSession)
            .where(InterviewSession.user_id == self._who.user_id, ~InterviewSession.is_practice)
            .order_by(InterviewSession.started_at.desc())
            .limit(1)
        )
        return found

    async def begin_again(self) -> UUID:
        """Begin an interview with the settings of the last one; raises `Refused` where there is none."""
        last = await self.last()
        if last is None:
            raise Refused("interview.gone")
        settings = InterviewSettings(last.target_role, last.difficulty, last.language)
        return await self._interviews.begin(
            await self._newest(last.resume_id), last.kind, last.question_count, last.job_description, settings
        )

    async def role(self, resume_id: UUID | None, settings: InterviewSettings) -> str:
        """The role an interview would aim at; "" where nothing says one."""
        if settings.role or resume_id is None:
            return settings.role or ""
        return next(
            (each.inferred_role or "" for each in await self._resumes.all() if each.id == resume_id), ""
        )

    def typed_role(self, text: str) -> str:
        """A role as it was typed; raises `Refused` for one that is empty or longer than a role is."""
        role = " ".join(text.split())
        if not any(character.isalpha() for character in role):
            raise Refused("interview.role_empty")
        if len(role) > LONGEST_ROLE:
            raise Refused("interview.role_too_long", most=LONGEST_ROLE)
        return role

    def typed_language(self, text: str, *, is_offline: bool) -> str | None:
        """The code of a language that was typed, None for no language.

        Raises `Refused` for one that the bundled questions are not in, where nobody else asks.
        """
        code = languages.named(text)
        if code and is_offline and code not in languages.offered(is_offline=True):
            raise Refused("interview.language_offline")
        return code

    async def read_job(self, reading_id: UUID, file_id: str, file_name: str, size: int) -> None:
        """Have a file read as a job description; raises `Refused("file.too_large")`."""
        if size > LARGEST_FILE:
            raise Refused("file.too_large", most=LARGEST_FILE // 1024 // 1024)
        job = ReadJobDescription(
            reading_id=reading_id, file_id=file_id, file_name=file_name[:255], user_id=self._who.user_id
        )
        await self._who.schedule(job)

    async def _newest(self, resume_id: UUID | None) -> UUID | None:
        """The newest version of a resume."""
        for each in await self._resumes.all() if resume_id else ():
            if resume_id in {version.id for version in await self._resumes.versions(each.id)}:
                return each.id
        return resume_id
