"""Claim, run, retry, drain: one consumer for each queue of the pipe."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from prometheus_client import Histogram
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.database import Transactions
from domain.messaging.liveness import Liveness
from domain.messaging.models import Queued
from domain.messaging.queue import Overtaken, Queue

log = logging.getLogger(__name__)

Row = TypeVar("Row", bound=Queued)

HANDLING = Histogram("greenroom_handling_seconds", "Time a row of a queue took.", ["queue"])

POLL_SECONDS = 1.0
DATABASE_PAUSE = 1.0
LETTING_GO_SECONDS = 1.0
DATABASE_ERRORS = (OSError, OperationalError, InterfaceError, TimeoutError, PoolTimeout)
# Lost, on a stand-by, rolled back in favour of another, out of connections or of space, starting or
# stopping, closed for now (PostgreSQL, Appendix A).
AWAY_STATES = ("08", "25006", "40", "53", "57", "55000")


def is_database_away(error: BaseException) -> bool:
    """Whether an error says that the database is away, rather than that we asked it for nonsense."""
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or ""
        if error.connection_invalidated or state.startswith(AWAY_STATES):
            return True
    return isinstance(error, DATABASE_ERRORS)


class Consumer(ABC, Generic[Row]):
    """Takes rows of one queue and handles up to `capacity` of them at once until it is stopped."""

    queue: Queue[Row]

    def __init__(self, transactions: Transactions, liveness: Liveness, capacity: int) -> None:
        self._transactions = transactions
        self._liveness = liveness
        self._capacity = capacity
        self._stopping = asyncio.Event()
        self._in_hand: dict[asyncio.Task[None], Row] = {}
        self._idle = asyncio.Event()
        self._in_doubt = False  # whether rows may be claimed that are not in hand

    @abstractmethod
    async def handle(self, row: Row) -> None:
        """Do what the row says and finish it, or put it back; whatever is raised puts it back."""

    def stop(self) -> None:
        """Take no more; what is in hand goes on."""
        self._stopping.set()
        self._liveness.woken(self.queue.name).set()

    async def idle(self) -> None:
        """Wait until nothing is left to take now and nothing is in hand, as long as the database is there."""
        self._idle.clear()
        self._liveness.woken(self.queue.name).set()
        if self._liveness.is_registered:
            await self._idle.wait()

    async def drain(self) -> None:
        """Wait for what is in hand."""
        while self._in_hand:
            await asyncio.wait(set(self._in_hand))

    async def run(self) -> None:
        """Claim and handle until stopped; cancelling cancels what is in hand."""
        woken = self._liveness.woken(self.queue.name)
        try:
            while not self._stopping.is_set():
                woken.clear()
                free = self._capacity - len(self._in_hand)
                rows = await self._claim(free) if free else []
                for row in rows:
                    task = asyncio.create_task(self._handle(row))
                    self._in_hand[task] = row
                    task.add_done_callback(self._let_go)
                if not self._in_hand and not woken.is_set():
                    self._idle.set()
                if not free or len(rows) < free:
                    await self._wait(woken)
        except asyncio.CancelledError:
            cut = set(self._in_hand)
            for task in cut:
                task.cancel()
            if cut:  # nobody closes what they use before they have let go of it
                await asyncio.wait(cut, timeout=LETTING_GO_SECONDS)
            raise

    def _let_go(self, task: asyncio.Task[None]) -> None:
        del self._in_hand[task]
        self._liveness.woken(self.queue.name).set()

    async def _wait(self, woken: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await woken.wait()
        except TimeoutError:
            return

    async def _claim(self, limit: int) -> Sequence[Row]:
        worker_id = await self._liveness.worker_id()
        in_doubt, self._in_doubt = self._in_doubt, False
        try:
            async with self._transactions.begin() as db:
                if in_doubt:
                    held = [row.id for task, row in self._in_hand.items() if not task.done()]
                    await self.queue.release(db, worker_id, held)
                return await self.queue.claim(db, worker_id, limit)
        except Exception as error:
            if not is_database_away(error):
                raise
            self._in_doubt = True
            log.warning("nothing claimed: the database is away", extra={"queue": self.queue.name})
            await asyncio.sleep(DATABASE_PAUSE)
            return []

    async def _handle(self, row: Row) -> None:
        try:
            with HANDLING.labels(self.queue.name).time():
                await self.handle(row)
        except Overtaken:
            log.info("row taken over by another worker", extra={"queue": self.queue.name, "row": row.id})
        except Exception as error:
            if not is_database_away(error):
                log.exception("row not handled", extra={"queue": self.queue.name, "row": row.id})
            await self._put_back(row, error)

    async def _put_back(self, row: Row, error: Exception) -> None:
        """Another try soon; where the database is away the row is freed with the next claim that succeeds."""
        await asyncio.sleep(DATABASE_PAUSE)
        try:
            async with self._transactions.begin() as db:
                await self.queue.put_back(db, row, after=DATABASE_PAUSE, error=type(error).__name__)
        except Overtaken:
            return
        except Exception as again:
            self._in_doubt = True
            log.warning("row not put back", extra={"queue": self.queue.name, "error": type(again).__name__})
