"""Programs that die, hang or lose an answer: what they held goes on elsewhere, soon and once."""

# ruff: noqa: ASYNC110  it watches the database, which sets no Event

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import asyncpg
import pytest
from sqlalchemy import delete, func, select, text

from bot.worker import Consumer
from domain.database import Transactions, connect, engine_for, transactions
from domain.messaging.liveness import LEADER_LOCKS, REGISTER, WORKER_LOCKS, Liveness, Role
from domain.messaging.models import JobRow, Queued, Worker
from domain.messaging.pipe import JOBS
from domain.messaging.queue import Overtaken, Queue
from tests.loopback.database_proxy import DatabaseProxy
from tests.loopback.queue_rows import claim, finish, put, row_of

SOON = 60.0  # a bound for a busy machine; measured: about a second


@dataclass
class Other:
    """Another program as the database sees it: a connection that holds its lock, and a row."""

    connection: asyncpg.Connection[asyncpg.Record]
    worker_id: int

    @classmethod
    async def starts(cls, dsn: str) -> Other:
        connection = await connect(dsn)
        return cls(connection, await connection.fetchval(REGISTER, WORKER_LOCKS))


async def test_rows_of_a_killed_worker_are_back_soon(dsn: str, begun: Transactions) -> None:
    other = await Other.starts(dsn)
    [row_id] = await put(begun, 1)
    [row] = await claim(begun, other.worker_id)
    liveness = Liveness(dsn)
    running = asyncio.create_task(liveness.run())
    await liveness.worker_id()
    await asyncio.sleep(1.5)
    assert (await row_of(begun, row_id)).worker_id == other.worker_id  # it lives, so it is left alone
    other.connection.terminate()
    taken = await freed(begun, row_id)
    print(f"the rows of a killed worker were back after {taken:.1f} s")  # noqa: T201  # a measurement
    with pytest.raises(Overtaken):
        await finish(begun, row)
    await stopped(running)


async def test_a_hung_worker_loses_rows_and_roles(dsn: str, begun: Transactions) -> None:
    """It holds its connection still, as a suspended machine does; its row grows old."""
    hung = await Other.starts(dsn)
    assert await hung.connection.fetchval(
        "SELECT pg_try_advisory_lock($1, $2)", LEADER_LOCKS, Role.POLL.value
    )
    [row_id] = await put(begun, 1)
    await claim(begun, hung.worker_id)
    liveness = Liveness(dsn)
    running = asyncio.create_task(liveness.run())
    await liveness.worker_id()
    assert not await liveness.leads(Role.POLL)
    assert await liveness.leads(Role.PRUNE)
    async with begun.begin() as db:
        long_ago = text("UPDATE workers SET seen_at = seen_at - interval '31 seconds' WHERE id = :id")
        await db.execute(long_ago, {"id": hung.worker_id})
    await freed(begun, row_id)
    async with asyncio.timeout(SOON):
        while not await liveness.leads(Role.POLL):
            await asyncio.sleep(0.05)
    hung.connection.terminate()
    await stopped(running)


async def test_a_program_taken_for_dead_registers_anew(dsn: str, begun: Transactions) -> None:
    liveness = Liveness(dsn)
    running = asyncio.create_task(liveness.run())
    former = await liveness.worker_id()
    [row_id] = await put(begun, 1)
    await claim(begun, former)
    async with begun.begin() as db:
        await db.execute(delete(Worker).where(Worker.id == former))
    await freed(begun, row_id)
    async with asyncio.timeout(SOON):
        while await liveness.worker_id() == former:
            await asyncio.sleep(0.05)
    await stopped(running)
    async with begun() as db:
        assert await db.scalar(select(func.count()).select_from(Worker)) == 0


async def test_leadership_is_one_programs_and_falls_with_its_connection(
    dsn: str, begun: Transactions
) -> None:
    first, second = Liveness(dsn), Liveness(dsn)
    running = [asyncio.create_task(each.run()) for each in (first, second)]
    await first.worker_id()
    await second.worker_id()
    assert await first.leads(Role.POLL)
    assert not await second.leads(Role.POLL)
    async with begun.begin() as db:
        assert await db.scalar(CUT_OFF, {"locks": WORKER_LOCKS, "id": await first.worker_id()})
    async with asyncio.timeout(SOON):
        while not await second.leads(Role.POLL):
            await asyncio.sleep(0.02)
    async with asyncio.timeout(SOON):
        while await first.leads(Role.POLL):  # until it notices that its connection is gone
            await asyncio.sleep(0.02)
    await stopped(*running)


CUT_OFF = text("""
    SELECT bool_and(pg_terminate_backend(pid)) FROM pg_locks
    WHERE locktype = 'advisory' AND classid = :locks AND objid = :id
""")


async def freed(begun: Transactions, row_id: int) -> float:
    """Seconds until a row is nobody's."""
    started = time.monotonic()
    async with asyncio.timeout(SOON):
        while (await row_of(begun, row_id)).worker_id is not None:
            await asyncio.sleep(0.02)
    return time.monotonic() - started


async def stopped(*running: asyncio.Task[None]) -> None:
    for task in running:
        task.cancel()
    await asyncio.wait(running)


# Answers that are lost


class Finisher(Consumer[JobRow]):
    """Finishes every job at once and tells which."""

    queue: Queue[JobRow] = JOBS

    def __init__(self, begun: Transactions, liveness: Liveness) -> None:
        super().__init__(begun, liveness, capacity=4)
        self.begun = begun
        self.finished: list[int] = []

    async def handle(self, row: JobRow) -> None:
        async with self.begun.begin() as db:
            await self.queue.finish(db, row)
        self.finished.append(row.id)


@pytest.mark.parametrize("lost", [1, 2])
async def test_a_lost_answer_strands_no_row(dsn: str, begun: Transactions, lost: int) -> None:
    """The claim, or the end of a row, is committed and the worker is not told; its registration lives on."""
    liveness = Liveness(dsn)
    living = asyncio.create_task(liveness.run())
    worker_id = await liveness.worker_id()
    async with DatabaseProxy(dsn) as proxy:
        engine = engine_for(proxy.dsn, pool_size=4)
        consumer = Finisher(transactions(engine), liveness)
        async with begun.begin() as db:
            db.add_all([JobRow(chat_id=chat, kind="plan", payload=b"") for chat in range(6)])
        proxy.lose_answers(lost)
        running = asyncio.create_task(consumer.run())
        async with asyncio.timeout(SOON):
            while await undone(begun, JobRow):
                await asyncio.sleep(0.05)
        assert proxy.lost == lost
        assert await liveness.worker_id() == worker_id
        consumer.stop()
        await running
        await consumer.drain()
        await engine.dispose()
    await stopped(living)


async def undone(begun: Transactions, table: type[Queued]) -> int:
    async with begun() as db:
        return await db.scalar(select(func.count()).select_from(table).where(table.done_at.is_(None))) or 0
