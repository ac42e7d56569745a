"""The consumer of the inbox: an update becomes an event, and the engine advances its chat."""

from __future__ import annotations

import logging

from sqlalchemy.ext.asyncio import AsyncSession

from bot.engine import Engine
from bot.logs import new_error_id
from bot.step import Blocked, Event
from bot.texts import language_for
from bot.updates import Sender, event_of
from bot.worker import Consumer, is_database_away
from domain.database import Transactions
from domain.messaging.chats import locked_chat
from domain.messaging.happenings import JobFailed
from domain.messaging.liveness import Liveness
from domain.messaging.models import Chat, Inbox
from domain.messaging.pipe import INBOX, Pipe
from domain.messaging.queue import Overtaken

log = logging.getLogger(__name__)

TRIES = 3
PAUSE = 0.5
STEP = "step"

Heard = tuple[Sender, Event]


class InboxConsumer(Consumer[Inbox]):
    """Each update once: its effects and its end commit together."""

    queue = INBOX

    def __init__(
        self, transactions: Transactions, liveness: Liveness, pipe: Pipe, engine: Engine, capacity: int
    ) -> None:
        super().__init__(transactions, liveness, capacity)
        self._pipe = pipe
        self._engine = engine

    async def handle(self, row: Inbox) -> None:
        try:
            heard = event_of(self._pipe.open(row))
        except Exception as error:
            # Nobody can be answered: the payload stays, so that the operator can look.
            log.exception("update not understood", extra={"update_id": row.id, "error": type(error).__name__})
            async with self._transactions.begin() as db:
                await self.queue.finish(db, row, failed=True)
            return
        try:
            await self._advance(row, heard)
        except Overtaken:
            raise
        except Exception as error:
            if is_database_away(error):
                raise
            await self._fail(row, heard, error)

    async def _advance(self, row: Inbox, heard: Heard | None) -> None:
        async with self._transactions.begin() as db:
            if heard is None:
                await self.queue.finish(db, row)
                return
            sender, event = heard
            chat = await self._chat_of(db, sender)
            await self.queue.finish(db, row)
            if sender.is_private:
                await self._engine.advance(db, chat, event)
            elif not isinstance(event, Blocked):
                await self._engine.decline_group(db, chat)

    async def _chat_of(self, db: AsyncSession, sender: Sender) -> Chat:
        language = language_for(sender.language)
        return await locked_chat(
            db,
            sender.chat_id,
            user_id=sender.user_id,
            name=sender.name,
            username=sender.username,
            language=language,
        )

    async def _fail(self, row: Inbox, heard: Heard | None, error: Exception) -> None:
        """A bug of ours: tried again, then set aside with its payload, and the person told an id to quote."""
        if row.attempts < TRIES:
            log.warning("update to be tried again", exc_info=error, extra={"update_id": row.id})
            async with self._transactions.begin() as db:
                await self.queue.put_back(db, row, after=PAUSE * row.attempts, error=type(error).__name__)
            return
        error_id = new_error_id()
        log.error("update failed", exc_info=error, extra={"error_id": error_id, "update_id": row.id})
        async with self._transactions.begin() as db:
            await self.queue.finish(db, row, failed=True)
        if heard is not None and heard[0].is_private:
            async with self._transactions.begin() as db:
                chat = await self._chat_of(db, heard[0])
                await self._engine.advance(db, chat, JobFailed(STEP, error_id))
