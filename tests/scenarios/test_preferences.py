"""How somebody said they want to rehearse is how they rehearse, with a Gemini on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.playground.models import Message
from tests.loopback.gemini import LoopbackGemini
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import begins_interview, member

KEY_POINTS = 3
COMMENT = "A clear start. The result has no number, so nobody knows what changed."
REST = "The result has no number, so nobody knows what changed."


@pytest.fixture
async def gemini() -> AsyncIterator[LoopbackGemini]:
    async with LoopbackGemini() as served:
        yield served


@pytest.fixture
async def greenroom(dsn: str, tmp_path: Path, gemini: LoopbackGemini) -> AsyncIterator[Greenroom]:
    async with Greenroom(dsn, tmp_path, gemini_api_key="a-key", gemini_base_url=gemini.url) as running:
        yield running


def folded(message: Message) -> list[str]:
    """What is shown only when it is tapped."""
    coded = message.text.encode("utf-16-le")
    return [
        coded[2 * each.offset : 2 * (each.offset + each.length)].decode("utf-16-le")
        for each in message.body.entities
        if each.type == "expandable_blockquote"
    ]


async def test_preferences_are_followed(greenroom: Greenroom, gemini: LoopbackGemini) -> None:
    for _ in range(3):
        gemini.answers(
            "evaluate_turn",
            {
                "judgements": [
                    {"key_point": index, "quote": "", "verdict": "missing"} for index in range(KEY_POINTS)
                ],
                "feedback": COMMENT,
                "model_answer": "",
                "probe": "",
                "next_question": "",
            },
        )
    ana = await member(greenroom)
    await ana.says("/background")
    await ana.hears("Your background")
    await ana.taps("Change preferences")
    await ana.hears("technical preferences")
    await ana.says("Spanish, by voice, brief feedback, 19:30")
    await ana.hears("Noted: 💬 Español · By voice · Brief feedback · ⏰ 19:30")
    await ana.hears("Your background")

    await ana.says("/interview")
    await ana.hears("Adaptive · Spanish")
    question = await begins_interview(ana)
    assert question.text.endswith("🎙 Answer with a voice note, or in writing.")
    assert (await greenroom.rows("SELECT language FROM interview_sessions"))[0]["language"] == "es"
    assert "Spanish" in next(each.system for each in gemini.requests if each.kind == "plan")
    await ana.says("It went well, I think.")
    brief = await ana.hears("^Score: 0 of 10")
    assert "A clear start." in brief.text.partition(REST)[0]
    assert REST in folded(brief)
    await ana.hears("^Question 2")

    await ana.says("/background")
    await ana.hears("Preferences: 💬 Español · By voice · Brief feedback · ⏰ 19:30")
    await ana.taps("Change preferences")
    await ana.says("full feedback; in writing")
    await ana.hears("Noted: In writing · Full feedback")
    await ana.hears("Your background")
    await ana.says("/interview")
    await ana.taps("Go on")
    question = await ana.hears("^Question 2")
    assert "voice note" not in question.text
    await ana.says("That went well too.")
    full = await ana.hears("^Score: 0 of 10")
    assert COMMENT in full.text
    assert "What was missing" in full.text
    assert not any("What was missing" in each or REST in each for each in folded(full))

    await ana.hears("^Question 3")
    await ana.says("/cancel")
    await ana.says("/background")
    await ana.hears("Preferences: 💬 Español · In writing · Full feedback · ⏰ 19:30")
    await ana.taps("⏰ Offer me a question every day")
    await ana.hears("at 7:30\u202fPM: the time you told me")
    await ana.hears("In which city")
    await ana.says("Europe/Madrid")
    await ana.hears("One question a day at 7:30\u202fPM")
    await ana.says("/background")
    card = await ana.hears("Your background")
    assert "⏰ Offer me a question every day" not in [button.text for button in card.buttons]
    await ana.taps("Change preferences")
    preferences = await ana.hears("technical preferences")
    await ana.taps("⏰ 08:00", on=preferences)
    await ana.hears("technical preferences")
    await ana.taps("Done", on=preferences)
    await ana.hears("⏰ 08:00")
    (reminder,) = await greenroom.rows("SELECT time_of_day::text, time_zone FROM reminders")
    assert tuple(reminder) == ("08:00:00", "Europe/Madrid")
    await ana.says("/reminders")
    await ana.taps("Change time")
    await ana.says("21:15")
    await ana.hears("One question a day at 9:15\u202fPM")
    await ana.says("/background")
    await ana.hears("⏰ 21:15")
