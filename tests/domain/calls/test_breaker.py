"""The breaker as several programs share it, on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.calls.breaker import (
    BreakersInDatabase,
    BreakersInMemory,
    BreakerStore,
    Change,
    CircuitBreaker,
    LeftAlone,
    Rules,
    State,
)
from domain.database import engine_for, transactions

RULES = Rules(threshold=3, pause=30.0, longest_pause=100.0, probe_lease=50.0)


class Time:
    def __init__(self) -> None:
        self.seconds = 0.0

    def clock(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(1_800_000_000 + self.seconds, UTC)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def engine(dsn: str) -> AsyncIterator[AsyncEngine]:
    made = engine_for(dsn)
    yield made
    await made.dispose()


def breaker(store: BreakerStore, time: Time) -> CircuitBreaker:
    return CircuitBreaker("m", store, RULES, time.now, time.clock)


async def opened(one: CircuitBreaker) -> None:
    for _ in range(RULES.threshold):
        await one.failed("gemini.outage", None, await one.admit())


async def is_open(one: CircuitBreaker) -> bool:
    try:
        await one.check()
    except LeftAlone:
        return True
    return False


async def test_what_one_program_learns_the_others_know(engine: AsyncEngine, time: Time) -> None:
    store = BreakersInDatabase(transactions(engine))
    one, other = breaker(store, time), breaker(store, time)
    assert not await is_open(other)
    await opened(one)

    assert await is_open(one)
    time.seconds += 2.1
    with pytest.raises(LeftAlone, match=r"gemini\.outage") as raised:
        await other.admit()
    assert raised.value.retry_after == pytest.approx(27.9)


async def test_failures_of_several_programs_add_up(engine: AsyncEngine, time: Time) -> None:
    store = BreakersInDatabase(transactions(engine))
    for one in [breaker(store, time) for _ in range(RULES.threshold)]:
        await one.failed("gemini.quota", None, "")

    assert await is_open(breaker(store, time))


async def test_one_program_wins_the_probe(engine: AsyncEngine, time: Time) -> None:
    store = BreakersInDatabase(transactions(engine))
    programs = [breaker(store, time) for _ in range(6)]
    await opened(programs[0])
    time.seconds += 31

    outcomes = await asyncio.gather(*(one.admit() for one in programs * 3), return_exceptions=True)

    won = [each for each in outcomes if isinstance(each, str)]
    assert len(won) == 1
    assert won[0]
    assert all(isinstance(each, LeftAlone) for each in outcomes if each not in won)


async def test_a_probe_that_succeeds_closes_it_for_all(engine: AsyncEngine, time: Time) -> None:
    store = BreakersInDatabase(transactions(engine))
    one, other = breaker(store, time), breaker(store, time)
    await opened(one)
    time.seconds += 31
    assert await other.admit()
    await other.succeeded()

    time.seconds += 2.1
    assert await one.admit() == ""
    assert await store.read("m") == State()


async def test_each_probe_that_fails_doubles_the_pause_up_to_a_bound(time: Time) -> None:
    one, pauses = breaker(BreakersInMemory(), time), []
    await opened(one)
    for _ in range(4):
        with pytest.raises(LeftAlone) as raised:
            await one.check()
        pauses.append(raised.value.retry_after)
        time.seconds += (raised.value.retry_after or 0) + 0.1
        await one.failed("gemini.outage", None, await one.admit())

    assert pauses == pytest.approx([30, 60, 100, 100])


async def test_the_wait_that_the_service_asks_for_is_kept_within_reason(time: Time) -> None:
    for asked, kept in ((50.0, 50.0), (90_000.0, 600.0)):
        one = breaker(BreakersInMemory(), time)
        for _ in range(RULES.threshold):
            await one.failed("gemini.quota", asked, "")
        with pytest.raises(LeftAlone) as raised:
            await one.check()
        assert raised.value.retry_after == pytest.approx(kept)


async def test_a_probe_whose_program_died_gives_way_to_the_next(time: Time) -> None:
    store = BreakersInMemory()
    dead, other = breaker(store, time), breaker(store, time)
    await opened(dead)
    time.seconds += 31
    assert await dead.admit()
    with pytest.raises(LeftAlone):
        await other.admit()

    time.seconds += RULES.probe_lease
    assert await other.admit()


async def test_a_probe_that_was_given_back_is_the_next_ones_at_once(time: Time) -> None:
    one = breaker(BreakersInMemory(), time)
    await opened(one)
    time.seconds += 31
    probe = await one.admit()
    await one.given_back(probe)

    assert await one.admit() not in ("", probe)


async def test_a_straggler_that_fails_late_does_not_prolong_the_pause(time: Time) -> None:
    one = breaker(BreakersInMemory(), time)
    await opened(one)
    time.seconds += 29
    await one.failed("gemini.outage", None, "")
    time.seconds += 1.1

    assert await one.admit()


async def test_calls_that_go_well_cost_no_query(engine: AsyncEngine, time: Time) -> None:
    queries: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _seen(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        queries.append(statement)

    one = breaker(BreakersInDatabase(transactions(engine)), time)

    async def goes_well() -> None:
        assert await one.admit() == ""
        await one.succeeded()

    await asyncio.gather(*(goes_well() for _ in range(500)))
    assert len(queries) == 1
    time.seconds += 2.1
    await asyncio.gather(*(goes_well() for _ in range(500)))
    assert len(queries) == 2


class Away:
    """A store whose database cannot be reached."""

    async def read(self, model: str) -> State:
        raise OSError("no route")

    async def change(self, model: str, change: Change) -> State:
        raise OSError("no route")


async def test_without_its_database_a_program_goes_by_what_it_knows(time: Time) -> None:
    one = breaker(Away(), time)
    assert await one.admit() == ""
    await opened(one)
    assert await is_open(one)
    time.seconds += 31
    assert await one.admit()
    await one.succeeded()

    assert await one.admit() == ""
