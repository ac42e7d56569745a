"""The ledger of calls: each one written down, and nobody calling more than their share of a day."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Protocol
from uuid import UUID

from sqlalchemy import text

from domain.calls.prices import Prices
from domain.database import Transactions
from domain.errors import Unavailable
from domain.ports import Clock

log = logging.getLogger(__name__)

# Seconds that a count holds; what is called here meanwhile is added to it. That of a person comes back
# with each row that is written for them.
COUNTED_FOR = 5.0
PERSON_COUNTED_FOR = 300.0
MOST_COUNTS = 1_000
# Written out: building them anew for each call cost more than all else here. Who was erased is nobody.
WRITE = text(
    """
    INSERT INTO model_calls (user_id, kind, model, prompt_version, tokens_in, tokens_out, latency_ms,
                             cost_usd, outcome, created_at)
    VALUES ((SELECT id FROM users WHERE id = :caller), :kind, :model, :prompt_version, :tokens_in,
            :tokens_out, :latency_ms, :cost_usd, :outcome, :now)
    RETURNING (SELECT count(*) FROM model_calls WHERE user_id = :caller AND created_at >= :begin)
    """
)
COUNT_ALL = text("SELECT count(*) FROM model_calls WHERE created_at >= :begin")
COUNT_ONE = text("SELECT count(*) FROM model_calls WHERE user_id = :caller AND created_at >= :begin")


@dataclass(frozen=True)
class Call:
    """One request to a model, for an account or (None) for the installation itself."""

    caller: UUID | None
    kind: str
    model: str
    prompt_version: str
    tokens_in: int | None
    tokens_out: int | None
    latency_ms: int
    outcome: str


class Ledger(Protocol):
    async def admit(self, caller: UUID | None) -> None:
        """Raises `Unavailable` ("gemini.budget_person", "gemini.budget") until the next day begins."""
        ...

    async def record(self, call: Call) -> None:
        """Never raises: what was answered is worth more than its record."""
        ...


class NoLedger:
    """For a client that nobody keeps accounts of."""

    async def admit(self, caller: UUID | None) -> None:
        return None

    async def record(self, call: Call) -> None:
        return None


@dataclass
class _Count:
    day: date
    at: float
    calls: int


class LedgerInDatabase:
    """Keeps `model_calls`, and the budgets by counting it; days are those of UTC, 0 is no limit.

    A count is not read for every call. Several programs can together go past a limit by what they call
    in that time.
    """

    def __init__(
        self,
        transactions: Transactions,
        clock: Clock,
        prices: Prices,
        *,
        daily_calls: int = 0,
        daily_calls_per_person: int = 0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transactions = transactions
        self._clock = clock
        self._prices = prices
        self._daily_calls = daily_calls
        self._daily_calls_per_person = daily_calls_per_person
        self._monotonic = monotonic
        self._counts: dict[UUID | None, _Count] = {}
        self._under_way: Counter[UUID | None] = Counter()
        self._counting = asyncio.Lock()

    async def admit(self, caller: UUID | None) -> None:
        limits: dict[UUID | None, int] = {caller: self._daily_calls_per_person, None: self._daily_calls}
        now = self._clock.now()
        counted = {side: await self._count(side, now.date()) for side, limit in limits.items() if limit}
        for side, count in counted.items():
            if count.calls >= limits[side]:
                reason = "gemini.budget" if side is None else "gemini.budget_person"
                raise Unavailable(reason, retry_after=_until_tomorrow(now))
        for count in counted.values():
            count.calls += 1
        self._under_way.update(limits.keys())

    async def record(self, call: Call) -> None:
        now = self._clock.now()
        price = self._prices.of(call.model, now.date())
        known = price is not None and call.tokens_in is not None
        row = {
            "caller": call.caller,
            "kind": call.kind,
            "model": call.model[:80],
            "prompt_version": call.prompt_version,
            "tokens_in": call.tokens_in,
            "tokens_out": call.tokens_out,
            "latency_ms": call.latency_ms,
            "cost_usd": price.of(call.tokens_in or 0, call.tokens_out or 0) if price and known else None,
            "outcome": call.outcome,
            "now": now,
            "begin": datetime.combine(now.date(), time_of_day.min, UTC),
        }
        try:
            async with self._transactions.begin() as db:
                earlier: int = await db.scalar(WRITE, row) or 0
            count = self._counts.get(call.caller) if call.caller is not None else None
            if count is not None:
                # The row itself is among those under way until this ends. One that was committed after this
                # one was counted and has ended since is in neither number, but was known when it was let in.
                calls = earlier + self._under_way[call.caller]
                least = count.calls if count.day == now.date() else 0
                self._counts[call.caller] = _Count(now.date(), self._monotonic(), max(calls, least))
        except Exception as error:
            log.warning("a call was not written down", extra={"error": type(error).__name__})
        finally:
            for side in {call.caller, None}:
                self._under_way[side] -= 1
                if not self._under_way[side]:
                    del self._under_way[side]

    async def _count(self, side: UUID | None, today: date) -> _Count:
        """The calls of a day so far: read anew where that is some seconds ago, by one caller for all."""
        async with self._counting:
            known = self._counts.get(side)
            holds = COUNTED_FOR if side is None else PERSON_COUNTED_FOR
            if known and known.day == today and self._monotonic() - known.at < holds:
                return known
            under_way = self._under_way[side]
            try:
                written = await self._written(side, today)
            except Exception as error:
                log.warning("calls could not be counted", extra={"error": type(error).__name__})
                written, under_way = (known.calls if known and known.day == today else 0), 0
            self._forget()
            counted = self._counts[side] = _Count(today, self._monotonic(), written + under_way)
            return counted

    async def _written(self, side: UUID | None, today: date) -> int:
        begin = {"begin": datetime.combine(today, time_of_day.min, UTC)}
        async with self._transactions() as db:
            if side is None:
                return await db.scalar(COUNT_ALL, begin) or 0
            return await db.scalar(COUNT_ONE, {**begin, "caller": side}) or 0

    def _forget(self) -> None:
        """Keep as many counts as there is use for."""
        if len(self._counts) > MOST_COUNTS:
            fresh = self._monotonic() - PERSON_COUNTED_FOR
            self._counts = {side: each for side, each in self._counts.items() if each.at >= fresh}


def _until_tomorrow(now: datetime) -> float:
    tomorrow = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time_of_day.min, UTC)
    # Not all at once: what waited for the day goes on within its first quarter of an hour.
    return (tomorrow - now).total_seconds() + random.uniform(0, 900)  # noqa: S311  # chance is no secret here
