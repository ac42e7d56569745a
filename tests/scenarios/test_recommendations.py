"""What to practise next: shown with its reasons, begun by a button, and single questions that come back."""

from __future__ import annotations

import json
from typing import Any

from bot.playground.models import Message
from bot.playground.people import Person
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import ANSWER, begins_interview, eventually, member

WEAK = "I do not know."
CARDS = "SELECT id, question_id, due, rating, last_review FROM practice_cards ORDER BY due"


def labels(message: Message) -> list[str]:
    return [button.text for button in message.buttons]


async def profile_has(greenroom: Greenroom, key: str) -> dict[str, Any]:
    """The profile, once it gives this reason."""
    found: dict[str, Any] = {}

    async def look() -> bool:
        for row in await greenroom.rows("SELECT * FROM personalization_profiles"):
            found.update(
                {name: json.loads(row[name]) for name in ("recommended_content", "preferred_categories")}
            )
        return key in json.dumps(found)

    await eventually(look)
    return found


async def rehearses_weakly(ana: Person) -> None:
    """A technical interview of two questions: one answered with nothing, one skipped."""
    await begins_interview(ana, "Technical", "2")
    await ana.says(WEAK)
    await ana.hears("Key points mentioned")
    await ana.hears("^Question 2 of 2")
    await ana.taps("Skip")
    await ana.hears("Final score")


async def test_a_first_interview_is_recommended_and_begun_by_its_button(greenroom: Greenroom) -> None:
    stranger = greenroom.candidate("Eve")
    for command in ("/recommendations", "/recommendations begin 1", "/practice", "/profile"):
        await stranger.says(command)
        await stranger.hears("not linked to an account yet")
    ana = await member(greenroom)
    await ana.says("/recommendations")
    none = await ana.hears("After your first interview")
    assert labels(none) == ["Start an interview"]
    await ana.says("/profile")
    await ana.hears("I don't know yet what to practise")
    await ana.hears("Your background")
    await rehearses_weakly(ana)
    await profile_has(greenroom, "untried_kind")
    await ana.says("/recommendations")
    shown = await ana.hears("What to practise next")
    first, second, third, *reading = shown.text.splitlines()[1:]
    assert first == ("1. Interview: Behavioural, 5 questions: because you have not rehearsed this kind yet")
    assert second.startswith("2. Answer once more: “")
    assert second.endswith("0 % of the key points (keyword check, not a score)")
    assert third.endswith("”: because you skipped it")
    assert any(line.startswith("4. Read up on") for line in reading)
    assert labels(shown) == [
        "1. Start this interview",
        "2. Answer this question",
        "3. Answer this question",
        "One question a day",
    ]
    await ana.taps("1. Start", on=shown)
    await ana.hears("preparing your questions")
    await ana.hears("^Question 1 of 5")
    (session,) = await greenroom.rows("SELECT * FROM interview_sessions WHERE status = 'active'")
    assert (session["kind"], session["question_count"]) == ("behavioural", 5)
    await ana.taps("2. Answer", on=shown)
    await ana.hears("^Question 1 of 5")
    await ana.says("/cancel")
    await ana.hears("I've left that")
    await ana.says("/recommendations begin 0123456789abcdef")
    await ana.hears("That recommendation has been replaced")
    await ana.hears("What to practise next")
    await ana.says("/profile")
    await ana.hears("What your practice is about\n• .*because your last answers mentioned 0 %")
    await ana.hears("What to practise next")
    await ana.hears("Your background")


async def test_a_question_left_by_stopping_is_not_told_to_have_been_skipped(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await begins_interview(ana, length="3")
    await ana.says(WEAK)
    await ana.hears("^Question 2 of 3")
    await ana.says("ask me differently")
    await ana.hears("another question on the same subject")
    await ana.says("stop")
    await ana.hears("End the interview here")
    await ana.says("yes")
    await ana.hears("Final score")
    await profile_has(greenroom, "untried_kind")
    await ana.says("/recommendations")
    shown = await ana.hears("What to practise next")
    assert "Answer once more: “" in shown.text
    assert "you skipped it" not in shown.text


async def test_one_question_comes_back_and_counts_as_no_interview(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await rehearses_weakly(ana)
    await profile_has(greenroom, "untried_kind")
    before = await greenroom.rows(CARDS)
    assert [row["rating"] for row in before] == [1, 1]
    assert all(row["due"] > row["last_review"] for row in before)
    await greenroom.rows("UPDATE practice_cards SET due = due - interval '2 days'")
    (due, _) = await greenroom.rows(CARDS)
    (asked,) = await greenroom.rows(
        "SELECT question_text FROM interview_questions WHERE id = $1", due["question_id"]
    )
    await ana.says("/practice")
    question = await ana.hears("^One question")
    assert asked["question_text"] in question.text
    assert labels(question) == ["Hint", "Skip"]
    await greenroom.restarts()
    await ana.says("/cancel")
    await ana.hears("I've left that")
    await ana.says("/practice")
    again = await ana.hears("^One question")
    assert again.text == question.text, "the question that is open is asked again"
    await ana.says(ANSWER)
    await ana.hears("Key points mentioned")
    done = await ana.hears("That was one question")
    assert labels(done) == ["Another question", "What to practise next"]

    async def reviewed() -> bool:
        rows = await greenroom.rows("SELECT last_review FROM practice_cards WHERE id = $1", due["id"])
        return bool(rows and rows[0]["last_review"] > due["last_review"])

    await eventually(reviewed)
    await ana.taps("Another question", on=done)
    other = await ana.hears("^One question")
    assert other.text != question.text
    await ana.says("stop")
    await ana.hears("we leave it there")
    await ana.says("/history")
    assert len(labels(await ana.hears("Which report"))) == 1
    await ana.says("/progress")
    await ana.hears("One interview is a start")
    sessions = await greenroom.rows("SELECT is_practice, status FROM interview_sessions ORDER BY started_at")
    assert [tuple(row) for row in sessions] == [
        (False, "completed"),
        (True, "completed"),
        (True, "abandoned"),
    ]


async def test_a_new_question_where_none_is_due(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await ana.says("/language es")
    await ana.hears("español")
    await ana.says("/practice")
    question = await ana.hears("^Una pregunta")
    await ana.says("saltar")
    await ana.hears("Esa era la pregunta")
    await profile_has(greenroom, "skipped")
    await ana.says("/recommendations")
    shown = await ana.hears("Qué practicar ahora")
    assert "porque la omitiste" in shown.text
    assert "porque aún no has ensayado conmigo" in shown.text
    await ana.says("/practice")
    other = await ana.hears("^Una pregunta")
    assert other.text != question.text
