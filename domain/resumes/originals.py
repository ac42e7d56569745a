"""The file of a resume as it was sent, byte for byte."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.ports import BlobStore, FoundBlob, PersonKey, StagedBlob
from domain.resumes.models import Resume


@dataclass(frozen=True)
class StagedFile:
    """A file that was sealed, on its way into the store; `size` is that of what was sent."""

    blob: StagedBlob
    size: int


@dataclass(frozen=True)
class SealedFile:
    """A file as it is stored, and what opens it."""

    name: str
    found: FoundBlob
    key: PersonKey
    user_id: UUID
    resume_id: UUID
    blobs: BlobStore

    async def opened(self) -> bytes:
        """The bytes that were sent. It takes a while and may go over the network, with no transaction open.

        Raises `Refused("file.gone")` or `Unavailable`.
        """
        sealed = await self.blobs.fetch(self.found)
        return await asyncio.to_thread(self.key.open, sealed, **_place(self.user_id, self.resume_id))


async def stage_original(
    blobs: BlobStore, key: PersonKey, content: bytes, user_id: UUID, resume_id: UUID
) -> StagedFile:
    """Seal a file and bring it to where it will live. Raises `Unavailable`."""
    sealed = await asyncio.to_thread(key.seal, content, **_place(user_id, resume_id))
    return StagedFile(await blobs.stage(str(user_id), sealed), len(content))


async def sealed_original(db: AsyncSession, blobs: BlobStore, key: PersonKey, resume: Resume) -> SealedFile:
    """The file of a resume, whose owner has `key`."""
    found = await blobs.find(db, resume.file_path)
    return SealedFile(resume.file_name, found, key, resume.user_id, resume.id, blobs)


def _place(user_id: UUID, resume_id: UUID) -> dict[str, Any]:
    return {"table": "blobs", "column": "sealed", "user_id": user_id, "row_id": resume_id, "version": 1}
