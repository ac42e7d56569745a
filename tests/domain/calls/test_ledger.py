"""The ledger: each call a row, each person a share of the day; and prices that have a date."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.accounts.models import User
from domain.calls.ledger import Call, LedgerInDatabase
from domain.calls.models import ModelCall
from domain.calls.prices import Price, Prices, parsed
from domain.calls.service import Calls
from domain.database import Transactions, engine_for, transactions
from domain.errors import Unavailable

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.at = NOON
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def reached(dsn: str) -> AsyncIterator[Transactions]:
    engine: AsyncEngine = engine_for(dsn)
    yield transactions(engine)
    await engine.dispose()


def ledger(reached: Transactions, clock: Clock, **limits: int) -> LedgerInDatabase:
    return LedgerInDatabase(reached, clock, Prices(), monotonic=clock.monotonic, **limits)


async def somebody(reached: Transactions) -> UUID:
    async with reached.begin() as db:
        user = User(id=uuid4(), email=f"{uuid4()}@example.org", full_name="Ana", hashed_password="-")
        db.add(user)
    return user.id


def call(caller: UUID | None, *, model: str = "gemini-3.8-flash", outcome: str = "ok") -> Call:
    into, out = (1000, 200) if outcome == "ok" else (None, None)
    return Call(caller, "evaluate_turn", model, "0123456789ab", into, out, 900, outcome)


async def calls(one: LedgerInDatabase, caller: UUID | None) -> str:
    """Make a call, if it may be made; else why not."""
    try:
        await one.admit(caller)
    except Unavailable as error:
        return error.reason
    await one.record(call(caller))
    return "made"


async def test_a_person_has_a_share_of_the_day_and_others_keep_theirs(
    reached: Transactions, clock: Clock
) -> None:
    one, ana, ben = (
        ledger(reached, clock, daily_calls_per_person=3),
        await somebody(reached),
        await somebody(reached),
    )

    assert [await calls(one, ana) for _ in range(5)] == ["made"] * 3 + ["gemini.budget_person"] * 2
    assert await calls(one, ben) == "made"
    assert [await calls(one, None) for _ in range(5)] == ["made"] * 5


async def test_the_next_day_brings_a_new_share_and_the_wait_ends_there(
    reached: Transactions, clock: Clock
) -> None:
    one, ana = ledger(reached, clock, daily_calls_per_person=1), await somebody(reached)
    await calls(one, ana)
    with pytest.raises(Unavailable) as raised:
        await one.admit(ana)

    assert 12 * 3600 <= (raised.value.retry_after or 0) <= 12 * 3600 + 900
    clock.at = NOON.replace(day=23, hour=0, minute=1)
    assert await calls(one, ana) == "made"


async def test_the_installation_has_a_share_that_all_use(reached: Transactions, clock: Clock) -> None:
    one = ledger(reached, clock, daily_calls=4, daily_calls_per_person=3)
    ana, ben = await somebody(reached), await somebody(reached)

    made = [await calls(one, ana) for _ in range(3)] + [await calls(one, ben) for _ in range(2)]

    assert made == ["made"] * 4 + ["gemini.budget"]


async def test_another_program_counts_what_this_one_called(reached: Transactions, clock: Clock) -> None:
    one, other = (ledger(reached, clock, daily_calls_per_person=2) for _ in range(2))
    ana = await somebody(reached)
    await calls(one, ana)
    await calls(one, ana)

    assert await calls(other, ana) == "gemini.budget_person"


async def test_calls_at_once_do_not_slip_past_the_limit(reached: Transactions, clock: Clock) -> None:
    one, people = (
        ledger(reached, clock, daily_calls_per_person=5),
        [await somebody(reached) for _ in range(5)],
    )

    made = await asyncio.gather(*(calls(one, who) for _ in range(20) for who in people))
    clock.seconds += 400  # counted anew

    assert made.count("made") == 5 * len(people)
    assert [await calls(one, who) for who in people] == ["gemini.budget_person"] * len(people)


async def test_nought_is_no_limit_and_counts_nothing(reached: Transactions, clock: Clock) -> None:
    one, ana = ledger(reached, clock), await somebody(reached)

    assert [await calls(one, ana) for _ in range(10)] == ["made"] * 10


async def test_the_row_says_what_it_was_and_outlives_the_person_without_a_name(
    reached: Transactions, clock: Clock
) -> None:
    one, ana = ledger(reached, clock), await somebody(reached)
    await calls(one, ana)
    async with reached.begin() as db:
        [row] = await db.scalars(select(ModelCall))
        assert (row.user_id, row.kind, row.outcome, row.latency_ms) == (ana, "evaluate_turn", "ok", 900)
        assert row.cost_usd == Decimal("0.001500")
        await db.execute(delete(User).where(User.id == ana))
    await one.admit(ana)
    await one.record(call(ana))

    async with reached() as db:
        assert list(await db.scalars(select(ModelCall.user_id))) == [None, None]


async def test_a_database_that_is_away_costs_no_answer(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    engine = engine_for("postgresql://nobody:canary@127.0.0.1:9/nothing")
    one = ledger(transactions(engine), clock, daily_calls_per_person=1, daily_calls=1)

    assert await calls(one, uuid4()) == "made"
    assert "canary" not in caplog.text
    await engine.dispose()


async def test_what_an_operator_sees_adds_up(reached: Transactions, clock: Clock) -> None:
    one = ledger(reached, clock)
    for each in (
        call(None),
        call(None, model="unheard-of"),
        call(None, outcome="gemini.outage"),
    ):
        await one.admit(None)
        await one.record(each)
    clock.at = NOON.replace(day=3)
    await calls(one, None)
    clock.at = NOON.replace(month=10)
    await calls(one, None)
    clock.at = NOON

    async with reached() as db:
        seen = Calls(db, clock)
        today, month = await seen.today(), await seen.this_month()

    assert (today.calls, today.failed, today.tokens_in, today.tokens_out) == (3, 1, 2000, 400)
    assert (today.cost_usd, today.unpriced) == (Decimal("0.0015"), 1)
    assert (month.calls, month.cost_usd) == (4, Decimal("0.003"))


def test_a_price_holds_from_its_day_and_the_operator_knows_best() -> None:
    prices = Prices(parsed("own-model=1/2, gemini-3.5-flash-lite = 0.1/0.2"))

    assert prices.of("gemini-3.8-flash", date(2026, 12, 31)) == Price(Decimal("0.75"), Decimal("3.75"))
    assert prices.of("gemini-3.8-flash", date(2027, 1, 1)) == Price(Decimal("1.5"), Decimal("7.5"))
    assert prices.of("gemini-3.5-flash-lite", date(2027, 1, 1)) == Price(Decimal("0.1"), Decimal("0.2"))
    assert prices.of("own-model", date(2027, 1, 1)) == Price(Decimal(1), Decimal(2))
    assert prices.of("unheard-of", date(2027, 1, 1)) is None
    assert Price(Decimal("0.75"), Decimal("3.75")).of(1_000_000, 2_000_000) == Decimal("8.25")


@pytest.mark.parametrize("text", ["m", "m=1", "m=1/x", "=1/2", "m=-1/2", "m=nan/2", "m=1/inf"])
def test_a_price_that_is_none_says_what_is_expected(text: str) -> None:
    with pytest.raises(ValueError, match="dollars per million tokens"):
        parsed(text)
