"""The consumer of the outbox: messages go out in order per chat, paced, and are marked sent."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, update

from bot.logs import new_error_id
from bot.step import t
from bot.telegram import ChatClosed, MaybeSent, NotSent, Rejected, Telegram
from bot.texts import FALLBACK, render
from bot.worker import Consumer, is_database_away
from domain.database import Transactions
from domain.errors import Refused, Unavailable
from domain.messaging.liveness import Liveness
from domain.messaging.models import Chat, Outbox
from domain.messaging.parcel import Parcel, Parcels
from domain.messaging.pipe import OUTBOX, Pipe

log = logging.getLogger(__name__)

AT_MOST_ONCE = frozenset({"action", "clear", "nudge"})
NUDGE = "nudge"
BEING_SENT = "being sent"
WORDS = frozenset({"message", "ask", "nudge", "edit", "photo", "document"})
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
NOTICEABLE = 5
BUSY_PAUSE = 1.0
PATIENCE = timedelta(minutes=1)  # with a parcel that cannot be had: the chat's next messages wait for it


class Bucket:
    """Tokens that come back at `rate` a second, up to `burst`; `take` waits for one."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = time.monotonic()

    async def take(self) -> None:
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        self._tokens -= 1
        if self._tokens < 0:
            await asyncio.sleep(-self._tokens / self._rate)


class Pace:
    """Telegram's limits: about 30 messages a second in all and one a second to a chat, bursts allowed."""

    CHATS = 10_000

    def __init__(self, *, burst: float = 120, chat_burst: float = 20) -> None:
        self._all = Bucket(rate=30, burst=burst)
        self._chat_burst = chat_burst
        self._chats: OrderedDict[int, Bucket] = OrderedDict()

    async def wait(self, chat_id: int) -> None:
        chat = self._chats.pop(chat_id, None) or Bucket(rate=1, burst=self._chat_burst)
        self._chats[chat_id] = chat
        if len(self._chats) > self.CHATS:
            self._chats.popitem(last=False)
        await chat.take()
        await self._all.take()


class OutboxConsumer(Consumer[Outbox]):
    """Sends; a message that may have been sent is sent again, an action is not."""

    queue = OUTBOX

    def __init__(
        self,
        transactions: Transactions,
        liveness: Liveness,
        pipe: Pipe,
        telegram: Telegram,
        parcels: Parcels,
        capacity: int,
        pace: Pace,
    ) -> None:
        super().__init__(transactions, liveness, capacity)
        self._pipe = pipe
        self._telegram = telegram
        self._parcels = parcels
        self._pace = pace

    async def handle(self, row: Outbox) -> None:
        assert row.chat_id is not None
        content = json.loads(self._pipe.open(row))
        parcel = Parcel.of(content["part"]) if "part" in content else None
        if parcel is not None and self._parcels.is_busy:
            # It waits in its row rather than here, where it would keep others from being sent.
            async with self._transactions.begin() as db:
                await self.queue.put_back(db, row, after=BUSY_PAUSE, error=None)
            return
        kind, content = await self._in_its_slot(row, content)
        if kind == NUDGE and row.last_error == BEING_SENT:
            # Whoever sent it went away before marking it: it may be there already.
            await self._done(row, None)
            return
        try:
            if kind in WORDS:
                await self._pace.wait(row.chat_id)
            if kind == NUDGE:
                await self._begin(row)
            message_id = await self._deliver(row, kind, content, parcel)
        except Unavailable as error:
            await self._send_later(row, error)
        except NotSent as error:
            await self._send_later(row, error)
        except MaybeSent as error:
            if kind in AT_MOST_ONCE:
                await self._done(row, None)
            else:
                await self._send_later(row, error)
        except ChatClosed:
            await self._close(row, parcel)
        except Rejected as error:
            log.error("message rejected", extra={"kind": kind, "reason": str(error), "row": row.id})
            await self._done(row, None, failed=True, parcel=parcel)
        else:
            await self._done(row, message_id, parcel=parcel)

    async def _deliver(
        self, row: Outbox, kind: str, content: dict[str, Any], parcel: Parcel | None
    ) -> int | None:
        """Send a message, with the parcel that goes with it, or what is said instead."""
        assert row.chat_id is not None
        if parcel is None:
            return await self._telegram.deliver(row.chat_id, kind, content)
        words = content["otherwise"]
        async with AsyncExitStack() as stack:
            try:
                file = await stack.enter_async_context(self._parcels.opened(parcel, row.chat_id))
            except Exception as error:
                words = self._unopened(row, content, parcel, error)
            else:
                if file is None:
                    return None
                try:
                    return await self._telegram.deliver(row.chat_id, kind, content | {"file": file})
                except Rejected as error:
                    log.error("parcel rejected", extra={"kind": parcel.name, "reason": str(error)})
        return await self._telegram.deliver(row.chat_id, "message", {"text": words, "buttons": []})

    def _unopened(self, row: Outbox, content: Mapping[str, Any], parcel: Parcel, error: Exception) -> str:
        """What is said instead of a parcel; raises the error where another try may open it."""
        language = content.get("language", FALLBACK)
        if isinstance(error, Refused):
            return render(t(f"refused.{error.reason}", **error.details), language)
        if isinstance(error, Unavailable):
            if datetime.now(UTC) - row.created_at < PATIENCE:
                raise error
            log.warning("parcel given up", extra={"kind": parcel.name, "reason": error.reason})
            return str(content["otherwise"])
        if is_database_away(error):
            raise error
        error_id = new_error_id()  # not tried again: it would keep back the chat's next messages for good
        log.error("parcel not opened", exc_info=error, extra={"kind": parcel.name, "error_id": error_id})
        return render(t("error.bug", id=error_id), language)

    async def _begin(self, row: Outbox) -> None:
        """Write down, before it goes out, that a row which may go out once only is being sent."""
        async with self._transactions.begin() as db:
            await self.queue.note(db, row, BEING_SENT)

    async def _in_its_slot(self, row: Outbox, content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """A message whose slot is taken edits the one that is there; a keyboard is cleared by its slot."""
        slot = content.get("slot") if row.kind == "clear" else row.slot if row.kind == "message" else None
        if slot is None:
            return row.kind, content
        assert row.chat_id is not None
        async with self._transactions() as db:
            there = await self._pipe.message_in_slot(db, row.chat_id, slot)
        if there is None:
            return ("nothing", {}) if row.kind == "clear" else (row.kind, content)
        return "clear" if row.kind == "clear" else "edit", {**content, "message_id": there}

    async def _done(
        self, row: Outbox, message_id: int | None, *, failed: bool = False, parcel: Parcel | None = None
    ) -> None:
        try:
            async with self._transactions.begin() as db:
                await self.queue.finish(db, row, failed=failed)
                if parcel is not None:
                    await parcel.let_go(db)
                if row.slot is not None and message_id is not None:
                    await db.execute(update(Outbox).where(Outbox.id == row.id).values(message_id=message_id))
        except Exception as error:
            if row.kind != NUDGE or not is_database_away(error):
                raise
            # Left as it is, so that whoever has it next sees that it was being sent.
            self._in_doubt = True

    async def _close(self, row: Outbox, parcel: Parcel | None) -> None:
        """The person blocked the bot: nothing more goes out until they speak again."""
        async with self._transactions.begin() as db:
            await db.execute(update(Chat).where(Chat.chat_id == row.chat_id).values(blocked_at=func.now()))
            await self.queue.finish(db, row)
            if parcel is not None:
                await parcel.let_go(db)

    async def _send_later(self, row: Outbox, error: Exception) -> None:
        pause = min(FIRST_PAUSE * 2 ** (row.attempts - 1), LONGEST_PAUSE)
        asked = error.after if isinstance(error, NotSent) else None
        if row.attempts == NOTICEABLE:
            log.warning("message still unsent", extra={"row": row.id, "attempt": row.attempts})
        async with self._transactions.begin() as db:
            await self.queue.put_back(db, row, after=max(pause, asked or 0.0), error=type(error).__name__)
