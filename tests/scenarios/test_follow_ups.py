"""Follow-ups without a Gemini: the rules ask on, at most twice, and nothing of it becomes a score."""

from __future__ import annotations

from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import ANSWER, begins_interview, member

VAGUE = "I always plan well, so I am hardly ever in such a situation."
TOLD = "It was in May. I told the client the same day, and I moved two colleagues to it."
TURNS = (
    "SELECT position, follow_up, follow_up_reason, evaluation_score FROM interview_questions ORDER BY 1, 2"
)


async def test_a_vague_answer_and_a_story_without_its_end_are_followed_up(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await begins_interview(ana, "Behavioural", "2")
    await ana.says(VAGUE)
    await ana.hears("keyword check, not a score")
    asked = await ana.hears("^Follow-up to question 1")
    assert "like to know this more exactly" in asked.text
    assert "“I always plan well, so I am hardly ever in such a situation”" in asked.text
    await ana.says(TOLD)
    await ana.hears("keyword check, not a score")
    asked = await ana.hears("^Follow-up to question 1")
    assert "what came of it" in asked.text
    await ana.says("They waited for it.")
    await ana.hears("keyword check, not a score")
    await ana.hears("^Question 2 of 2")
    await ana.says(ANSWER)
    report = await ana.hears("Final score: none yet")
    assert "Questions answered: 2 of 2" in report.text
    rows = [tuple(row.values()) for row in await greenroom.rows(TURNS)]
    reasons = [(1, 0, None, None), (1, 1, "vague", None), (1, 2, "no_result", None), (2, 0, None, None)]
    assert rows == reasons


async def test_who_does_not_know_is_left_alone(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await begins_interview(ana, "Behavioural", "2")
    await ana.says("I don't know, that never happened to me.")
    await ana.hears("keyword check, not a score")
    await ana.hears("^Question 2 of 2")
    await ana.says(VAGUE)
    await ana.hears("^Follow-up to question 2")
    await ana.taps("Skip")
    report = await ana.hears("Final score: none yet")
    assert "Questions answered: 2 of 2" in report.text
