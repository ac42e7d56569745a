"""What an interview costs: calls of the model, and whether prompts stay flat as it goes on."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench import Figure
from tests.bench.pace import without_pace
from tests.loopback.gemini import LoopbackGemini
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import begins_interview, member

QUESTIONS = 20
EARLY = 4
ANSWER = "The situation mattered, my action took a week and the result is a number: 12 minutes instead of 90."


async def measure(dsn: str) -> list[Figure]:
    """One interview of twenty questions, every one answered well."""
    with tempfile.TemporaryDirectory() as home, without_pace():
        async with LoopbackGemini() as gemini:
            settings = {"gemini_api_key": "loopback", "gemini_base_url": gemini.url}
            async with Greenroom(dsn, Path(home), **settings) as greenroom:
                await rehearses(greenroom)
            turns = [request.size for request in gemini.requests if request.kind == "evaluate_turn"]
            calls = len(gemini.requests)
    return [
        Figure(
            f"model calls, interview of {QUESTIONS}",
            calls,
            QUESTIONS + 2,
            "",
            "a plan, a turn each, a report",
        ),
        Figure(
            f"prompt of the last turn ({len(turns)})", turns[-1], turns[EARLY - 1], "B", f"of turn {EARLY}"
        ),
    ]


async def rehearses(greenroom: Greenroom) -> None:
    candidate = await member(greenroom)
    await begins_interview(candidate, length=str(QUESTIONS))
    for number in range(2, QUESTIONS + 1):
        await candidate.says(ANSWER)
        await candidate.hears(f"^Question {number} of", timeout=60)
    await candidate.says(ANSWER)
    await candidate.hears("Final score", timeout=60)
