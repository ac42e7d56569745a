"""The ladder in a whole interview: the next question follows the answers, without a further call."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.playground.people import Person
from tests.loopback.gemini import LoopbackGemini, Request
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import begins_interview, member

pytestmark = pytest.mark.interrupted
GOOD = "I added an index and measured it: twelve minutes instead of ninety."
WEAK = "I do not know."
COMPETENCIES = ("databases", "testing", "delivery", "security")


def question(competency: str, difficulty: str, words: str) -> dict[str, object]:
    return {
        "why": f"The role needs {competency}.",
        "kind": "technical",
        "competency": competency,
        "difficulty": difficulty,
        "text": f"{words} {competency} at the {difficulty} end?",
        "fallback": "",
        "key_points": [{"text": "Adds an index", "keywords": "index"}],
        "hint": "Think of one case.",
    }


PLAN = {
    "competencies": [{"name": name, "weight": 3} for name in COMPETENCIES],
    "questions": [question(name, "medium", "What do you do about") for name in COMPETENCIES],
    "alternatives": [
        question(name, rung, "How would you teach a friend")
        for name in COMPETENCIES
        for rung in ("easy", "hard")
    ],
}


@pytest.fixture
async def gemini() -> AsyncIterator[LoopbackGemini]:
    async with LoopbackGemini() as served:
        served.answers("plan", PLAN)
        yield served


@pytest.fixture
async def greenroom(dsn: str, tmp_path: Path, gemini: LoopbackGemini) -> AsyncIterator[Greenroom]:
    async with Greenroom(dsn, tmp_path, gemini_api_key="a-key", gemini_base_url=gemini.url) as running:
        yield running


async def rehearses(candidate: Person, answers: list[str]) -> list[str]:
    """An interview in which these answers are given in turn; competency and rung of each question."""
    asked = [await begins_interview(candidate, length="4")]
    for number, answer in enumerate(answers, start=2):
        await candidate.says(answer)
        await candidate.hears("^Score: ")
        if number <= len(answers):
            asked.append(await candidate.hears(f"^Question {number} of 4"))
    await candidate.hears("Final score")
    found = [re.search(r"(\w+) at the (\w+) end", message.text) for message in asked]
    return [f"{each[1]} {each[2]}" for each in found if each]


def judged(request: Request) -> dict[str, object]:
    """Met where the answer adds an index; the question that was foreseen is joined to the answer."""
    met = {"key_point": 0, "quote": "I added an index", "verdict": "met"}
    missing = {"key_point": 0, "quote": "", "verdict": "missing"}
    foreseen = request.material.get("next_question", "").removeprefix("Question: ")
    return {
        "judgements": [met if "index" in request.material["answer"] else missing],
        "feedback": "Noted.",
        "model_answer": "",
        "probe": "",
        "next_question": f"And now: {foreseen}",
    }


async def test_the_next_question_follows_the_answers(greenroom: Greenroom, gemini: LoopbackGemini) -> None:
    gemini.answers("evaluate_turn", judged)
    expected = {
        (GOOD, GOOD, GOOD, GOOD): ["databases medium", "testing medium", "delivery hard", "security hard"],
        (WEAK, WEAK, GOOD, WEAK): ["databases medium", "testing easy", "delivery easy", "security easy"],
    }
    for who, (answers, walked) in enumerate(expected.items()):
        candidate = await member(greenroom, f"P{who}")
        before = len(gemini.requests)
        assert await rehearses(candidate, list(answers)) == walked
        # One that was under way when the program was killed is made again, word for word.
        calls = {(request.kind, str(request.material)): request.kind for request in gemini.requests[before:]}
        assert list(calls.values()) == ["plan", *["evaluate_turn"] * 4, "report"]
    rows = await greenroom.rows("SELECT question_text FROM interview_questions WHERE position > 1")
    reworded = [row["question_text"] for row in rows if row["question_text"].startswith("And now: ")]
    assert reworded, "where the ladder stays, the question is joined to the answer"
    assert all(text.count("?") == 1 for text in reworded)
