"""The queue under many hands: order per chat, each row once, nothing held by the dead or the hung."""

# ruff: noqa: ASYNC110  it watches the database, which sets no Event

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, text

from bot.worker import Consumer
from domain.database import Transactions, connect, engine_for, transactions
from domain.messaging.liveness import LEADER_LOCKS, REGISTER, WORKER_LOCKS, Liveness, Role, free
from domain.messaging.models import JobRow, Outbox, Queued, Worker
from domain.messaging.pipe import JOBS, OUTBOX
from domain.messaging.queue import Overtaken, Queue
from tests.loopback.database_proxy import DatabaseProxy

SOON = 15.0  # a bound for a busy machine; measured: about a second


@pytest.fixture
async def begun(dsn: str) -> AsyncIterator[Transactions]:
    engine = engine_for(dsn, pool_size=12)
    yield transactions(engine)
    await engine.dispose()


async def put(begun: Transactions, chat_id: int, count: int = 1) -> list[int]:
    """Messages of a chat, oldest first."""
    async with begun.begin() as db:
        rows = [Outbox(chat_id=chat_id, kind="message", payload=b"sealed") for _ in range(count)]
        for row in rows:
            db.add(row)
            await db.flush()
        return [row.id for row in rows]


async def claim(begun: Transactions, worker_id: int, limit: int = 1) -> list[Outbox]:
    async with begun.begin() as db:
        return list(await OUTBOX.claim(db, worker_id, limit))


async def finish(begun: Transactions, row: Outbox, *, failed: bool = False) -> None:
    async with begun.begin() as db:
        await OUTBOX.finish(db, row, failed=failed)


async def put_back(begun: Transactions, row: Outbox, *, after: float, error: str | None) -> None:
    async with begun.begin() as db:
        await OUTBOX.put_back(db, row, after=after, error=error)


async def row_of(begun: Transactions, row_id: int) -> Outbox:
    async with begun() as db:
        return await db.get_one(Outbox, row_id)


async def new_worker(begun: Transactions) -> int:
    async with begun.begin() as db:
        return (await db.execute(insert(Worker).values().returning(Worker.id))).scalar_one()


async def bury(begun: Transactions, worker_id: int) -> None:
    async with begun.begin() as db:
        await db.execute(delete(Worker).where(Worker.id == worker_id))
        await db.execute(text(free("outbox")))


# Many hands at once


async def test_each_row_once_and_in_order_within_its_chat(begun: Transactions) -> None:
    """Eight workers, forty chats, and two that keep writing while they work."""
    chance = random.Random(11)
    told = [chat for chat in range(1, 41) for _ in range(8)]
    chance.shuffle(told)
    written, done = set[int](), list[int]()
    hands, in_hand = defaultdict[int, list[int]](list), Counter[int]()

    async def write(chats: list[int]) -> None:
        for chat in chats:
            written.update(await put(begun, chat))

    async def work(worker_id: int) -> None:
        while len(done) < len(told):
            rows = await claim(begun, worker_id, chance.randint(1, 6))
            for row in rows:
                assert row.chat_id is not None
                in_hand[row.chat_id] += 1
                assert in_hand[row.chat_id] == 1
                hands[row.chat_id].append(row.id)
            await asyncio.sleep(chance.random() / 100)
            for row in rows:
                assert row.chat_id is not None
                in_hand[row.chat_id] -= 1  # from its end on the next of the chat may be taken
                await finish(begun, row)
                done.append(row.id)

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for share in (told[::2], told[1::2]):
            group.create_task(write(share))
        for worker_id in range(1, 9):
            group.create_task(work(worker_id))
    assert len(done) == len(told)
    assert set(done) == written
    assert all(ids == sorted(ids) and len(ids) == 8 for ids in hands.values())


async def test_rows_without_order_are_handed_out_once(begun: Transactions) -> None:
    async with begun.begin() as db:
        db.add_all([JobRow(chat_id=7, kind="plan", payload=b"") for _ in range(200)])
    taken = Counter[int]()

    async def work(worker_id: int) -> None:
        while True:
            async with begun.begin() as db:
                rows = await JOBS.claim(db, worker_id, 7)
            if not rows:
                return
            taken.update(row.id for row in rows)

    async with asyncio.TaskGroup() as group:
        for worker_id in range(1, 9):
            group.create_task(work(worker_id))
    assert len(taken) == 200
    assert set(taken.values()) == {1}


# Against a model


@dataclass
class ModelRow:
    id: int
    chat: int
    worker: int | None = None
    done: bool = False
    later: bool = False


@dataclass
class Model:
    """What the queue should hold, and what each worker believes to hold."""

    rows: list[ModelRow] = field(default_factory=list)
    held: dict[int, list[Outbox]] = field(default_factory=lambda: defaultdict(list))

    def ready(self, limit: int) -> list[ModelRow]:
        chats, ready = set[int](), []
        for row in self.rows:
            if row.done or row.chat in chats:
                continue
            chats.add(row.chat)
            if row.worker is None and not row.later:
                ready.append(row)
        return ready[:limit]

    def row(self, row_id: int) -> ModelRow:
        return next(row for row in self.rows if row.id == row_id)


ACTIONS = st.one_of(
    st.tuples(st.just("put"), st.integers(1, 3)),
    st.tuples(st.just("claim"), st.integers(0, 2), st.integers(1, 4)),
    st.tuples(st.just("finish"), st.integers(0, 2), st.booleans()),
    st.tuples(st.just("put back"), st.integers(0, 2), st.booleans()),
    st.tuples(st.just("die"), st.integers(0, 2)),
)


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(actions=st.lists(ACTIONS, min_size=5, max_size=30))
async def test_any_history_ends_as_in_the_model(
    begun: Transactions, actions: list[tuple[object, ...]]
) -> None:
    """Claims are the oldest of each chat; a worker that died has no say over what it held."""
    async with begun.begin() as db:
        await db.execute(text("TRUNCATE outbox, workers"))
    model = Model()
    workers = [await new_worker(begun) for _ in range(3)]
    for action in actions:
        match action:
            case ("put", int(chat)):
                model.rows += [ModelRow(row_id, chat) for row_id in await put(begun, chat)]
            case ("claim", int(who), int(limit)):
                await claim_as_modelled(begun, model, workers[who], limit)
            case ("finish", int(who), bool(failed)):
                await finish_as_modelled(begun, model, workers[who], failed=failed)
            case ("put back", int(who), bool(later)):
                await put_back_as_modelled(begun, model, workers[who], later=later)
            case ("die", int(who)):
                await bury(begun, workers[who])
                for row in model.rows:
                    row.worker = None if row.worker == workers[who] and not row.done else row.worker
    async with begun() as db:
        stored = (
            await db.execute(select(Outbox.id, Outbox.done_at, Outbox.worker_id).order_by(Outbox.id))
        ).all()
    assert [(row.id, row.done_at is not None) for row in stored] == [(row.id, row.done) for row in model.rows]


async def claim_as_modelled(begun: Transactions, model: Model, worker: int, limit: int) -> None:
    expected = model.ready(limit)
    claimed = await claim(begun, worker, limit)
    assert [row.id for row in claimed] == [row.id for row in expected]
    model.held[worker] += claimed
    for row in expected:
        row.worker = worker


async def finish_as_modelled(begun: Transactions, model: Model, worker: int, *, failed: bool) -> None:
    if not model.held[worker]:
        return
    row = model.held[worker].pop(0)
    modelled = model.row(row.id)
    if modelled.worker != worker or modelled.done or await attempts(begun, row.id) != row.attempts:
        with pytest.raises(Overtaken):
            await finish(begun, row, failed=failed)
        return
    await finish(begun, row, failed=failed)
    modelled.done = True
    stored = await row_of(begun, row.id)
    assert (stored.failed, stored.payload) == (failed, b"sealed" if failed else None)


async def put_back_as_modelled(begun: Transactions, model: Model, worker: int, *, later: bool) -> None:
    if not model.held[worker]:
        return
    row = model.held[worker].pop(0)
    modelled = model.row(row.id)
    lost = modelled.worker != worker or modelled.done or await attempts(begun, row.id) != row.attempts
    try:
        await put_back(begun, row, after=3600 if later else 0, error="Trouble")
    except Overtaken:
        assert lost
        return
    assert not lost
    modelled.worker, modelled.later = None, later


async def attempts(begun: Transactions, row_id: int) -> int:
    return (await row_of(begun, row_id)).attempts


# Fences


async def test_a_worker_that_was_taken_over_changes_nothing(begun: Transactions) -> None:
    first, second = await new_worker(begun), await new_worker(begun)
    await put(begun, 1)
    [slow] = await claim(begun, first)
    await bury(begun, first)
    [taken] = await claim(begun, second)
    assert taken.id == slow.id
    with pytest.raises(Overtaken):
        await answer_and_finish(begun, slow)
    with pytest.raises(Overtaken):
        await put_back(begun, slow, after=0, error=None)
    await finish(begun, taken)
    with pytest.raises(Overtaken):
        await finish(begun, taken)
    async with begun() as db:
        assert await db.scalar(select(func.count()).where(Outbox.chat_id == 99)) == 0


async def answer_and_finish(begun: Transactions, row: Outbox) -> None:
    async with begun.begin() as db:
        db.add(Outbox(chat_id=99, kind="message", payload=b"what came of it"))
        await OUTBOX.finish(db, row)


async def test_an_older_claim_of_the_same_worker_changes_nothing(begun: Transactions) -> None:
    """Its registration was lost and its rows freed; the program itself claims them again."""
    worker = await new_worker(begun)
    await put(begun, 1)
    [earlier] = await claim(begun, worker)
    async with begun.begin() as db:
        await OUTBOX.release(db, worker, held=[])
    [again] = await claim(begun, worker)
    assert again.id == earlier.id
    with pytest.raises(Overtaken):
        await finish(begun, earlier)
    await finish(begun, again)


async def test_release_leaves_what_is_held(begun: Transactions) -> None:
    mine, other = await new_worker(begun), await new_worker(begun)
    for chat in (1, 2, 3):
        await put(begun, chat)
    held, unknown = await claim(begun, mine, 2)
    [theirs] = await claim(begun, other)
    async with begun.begin() as db:
        await OUTBOX.release(db, mine, held=[held.id])
    assert (await row_of(begun, unknown.id)).worker_id is None
    for row in (held, theirs):
        await finish(begun, row)


async def test_only_an_error_counts_as_a_try(begun: Transactions) -> None:
    worker = await new_worker(begun)
    [row_id] = await put(begun, 1)
    for error, tries in ((None, 0), ("flood", 1), (None, 1), ("flood", 2)):
        [row] = await claim(begun, worker)
        await put_back(begun, row, after=0, error=error)
        stored = await row_of(begun, row_id)
        assert (stored.attempts, stored.last_error, stored.worker_id) == (tries, error, None)


async def test_a_row_that_waits_holds_back_its_chat_and_no_other(begun: Transactions) -> None:
    worker = await new_worker(begun)
    first, second = await put(begun, 1, count=2)
    [elsewhere] = await put(begun, 2)
    [row] = await claim(begun, worker)
    assert row.id == first
    await put_back(begun, row, after=3600, error="flood")
    assert [each.id for each in await claim(begun, worker, 10)] == [elsewhere]
    async with begun.begin() as db:
        await db.execute(text("UPDATE outbox SET run_at = now() WHERE id = :id"), {"id": first})
    assert [each.id for each in await claim(begun, worker, 10)] == [first]
    assert second not in [each.id for each in await claim(begun, worker, 10)]


async def test_a_row_that_failed_keeps_its_payload_and_lets_the_next_go(begun: Transactions) -> None:
    worker = await new_worker(begun)
    first, second = await put(begun, 1, count=2)
    [row] = await claim(begun, worker)
    await finish(begun, row, failed=True)
    [row] = await claim(begun, worker)
    await finish(begun, row)
    failed, done = await row_of(begun, first), await row_of(begun, second)
    assert (failed.failed, failed.payload) == (True, b"sealed")
    assert (done.failed, done.payload) == (False, None)


# The dead and the hung


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
