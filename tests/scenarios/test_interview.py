"""Interviews without a Gemini: every way through the set-up, the questions and the end."""

from __future__ import annotations

import re

import pytest

from bot.playground.models import Message
from bot.playground.people import Person
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import ANSWER, begins_interview, member

pytestmark = pytest.mark.interrupted
VOICE = b"OggS" + bytes(200)
ANSWERS = "SELECT answer_text, status FROM interview_questions ORDER BY created_at"


def labels(message: Message) -> list[str]:
    return [button.text for button in message.buttons]


async def answers(greenroom: Greenroom) -> list[str | None]:
    return [row["answer_text"] for row in await greenroom.rows(ANSWERS)]


async def test_set_up_in_words(greenroom: Greenroom) -> None:
    """Everything is typed, wrong things are asked for again, a job description is pasted."""
    ana = await member(greenroom)
    await ana.says("/interview")
    kind = await ana.hears("What kind of interview")
    assert "You have not sent a resume yet" in kind.text
    assert labels(kind)[:4] == ["Behavioural", "Technical", "Mixed", "System design"]
    await ana.says("a hard one")
    await ana.hears("tap one of the buttons")
    await ana.says("mixed")
    length = await ana.hears("How many questions")
    assert labels(length) == ["3 questions", "5 questions", "8 questions"]
    for typed in ("0", "21", "-3", "three", "1.5", "<b>", "9" * 4000, "²", "🙂"):
        await ana.says(typed)
        await ana.hears("a number from 1 to 20")
    await ana.says("1 question")
    await ana.hears("Is there a job description")
    await ana.says("Backend engineer <Python & SQL> at Example\n• on call\n🙂 עברית")
    question = await ana.hears("^Question 1 of 1")
    assert labels(question) == ["Hint", "Skip", "Stop", "Ask me differently"]
    await ana.says(ANSWER)
    await ana.hears("Key points mentioned")
    report = await ana.hears("Final score")
    assert labels(report) == ["PDF", "Again", "Progress", "Share"]
    session = (await greenroom.rows("SELECT job_description, status, kind FROM interview_sessions"))[0]
    assert session["job_description"].startswith("Backend engineer <Python & SQL>")
    assert (session["status"], session["kind"]) == ("completed", "mixed")


async def test_twenty_questions(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await begins_interview(ana, "Behavioural", "20")
    asked = set()
    for number in range(1, 21):
        await ana.says(f"{ANSWER} <{number}>")
        feedback = await ana.hears("Key points mentioned")
        assert "What was missing" not in feedback.text, "the offline feedback names what is missing itself"
        if number < 20:
            asked.add((await ana.hears(f"^Question {number + 1} of 20")).text)
    report = await ana.hears("Final score: none yet")
    assert "Questions answered: 20 of 20" in report.text
    assert "No AI has judged this interview" in report.text
    assert len(asked) == 19, "no question comes twice"
    assert await answers(greenroom) == [f"{ANSWER} <{number}>" for number in range(1, 21)]


async def test_hint_skip_and_stop(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    first = await begins_interview(ana, length="4")
    await ana.taps("Hint")
    hint = await ana.hears("💡|no hint")
    assert "Why this question: " in hint.text
    await ana.says("hint")
    await ana.hears("💡|no hint")
    await ana.says("skip")
    await ana.hears("Skipped")
    second = await ana.hears("^Question 2 of 4")
    await ana.taps("Skip", on=first, stale=True)
    await ana.hears("belongs to an earlier message. This is where we are now")
    await ana.hears("^Question 2 of 4")
    await ana.says(ANSWER)
    await ana.hears("Key points mentioned")
    await ana.hears("^Question 3 of 4")
    await ana.taps("Hint", on=second, stale=True)
    await ana.hears("belongs to an earlier message")
    await ana.hears("^Question 3 of 4")
    await ana.taps("Stop")
    await ana.hears("End the interview here")
    await ana.says("what?")
    await ana.hears("tap one of the buttons")
    await ana.says("no")
    await ana.hears("^Question 3 of 4")
    await ana.says("stop")
    await ana.hears("End the interview here")
    await ana.taps("Yes")
    await ana.hears("we end here")
    report = await ana.hears("Final score")
    assert "Questions answered: 1 of 4" in report.text
    statuses = [row["status"] for row in await greenroom.rows(ANSWERS)]
    assert statuses == ["skipped", "evaluated", "skipped"]
    hints = await greenroom.rows("SELECT hint_used FROM interview_questions ORDER BY position")
    assert [row["hint_used"] for row in hints] == [True, False, False]


async def test_stop_on_the_last_question_loses_nothing(greenroom: Greenroom) -> None:
    """So it is not asked about."""
    ana = await member(greenroom)
    await begins_interview(ana, length="2")
    await ana.says(ANSWER)
    await ana.hears("Key points mentioned")
    await ana.hears("^Question 2 of 2")
    await ana.taps("Stop")
    await ana.hears("we end here")
    report = await ana.hears("Final score")
    assert "Questions answered: 1 of 2" in report.text


async def test_nothing_is_answered(greenroom: Greenroom) -> None:
    """Stopped at once, or skipped to the end: there is nothing to report, and nothing in the history."""
    ana = await member(greenroom)
    await begins_interview(ana)
    await ana.taps("Stop")
    await ana.hears("we end here")
    await ana.hears("answered nothing this time")
    await ana.hears("Hello Ana")
    await begins_interview(ana, length="1")
    await ana.taps("Skip")
    await ana.hears("Skipped")
    await ana.hears("answered nothing this time")
    await ana.says("/history")
    await ana.hears("No finished interview yet")
    statuses = await greenroom.rows("SELECT status FROM interview_sessions")
    assert [row["status"] for row in statuses] == ["abandoned", "abandoned"]


async def test_an_unfinished_one_is_offered_first(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await begins_interview(ana)
    await ana.says("/interview")
    await ana.hears("^Question 1 of 3")
    await ana.says("/cancel")
    await ana.hears("Everything you told me is kept. /interview takes you back")
    await ana.says(ANSWER)
    await ana.hears("not sure what to do")
    home = await ana.hears("Hello Ana")
    assert labels(home)[0] == "Continue my interview"
    await ana.taps("Continue my interview")
    await ana.hears("You have an unfinished interview")
    await ana.says("maybe")
    await ana.hears("tap one of the buttons")
    await ana.says("go on")
    await ana.hears("^Question 1 of 3")
    await ana.says("/start")
    await ana.hears("Hello Ana")
    await ana.says("/interview")
    await ana.hears("You have an unfinished interview")
    await ana.taps("Start a new one")
    await ana.hears("What kind")
    await ana.says("/interview")
    await ana.hears("What kind")
    statuses = await greenroom.rows("SELECT status FROM interview_sessions")
    assert [row["status"] for row in statuses] == ["abandoned"]


async def test_texts_that_telegram_cuts(greenroom: Greenroom) -> None:
    """What is longer than a message arrives in two; the second part belongs to the first."""
    ana = await member(greenroom)
    await ana.says("/interview")
    await ana.hears("What kind")
    await ana.says("technical")
    await ana.hears("How many")
    await ana.says("2")
    await ana.hears("job description")
    await ana.says("We look for a backend engineer. " * 128)
    await ana.says("You know SQL.")
    await ana.hears("Added to the job description")
    await ana.hears("^Question 1 of 2")
    long, rest = "w0rd & <b> 🙂 " * 290, "and the end " * 341
    await ana.says(long)
    await ana.says(rest)
    await ana.hears("Added to your answer")
    await ana.hears("Key points mentioned")
    await ana.hears("^Question 2 of 2")
    assert await answers(greenroom) == [f"{long.strip()}\n{rest.strip()}", None]
    job = (await greenroom.rows("SELECT job_description FROM interview_sessions"))[0]["job_description"]
    assert job.endswith("backend engineer.\nYou know SQL.")


async def test_odd_answers(greenroom: Greenroom) -> None:
    """Each is kept as it was given; none of them is worth a key point."""
    ana = await member(greenroom)
    odd = ("<b>&amp;</b> </i> &lt;", "🙂" * 500, "אני לא יודע ‮ تماما", "1", ".", "no")
    await begins_interview(ana, length=str(len(odd) + 1))
    for number, answer in enumerate(odd, start=2):
        await ana.says(answer)
        await ana.hears("Key points mentioned: 0 of")
        question = await ana.hears(f"^Question {number} of {len(odd) + 1}")
    await ana.says(question.text)
    await ana.hears("Key points mentioned: 0 of")
    await ana.hears("Final score")
    assert (await answers(greenroom))[:-1] == list(odd)


async def test_voice_is_refused_without_an_ai(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await ana.speaks(VOICE)
    await ana.hears("can't use that here")
    await begins_interview(ana)
    await ana.speaks(VOICE)
    await ana.hears("Without an AI I can't listen to voice notes. Please type your answer")
    await ana.says(ANSWER)
    await ana.hears("Key points mentioned")


async def test_a_message_edited_late(greenroom: Greenroom) -> None:
    """What was judged is offered as a second try; what is no answer, or a command, changes nothing."""
    ana = await member(greenroom)
    interview = await ana.says("/interview")
    await ana.hears("What kind")
    await begins_interview(ana)
    answer = await ana.says(ANSWER)
    await ana.hears("^Question 2 of 3")
    await ana.edits(answer, ANSWER)  # no word is changed, so there is nothing to say
    await ana.edits(answer, "/delete")
    await ana.hears("already read that message, so the edit changes nothing")
    await ana.edits(interview, "Something better")
    await ana.hears("already read that message")
    await ana.edits(answer, "Something better")
    offer = await ana.hears("already judged that answer, to question 1")
    await ana.says("/cancel")
    await ana.hears("takes you back")
    await ana.edits(answer, f"{ANSWER} And better.")
    offer = await ana.hears("already judged that answer, to question 1")
    await ana.taps("Second try", on=offer)
    heard = await ana.hears("Your second try, as I have it")
    assert f"{ANSWER} And better." in heard.text
    await ana.taps("Yes, use it")
    await ana.hears("^Second try at question 1\n\nKey points mentioned")
    await ana.hears("^Question 2 of 3")
    await ana.edits(answer, "Something better still")
    await ana.hears("had your second try at that question")
    assert await answers(greenroom) == [ANSWER, None, f"{ANSWER} And better."]


async def test_again_and_progress(greenroom: Greenroom) -> None:
    """The second interview asks other questions; both are in the progress and the history."""
    ana = await member(greenroom)
    first = await finishes(ana)
    await ana.taps("Again")
    await ana.hears("What kind")
    await ana.taps("Technical")
    await ana.hears("How many")
    await ana.says("2")
    await ana.hears("job description")
    await ana.says("no")
    questions = [(await ana.hears("^Question 1 of 2")).text]
    await ana.says(ANSWER)
    questions.append((await ana.hears("^Question 2 of 2")).text)
    await ana.says(ANSWER)
    await ana.hears("Final score")
    assert not {body(text) for text in questions} & {body(text) for text in first}
    await ana.taps("Progress")
    progress = await ana.hears("Your interviews")
    assert len(re.findall("Technical", progress.text)) == 2
    await ana.says("/history")
    history = await ana.hears("Which report")
    assert [label.split(": ")[1] for label in labels(history)] == ["Technical, 2 questions"] * 2
    await ana.taps(labels(history)[0], on=history)
    await ana.hears("Final score")
    for command in ("/report", "/report x", "/report 11111111-1111-4111-8111-111111111111"):
        await ana.says(command)
        await ana.hears("can't find that interview")
    await ana.says("/recommendations")
    await ana.hears("What to practise next")


async def finishes(candidate: Person) -> list[str]:
    """An interview of two questions; returns them."""
    questions = [(await begins_interview(candidate, length="2")).text]
    await candidate.says(ANSWER)
    await candidate.hears("Key points mentioned")
    questions.append((await candidate.hears("^Question 2 of 2")).text)
    await candidate.says(ANSWER)
    await candidate.hears("Final score")
    return questions


def body(question: str) -> str:
    return question.partition("\n")[2].strip()
