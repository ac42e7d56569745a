"""A resume as whoever has its link sees it: nothing in it that its owner did not choose to show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts.models import PersonKey
from domain.ports import BlobStore, Keyring
from domain.resumes.analysis import Contact, ResumeAnalysis
from domain.resumes.models import Resume
from domain.resumes.originals import SealedFile, sealed_original
from domain.sharing import SharePart, Sharing

_LEFT_OUT = "…"
_SHORTEST_NAME = 3  # a shorter part of a name is a word of many texts
_REACHABLE = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+?\d[\d ().-]{7,}\d|(?:https?://|www\.)\S+")


@dataclass(frozen=True)
class SharedResume:
    """What is shown. `analysis` holds a contact, and `file_name` a name, only where they are shared."""

    resume: Resume
    analysis: ResumeAnalysis
    file_name: str | None


class SharedResumes:
    """What links of resumes lead to, for anybody."""

    def __init__(self, db: AsyncSession, sharing: Sharing, keyring: Keyring, blobs: BlobStore) -> None:
        self._db = db
        self._sharing = sharing
        self._keyring = keyring
        self._blobs = blobs

    async def found(self, token: str) -> SharedResume | None:
        """The resume that a token leads to; None where it is unknown, has expired or was taken back."""
        resume = await self._sharing.found(Resume, token)
        if resume is None:
            return None
        analysis = ResumeAnalysis.model_validate(resume.analysis or {})
        if SharePart.CONTACT not in resume.share_parts:
            analysis = anonymous(analysis)
        has_file = SharePart.FILE in resume.share_parts
        return SharedResume(resume, analysis, resume.file_name if has_file else None)

    async def look(self, token: str, viewer: UUID | None) -> SharedResume | None:
        """The same, counted as a view unless it is its owner who looks."""
        shared = await self.found(token)
        if shared is not None and shared.resume.user_id != viewer:
            await self._sharing.count_view(shared.resume)
        return shared

    async def has_file(self, token: str) -> bool:
        """Whether a token leads to a file."""
        shared = await self.found(token)
        return shared is not None and shared.file_name is not None

    async def file(self, token: str) -> SealedFile | None:
        """The file, where it is shared; None where it is not, and where the token leads nowhere."""
        shared = await self.found(token)
        if shared is None or shared.file_name is None:
            return None
        row = await self._db.get_one(PersonKey, shared.resume.user_id)
        key = self._keyring.unwrap(row.wrapped_key, row.user_id)
        return await sealed_original(self._db, self._blobs, key, shared.resume)


def anonymous(analysis: ResumeAnalysis) -> ResumeAnalysis:
    """An analysis without the contact, and with name and addresses left out of its sentences."""
    contact = analysis.contact
    named = [contact.name, *(word for word in contact.name.split() if len(word) >= _SHORTEST_NAME)]
    known = [*named, contact.email, contact.phone]
    said = sorted({re.escape(each.strip()) for each in known if each.strip()}, key=len, reverse=True)
    words = re.compile(rf"(?<!\w)(?:{'|'.join(said)})(?!\w)", re.IGNORECASE) if said else None

    def without(text: str) -> str:
        unnamed = words.sub(_LEFT_OUT, text) if words else text
        return _REACHABLE.sub(_LEFT_OUT, unnamed)

    return analysis.model_copy(
        update={
            "contact": Contact(),
            "experience": [
                entry.model_copy(update={"summary": without(entry.summary)}) for entry in analysis.experience
            ],
            "strengths": [without(line) for line in analysis.strengths],
            "gaps": [without(line) for line in analysis.gaps],
            "set_aside": [],
        }
    )
