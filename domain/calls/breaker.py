"""A circuit breaker that all programs share: a model that keeps failing is left alone for a while.

The rules are pure functions of a `State`; a `BreakerStore` keeps it, in memory or in the database.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy.dialects.postgresql import insert

from domain.calls.models import ModelBreaker
from domain.database import Transactions
from domain.errors import Unavailable

log = logging.getLogger(__name__)


class LeftAlone(Unavailable):
    """The breaker is open: nothing was sent, and trying again before `retry_after` sends nothing either."""


@dataclass(frozen=True)
class State:
    """Closed while `open_until` is None. Past that time one call, whose token is `probe`, tries it out.

    `failures` counts those in a row, `pause` is how long it was opened for, in seconds. A probe that is
    not heard of again, because its program died, gives way at `probe_until`.
    """

    failures: int = 0
    reason: str = ""
    open_until: datetime | None = None
    pause: float = 0.0
    probe: str = ""
    probe_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.open_until is not None


Change = Callable[[State], State]


@dataclass(frozen=True)
class Rules:
    """Opens after `threshold` failures in a row for `pause` seconds, twice as long after each probe that
    fails, up to `longest_pause`, and for what the service asked for, up to `longest_wait`. A probe has
    `probe_lease` seconds."""

    threshold: int = 5
    pause: float = 30.0
    longest_pause: float = 120.0
    longest_wait: float = 600.0
    probe_lease: float = 150.0

    def after_failure(self, state: State, reason: str, wait: float, now: datetime, probe: str) -> State:
        """`wait` is what the service asked for, in seconds; `probe` is the token of a probe that failed."""
        if state.open_until is not None:
            if not probe or state.probe != probe:
                return state
            pause = min(state.pause * 2, self.longest_pause)
        else:
            pause = self.pause
            if state.failures + 1 < self.threshold:
                return replace(state, failures=state.failures + 1, reason=reason)
        until = now + timedelta(seconds=max(pause, min(wait, self.longest_wait)))
        return State(state.failures + 1, reason, until, pause)

    def probed(self, state: State, token: str, now: datetime) -> State:
        """The right to probe goes to `token`, where it is due and nobody else has it."""
        is_due = state.open_until is not None and state.open_until <= now
        is_free = state.probe_until is None or state.probe_until <= now
        if not (is_due and is_free):
            return state
        return replace(state, probe=token, probe_until=now + timedelta(seconds=self.probe_lease))


def given_back(state: State, token: str) -> State:
    """The probe was not made after all: it is the next one's."""
    return replace(state, probe="", probe_until=None) if state.probe == token else state


class BreakerStore(Protocol):
    async def read(self, model: str) -> State: ...

    async def change(self, model: str, change: Change) -> State:
        """Apply `change` to the state while nobody else does; what it became."""
        ...


class BreakersInMemory:
    """For a program by itself."""

    def __init__(self) -> None:
        self._states: dict[str, State] = {}

    async def read(self, model: str) -> State:
        return self._states.get(model, State())

    async def change(self, model: str, change: Change) -> State:
        changed = self._states[model] = change(self._states.get(model, State()))
        return changed


class BreakersInDatabase:
    """For all programs on one database."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def read(self, model: str) -> State:
        async with self._transactions() as db:
            row = await db.get(ModelBreaker, model)
            return _state(row) if row else State()

    async def change(self, model: str, change: Change) -> State:
        async with self._transactions.begin() as db:
            await db.execute(insert(ModelBreaker).values(model=model).on_conflict_do_nothing())
            row = await db.get_one(ModelBreaker, model, with_for_update=True)
            changed = change(_state(row))
            for name, value in vars(changed).items():
                setattr(row, name, value)
            return changed


def _state(row: ModelBreaker) -> State:
    return State(row.failures, row.reason, row.open_until, row.pause, row.probe, row.probe_until)


class CircuitBreaker:
    """One model's breaker as one program sees it.

    What was read holds for `cached` seconds, so that calls that go well cost no query; what happens here
    is known here at once. A store that is away leaves each program to what it knows by itself.
    """

    def __init__(
        self,
        model: str,
        store: BreakerStore,
        rules: Rules,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
        cached: float = 2.0,
    ) -> None:
        self._model = model
        self._store = store
        self._rules = rules
        self._now = now
        self._clock = clock
        self._cached = cached
        self._state = State()
        self._read_at = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def admit(self) -> str:
        """Let a call through: "" for an ordinary one, else the token of the probe it is.

        Raises `LeftAlone` with the reason that opened it.
        """
        await self.check()
        if not self._state.is_open:
            return ""
        token = secrets.token_hex(16)
        state = await self._change(lambda state: self._rules.probed(state, token, self._now()))
        if not state.is_open:
            return ""
        if state.probe != token:
            raise self._refusal()
        return token

    async def check(self) -> None:
        """Raises `LeftAlone` where it is open and it is not time to try again."""
        if self._clock() - self._read_at >= self._cached:
            await self._refresh()
        if self._state.open_until is not None and self._now() < self._state.open_until:
            raise self._refusal()

    async def succeeded(self) -> None:
        """The service answered, whatever it said."""
        if self._state != State():
            await self._change(lambda state: State())

    async def failed(self, reason: str, wait: float | None, probe: str) -> None:
        """The service failed; `wait` is what it asked for, in seconds."""
        if self._state.is_open and not probe:
            return
        await self._change(
            lambda state: self._rules.after_failure(state, reason, wait or 0.0, self._now(), probe)
        )

    async def given_back(self, probe: str) -> None:
        """A call that was let through found out nothing."""
        if probe:
            await self._change(lambda state: given_back(state, probe))

    async def _refresh(self) -> None:
        async with self._one_at_a_time:
            if self._clock() - self._read_at < self._cached:
                return
            try:
                self._state = await self._store.read(self._model)
            except Exception as error:
                log.warning("a breaker could not be read", extra={"error": type(error).__name__})
            self._read_at = self._clock()

    async def _change(self, change: Change) -> State:
        async with self._one_at_a_time:
            if change(self._state) == self._state and self._clock() - self._read_at < self._cached:
                return self._state
            was_open = self._state.is_open
            try:
                self._state = await self._store.change(self._model, change)
            except Exception as error:
                log.warning("a breaker could not be shared", extra={"error": type(error).__name__})
                self._state = change(self._state)
            self._read_at = self._clock()
            if was_open != self._state.is_open:
                word = "closed" if was_open else "opened"
                log.warning(f"breaker {word}", extra={"model": self._model, "reason": self._state.reason})
            return self._state

    def _refusal(self) -> LeftAlone:
        assert self._state.open_until is not None
        left = (self._state.open_until - self._now()).total_seconds()
        return LeftAlone(self._state.reason, retry_after=max(left, 1.0))
