"""What is said and spoken in an interview with a Gemini on loopback, also while an answer is being judged."""

from __future__ import annotations

import pytest

from bot.playground.models import Message
from tests.loopback.gemini import LoopbackGemini
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import PART, WHOLE, begins_interview, eventually, member, turns

pytestmark = pytest.mark.interrupted
VOICE = b"OggS" + bytes(200)
HELD_LONG_ENOUGH = "UPDATE jobs SET run_at = now() WHERE kind = 'evaluate_turn' AND done_at IS NULL"


@pytest.fixture
def greenroom(judged: Greenroom) -> Greenroom:
    """Here the program has a Gemini."""
    return judged


async def test_what_is_said_while_an_answer_is_judged(greenroom: Greenroom, gemini: LoopbackGemini) -> None:
    ana = await member(greenroom)
    question = await begins_interview(ana, length="3")
    with gemini.held("evaluate_turn"):
        first = await ana.says(PART)
        await ana.edits(first, WHOLE)
        await ana.hears("judge your answer as you edited it")
        await ana.taps("Hint", on=question, stale=True)
        await ana.hears("One moment")
        await ana.says("/help")
        await ana.hears("What I can do")
    await ana.hears("^Score: 10 of 10")
    await ana.hears("^Question 2 of 3")
    with gemini.held("evaluate_turn"):
        second = await ana.says("There was a situation")
        await ana.says("that mattered. Which action I took: an index.")
        await ana.hears("Added to your answer")
        await ana.says("The result: a number.")
        await ana.hears("Added to your answer")
        await ana.edits(second, "The situation here")
        await ana.hears("judge your answer as you edited it")
        await ana.edits(first, "nothing at all")
        await ana.hears("already judged that answer, to question 1")
    await ana.hears("^Score: 10 of 10")
    await ana.hears("^Question 3 of 3")
    whole = "The situation here\nthat mattered. Which action I took: an index.\nThe result: a number."
    rows = await greenroom.rows("SELECT answer_text FROM interview_questions ORDER BY position, attempt")
    assert [row["answer_text"] for row in rows] == [WHOLE, None, whole, None]
    said = [message.text for message in ana.bot_messages]
    assert sum(text.startswith("Score: ") for text in said) == 2


async def test_what_is_spoken_while_an_answer_is_judged(greenroom: Greenroom, gemini: LoopbackGemini) -> None:
    """It is shown, and judged together with what was there; what is confirmed too late is a second try."""
    ana = await member(greenroom)
    await begins_interview(ana, length="5")
    spoken = "Which action I took: an index. The result: a number."
    gemini.answers("transcribe", {"transcript": spoken})

    async def speaks_after(answer: str) -> None:
        """A voice note while the answer is being judged."""
        with gemini.held("evaluate_turn", "transcribe"):
            await ana.says(answer)
            await gemini.holds(1)
            before = gemini.count("transcribe")
            await ana.speaks(VOICE, duration=20)

            async def is_listened_to() -> bool:
                return gemini.count("transcribe") > before

            await eventually(is_listened_to)

    await speaks_after(PART)
    shown = await ana.hears("I understood:")
    assert [button.text for button in shown.buttons] == ["Yes, add it", "Leave it out"]
    assert "Shall I add it to your answer?" in shown.text
    await ana.says("/cancel")
    await ana.hears("takes you back")
    await ana.says("/interview")
    await ana.says("go on")
    await ana.hears("I understood:")
    await ana.taps("Yes, add it")
    await ana.hears("^Score: 10 of 10")
    await ana.hears("^Question 2 of 5")
    await speaks_after(PART)
    await ana.hears("I understood:")
    await ana.taps("Leave it out")
    await ana.hears("^Score: 3.3 of 10")
    await ana.says("skip")
    await ana.hears("^Question 3 of 5")
    await speaks_after(PART)
    await ana.hears("I understood:")
    await ana.says(f"What I meant: {spoken}")
    await ana.hears("^Score: 10 of 10")
    await ana.hears("^Question 4 of 5")

    await speaks_after(WHOLE)
    await ana.hears("I understood:")
    await greenroom.rows(HELD_LONG_ENOUGH)
    judged = await ana.hears("^Score: 10 of 10")
    await ana.hears("^Question 5 of 5")
    await ana.taps("Second try", on=judged)
    assert spoken in (await ana.hears("Your second try, as I have it")).text
    await ana.says("/cancel")
    await ana.says("/interview")
    await ana.says("go on")
    await ana.hears("^Question 5 of 5")

    with gemini.held("transcribe"):
        await speaks_after(WHOLE)
        await greenroom.rows(HELD_LONG_ENOUGH)
        await ana.hears("Final score")
    offer = await ana.hears("already judged your answer to question 5")
    await ana.taps("Second try", on=offer)
    assert spoken in (await ana.hears("I understood:")).text
    assert [answer for _, _, answer in await turns(greenroom) if answer] == [
        f"{PART}\n{spoken}",
        PART,
        f"{PART}\nWhat I meant: {spoken}",
        WHOLE,
        WHOLE,
    ]


async def test_left_while_an_answer_is_judged(greenroom: Greenroom, gemini: LoopbackGemini) -> None:
    ana = await member(greenroom)
    await begins_interview(ana, length="2")
    with gemini.held("evaluate_turn"):
        await ana.says(WHOLE)
        await ana.says("/cancel")
        await ana.hears("/interview takes you back")
    await ana.hears("^Score: 10 of 10")
    await ana.hears("Your interview waits for you: /interview")
    await ana.says("/interview")
    await ana.hears("You have an unfinished interview")
    await ana.says("go on")
    await ana.hears("^Question 2 of 2")
    with gemini.held("report"):
        await ana.says(WHOLE)
        await ana.hears("^Score: 10 of 10")
        await ana.hears("writing your report")
        await ana.says("/cancel")
        await ana.hears("takes you back")
    await ana.hears("Final score: 10 of 10")
    await ana.says("/interview")
    await ana.hears("What kind")


async def test_a_voice_note(greenroom: Greenroom, gemini: LoopbackGemini) -> None:
    """It is transcribed, shown, and counts once it is confirmed or corrected."""
    ana = await member(greenroom)
    await begins_interview(ana, length="3")

    async def speaks(transcript: str) -> Message:
        gemini.answers("transcribe", {"transcript": transcript})
        await ana.speaks(VOICE, duration=20)
        heard = await ana.hears("I understood:")
        assert "Is that your answer? Otherwise type it as it should be." in heard.text
        return heard

    heard = await speaks(WHOLE)
    assert WHOLE in heard.text
    await ana.says("/interview")
    await ana.hears("I understood:")
    await ana.taps("Answer again")
    await ana.hears("^Question 1 of 3")
    await speaks(WHOLE)
    await ana.says("yes")
    await ana.hears("^Score: 10 of 10")
    await ana.hears("^Question 2 of 3")
    await speaks("Something that was not said")
    await ana.says(WHOLE)
    await ana.hears("^Score: 10 of 10")
    await ana.hears("^Question 3 of 3")
    shown = await speaks(f"{WHOLE} " * 60)
    assert len(shown.text) < 2000
    await ana.taps("Yes")
    await ana.hears("^Score: 10 of 10")
    await ana.hears("Final score")
    rows = await turns(greenroom)
    assert [answer for _, _, answer in rows[:2]] == [WHOLE, WHOLE]
    assert len(rows[2][2] or "") > 5000


async def test_a_voice_note_that_comes_only_at_the_third_try(
    greenroom: Greenroom, gemini: LoopbackGemini
) -> None:
    ana = await member(greenroom)
    await begins_interview(ana, length="1")
    greenroom.telegram.faults.server_error("getFile")
    greenroom.telegram.faults.dropped("file")
    gemini.answers("transcribe", {"transcript": WHOLE})
    await ana.speaks(VOICE)
    await ana.hears("I understood:")
    assert not greenroom.telegram.faults.planned


async def test_a_voice_note_that_is_not_heard(greenroom: Greenroom, gemini: LoopbackGemini) -> None:
    ana = await member(greenroom)
    await begins_interview(ana, length="1")
    await ana.speaks(VOICE, duration=301)
    await ana.hears("too long: at most 5 minutes")
    gemini.answers("transcribe", {"transcript": " … "})
    await ana.speaks(VOICE)
    await ana.hears("could not understand that voice note")
    await ana.hears("^Question 1 of 1")
    gemini.fail("503", times=None, kind="transcribe")
    await ana.speaks(VOICE)
    await ana.hears("cannot be reached at the moment. Please type your answer, or send the voice note again")
    await ana.hears("^Question 1 of 1")
    gemini.heal()
    await ana.says(WHOLE)
    await ana.hears("^Score: 10 of 10")
