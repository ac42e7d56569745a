"""Rows claimed and finished by the queue, beside the barest loop that PostgreSQL allows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

import asyncpg

from domain.database import engine_for, transactions
from domain.messaging.models import Outbox
from domain.messaging.pipe import OUTBOX
from tests.bench import Figure

ROWS = 40_000
CHATS = 4_000
SECONDS = 6.0
WORKERS = 8
CLAIM = 32
BARE = "SELECT … FOR UPDATE SKIP LOCKED, one by one"

FILL = """
    INSERT INTO outbox (chat_id, kind, payload)
    SELECT n % $2, 'message', 'x' FROM generate_series(1, $1) AS n
"""
NEXT = "SELECT id FROM bare WHERE NOT done ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"


async def measure(dsn: str) -> list[Figure]:
    """Rows a second with eight workers, each row's end in a transaction of its own."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE bare (id bigint PRIMARY KEY, done boolean NOT NULL DEFAULT false)")
    await connection.execute("CREATE INDEX ON bare (id) WHERE NOT done")
    await connection.execute("INSERT INTO bare SELECT generate_series(1, $1)", ROWS)
    await connection.execute(FILL, ROWS, CHATS)
    worker_id = await connection.fetchval("INSERT INTO workers DEFAULT VALUES RETURNING id")
    await connection.execute("ANALYZE")
    try:
        floor = await rate(partial(bare, dsn))
        ours = await rate(partial(queue, dsn, worker_id))
    finally:
        await connection.close()
    return [Figure("rows claimed and finished, in order per chat", ours, floor, "/s", BARE)]


async def rate(work: Callable[[Callable[[], bool]], Awaitable[int]]) -> float:
    """Rows a second: `work` goes on until it is told that its time is over, or nothing is left."""
    began = time.perf_counter()
    done = await work(lambda: time.perf_counter() - began > SECONDS)
    return done / (time.perf_counter() - began)


async def bare(dsn: str, is_over: Callable[[], bool]) -> int:
    async def worker() -> int:
        connection = await asyncpg.connect(dsn)
        done = 0
        while not is_over():
            async with connection.transaction():
                taken = await connection.fetchval(NEXT)
                await connection.execute("UPDATE bare SET done = true WHERE id = $1", taken)
            if taken is None:
                break
            done += 1
        await connection.close()
        return done

    return sum(await asyncio.gather(*(worker() for _ in range(WORKERS))))


async def queue(dsn: str, worker_id: int, is_over: Callable[[], bool]) -> int:
    """As the consumers of the pipe do: one claims for all, each row is finished by itself."""
    engine = engine_for(dsn, pool_size=WORKERS)
    opening = transactions(engine)
    free = asyncio.Semaphore(WORKERS)

    async def finish(row: Outbox) -> None:
        async with free, opening.begin() as db:
            await OUTBOX.finish(db, row)

    done = 0
    while not is_over():
        async with opening.begin() as db:
            rows = await OUTBOX.claim(db, worker_id, CLAIM)
        if not rows:
            break
        await asyncio.gather(*(finish(row) for row in rows))
        done += len(rows)
    await engine.dispose()
    return done
