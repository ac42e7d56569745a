"""Resumes that are pasted into the chat as text, in one message or in several."""

from __future__ import annotations

import re
from typing import TypedDict
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts.service import Accounts
from domain.errors import Refused
from domain.messaging.chats import Who
from domain.ports import BlobStore
from domain.resumes.analysis import FileType
from domain.resumes.jobs import AnalyseResume
from domain.resumes.models import Resume, ResumeStatus
from domain.resumes.sections import headings_in

FILE_NAME = "resume.txt"
MOST_CHARACTERS = 60_000
_LEAST_CHARACTERS = 250
_LEAST_LINES = 5
_LEAST_SIGNS = 2
_FURTHER_CHARACTERS = 200
_CONTACT = re.compile(r"[\w.+-]+@[\w-]+\.\w|linkedin\.com|github\.com|\+?\d[\d ()./-]{7,}\d")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def looks_like_resume(text: str) -> bool:
    """Whether a message is a resume rather than something that a person says: long, in lines, and with two
    of three things that resumes have (how to reach somebody, years, headings)."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(text) < _LEAST_CHARACTERS or len(lines) < _LEAST_LINES:
        return False
    signs = (_CONTACT.search(text) is not None, len(_YEAR.findall(text)) > 1, bool(headings_in(lines)))
    return sum(signs) >= _LEAST_SIGNS


def goes_on(text: str) -> bool:
    """Whether a further message belongs to a pasted text: Telegram cuts long ones into several."""
    return len(text) >= _FURTHER_CHARACTERS


def is_link(text: str) -> bool:
    """Whether a message is nothing but a link."""
    return _LINK.fullmatch(text.strip()) is not None


class Place(TypedDict):
    """Where a sealed value stands (domain.ports.PersonKey)."""

    table: str
    column: str
    user_id: UUID
    row_id: UUID
    version: int


class PastedTexts:
    """Texts that a person has yet to confirm: resumes without a title, which nothing else shows."""

    def __init__(self, db: AsyncSession, who: Who, accounts: Accounts, blobs: BlobStore) -> None:
        self._db = db
        self._who = who
        self._accounts = accounts
        self._blobs = blobs

    async def keep(self, text: str) -> UUID:
        """Keep a text, sealed, until it is confirmed; earlier ones that never were are forgotten."""
        mine = select(Resume).where(Resume.user_id == self._who.user_id, Resume.title == "")
        for left in list(await self._db.scalars(mine)):
            await self.forget(left.id)
        resume_id = uuid4()
        resume = Resume(
            id=resume_id,
            user_id=self._who.user_id,
            title="",
            file_path=f"{self._who.user_id}/{resume_id}",
            file_name=FILE_NAME,
            file_type=FileType.TEXT,
        )
        await self._seal(resume, text)
        self._db.add(resume)
        await self._db.flush()
        return resume_id

    async def add(self, resume_id: UUID, text: str) -> None:
        """Add what came in a further message. Raises `Refused("resume.pasted_too_long")`."""
        resume = await self._one(resume_id)
        assert resume.extracted_text is not None
        key = await self._accounts.key()
        earlier = key.open(resume.extracted_text, **self._place(resume, "resumes", "extracted_text"))
        await self._seal(resume, f"{earlier.decode()}\n{text}")

    async def take(self, resume_id: UUID) -> None:
        """It is a resume: have it analysed."""
        resume = await self._one(resume_id)
        resume.title = FILE_NAME.removesuffix(".txt").capitalize()
        await self._who.schedule(AnalyseResume(resume_id=resume.id, user_id=resume.user_id))

    async def forget(self, resume_id: UUID) -> None:
        """It is none."""
        resume = await self._one(resume_id)
        await self._blobs.delete(self._db, resume.file_path)
        await self._db.delete(resume)
        await self._db.flush()

    async def _one(self, resume_id: UUID) -> Resume:
        found = await self._db.get(Resume, resume_id)
        if found is None or found.user_id != self._who.user_id or found.title:
            raise Refused("resume.gone")
        assert found.status is ResumeStatus.PENDING
        return found

    async def _seal(self, resume: Resume, text: str) -> None:
        if len(text) > MOST_CHARACTERS:
            raise Refused("resume.pasted_too_long")
        key, content = await self._accounts.key(), text.encode()
        resume.file_size = len(content)
        resume.extracted_text = key.seal(content, **self._place(resume, "resumes", "extracted_text"))
        sealed = key.seal(content, **self._place(resume, "blobs", "sealed"))
        await self._blobs.put(self._db, resume.file_path, sealed)

    def _place(self, resume: Resume, table: str, column: str) -> Place:
        return Place(table=table, column=column, user_id=resume.user_id, row_id=resume.id, version=1)
