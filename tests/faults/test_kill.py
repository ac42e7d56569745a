"""kill -9 at random moments during interviews: nothing is lost, nothing doubled, everything finishes."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from tests.loopback.candidates import Candidate, sign_up
from tests.loopback.gemini import LoopbackGemini
from tests.loopback.processes import Installation

SEED = 20261107
KILLS = 20
PEOPLE = 10
LONGEST_LIFE = 1.2  # seconds between serving and being killed


async def test_kill_minus_nine_twenty_times(dsn: str, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    gemini = LoopbackGemini(latency=0.2)
    async with Installation(dsn, tmp_path, gemini=gemini) as installation:
        candidates = [Candidate(installation.telegram.person(f"P{number}")) for number in range(PEOPLE)]
        await sign_up(dsn, [each.person for each in candidates])
        over = asyncio.Event()
        async with asyncio.TaskGroup() as rehearsing:
            for each in candidates:
                rehearsing.create_task(rehearse_until(over, each))
            for _ in range(KILLS):
                replica = await installation.serves()
                await asyncio.sleep(chance.uniform(0.0, LONGEST_LIFE))
                replica.kill()
                await replica.exit_code()
            over.set()
            await installation.serves()
        print([(c.interviews, len(c.answers), c.seen_twice) for c in candidates])


async def rehearse_until(over: asyncio.Event, candidate: Candidate) -> None:
    """One interview after another, the last of them to its end."""
    while not over.is_set():
        await candidate.rehearses()
