"""What an operator sees of the calls: how many, what they cost, which models are left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.calls.breaker import State
from domain.calls.models import ModelBreaker, ModelCall
from domain.calls.prices import Prices
from domain.ports import Clock


@dataclass(frozen=True)
class Spent:
    """Calls of a stretch of time. `unpriced` are those whose cost nobody can tell."""

    calls: int
    failed: int
    tokens_in: int
    tokens_out: int
    cost_usd: Decimal
    unpriced: int


class Calls:
    """The figures of all programs together; days and months are those of UTC."""

    def __init__(self, db: AsyncSession, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def today(self) -> Spent:
        now = self._clock.now()
        return await self._since(now.replace(hour=0, minute=0, second=0, microsecond=0))

    async def this_month(self) -> Spent:
        now = self._clock.now()
        return await self._since(now.replace(day=1, hour=0, minute=0, second=0, microsecond=0))

    @property
    def prices_as_of(self) -> date:
        """The day of the bundled prices that costs are estimated by."""
        return Prices().as_of

    async def breakers(self) -> Sequence[tuple[str, State, bool]]:
        """Each model that ever failed: its state, and whether it is left alone now."""
        rows = await self._db.scalars(select(ModelBreaker).order_by(ModelBreaker.model))
        now = self._clock.now()
        return [
            (
                row.model,
                State(row.failures, row.reason, row.open_until, row.pause, row.probe, row.probe_until),
                row.open_until is not None and row.open_until > now,
            )
            for row in rows
        ]

    async def _since(self, begin: datetime) -> Spent:
        answered = ModelCall.tokens_in.is_not(None)
        figures = await self._db.execute(
            select(
                func.count(),
                func.count().filter(ModelCall.outcome != "ok"),
                func.sum(ModelCall.tokens_in),
                func.sum(ModelCall.tokens_out),
                func.sum(ModelCall.cost_usd),
                func.count().filter(answered, ModelCall.cost_usd.is_(None)),
            ).where(ModelCall.created_at >= begin)
        )
        calls, failed, tokens_in, tokens_out, cost, unpriced = figures.one()
        return Spent(calls, failed, int(tokens_in or 0), int(tokens_out or 0), Decimal(cost or 0), unpriced)
