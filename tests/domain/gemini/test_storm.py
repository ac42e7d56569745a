"""Ten minutes without Gemini, two hundred people, two programs: no storm, and everybody is judged after.

Time is simulated; the requests are real.
"""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime
from itertools import count

import pytest
from sqlalchemy import select

from domain.adapters.gemini import GeminiInterviewer
from domain.adapters.gemini.client import Policy
from domain.calls.breaker import BreakersInDatabase
from domain.calls.models import ModelBreaker
from domain.database import engine_for, transactions
from domain.errors import Unavailable
from domain.interviews.work import later
from tests.domain.gemini.test_policy import TURN
from tests.loopback.gemini import Failure, LoopbackGemini

PEOPLE = 200
OUTAGE = 600.0
LONGEST_STORY = 3_600.0


class Simulated:
    """A clock that the story moves; pauses between attempts pass in no time."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def clock(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(1_800_000_000 + self.seconds, UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@pytest.mark.parametrize("failure", ["503", "429-bare", "drop"])
async def test_an_outage_of_ten_minutes_brings_no_storm(
    gemini: LoopbackGemini, dsn: str, failure: Failure
) -> None:
    engine, time = engine_for(dsn), Simulated()
    store = BreakersInDatabase(transactions(engine))
    programs = [
        GeminiInterviewer(
            "key",
            "m",
            gemini.url,
            policy=Policy(),
            breakers=store,
            clock=time.clock,
            now=time.now,
            sleep=time.sleep,
        )
        for _ in range(2)
    ]
    gemini.fail(failure, times=None)
    judged: dict[int, int] = dict.fromkeys(range(PEOPLE), 0)
    due, order = [(0.0, person, person) for person in range(PEOPLE)], count(PEOPLE)
    heapq.heapify(due)

    async def asks(person: int) -> None:
        """As the job does: judged, or asked again after as long as `later` says."""
        try:
            await programs[person % 2].evaluate_turn(TURN)
            judged[person] += 1
        except Unavailable as away:
            heapq.heappush(due, (time.seconds + later(away), next(order), person))

    while due:
        time.seconds = max(time.seconds, due[0][0])
        assert time.seconds < LONGEST_STORY
        if time.seconds >= OUTAGE:
            gemini.heal()
        else:
            during = len(gemini.requests)
        now = []
        while due and due[0][0] <= time.seconds + 0.5:
            now.append(heapq.heappop(due)[2])
        await asyncio.gather(*map(asks, now))
        if time.seconds < OUTAGE:
            during = len(gemini.requests)

    probes = 8  # after 30, 60 and then every 120 seconds
    told = f"{failure}: {during} calls while {PEOPLE} people were without, all judged at {time.seconds:.0f} s"
    print(told)  # noqa: T201  # a measured figure
    assert during < PEOPLE + probes
    assert set(judged.values()) == {1}
    assert len(gemini.requests) == during + PEOPLE
    async with transactions(engine)() as db:
        breaker = (await db.scalars(select(ModelBreaker))).one()
    assert (breaker.open_until, breaker.failures) == (None, 0)
    for program in programs:
        await program.close()
    await engine.dispose()
