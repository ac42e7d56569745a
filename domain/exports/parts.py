"""The parts of an export: written sealed while it is packed, opened to be sent, deleted once they were."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts.models import PersonKey
from domain.exports.models import Export, ExportChunk
from domain.messaging.parcel import Parcel, opens
from domain.ports import PersonKey as Key
from domain.world import World


class Gone(Exception):
    """The export is no more: its person was erased, or has asked anew."""


class Part(Parcel, name="export_part"):
    """One archive of an export; it is deleted once it was sent, and the export with its last one."""

    export_id: UUID
    archive_id: UUID
    number: int

    async def let_go(self, db: AsyncSession) -> None:
        of_archive = ExportChunk.archive_id == self.archive_id
        await db.execute(delete(ExportChunk).where(of_archive, ExportChunk.part == self.number))
        await db.execute(delete(Export).where(Export.id == self.export_id, ~exists().where(of_archive)))


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


@opens(Part)
async def open_part(part: Part, world: World, chat_id: int) -> AsyncGenerator[bytes, None]:
    """An export that is gone is not spoken of: its person was erased, or has asked anew."""
    number = 0
    while (chunk := await _chunk(part, number, world)) is not None:
        number, content = chunk
        yield content


async def _chunk(part: Part, after: int, world: World) -> tuple[int, bytes] | None:
    """The next chunk of a part, opened."""
    async with world.transactions() as db:
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
    key = world.keyring.unwrap(row.wrapped_key, row.user_id)
    place = _place(row.user_id, part.archive_id, row.number)
    return row.number, await asyncio.to_thread(key.open, row.sealed, **place)
