"""The file of a resume as it was sent, byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.ports import BlobStore, PersonKey
from domain.resumes.models import Resume


@dataclass(frozen=True)
class SealedFile:
    """A file as it is stored, and what opens it: opening takes a while, so that it is done off the loop."""

    name: str
    sealed: bytes
    key: PersonKey
    user_id: UUID
    resume_id: UUID

    def opened(self) -> bytes:
        """The bytes that were sent."""
        return self.key.open(
            self.sealed,
            table="blobs",
            column="sealed",
            user_id=self.user_id,
            row_id=self.resume_id,
            version=1,
        )


async def sealed_original(db: AsyncSession, blobs: BlobStore, key: PersonKey, resume: Resume) -> SealedFile:
    """The file of a resume, whose owner has `key`."""
    sealed = await blobs.get(db, resume.file_path)
    return SealedFile(resume.file_name, sealed, key, resume.user_id, resume.id)
