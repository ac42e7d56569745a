"""The file of a resume as it was sent, byte for byte: sealed in chunks, and opened chunk by chunk.

A chunk opens only as the one with its number, and only as the last one where it was sealed as that, so that
chunks that were swapped, left out or cut off are noticed, whatever their rows say.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts.models import PersonKey as WrappedKey
from domain.pieces import chunks_of, whole
from domain.ports import BlobStore, PersonKey, StoredBlob
from domain.resumes.models import Resume
from domain.world import World

CHUNK = 1024 * 1024


@dataclass(frozen=True)
class SealedFile:
    """A file in the store, or on its way there, and what opens it; `size` is that of what was sent.

    It is `domain.ports.Content`. `row_id` is the resume's, or of whatever else it was sent for.
    """

    name: str
    size: int
    blob: StoredBlob
    key: PersonKey
    user_id: UUID
    row_id: UUID
    blobs: BlobStore

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The bytes that were sent. They may come over the network, with no transaction open.

        Raises `Refused("file.gone")` or `Unavailable`.
        """
        for number in range(self.blob.chunks):
            place = _place(self.user_id, self.row_id, number, is_last=number == self.blob.chunks - 1)
            sealed = await self.blobs.fetch(self.blob, number)
            yield await asyncio.to_thread(self.key.open, sealed, **place)

    async def opened(self) -> bytes:
        """All of it at once. Raises as `pieces` does."""
        async with aclosing(self.pieces()) as pieces:
            return await whole(pieces)

    async def discard(self) -> None:
        """It is not kept after all."""
        await self.blobs.discard(self.blob)


async def stage_original(
    blobs: BlobStore, key: PersonKey, pieces: AsyncIterable[bytes], name: str, user_id: UUID, row_id: UUID
) -> SealedFile:
    """Seal a file as it comes and bring it to where it will live. Raises `Unavailable`, and as `pieces`."""
    size = 0

    async def sealed() -> AsyncIterator[bytes]:
        nonlocal size
        number = 0
        async for chunk, is_last in chunks_of(pieces, CHUNK):
            place = _place(user_id, row_id, number, is_last=is_last)
            size += len(chunk)
            number += 1
            sealing = asyncio.to_thread(key.seal, chunk, **place)
            del chunk  # it is not held while its sealed bytes are written
            yield await sealing

    blob = await blobs.stage(str(user_id), sealed())
    return SealedFile(name, size, blob, key, user_id, row_id, blobs)


async def stage_sent(world: World, file_id: str, name: str, user_id: UUID, row_id: UUID) -> SealedFile | None:
    """A file that a person sent, staged as it comes; None where they were erased meanwhile.

    Raises as `domain.ports.FileSource` does.
    """
    async with world.transactions() as db:
        row = await db.get(WrappedKey, user_id)
    if row is None:
        return None
    key = world.keyring.unwrap(row.wrapped_key, user_id)
    async with aclosing(world.files.fetch(file_id)) as pieces:
        return await stage_original(world.blobs, key, pieces, name, user_id, row_id)


async def sealed_original(db: AsyncSession, blobs: BlobStore, key: PersonKey, resume: Resume) -> SealedFile:
    """The file of a resume, whose owner has `key`. Raises `Refused("file.gone")`."""
    blob = await blobs.find(db, resume.file_path)
    return SealedFile(resume.file_name, resume.file_size, blob, key, resume.user_id, resume.id, blobs)


def _place(user_id: UUID, row_id: UUID, number: int, *, is_last: bool) -> dict[str, Any]:
    """Where a chunk opens. A file of one chunk is sealed as files were before they had chunks."""
    column = "sealed" if is_last else "sealed, more to come"
    return {"table": "blobs", "column": column, "user_id": user_id, "row_id": row_id, "version": number + 1}
