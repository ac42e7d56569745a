"""What an interview costs: calls of the model, and whether prompts stay flat as it goes on."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench import Figure
from tests.bench.pace import without_pace
from tests.loopback.gemini import LoopbackGemini, Request
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import begins_interview, member

QUESTIONS = 20
EARLY = 4
CHARACTERS_PER_TOKEN = 4
ANSWER = "The situation mattered, my action took a week and the result is a number: 12 minutes instead of 90."


async def measure(dsn: str) -> list[Figure]:
    """One interview of twenty questions, every one answered well."""
    with tempfile.TemporaryDirectory() as home, without_pace():
        async with LoopbackGemini() as gemini:
            settings = {"gemini_api_key": "loopback", "gemini_base_url": gemini.url}
            async with Greenroom(dsn, Path(home), **settings) as greenroom:
                await rehearses(greenroom)
            asked = list(gemini.requests)
    turns = [request for request in asked if request.kind == "evaluate_turn"]
    last, early = turns[-1], turns[EARLY - 1]
    name, floor = f"model calls, interview of {QUESTIONS}", QUESTIONS + 2
    return [
        Figure(name, len(asked), floor, "", "a plan, a turn each, a report"),
        Figure(f"prompt of the last turn ({len(turns)})", last.size, early.size, "B", f"of turn {EARLY}"),
        Figure("  in tokens, four characters each", tokens(last), tokens(early), "", f"of turn {EARLY}"),
    ]


def tokens(request: Request) -> float:
    """What a prompt comes to by Google's rule of thumb; no tokenizer of theirs works offline."""
    return len(request.system + "".join(request.parts)) / CHARACTERS_PER_TOKEN


async def rehearses(greenroom: Greenroom) -> None:
    candidate = await member(greenroom)
    await begins_interview(candidate, length=str(QUESTIONS))
    for number in range(2, QUESTIONS + 1):
        await candidate.says(ANSWER)
        await candidate.hears(f"^Question {number} of", timeout=60)
    await candidate.says(ANSWER)
    await candidate.hears("Final score", timeout=60)
