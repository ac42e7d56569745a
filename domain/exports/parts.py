"""The parts of an export: written sealed while it is packed, opened to be sent, deleted once they were."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Self
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts.models import PersonKey
from domain.database import Transactions
from domain.exports.models import Export, ExportChunk
from domain.ports import Keyring
from domain.ports import PersonKey as Key

MOST_OPEN = 2  # each up to 48 MB, and sent as slowly as the line is


class Gone(Exception):
    """The export is no more: its person was erased, or has asked anew."""


@dataclass(frozen=True)
class Part:
    """One archive of an export."""

    export_id: UUID
    archive_id: UUID
    number: int

    def row(self) -> dict[str, Any]:
        """As a message on its way names it."""
        return {"export_id": str(self.export_id), "archive_id": str(self.archive_id), "number": self.number}

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The part that `row` names."""
        return cls(UUID(row["export_id"]), UUID(row["archive_id"]), row["number"])


def seal(key: Key, content: bytes, user_id: UUID, archive_id: UUID, number: int) -> bytes:
    """A chunk as it is stored; it opens in its own place only."""
    return key.seal(content, **_place(user_id, archive_id, number))


def _place(user_id: UUID, archive_id: UUID, number: int) -> dict[str, Any]:
    return {
        "table": "export_chunks",
        "column": "sealed",
        "user_id": user_id,
        "row_id": archive_id,
        "version": number,
    }


async def put(db: AsyncSession, part: Part, number: int, sealed: bytes) -> None:
    """Keep a chunk; raises `Gone`."""
    kept = await db.get(Export, part.export_id, with_for_update={"read": True, "key_share": True})
    if kept is None:
        raise Gone
    chunk = ExportChunk(
        export_id=part.export_id, archive_id=part.archive_id, part=part.number, number=number, sealed=sealed
    )
    db.add(chunk)


async def forget_tries(db: AsyncSession, export_id: UUID, but: UUID | None = None) -> None:
    """Delete what was packed of an export, all of it or all but one archive."""
    of_export = delete(ExportChunk).where(ExportChunk.export_id == export_id)
    await db.execute(of_export if but is None else of_export.where(ExportChunk.archive_id != but))


async def drop(db: AsyncSession, part: Part) -> None:
    """Delete a part, and the export with its last one."""
    await db.execute(
        delete(ExportChunk).where(ExportChunk.archive_id == part.archive_id, ExportChunk.part == part.number)
    )
    left = exists().where(ExportChunk.archive_id == part.archive_id)
    await db.execute(delete(Export).where(Export.id == part.export_id, ~left))


class Parts:
    """Opens what was packed, a few parts at a time: each is in memory as a whole."""

    def __init__(self, transactions: Transactions, keyring: Keyring) -> None:
        self._transactions = transactions
        self._keyring = keyring
        self._slots = asyncio.Semaphore(MOST_OPEN)

    @property
    def is_busy(self) -> bool:
        """Whether as many are open as may be, so that another had better come later."""
        return self._slots.locked()

    @asynccontextmanager
    async def opened(self, part: Part) -> AsyncIterator[BytesIO | None]:
        """A part as a file in memory, for as long as it is open; None where it is gone."""
        async with self._slots:
            file = BytesIO()
            number = 0
            while (chunk := await self._chunk(part, number)) is not None:
                number, content = chunk
                file.write(content)
            file.seek(0)
            yield file if number else None

    async def _chunk(self, part: Part, after: int) -> tuple[int, bytes] | None:
        """The next chunk of a part, opened."""
        async with self._transactions() as db:
            found = await db.execute(
                select(ExportChunk.number, ExportChunk.sealed, Export.user_id, PersonKey.wrapped_key)
                .join(Export, Export.id == ExportChunk.export_id)
                .join(PersonKey, PersonKey.user_id == Export.user_id)
                .where(ExportChunk.archive_id == part.archive_id, ExportChunk.part == part.number)
                .where(ExportChunk.number > after)
                .order_by(ExportChunk.number)
                .limit(1)
            )
            row = found.one_or_none()
        if row is None:
            return None
        key = self._keyring.unwrap(row.wrapped_key, row.user_id)
        place = _place(row.user_id, part.archive_id, row.number)
        return row.number, await asyncio.to_thread(key.open, row.sealed, **place)
