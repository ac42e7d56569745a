"""Whatever Telegram does: nobody waits for another chat, nothing is lost, nothing takes effect twice."""

# ruff: noqa: ASYNC110  it watches the database and Telegram, which set no Event

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable

import httpx
import pytest

from bot.playground.faults import FaultKind, Faults
from bot.playground.models import Message
from bot.playground.people import Person
from tests.loopback.candidates import Candidate, prove_nothing_lost, rehearse_during, sign_up
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import ANSWER, begins_interview, member, resume_docx

pytestmark = pytest.mark.usefixtures("no_bugs")

SOON = 60.0  # a bound for a busy machine
HELP = "What I can do"
PRIVACY = "What I keep"


def copies(person: Person, text: str) -> list[Message]:
    return [each for each in person.bot_messages if text in each.text]


def sent_to(greenroom: Greenroom, person: Person) -> Counter[FaultKind | None]:
    """How the sending of messages to a chat ended, so far."""
    calls = [call for call in greenroom.telegram.calls if call.method.lower() == "sendmessage"]
    return Counter(call.fault for call in calls if call.chat_id == person.id)


async def updates_stored(greenroom: Greenroom) -> None:
    """Wait until Telegram has nothing left for us."""
    updates = greenroom.telegram.playground.updates
    async with asyncio.timeout(SOON):
        while updates.pending:
            await asyncio.sleep(0.02)


# Sending


async def test_a_chat_that_is_told_to_wait_keeps_no_other_waiting(greenroom: Greenroom) -> None:
    ana, bob = greenroom.candidate("Ana"), greenroom.candidate("Bob")
    faults = greenroom.telegram.faults
    faults.too_many_requests("sendMessage", chat_id=ana.id, times=1000, retry_after=2)
    began = time.monotonic()
    await ana.says("/help")
    await ana.says("/privacy")
    async with asyncio.timeout(SOON):
        while not sent_to(greenroom, ana)[FaultKind.TOO_MANY_REQUESTS]:
            await asyncio.sleep(0.01)
    await bob.says("/help")
    await bob.hears(HELP, SOON)
    assert not ana.bot_messages
    faults.clear()
    await ana.hears(HELP, SOON)
    took = time.monotonic() - began
    await ana.hears(PRIVACY, SOON)
    sent = sent_to(greenroom, ana)
    assert sent.pop(None) == 2
    assert 1 <= sent.pop(FaultKind.TOO_MANY_REQUESTS) <= took / 2, "it waits as long as it is told to"
    assert not sent


REFUSALS: dict[str, Callable[[Faults], object]] = {
    "500": lambda faults: faults.server_error("sendMessage", status=500),
    "502 twice": lambda faults: faults.server_error("sendMessage", times=2),
    "html": lambda faults: faults.garbage("sendMessage"),
    "html with 200": lambda faults: faults.garbage("sendMessage", status=200),
    "cut": lambda faults: faults.dropped("sendMessage"),
}


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_what_was_not_taken_is_sent_again(greenroom: Greenroom, refusal: str) -> None:
    ana = greenroom.candidate("Ana")
    REFUSALS[refusal](greenroom.telegram.faults)
    await ana.says("/help")
    await ana.says("/privacy")
    await ana.hears(HELP, SOON)
    await ana.hears(PRIVACY, SOON)
    assert not greenroom.telegram.faults.planned
    assert len(copies(ana, HELP)) == len(copies(ana, PRIVACY)) == 1


async def test_a_message_whose_answer_is_lost_is_repeated_once(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    question = await begins_interview(ana)
    greenroom.telegram.faults.answer_lost("sendMessage", chat_id=ana.id)
    await ana.says(ANSWER)
    await ana.hears("^Question 2 of 3", SOON)
    assert len(copies(ana, "Key points mentioned")) == 2
    await ana.says(ANSWER)
    await ana.hears("^Question 3 of 3", SOON)
    assert len(copies(ana, "Key points mentioned")) == 3
    assert len(copies(ana, question.text)) == len(copies(ana, "Question 2 of 3")) == 1


async def test_what_may_be_lost_is_sent_at_most_once(greenroom: Greenroom) -> None:
    """A keyboard that could not be taken away, a "typing" that could not be shown: not worth another try."""
    ana = await member(greenroom)
    await begins_interview(ana)
    faults = greenroom.telegram.faults
    faults.answer_lost("sendChatAction", times=5)
    faults.server_error("editMessageReplyMarkup", times=5)
    await ana.says(ANSWER)
    await ana.hears("^Question 2 of 3", SOON)
    calls = Counter(call.method.lower() for call in greenroom.telegram.calls if call.fault)
    assert calls == {"sendchataction": 1, "editmessagereplymarkup": 1}


async def test_interviews_in_a_storm(greenroom: Greenroom) -> None:
    """Three at once while every kind of fault strikes: all finish, with their words as they were."""
    people = [Candidate(greenroom.candidate(name)) for name in ("Ana", "Bob", "Cleo")]
    await sign_up(greenroom.dsn, [each.person for each in people])
    await rehearse_during(storm(greenroom.telegram.faults), people, questions=2)
    await prove_nothing_lost(greenroom.dsn, people)
    assert {call.fault for call in greenroom.telegram.calls} == {None, *FaultKind} - {
        FaultKind.SLOW,
        FaultKind.CUT_SHORT,
    }


async def storm(faults: Faults) -> None:
    strikes = [
        *(faults.too_many_requests, faults.server_error, faults.garbage),
        *(faults.dropped, faults.answer_lost),
    ]
    methods = ["editMessageReplyMarkup", "getUpdates", "answerCallbackQuery", "sendChatAction", "getUpdates"]
    for strike, method in zip(strikes, methods, strict=True):
        strike("sendMessage")
        strike(method)
        while faults.planned:
            await asyncio.sleep(0.02)


# Blocking


async def test_a_chat_that_is_closed_to_us_is_left_alone_until_it_speaks(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await begins_interview(ana)
    await ana.says(ANSWER)
    ana.chat.blocked = True  # before we answer, and without an update that tells of it
    async with asyncio.timeout(SOON):
        while not await is_blocked(greenroom, ana):
            await asyncio.sleep(0.05)
    [answered] = await greenroom.rows(
        "SELECT answer_text FROM interview_questions WHERE answer_text IS NOT NULL"
    )
    assert answered["answer_text"] == ANSWER
    await ana.says("/start")
    await ana.hears("Hello", SOON)
    assert not await is_blocked(greenroom, ana)
    await ana.taps("Continue my interview")
    await ana.hears("unfinished", SOON)
    await ana.taps("Go on")
    await ana.hears("^Question 2 of 3", SOON)


async def test_who_blocks_and_comes_back_is_noted(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await ana.blocks()
    async with asyncio.timeout(SOON):
        while not await is_blocked(greenroom, ana):
            await asyncio.sleep(0.05)
    await ana.unblocks()
    async with asyncio.timeout(SOON):
        while await is_blocked(greenroom, ana):
            await asyncio.sleep(0.05)


async def is_blocked(greenroom: Greenroom, person: Person) -> bool:
    [row] = await greenroom.rows("SELECT blocked_at FROM chats WHERE chat_id = $1", person.id)
    return row["blocked_at"] is not None


# Receiving


async def test_updates_that_come_again_have_no_second_effect(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await begins_interview(ana)
    await ana.says(ANSWER)
    await ana.hears("^Question 2 of 3", SOON)
    await updates_stored(greenroom)
    before, stored = len(ana.messages), await greenroom.rows("SELECT update_id FROM inbox")
    assert greenroom.telegram.faults.redeliver(6) == 6
    await updates_stored(greenroom)
    await ana.says("/help")
    await ana.hears(HELP, SOON)
    assert len(ana.messages) == before + 2
    assert len(await greenroom.rows("SELECT update_id FROM inbox")) == len(stored) + 1
    assert len(await greenroom.rows("SELECT id FROM interview_sessions")) == 1
    turns = await greenroom.rows("SELECT answer_text FROM interview_questions ORDER BY position")
    assert [turn["answer_text"] for turn in turns] == [ANSWER, None]


async def test_a_tap_that_comes_again_under_a_new_id_is_not_applied_again(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await ana.says("/interview")
    kinds = await ana.hears("What kind")
    await ana.taps("Technical", on=kinds)
    await ana.taps("Technical", on=kinds, stale=True)
    await ana.hears("How many", SOON)
    await ana.hears("earlier message", SOON)
    lengths = await ana.hears("How many", SOON)
    await ana.taps("3", on=lengths)
    await ana.taps("3", on=lengths, stale=True)
    await ana.hears("earlier message", SOON)
    job = await ana.hears("job description", SOON)
    await ana.taps("Without", on=job)
    await ana.taps("Without", on=job, stale=True)
    await ana.hears("^Question 1 of 3", SOON)
    [session] = await greenroom.rows("SELECT kind, question_count FROM interview_sessions")
    assert (session["kind"], session["question_count"]) == ("technical", 3)


async def test_a_pick_that_comes_again_stays_picked(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await ana.says("/background")
    await ana.hears("Your background")
    await ana.taps("Change languages")
    languages = await ana.hears("programming languages")
    for _ in range(2):
        await ana.taps("Python", on=languages, stale=True)
    await ana.hears("programming languages", SOON)
    await ana.taps("Done", timeout=SOON)
    card = await ana.hears("Your background", SOON)
    assert "Languages: Python\n" in card.text


async def test_a_tap_too_old_to_be_answered_counts_all_the_same(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await ana.says("/interview")
    await ana.hears("What kind")
    tap = await ana.taps("Technical")
    tap.asked_at -= 3600
    await ana.hears("How many", SOON)
    assert not tap.answered
    refused = [call for call in greenroom.telegram.calls if call.method.lower() == "answercallbackquery"]
    assert [call.error for call in refused] == [400]


TROUBLE_IN_POLLING: dict[str, Callable[[Faults], object]] = {
    "429": lambda faults: faults.too_many_requests("getUpdates", retry_after=1),
    "502": lambda faults: faults.server_error("getUpdates"),
    "html": lambda faults: faults.garbage("getUpdates"),
    "html with 200": lambda faults: faults.garbage("getUpdates", status=200),
    "cut": lambda faults: faults.dropped("getUpdates"),
    "answer lost": lambda faults: faults.answer_lost("getUpdates"),
}


@pytest.mark.parametrize("trouble", TROUBLE_IN_POLLING)
async def test_polling_goes_on_after(greenroom: Greenroom, trouble: str) -> None:
    """What came meanwhile is heard, once and in order."""
    ana = greenroom.candidate("Ana")
    await ana.says("/help")
    await ana.hears(HELP, SOON)
    TROUBLE_IN_POLLING[trouble](greenroom.telegram.faults)
    await ana.says("/privacy")  # ends the poll that is open, so that the next one meets the fault
    await ana.hears(PRIVACY, SOON)
    await ana.says("/help")
    await ana.hears(HELP, SOON)
    assert not greenroom.telegram.faults.planned
    assert (len(copies(ana, HELP)), len(copies(ana, PRIVACY))) == (2, 1)


async def test_another_program_that_polls_takes_nothing_away(greenroom: Greenroom) -> None:
    ana = greenroom.candidate("Ana")
    await ana.says("/help")
    await ana.hears(HELP, SOON)
    async with asyncio.timeout(SOON):
        while not greenroom.telegram.playground.updates.bell.is_awaited:  # until our next poll is there
            await asyncio.sleep(0.01)
    async with httpx.AsyncClient(timeout=SOON) as stranger:
        url = f"{greenroom.telegram.base_url}{greenroom.telegram.token}/getUpdates"
        ended = await stranger.post(url, data={"timeout": 50})
    assert ended.status_code == 409  # by our poll, which was ended by theirs before
    ours = [call.error for call in greenroom.telegram.calls if call.method.lower() == "getupdates"]
    assert 409 in ours
    await ana.says("/privacy")
    await ana.hears(PRIVACY, SOON)


async def test_a_file_that_comes_only_at_the_third_try(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    greenroom.telegram.faults.server_error("getFile")
    greenroom.telegram.faults.dropped("file")
    await ana.sends(resume_docx(), "cv.docx")
    await ana.hears("Reading it", SOON)
    await ana.hears("analysed in", SOON)
    assert not greenroom.telegram.faults.planned
    assert len(await greenroom.rows("SELECT id FROM resumes")) == 1
