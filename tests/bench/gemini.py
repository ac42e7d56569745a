"""What the adapter to Gemini costs beside the bare SDK: CPU of a call, and calls in flight at once.

The server answers in this process too, for both alike. With the ledger and the breaker in the database.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import cycle
from uuid import uuid4

from google.genai import Client, types

from bot.app import SystemClock
from domain.adapters.gemini import GeminiInterviewer
from domain.adapters.gemini.client import BUDGETS, Policy
from domain.adapters.gemini.schemas import WireEvaluation, wire_schema
from domain.caller import on_behalf_of
from domain.calls.breaker import BreakersInDatabase
from domain.calls.ledger import LedgerInDatabase
from domain.calls.prices import Prices
from domain.database import engine_for, transactions
from domain.interviews.plan import Difficulty, PlannedQuestion, QuestionKind
from domain.interviews.rubric import KeyPoint
from domain.ports import Candidate, TurnRequest
from tests.bench import Figure
from tests.loopback.gemini import LoopbackGemini

CALLS = 40
ROUNDS = 3
AT_ONCE = 10
PEOPLE = 20
IN_FLIGHT = 500
TURN = TurnRequest(
    Candidate("en", "Backend engineer"),
    PlannedQuestion(
        text="Tell me about a slow database query you made faster.",
        kind=QuestionKind.TECHNICAL,
        competency="performance",
        difficulty=Difficulty.MEDIUM,
        key_points=(KeyPoint(text="Names the situation"), KeyPoint(text="Gives a measured result")),
    ),
    "The situation mattered because users left, so my action was an index",
)


async def measure(dsn: str) -> list[Figure]:
    """Milliseconds of CPU of one evaluation; seconds of five hundred at once."""
    async with both(dsn) as pair:
        return [await pair.cost(), await pair.flight()]


@dataclass(frozen=True)
class Pair:
    """The same call, by the adapter and by the SDK alone."""

    gemini: LoopbackGemini
    ours: Callable[[], Awaitable[None]]
    bare: Callable[[], Awaitable[None]]

    async def cost(self) -> Figure:
        # Turn about, and the best of each: another program on the machine is nobody's overhead.
        costs = [(await _cpu(self.ours), await _cpu(self.bare)) for _ in range(ROUNDS)]
        ours, bare = min(cost for cost, _ in costs), min(cost for _, cost in costs)
        return Figure("CPU of a call", ours, bare, "ms", "the bare SDK")

    async def flight(self) -> Figure:
        ours, bare = [await at_once(self.gemini, each) for each in (self.ours, self.bare)]
        return Figure(f"{IN_FLIGHT} calls in flight at once", ours, bare, "s", "the bare SDK")


@asynccontextmanager
async def both(dsn: str) -> AsyncIterator[Pair]:
    engine = engine_for(dsn)
    reached = transactions(engine)
    async with LoopbackGemini() as gemini:
        slow = {kind: replace(budget, deadline=80, attempt=80) for kind, budget in BUDGETS.items()}
        ours = GeminiInterviewer(
            "key",
            "gemini-3.8-flash",
            gemini.url,
            policy=Policy(budgets=slow, concurrency=IN_FLIGHT, per_person=IN_FLIGHT),
            ledger=LedgerInDatabase(
                reached, SystemClock(), Prices(), daily_calls=10**6, daily_calls_per_person=200
            ),
            breakers=BreakersInDatabase(reached),
        )
        bare = _Bare(gemini)
        await ours.evaluate_turn(TURN)
        bare.takes_after(gemini)
        await bare.ask()

        turns = cycle([uuid4() for _ in range(PEOPLE)])

        async def asks() -> None:
            with on_behalf_of(next(turns)):
                await ours.evaluate_turn(TURN)

        yield Pair(gemini, asks, bare.ask)
        await ours.close()
        await bare.close()
    await engine.dispose()


async def _cpu(ask: Callable[[], Awaitable[None]]) -> float:
    """Milliseconds of CPU that one call takes of this process."""
    started = time.process_time()
    for _ in range(CALLS // AT_ONCE):
        await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
    return (time.process_time() - started) / CALLS * 1000


async def at_once(gemini: LoopbackGemini, ask: Callable[[], Awaitable[None]]) -> float:
    """Seconds that so many calls take, none of which is answered before all are there."""
    started = time.monotonic()
    with gemini.held():
        asked = asyncio.gather(*(ask() for _ in range(IN_FLIGHT)))
        await gemini.holds(IN_FLIGHT)
    await asked
    return time.monotonic() - started


class _Bare:
    """The same request by the SDK alone, its answer read into the same model."""

    def __init__(self, gemini: LoopbackGemini) -> None:
        options = types.HttpOptions(
            base_url=gemini.url, api_version="v1beta", retry_options=types.HttpRetryOptions(attempts=1)
        )
        self._sdk = Client(api_key="key", vertexai=False, http_options=options)
        self._system = ""
        self._parts: list[str] = []

    def takes_after(self, gemini: LoopbackGemini) -> None:
        """Say what was said to it last."""
        self._system, self._parts = gemini.requests[-1].system, gemini.requests[-1].parts

    async def ask(self) -> None:
        response = await self._sdk.aio.models.generate_content(
            model="gemini-3.8-flash",
            contents=types.Content(role="user", parts=[types.Part.from_text(text=p) for p in self._parts]),
            config=types.GenerateContentConfig(
                system_instruction=self._system,
                response_mime_type="application/json",
                response_json_schema=wire_schema(WireEvaluation),
                max_output_tokens=4096,
            ),
        )
        WireEvaluation.model_validate_json(response.text or "")

    async def close(self) -> None:
        await self._sdk.aio.aclose()
        self._sdk.close()
