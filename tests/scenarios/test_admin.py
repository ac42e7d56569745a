"""What Gemini costs, in chat: operators are told, nobody else learns that there is such a command.

And a budget that is used up: the person is told, goes on, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.playground.people import Person
from tests.loopback.gemini import LoopbackGemini
from tests.loopback.greenroom import Greenroom

ANSWER = "The situation mattered, my action took a week, and the result is a number: 12 minutes, not 90."


@pytest.fixture
async def gemini() -> AsyncIterator[LoopbackGemini]:
    async with LoopbackGemini() as server:
        yield server


async def begins(candidate: Person) -> None:
    await candidate.says("/interview")
    await candidate.hears("What kind")
    await candidate.taps("Technical")
    await candidate.hears("How many")
    await candidate.taps("3")
    await candidate.hears("job description")
    await candidate.taps("Without")
    await candidate.hears("^Question 1 of 3")


async def test_an_operator_sees_what_it_costs_and_a_budget_is_told_kindly(
    dsn: str, tmp_path: Path, gemini: LoopbackGemini
) -> None:
    greenroom = Greenroom(
        dsn,
        tmp_path,
        gemini_api_key="loopback",
        gemini_base_url=gemini.url,
        gemini_daily_calls_per_person=2,
    )
    operator = greenroom.candidate("Olga")
    greenroom.settings = greenroom.settings.model_copy(update={"admin_ids": (operator.id,)})
    async with greenroom:
        candidate = await greenroom.linked("Ana")
        await begins(candidate)
        await candidate.says(ANSWER)
        await candidate.hears("^Question 2 of 3|^Follow-up")

        await candidate.says(ANSWER)
        told = await candidate.hears("your share of the AI for today is used up")
        await candidate.hears("^Question|^Follow-up")

        assert "Key points mentioned" in told.text
        assert "tomorrow" in told.text
        assert sorted(request.kind for request in gemini.requests) == ["evaluate_turn", "plan"]
        [late] = await greenroom.rows(
            "SELECT extract(epoch FROM run_at - created_at) AS wait FROM jobs"
            " WHERE done_at IS NULL AND kind = 'evaluate_turn'"
        )
        assert 60 <= late["wait"] <= 24 * 3600 + 900
        turns = await greenroom.rows(
            "SELECT provisional, evaluated_by, prompt_version, answer_text FROM interview_questions"
            " WHERE answer_text IS NOT NULL ORDER BY answered_at"
        )
        assert [(row["provisional"], row["evaluated_by"]) for row in turns] == [
            (False, "loopback"),
            (True, None),
        ]
        assert len(turns[0]["prompt_version"]) == 12

        await operator.says("/admin")
        card = await operator.hears("The AI, all people together")
        assert card.text.count("2 calls, 0 of them without use\n20 tokens in, 20 out\nabout $0.00") == 2
        assert "None has failed" in card.text
        await candidate.says("/admin")
        await candidate.hears("I don't know /admin")


async def test_an_operator_sees_which_model_is_left_alone(
    dsn: str, tmp_path: Path, gemini: LoopbackGemini
) -> None:
    greenroom = Greenroom(dsn, tmp_path, gemini_api_key="loopback", gemini_base_url=gemini.url)
    operator = greenroom.candidate("Olga")
    greenroom.settings = greenroom.settings.model_copy(update={"admin_ids": (operator.id,)})
    gemini.fail("401", times=None)
    async with greenroom:
        candidate = await greenroom.linked("Ana")
        await candidate.says("/interview")
        await candidate.hears("What kind")
        await candidate.taps("Technical")
        await candidate.hears("How many")
        await candidate.taps("3")
        await candidate.hears("job description")
        await candidate.taps("Without")
        await candidate.hears("does not accept this installation's key")
        await operator.says("/admin")
        card = await operator.hears(r"failed \d times in a row")
        assert "gemini-3.8-flash" in card.text
        assert "gemini.key" in card.text
