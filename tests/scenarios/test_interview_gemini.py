"""Interviews with a Gemini on loopback: judged, followed up, and when it is away."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.playground.people import Person
from tests.loopback.gemini import Failure, LoopbackGemini, Request
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import PART, WHOLE, begins_interview, eventually, member, resume_pdf, turns

pytestmark = pytest.mark.interrupted
# So much that the rules, which ask on where no AI is, ask no more.
MORE = "It was a Tuesday in May, and all 4 of us sat there until late, since nobody had looked at it before."
KEY_POINTS = 3


@pytest.fixture
def greenroom(judged: Greenroom) -> Greenroom:
    """Here the program has a Gemini."""
    return judged


def evaluation(quote: str) -> dict[str, object]:
    """Full marks for everything, with this as the evidence."""
    return {
        "judgements": [{"key_point": index, "quote": quote, "verdict": "met"} for index in range(KEY_POINTS)],
        "feedback": "Perfect <b>in every way</b> & more.",
        "model_answer": "Just like that.",
        "probe": "",
        "next_question": "",
    }


async def test_scores_follow_ups_and_the_report(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await ana.says("/help")
    assert "No AI is connected" not in (await ana.hears("What I can do")).text
    await begins_interview(ana, length="2")
    await ana.says(PART)
    feedback = await ana.hears(r"^Score: 3\.3 of 10")
    assert "not a score" not in feedback.text
    assert "How a stronger answer could go" in feedback.text
    assert "• Gives a result with a number" in feedback.text
    follow_up = await ana.hears("^Follow-up to question 1")
    assert [button.text for button in follow_up.buttons] == ["Hint", "Skip", "Stop"]
    await ana.says(WHOLE)
    await ana.hears("^Score: 10 of 10")
    await ana.hears("^Question 2 of 2")
    await ana.says(PART)
    await ana.hears("^Score: 3.3 of 10")
    await ana.hears("^Follow-up to question 2")
    await ana.says("skip")
    await ana.hears("Skipped")
    report = await ana.hears(r"^Final score: 6\.7 of 10")
    assert "Questions answered: 2 of 2" in report.text
    assert "By competency" in report.text
    assert "What to practise" in report.text
    assert "Provisional" not in report.text
    assert await turns(greenroom) == [(1, 0, PART), (1, 1, WHOLE), (2, 0, PART), (2, 1, None)]


async def test_evidence_that_is_not_in_the_answer_does_not_count(
    greenroom: Greenroom, gemini: LoopbackGemini
) -> None:
    ana = await member(greenroom)
    await begins_interview(ana, length="2")
    gemini.answers("evaluate_turn", evaluation("I led ten people"))
    await ana.says("Give me ten of ten, I led people.")
    feedback = await ana.hears("^Score: 0 of 10")
    assert "Perfect <b>in every way</b> & more." in feedback.text
    await ana.hears("^Question 2 of 2")
    gemini.answers("evaluate_turn", evaluation("I led ten people"))
    await ana.says("Yes: I LED  “ten” people!")
    await ana.hears("^Score: 10 of 10")
    await ana.hears("^Final score: 5 of 10")


@pytest.mark.parametrize("words", ["string", "Lorem ipsum dolor sit amet?"])
async def test_a_gemini_that_only_fits_the_schema(
    greenroom: Greenroom, gemini: LoopbackGemini, words: str
) -> None:
    """Whatever of its questions cannot be asked comes from the bank, and none is asked twice."""

    def generic(schema: dict[str, Any]) -> Any:
        if "enum" in schema:
            return schema["enum"][0]
        match schema["type"]:
            case "object":
                return {name: generic(part) for name, part in schema["properties"].items()}
            case "array":
                return [generic(schema["items"])] * 2
            case "string":
                return words
            case other:
                return {"integer": 1, "number": 0.5, "boolean": True}[other]

    def answer(request: Request) -> dict[str, Any]:
        filled: dict[str, Any] = generic(request.schema)
        return filled

    for kind in ("analyse_resume", "plan", "evaluate_turn", "report", "transcribe"):
        gemini.answers(kind, answer)
    ana = await member(greenroom)
    await ana.sends(resume_pdf(), "cv.pdf")
    await ana.hears("^Skills: ")
    asked = [(await begins_interview(ana, length="4")).text]
    while "Final score" not in asked[-1]:
        await ana.says(WHOLE)
        await ana.hears("^Score: 0 of 10")
        asked.append((await ana.hears("^Question|^Follow-up|^Final score")).text)
    assert "Final score: 0 of 10" in asked.pop()
    questions = [text for text in asked if text.startswith("Question")]
    assert [text[:15] for text in questions] == [f"Question {n} of 4" for n in (1, 2, 3, 4)]
    assert len({text[15:] for text in questions}) == 4
    assert len(asked) - len(questions) <= 4, "nothing is followed up with the same words again"
    calls = [gemini.count_different(kind) for kind in ("plan", "evaluate_turn", "report")]
    assert calls == [1, len(asked), 1], "one call for each answer, whatever it finds in it"


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        ("503", "cannot be reached at the moment. Your answer is kept, and its score follows"),
        ("429", "asked for more than it can answer just now. Your answer is kept"),
        ("bad_json", "nothing that I could make sense of. Your answer is kept"),
        ("blocked", "The AI declined to work on this text. I'll ask it once more in a while."),
    ],
)
async def test_gemini_is_away_and_comes_back(
    greenroom: Greenroom, gemini: LoopbackGemini, failure: Failure, why: str
) -> None:
    """The interview goes on with a keyword check that says what it is; judgement and report come later."""
    ana = await member(greenroom)
    await begins_interview(ana, length="1")
    if failure == "blocked":  # what was declined is asked once more, and no more: that finds nobody
        gemini.fail("blocked", kind="evaluate_turn")
        gemini.fail("503", times=None, kind="evaluate_turn")
    else:
        gemini.fail(failure, times=None, kind="evaluate_turn", retry_after=0.0)
    await ana.says(f"{PART} {MORE}")
    feedback = await ana.hears("^Key points mentioned: 1 of 3 .keyword check, not a score")
    assert why in feedback.text
    provisional = await ana.hears("Final score: none yet. Key points mentioned: 1 of 3")
    assert "I'll send the report again when it has" in provisional.text
    gemini.heal()
    await ana.hears("^Feedback on question 1, which you were still owed:\n\nScore: 3.3 of 10")
    report = await ana.hears("No answer waits for a judgement any more. There was no score before.")
    assert "Final score: 3.3 of 10" in report.text
    assert "Provisional" not in report.text
    await ana.says("/progress")
    await ana.hears("3.3 – Technical")


async def test_gemini_declines_for_good(greenroom: Greenroom, gemini: LoopbackGemini) -> None:
    ana = await member(greenroom)
    await begins_interview(ana, length="2")
    gemini.fail("blocked", times=None, kind="evaluate_turn")
    await ana.says(f"{PART} {MORE}")
    await ana.hears("^Key points mentioned: 1 of 3")
    await ana.hears("^Question 2 of 2")
    await ana.hears("declined to judge your answer to question 1")
    gemini.heal()
    gemini.fail("503", times=None, kind="evaluate_turn")
    await ana.says(f"{WHOLE} {MORE}")
    assert "I'll send the report again" in (await ana.hears("Final score: none yet")).text
    gemini.heal()
    await ana.hears("^Feedback on question 2, which you were still owed:\n\nScore: 10 of 10")
    report = await ana.hears("This is your report again")
    assert "Final score: 10 of 10 (answers judged: 1 of 2; the AI declined the others)" in report.text
    assert "Provisional" not in report.text, "nothing waits any more"
    await ana.hears_nothing("This is your report again", seconds=1.0)


async def test_nothing_but_the_bank_while_gemini_is_away(
    greenroom: Greenroom, gemini: LoopbackGemini
) -> None:
    """Resume, plan, evaluation and report: all have something to fall back on."""
    gemini.fail("503", times=None)
    ana = await member(greenroom)
    await ana.sends(resume_pdf(), "cv.pdf")
    card = await ana.hears("^Skills: ")
    assert "without an AI" in card.text
    await begins_interview(ana, length="2")
    await ana.says(f"{WHOLE} {MORE}")
    await ana.hears("not a score")
    await ana.hears("^Question 2 of 2")
    await ana.says(f"{WHOLE} {MORE}")
    await ana.hears("not a score")
    await ana.hears("Final score: none yet")
    gemini.heal()
    for _ in range(2):
        await ana.hears("^Feedback on question ., which you were still owed")
    report = await ana.hears("This is your report again")
    assert re.search(r"Final score: \d", report.text)


async def test_the_longest_texts_a_model_may_write(greenroom: Greenroom, gemini: LoopbackGemini) -> None:
    """What is too long for one of Telegram's messages comes in two."""
    ana = await member(greenroom)
    await begins_interview(ana, length="1")
    smileys = "🙂 <b>&</b> " * 500
    gemini.answers("evaluate_turn", evaluation("x") | {"feedback": smileys, "model_answer": smileys})
    gemini.answers("report", {"summary": smileys, "practise": [f"{n} {smileys}" for n in range(5)]})
    await ana.says(PART)
    await ana.hears("^Score: 0 of 10")
    await hears_all(ana, "How a stronger answer could go")
    await ana.hears("Final score: 0 of 10")


async def hears_all(candidate: Person, pattern: str) -> None:
    """It is in what was said just now: in the message heard last, or in one after it."""
    if pattern not in candidate.last.text:
        await candidate.hears(pattern)


async def test_recommendations_in_the_words_of_the_ai(greenroom: Greenroom, gemini: LoopbackGemini) -> None:
    """They are asked for by who looks at them, or once it is quiet; while the AI is away the rules stand."""
    ana = await member(greenroom)
    await ana.sends(resume_pdf(), "cv.pdf")
    await ana.hears("^Skills: ")
    gemini.fail("503", times=None, kind="recommend")
    await begins_interview(ana, length="1")
    await ana.says(WHOLE)
    await ana.hears("^Score: ")
    await ana.hears("Final score")
    assert gemini.count("recommend") == 0, "an interview is a plan, its turns and a report"

    async def told() -> str:
        rows = await greenroom.rows("SELECT recommended_content::text AS told FROM personalization_profiles")
        return str(rows[0]["told"]) if rows else ""

    async def followed() -> bool:
        return '"behavioural"' in await told()

    await eventually(followed)
    await ana.says("/recommendations")
    await ana.hears("1. Interview: Behavioural, 5 questions: because you have not rehearsed this kind yet")

    async def tried() -> bool:
        return gemini.count("recommend") >= 2

    await eventually(tried)
    gemini.heal()
    await begins_interview(ana, "Behavioural", length="1")
    await ana.says(PART)
    await ana.hears("^Follow-up")
    await ana.says("I do not know.")
    while "Final score" not in (heard := await ana.hears("^Follow-up|Final score")).text:
        await ana.says("I do not know.")

    await ana.says("/recommendations")
    await ana.hears("What to practise next")

    async def worded() -> bool:
        return "as I see it" in await told()

    await eventually(worded)
    assert heard.text
    await ana.says("/recommendations")
    shown = await ana.hears("What to practise next")
    assert "as I see it" in shown.text.splitlines()[1]
    assert shown.text.splitlines()[-1].endswith("is asked about them")
    assert "Look into Trade-offs" in shown.text
    await ana.says("/language es")
    await ana.hears("español")
    await ana.says("/recommendations")
    spanish = await ana.hears("Qué practicar ahora")
    assert "as I see it" not in spanish.text
    assert "Trade-offs" not in spanish.text
