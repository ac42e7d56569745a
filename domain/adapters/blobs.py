"""Where the sealed bytes of files live: in PostgreSQL with the rows that name them, or elsewhere by key.

Every file has a row in `blobs`, which says where its chunks are; so files stay readable where they were put,
whatever is set now. Chunks are put before the transaction that needs them, each by itself, under a row that
is doomed until that transaction keeps it; those elsewhere go after the one that lets them go. What a crash
leaves behind in between is found by its row.

The first chunk has the place that a whole file had before there were chunks: in the row itself, or under its
key. Further ones have rows of their own, or keys that end in their number.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Protocol
from uuid import uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.database import Transactions
from domain.errors import Refused, Unavailable
from domain.ports import StoredBlob
from domain.resumes.models import Blob, BlobChunk

UNKEPT = timedelta(days=1)  # far longer than a job takes from putting bytes to keeping them
BATCH = 100

log = logging.getLogger(__name__)


class Objects(Protocol):
    """A store of bytes by their key. Every call raises `Unavailable` where it may succeed later."""

    async def put(self, key: str, content: bytes) -> None: ...

    async def get(self, key: str) -> bytes:
        """Raises `Refused("file.gone")`."""
        ...

    async def delete(self, key: str) -> None:
        """One that is not there is deleted already."""
        ...


def nowhere_else(place: str) -> Objects:
    """Knows no place but the database; raises `Unavailable`."""
    raise Unavailable("files.place")


class Blobs:
    """`domain.ports.BlobStore`: new files go to `place`, or into the database where that is None.

    `reach` gives the store at a place, also at one that is not set any more.
    """

    def __init__(
        self,
        transactions: Transactions,
        place: str | None = None,
        reach: Callable[[str], Objects] = nowhere_else,
    ) -> None:
        self._transactions = transactions
        self._place = place
        self._reach = reach

    async def stage(self, folder: str, sealed: AsyncIterable[bytes]) -> StoredBlob:
        staged = StoredBlob(f"{folder}/{uuid4()}", self._place, 0)
        try:
            async for chunk in sealed:
                await self._add(staged, chunk)
                staged = replace(staged, chunks=staged.chunks + 1)
                del chunk  # it is not held while the next one comes
        except Exception:
            # Its row may count one more than was put: of an object that is not there nothing is left.
            await self.discard(replace(staged, chunks=staged.chunks + 1))
            raise
        return staged

    async def _add(self, staged: StoredBlob, chunk: bytes) -> None:
        """Put one chunk more, which its row counts by then."""
        number, here = staged.chunks, staged.place is None
        async with self._transactions.begin() as db:
            if number == 0:
                sealed = chunk if here else None
                doomed_at = func.now() + UNKEPT
                db.add(Blob(key=staged.key, place=staged.place, sealed=sealed, doomed_at=doomed_at))
            else:
                await _change(db, staged.key, chunks=number + 1)
                if here:
                    db.add(BlobChunk(key=staged.key, number=number, sealed=chunk))
        if staged.place is not None:
            await self._reach(staged.place).put(object_key(staged.key, number), chunk)

    async def keep(self, db: AsyncSession, staged: StoredBlob) -> None:
        await _change(db, staged.key, doomed_at=None)

    async def discard(self, staged: StoredBlob) -> None:
        async with self._transactions.begin() as db:
            await self.delete(db, staged.key)
        if staged.place is not None:
            await self._clear(staged)

    async def put(self, db: AsyncSession, key: str, sealed: bytes) -> None:
        put = insert(Blob).values(key=key, sealed=sealed)
        again = {"sealed": put.excluded.sealed}  # not the bytes themselves, which would be sent twice
        await db.execute(put.on_conflict_do_update(index_elements=["key"], set_=again))

    async def find(self, db: AsyncSession, key: str) -> StoredBlob:
        found = await db.execute(select(Blob.place, Blob.chunks).where(Blob.key == key))
        row = found.one_or_none()
        if row is None:
            raise Refused("file.gone")
        return StoredBlob(key, row.place, row.chunks)

    async def fetch(self, stored: StoredBlob, number: int) -> bytes:
        if stored.place is not None:
            return await self._reach(stored.place).get(object_key(stored.key, number))
        chunk = (
            select(BlobChunk.sealed).where(BlobChunk.key == stored.key, BlobChunk.number == number)
            if number
            else select(Blob.sealed).where(Blob.key == stored.key)
        )
        async with self._transactions() as db:
            sealed: bytes | None = await db.scalar(chunk)
        if sealed is None:
            raise Refused("file.gone")
        return sealed

    async def delete(self, db: AsyncSession, key: str) -> None:
        await db.execute(delete(Blob).where(Blob.key == key, Blob.place.is_(None)))
        await db.execute(update(Blob).where(Blob.key == key).values(doomed_at=func.now()))

    async def clear(self) -> int:
        """Delete what nothing names any more: chunks elsewhere that were let go, and whatever nobody kept.

        How many files those were. What cannot be reached is left for the next time.
        """
        return sum([await self._clear(each) for each in await self._doomed()])

    async def _clear(self, doomed: StoredBlob) -> bool:
        """Whether it could be deleted."""
        try:
            if doomed.place is not None:
                for number in range(doomed.chunks):
                    await self._reach(doomed.place).delete(object_key(doomed.key, number))
        except Unavailable as error:
            log.warning("file not deleted yet", extra={"reason": error.reason})
            return False
        async with self._transactions.begin() as db:
            await db.execute(delete(Blob).where(Blob.key == doomed.key, Blob.doomed_at.is_not(None)))
        return True

    async def _doomed(self) -> list[StoredBlob]:
        async with self._transactions() as db:
            found = await db.execute(
                select(Blob.key, Blob.place, Blob.chunks)
                .where(Blob.doomed_at <= func.now())
                .order_by(func.random())  # so that some that fail do not keep back the others
                .limit(BATCH)
            )
            return [StoredBlob(row.key, row.place, row.chunks) for row in found]


def object_key(key: str, number: int) -> str:
    """The key of a chunk outside the database."""
    return f"{key}.{number}" if number else key


async def _change(db: AsyncSession, key: str, **values: object) -> None:
    """Raises `Unavailable` where what was staged is no more."""
    changed = await db.execute(update(Blob).where(Blob.key == key).values(**values).returning(Blob.key))
    if changed.first() is None:
        raise Unavailable("files.overtaken")
