"""The queue under many hands: order per chat, each row once, and fences against whoever was taken over."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from domain.database import Transactions
from domain.messaging.models import JobRow, Outbox
from domain.messaging.pipe import JOBS, OUTBOX
from domain.messaging.queue import Overtaken
from tests.loopback.queue_rows import bury, claim, finish, new_worker, put, put_back, row_of

# Many hands at once


async def test_files_of_a_chat_are_taken_in_turn_and_nothing_else_waits_for_them(begun: Transactions) -> None:
    kinds = ("receive_resume", "receive_resume", "plan", "analyse_resume", "receive_resume")
    async with begun.begin() as db:
        for kind, chat_id in zip(kinds, (7, 7, 7, 7, 8), strict=True):
            db.add(JobRow(chat_id=chat_id, kind=kind, payload=b""))
            await db.flush()

    async def taken() -> list[tuple[int | None, str]]:
        async with begun.begin() as db:
            rows = await JOBS.claim(db, 1, 9)
        if rows:
            async with begun.begin() as db:
                await JOBS.finish(db, rows[0])
        return [(row.chat_id, row.kind) for row in rows]

    assert await taken() == [(7, "receive_resume"), (7, "plan"), (8, "receive_resume")]
    assert await taken() == [(7, "receive_resume")]
    assert await taken() == [(7, "analyse_resume")]
    assert await taken() == []


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
