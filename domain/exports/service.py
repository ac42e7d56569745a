"""Exports: everything that is kept about a person, for them to have."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts.service import Accounts
from domain.exports.jobs import ExportPacked, PackExport
from domain.exports.models import Export
from domain.exports.parts import forget_tries
from domain.messaging.chats import Who
from domain.messaging.models import JobRow, Outbox


def slot(export_id: UUID) -> str:
    """The message that shows how far an export is; those of its parts have the same beginning."""
    return f"export-{export_id}"


class Exports:
    """What a chat's conversation asks of exports; a person has one at a time."""

    def __init__(self, db: AsyncSession, who: Who, accounts: Accounts) -> None:
        self._db = db
        self._who = who
        self._accounts = accounts

    async def begin(self) -> UUID | None:
        """Have everything packed and sent to this chat; None where that goes on already.

        Raises `Refused("password.again")` where the password was not given lately.
        """
        await self._accounts.sessions.demand_confirmed()
        user = await self._accounts.locked_user()
        known = await self._db.scalar(select(Export).where(Export.user_id == user.id))
        if known is not None:
            if await self._goes_on(known):
                return None
            await self._db.delete(known)
            await self._db.flush()
        export = Export(id=uuid4(), user_id=user.id, chat_id=self._who.chat.chat_id)
        self._db.add(export)
        await self._db.flush()
        await self._who.schedule(
            PackExport(export_id=export.id, user_id=user.id, language=self._who.language)
        )
        return export.id

    async def _goes_on(self, export: Export) -> bool:
        """Whether it is being packed, or on its way."""
        packed = exists().where(
            JobRow.chat_id == export.chat_id, JobRow.kind == PackExport.name, JobRow.done_at.is_(None)
        )
        sent = exists().where(
            Outbox.chat_id == export.chat_id,
            Outbox.slot.startswith(slot(export.id)),
            Outbox.done_at.is_(None),
        )
        return bool(await self._db.scalar(select(packed | sent)))

    async def is_there(self, export_id: UUID) -> bool:
        """Whether an export of this person waits to be sent still."""
        export = await self._db.get(Export, export_id)
        return export is not None and export.user_id == self._who.user_id

    async def packed(self, event: ExportPacked) -> bool:
        """Keep one try at packing, and no other; whether it is wanted still, and by this chat's account."""
        export = await self._db.get(Export, event.export_id, with_for_update=True)
        if export is None:
            return False
        if self._who.chat.user_id != export.user_id:
            await self._db.delete(export)
            return False
        await forget_tries(self._db, export.id, but=event.archive_id)
        return True
