"""Long polling: one program at a time asks Telegram; nothing is confirmed before it is stored."""

from __future__ import annotations

import asyncio
import logging

from bot.telegram import PollFailed, Telegram
from bot.worker import is_database_away
from domain.database import Transactions
from domain.messaging.liveness import Liveness, Role
from domain.messaging.pipe import Pipe, Received

log = logging.getLogger(__name__)

STAND_BY_SECONDS = 1.0
LONGEST_PAUSE = 15.0


class Poller:
    """Fetches updates while this program leads, and stores each batch before the next is asked for."""

    def __init__(
        self, telegram: Telegram, transactions: Transactions, pipe: Pipe, liveness: Liveness
    ) -> None:
        self._telegram = telegram
        self._transactions = transactions
        self._pipe = pipe
        self._liveness = liveness

    async def run(self) -> None:
        """Poll until cancelled."""
        offset: int | None = None
        pause = STAND_BY_SECONDS
        while True:
            try:
                if not await self._liveness.leads(Role.POLL):
                    offset = None
                    await asyncio.sleep(STAND_BY_SECONDS)
                    continue
                updates = await self._telegram.poll(offset)
                await self._store(updates)
                offset = max((update.update_id + 1 for update in updates), default=offset)
                pause = STAND_BY_SECONDS
            except PollFailed as error:
                log.warning("polling failed", extra={"reason": str(error), "seconds": pause})
                await asyncio.sleep(max(pause, error.after or 0.0))
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _store(self, updates: list[Received]) -> None:
        """Commit a batch, however long the database is away: Telegram keeps it until then."""
        while updates:
            try:
                async with self._transactions.begin() as db:
                    await self._pipe.receive(db, updates)
                self._telegram.acknowledge(updates)
                return
            except Exception as error:
                if not is_database_away(error):
                    raise
                log.warning("updates wait for the database", extra={"count": len(updates)})
                await asyncio.sleep(STAND_BY_SECONDS)
