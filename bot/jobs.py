"""The consumer of jobs: work is done with no transaction open, and what comes of it returns to the chat."""

from __future__ import annotations

import logging
import random
from contextlib import nullcontext
from datetime import UTC, datetime

from bot.engine import Engine
from bot.logs import new_error_id
from bot.worker import Consumer, is_database_away
from domain.accounts.models import User
from domain.caller import on_behalf_of
from domain.errors import Refused, Unavailable
from domain.messaging.chats import known_chat
from domain.messaging.happenings import Happening, JobFailed, JobRefused
from domain.messaging.job import PERFORMERS, Finish, Job, OwnedJob
from domain.messaging.liveness import Liveness
from domain.messaging.models import JobRow
from domain.messaging.pipe import JOBS
from domain.messaging.queue import Overtaken
from domain.services import domain_of
from domain.world import World

log = logging.getLogger(__name__)

TRIES = 3
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 300.0
UNKNOWN_KIND_PAUSE = 10.0


class JobConsumer(Consumer[JobRow]):
    """Does jobs; a job whose worker died or hung is done again by another, and finished once."""

    queue = JOBS

    def __init__(self, world: World, liveness: Liveness, engine: Engine, capacity: int) -> None:
        super().__init__(world.transactions, liveness, capacity)
        self._world = world
        self._engine = engine

    async def handle(self, row: JobRow) -> None:
        assert row.chat_id is not None
        if row.kind not in Job.kinds:
            # A newer program runs beside this one and will do it.
            async with self._transactions.begin() as db:
                await self.queue.put_back(db, row, after=UNKNOWN_KIND_PAUSE, error=None)
            return
        job = self._world.pipe.job(row)
        try:
            with on_behalf_of(job.user_id if isinstance(job, OwnedJob) else None):
                finish = await PERFORMERS[job.name](job, self._world, row.chat_id)
            async with self._world.file_turns.turn() if job.in_turns else nullcontext():
                await self._finish(row, job, finish)
        except Unavailable as error:
            await self._retry(row, job, error)
        except Refused as refusal:
            details = tuple(refusal.details.items())
            await self._end(row, JobRefused(job.name, refusal.reason, details))
        except Overtaken:
            raise
        except Exception as error:
            if is_database_away(error):
                raise
            await self._fail(row, job, error)

    async def _finish(self, row: JobRow, job: Job, finish: Finish | None) -> None:
        assert row.chat_id is not None
        owner = job.user_id if isinstance(job, OwnedJob) else None
        async with self._transactions.begin() as db:
            chat = await known_chat(db, row.chat_id)
            await self.queue.finish(db, row)
            if chat is None or finish is None:
                return
            if owner is not None and await db.get(User, owner) is None:
                return
            happening = await finish(domain_of(db, chat, self._world, owner))
            if happening is not None and (owner is None or chat.user_id == owner):
                await self._engine.advance(db, chat, happening)

    async def _retry(self, row: JobRow, job: Job, error: Unavailable) -> None:
        """Wait longer each time, as long as was asked for; then give up and say so."""
        age = (datetime.now(UTC) - row.created_at).total_seconds()
        if age > job.patience:
            log.warning("job given up", extra={"job": job.name, "reason": error.reason})
            await self._end(row, JobRefused(job.name, "later"), failed=True)
            return
        pause = min(FIRST_PAUSE * 2 ** min(row.attempts, 10), LONGEST_PAUSE) * random.uniform(0.5, 1.0)  # noqa: S311  # jitter
        log.info("job put off", extra={"job": job.name, "reason": error.reason, "attempt": row.attempts})
        async with self._transactions.begin() as db:
            await self.queue.put_back(db, row, after=max(pause, error.retry_after or 0.0), error=error.reason)

    async def _fail(self, row: JobRow, job: Job, error: Exception) -> None:
        if row.attempts < TRIES:
            log.warning("job to be tried again", exc_info=error, extra={"job": job.name})
            async with self._transactions.begin() as db:
                await self.queue.put_back(
                    db, row, after=FIRST_PAUSE * row.attempts, error=type(error).__name__
                )
            return
        error_id = new_error_id()
        log.error("job failed", exc_info=error, extra={"error_id": error_id, "job": job.name})
        await self._end(row, JobFailed(job.name, error_id), failed=True)

    async def _end(self, row: JobRow, happening: Happening, *, failed: bool = False) -> None:
        assert row.chat_id is not None
        async with self._transactions.begin() as db:
            chat = await known_chat(db, row.chat_id)
            await self.queue.finish(db, row, failed=failed)
            if chat is not None:
                await self._engine.advance(db, chat, happening)
