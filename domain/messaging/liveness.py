"""Who is alive: one direct connection per program, for wake-ups, leadership and the proof of life.

A program holds an advisory lock on this connection for as long as it lives, and renews a row in
`workers`. When it is killed the lock falls at once; when it hangs the row grows old. Either way the
rows it had claimed are freed by whichever program looks next (measured: 1.2 s after a kill).
"""

from __future__ import annotations

import asyncio
import logging
from enum import IntEnum
from typing import Any

import asyncpg

from domain.database import connect
from domain.messaging.queue import CHANNEL

WORKER_LOCKS = 0x6772_776B  # "grwk": the first half of every worker's lock
LEADER_LOCKS = 0x6772_6C64  # "grld"
BEAT_SECONDS = 1.0
ANSWER_WITHIN = 10.0
LONGEST_WAIT = 10.0
HUNG_AFTER = "30 seconds"
QUEUES = ("inbox", "jobs", "outbox")
LOST = (
    *(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError),
    asyncpg.InternalClientError,  # an answer cut in two
)

log = logging.getLogger(__name__)

# The lock is held before the row is seen by others, so that nobody buries a newborn.
REGISTER = """
    WITH born AS (INSERT INTO workers DEFAULT VALUES RETURNING id)
    SELECT id FROM born, pg_advisory_lock($1, id::int)
"""
# One that hangs still holds its connection, and with it its roles: it is cut off.
BURY = f"""
    WITH alive AS (
        SELECT objid::bigint AS id, pid FROM pg_locks
        WHERE locktype = 'advisory' AND classid = {WORKER_LOCKS} AND granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())),
    buried AS (
        DELETE FROM workers
        WHERE seen_at < clock_timestamp() - interval '{HUNG_AFTER}' OR id NOT IN (SELECT id FROM alive)
        RETURNING id)
    SELECT pg_terminate_backend(pid) FROM buried JOIN alive USING (id)
"""  # noqa: S608  # constants of this module only


TAKE = "SELECT pg_try_advisory_lock($1, $2)"


def free(queue: str) -> str:
    return f"""
        UPDATE {queue} SET worker_id = NULL
        WHERE done_at IS NULL AND worker_id IS NOT NULL AND worker_id NOT IN (SELECT id FROM workers)
    """  # noqa: S608  # the names of QUEUES only


class Role(IntEnum):
    """What only one program does at a time."""

    POLL = 1
    PRUNE = 2


class Gone(Exception):
    """Others have taken this program for dead; it registers anew."""


class Liveness:
    """The program's life as others see it, kept by `run` and renewed after every loss of the database."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: Any = None
        self._lock = asyncio.Lock()
        self._worker_id: int | None = None
        self._registered = asyncio.Event()
        self._roles: set[Role] = set()
        self._woken = {queue: asyncio.Event() for queue in QUEUES}

    async def worker_id(self) -> int:
        """This program's id in claims; waits while the database cannot be reached."""
        while self._worker_id is None:
            await self._registered.wait()
        return self._worker_id

    @property
    def is_registered(self) -> bool:
        return self._worker_id is not None

    def woken(self, queue: str) -> asyncio.Event:
        """Set when `queue` may have something new."""
        return self._woken[queue]

    async def leads(self, role: Role) -> bool:
        """Whether this program holds `role`, taking it if it is free; it falls with the connection."""
        async with self._lock:
            connection = self._connection
            if connection is None or connection.is_closed():
                return False
            if role not in self._roles:
                try:
                    taken = await connection.fetchval(TAKE, LEADER_LOCKS, role.value, timeout=ANSWER_WITHIN)
                except LOST:
                    return False
                if taken and connection is self._connection:
                    self._roles.add(role)
            return role in self._roles

    async def run(self) -> None:
        """Register, listen and beat until cancelled; a lost database is waited for."""
        wait = BEAT_SECONDS
        while True:
            try:
                await self._register()
                wait = BEAT_SECONDS
                while True:
                    await self._beat()
                    await asyncio.sleep(BEAT_SECONDS)
            except asyncio.CancelledError:
                await self._leave()
                raise
            except (*LOST, Gone) as error:
                log.warning("database away", extra={"error": type(error).__name__, "seconds": wait})
                self._drop()
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)

    async def _register(self) -> None:
        connection = await connect(self._dsn)
        try:
            worker_id = await connection.fetchval(REGISTER, WORKER_LOCKS)
            await connection.add_listener(CHANNEL, self._hear)
        except BaseException:
            connection.terminate()
            raise
        self._connection = connection
        self._worker_id = worker_id
        self._registered.set()
        for event in self._woken.values():
            event.set()

    async def _beat(self) -> None:
        async with self._lock:
            seen = await self._connection.execute(
                "UPDATE workers SET seen_at = clock_timestamp() WHERE id = $1",
                self._worker_id,
                timeout=ANSWER_WITHIN,
            )
            if seen == "UPDATE 0":
                raise Gone("this program was taken for dead")
            await self._connection.fetch(BURY, timeout=ANSWER_WITHIN)
            for queue in QUEUES:
                freed = await self._connection.execute(free(queue), timeout=ANSWER_WITHIN)
                if freed != "UPDATE 0":
                    log.info(
                        "rows of a dead worker freed", extra={"queue": queue, "count": int(freed.split()[1])}
                    )
                    self._woken[queue].set()

    def _hear(self, _connection: object, _pid: int, _channel: str, queue: str) -> None:
        if queue in self._woken:
            self._woken[queue].set()

    def _drop(self) -> None:
        self._registered.clear()
        self._worker_id = None
        self._roles.clear()
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _leave(self) -> None:
        """Give the claims and the roles back at once instead of letting others find out."""
        if self._connection is not None and not self._connection.is_closed():
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    await self._connection.execute("DELETE FROM workers WHERE id = $1", self._worker_id)
                    for queue in QUEUES:
                        await self._connection.execute(free(queue))
            except LOST:
                log.info("left without a word: the database is away")
        self._drop()
