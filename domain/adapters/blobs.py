"""Where the sealed bytes of files live: in PostgreSQL with the rows that name them, or elsewhere by key.

Every file has a row in `blobs`, which says where its bytes are; so files stay readable where they were put,
whatever is set now. Bytes elsewhere are put before the transaction that needs them, under a row that is
doomed until that transaction keeps it, and they go after the one that lets them go: what a crash leaves
behind in between is found by its row.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol
from uuid import uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.database import Transactions
from domain.errors import Refused, Unavailable
from domain.ports import FoundBlob, StagedBlob
from domain.resumes.models import Blob

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

    async def stage(self, folder: str, sealed: bytes) -> StagedBlob:
        key = f"{folder}/{uuid4()}"
        if self._place is None:
            return StagedBlob(key, sealed)
        async with self._transactions.begin() as db:
            db.add(Blob(key=key, place=self._place, doomed_at=func.now() + UNKEPT))
        await self._reach(self._place).put(key, sealed)
        return StagedBlob(key, None)

    async def keep(self, db: AsyncSession, staged: StagedBlob) -> None:
        if staged.sealed is not None:
            await self.put(db, staged.key, staged.sealed)
            return
        kept = await db.execute(
            update(Blob).where(Blob.key == staged.key).values(doomed_at=None).returning(Blob.key)
        )
        if kept.first() is None:
            raise Unavailable("files.overtaken")

    async def put(self, db: AsyncSession, key: str, sealed: bytes) -> None:
        put = insert(Blob).values(key=key, sealed=sealed)
        again = {"sealed": put.excluded.sealed}  # not the bytes themselves, which would be sent twice
        await db.execute(put.on_conflict_do_update(index_elements=["key"], set_=again))

    async def find(self, db: AsyncSession, key: str) -> FoundBlob:
        row = (await db.execute(select(Blob.sealed, Blob.place).where(Blob.key == key))).one_or_none()
        if row is None:
            raise Refused("file.gone")
        return FoundBlob(key, row.sealed, row.place)

    async def fetch(self, found: FoundBlob) -> bytes:
        if found.place is None:
            assert found.sealed is not None
            return found.sealed
        return await self._reach(found.place).get(found.key)

    async def delete(self, db: AsyncSession, key: str) -> None:
        await db.execute(delete(Blob).where(Blob.key == key, Blob.place.is_(None)))
        await db.execute(update(Blob).where(Blob.key == key).values(doomed_at=func.now()))

    async def clear(self) -> int:
        """Delete the bytes elsewhere that nothing names any more; how many files those were.

        What cannot be reached is left for the next time.
        """
        cleared = 0
        for key, place in await self._doomed():
            try:
                await self._reach(place).delete(key)
            except Unavailable as error:
                log.warning("file not deleted yet", extra={"reason": error.reason})
                continue
            async with self._transactions.begin() as db:
                await db.execute(delete(Blob).where(Blob.key == key, Blob.doomed_at.is_not(None)))
            cleared += 1
        return cleared

    async def _doomed(self) -> list[tuple[str, str]]:
        async with self._transactions() as db:
            found = await db.execute(
                select(Blob.key, Blob.place)
                .where(Blob.doomed_at <= func.now(), Blob.place.is_not(None))
                .order_by(func.random())  # so that some that fail do not keep back the others
                .limit(BATCH)
            )
            return [(row.key, row.place) for row in found]
