"""kill -9 at random moments during interviews: nothing is lost, nothing doubled, everything finishes."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from tests.loopback.candidates import Candidate, prove_nothing_lost, rehearse_during, sign_up
from tests.loopback.gemini import LoopbackGemini
from tests.loopback.processes import POLLING, Installation

SEED = 20261107
KILLS = 20
PEOPLE = 10
SERVING = 0.8  # the share of those that are killed while they serve
LONGEST_LIFE = 1.0  # seconds from then on


async def test_kill_minus_nine_twenty_times(dsn: str, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    gemini = LoopbackGemini(latency=0.2)
    async with Installation(dsn, tmp_path, gemini=gemini) as installation:
        candidates = [Candidate(installation.telegram.person(f"P{number}")) for number in range(PEOPLE)]
        await sign_up(dsn, [each.person for each in candidates])
        await rehearse_during(kill_again_and_again(installation, chance), candidates)
        await prove_nothing_lost(dsn, candidates)
    interviews = sum(each.interviews for each in candidates)
    twice = sum(each.seen_twice for each in candidates)
    print(f"{interviews} interviews, {twice} questions seen twice")  # noqa: T201  # a measurement


async def kill_again_and_again(installation: Installation, chance: random.Random) -> None:
    """Some die on their way up, most while they serve; the one after the last kill lives."""
    for _ in range(KILLS):
        replica = await installation.starts(forked=True)
        if chance.random() < SERVING:
            await replica.logs(POLLING)
        await asyncio.sleep(chance.uniform(0.0, LONGEST_LIFE))
        replica.kill()
        await replica.exit_code()
    await installation.serves(forked=True)
