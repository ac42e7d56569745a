"""Rows claimed and finished by the queue, beside the barest loop that PostgreSQL allows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import asyncpg

from domain.database import engine_for, transactions
from domain.messaging.models import Outbox
from domain.messaging.pipe import OUTBOX
from tests.bench import Figure

ROWS = 4000
CHATS = 400
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
    await connection.execute("TRUNCATE outbox")
    await connection.execute(FILL, ROWS, CHATS)
    worker_id = await connection.fetchval("INSERT INTO workers DEFAULT VALUES RETURNING id")
    await connection.execute("ANALYZE")
    try:
        floor = await rate(lambda: bare(dsn))
        ours = await rate(lambda: queue(dsn, worker_id))
        left = await connection.fetchval("SELECT count(*) FROM outbox WHERE done_at IS NULL")
        assert left == 0, left
    finally:
        await connection.execute("DROP TABLE bare")
        await connection.execute("TRUNCATE outbox")
        await connection.close()
    return [Figure("rows claimed and finished, in order per chat", ours, floor, "/s", BARE)]


async def rate(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return ROWS / (time.perf_counter() - began)


async def bare(dsn: str) -> None:
    async def worker() -> None:
        connection = await asyncpg.connect(dsn)
        taken = 1
        while taken:
            async with connection.transaction():
                taken = await connection.fetchval(NEXT)
                await connection.execute("UPDATE bare SET done = true WHERE id = $1", taken)
        await connection.close()

    await asyncio.gather(*(worker() for _ in range(WORKERS)))


async def queue(dsn: str, worker_id: int) -> None:
    """As the consumers of the pipe do: one claims for all, each row is finished by itself."""
    engine = engine_for(dsn, pool_size=WORKERS)
    opening = transactions(engine)
    free = asyncio.Semaphore(WORKERS)

    async def finish(row: Outbox) -> None:
        async with free, opening.begin() as db:
            await OUTBOX.finish(db, row)

    while True:
        async with opening.begin() as db:
            rows = await OUTBOX.claim(db, worker_id, CLAIM)
        if not rows:
            break
        await asyncio.gather(*(finish(row) for row in rows))
    await engine.dispose()
