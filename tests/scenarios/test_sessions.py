"""Sessions: a chat whose session has ended goes on where it was, owners see theirs and end them."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from uuid import uuid4

import pytest

from domain.adapters.offline import OfflineInterviewer
from tests.loopback.accounts import (
    EMAIL,
    ENDED,
    ENDINGS,
    NEW_PASSWORD,
    gives,
    owner,
    second_chat,
    session_ends,
)
from tests.loopback.greenroom import PASSWORD, Greenroom, links
from tests.loopback.scenes import ANSWER, PATIENCE, begins_interview, mailed_code, resume_pdf


def labels(message: Any) -> list[str]:
    return [button.text for button in message.buttons]


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set, it lets answers be judged, which until then wait."""
    judged, evaluate = asyncio.Event(), OfflineInterviewer.evaluate_turn

    async def waits(interviewer: OfflineInterviewer, request: Any) -> Any:
        await judged.wait()
        return await evaluate(interviewer, request)

    monkeypatch.setattr(OfflineInterviewer, "evaluate_turn", waits)
    return judged


async def comes_true(greenroom: Greenroom, query: str) -> None:
    """Wait until the database has a row."""
    async with asyncio.timeout(PATIENCE):
        while not await greenroom.rows(query):  # noqa: ASYNC110  # a row sets no Event
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("how", ENDINGS)
async def test_a_chat_whose_session_ended_goes_on_where_it_was(greenroom: Greenroom, how: str) -> None:
    ana = greenroom.candidate("Ana")
    await links(ana, EMAIL)
    await ana.hears("How experienced")
    await ana.says("expert")
    domain = await ana.hears("domain")
    await session_ends(greenroom, ana, how)
    await ana.taps("Web", on=domain)
    asked = await ana.hears(ENDED)
    assert labels(asked) == ["Forgot password", "Sign out"]
    await ana.says("not the password at all")
    await ana.hears("not right")
    await ana.hears(ENDED)
    await gives(ana)
    await ana.hears("domain")
    await ana.says("Web")
    await ana.hears("programming languages")
    assert not [each for each in ana.messages if each.text in (PASSWORD, "not the password at all")]
    (chat,) = await greenroom.rows("SELECT memo, session_id FROM chats")
    assert chat["memo"] == "{}"
    sessions = await greenroom.rows("SELECT is_active FROM user_sessions WHERE id = $1", chat["session_id"])
    assert [each["is_active"] for each in sessions] == [True]


async def test_what_is_typed_after_the_end_is_not_kept(greenroom: Greenroom) -> None:
    """It may be a password that came too early, so that the person is asked to send it again."""
    ana = await owner(greenroom)
    await begins_interview(ana)
    await session_ends(greenroom, ana)
    await ana.says("an answer with the word zanzibar")
    await ana.hears("not kept what you just sent")
    await ana.hears(ENDED)
    rows = await greenroom.rows(
        "SELECT chats::text || (SELECT string_agg(q::text, '') FROM interview_questions q) AS all FROM chats"
    )
    assert "zanzibar" not in rows[0]["all"]
    for command in ("/interview", "/account", "/cancel", "/start", "/delete", "/start chat_abc"):
        await ana.says(command)
        await ana.hears(ENDED)
    await ana.sends(resume_pdf(), "cv.pdf")
    await ana.hears(ENDED)
    await ana.says("/help")
    await ana.hears("What I can do")
    await ana.says("/privacy")
    await ana.hears("What I keep")
    await gives(ana)
    await ana.hears("^Question 1 of 3")
    assert await greenroom.rows("SELECT FROM resumes") == []


async def test_what_comes_about_after_the_end_is_told_after_the_password(
    greenroom: Greenroom, judged: asyncio.Event
) -> None:
    """Nothing is shown to whoever holds the phone, and nothing is lost."""
    ana = await owner(greenroom)
    await begins_interview(ana)
    await ana.says(ANSWER)
    await comes_true(greenroom, "SELECT FROM chats WHERE step->>'name' = 'interview.evaluating'")
    await session_ends(greenroom, ana)
    judged.set()
    await comes_true(greenroom, "SELECT FROM jobs WHERE kind = 'tell_owner'")
    ana.skips_to_now()
    await ana.says("and?")
    await ana.hears(ENDED)
    assert not [each for each in ana.bot_messages if "Key points mentioned" in each.text]
    await gives(ana)
    await ana.hears("Key points mentioned")
    await ana.hears("^Question 2 of 3|^Follow-up")


async def test_what_waits_in_another_chat_is_erased_too(greenroom: Greenroom, judged: asyncio.Event) -> None:
    first = await owner(greenroom)
    second = await second_chat(greenroom, first)
    await begins_interview(second)
    await second.says(ANSWER)
    await comes_true(greenroom, "SELECT FROM chats WHERE step->>'name' = 'interview.evaluating'")
    await first.says("/account others")
    await first.hears("other session has ended")
    await second.says("and?")
    await second.hears(ENDED)
    judged.set()
    await comes_true(greenroom, "SELECT FROM jobs WHERE kind = 'tell_owner'")
    await first.says("/delete")
    await first.hears("type your password")
    await first.says(PASSWORD)
    await first.hears("erased")
    assert await greenroom.rows("SELECT FROM jobs WHERE kind = 'tell_owner'") == []
    assert await greenroom.rows("SELECT FROM chats WHERE memo <> '{}'") == []
    await second.says(PASSWORD)
    await second.hears("not linked to an account yet")


async def test_language_and_sign_out_take_no_password(greenroom: Greenroom) -> None:
    ana = await owner(greenroom)
    await session_ends(greenroom, ana)
    await ana.says("/language")
    await ana.hears("Which language")
    await ana.taps("Español")
    await ana.hears("la sesión de este chat ha terminado")
    await ana.says("/language en")
    await ana.hears(ENDED)
    await ana.taps("Sign out")
    await ana.hears("signed out")
    await ana.hears("Welcome to Greenroom")
    (chat,) = await greenroom.rows("SELECT user_id, memo FROM chats")
    assert (chat["user_id"], chat["memo"]) == (None, "{}")


async def test_a_forgotten_password_after_the_end(greenroom: Greenroom) -> None:
    ana = await owner(greenroom)
    await begins_interview(ana)
    await session_ends(greenroom, ana)
    await ana.says("/start")
    await ana.hears(ENDED)
    await ana.taps("Forgot password")
    code = await ana.hears("type the code")
    assert labels(code) == ["Send another code"]
    await ana.says("/cancel")
    await ana.hears(ENDED)
    await ana.says("forgot password")
    await ana.hears("type the code")
    await ana.says(await mailed_code(ana, mails=2))
    await ana.hears("choose a new password")
    await ana.says(NEW_PASSWORD)
    await ana.hears("new password holds")
    await ana.hears(ENDED)
    await gives(ana, NEW_PASSWORD)
    await ana.hears("^Question 1 of 3")


async def test_the_owner_sees_sessions_and_ends_them(greenroom: Greenroom) -> None:
    first = await owner(greenroom)
    second = await second_chat(greenroom, first, "Tab")
    third = await second_chat(greenroom, first, "Office")
    await greenroom.rows(
        "UPDATE user_sessions SET last_activity = now() - interval '3 hours' FROM chats"
        " WHERE chats.session_id = user_sessions.id AND chats.chat_id = $1",
        second.id,
    )
    await first.says("/account")
    await first.hears("Signed in from 3 chats")
    await first.taps("Sessions")
    shown = await first.hears("Where you are signed in")
    lines = shown.text.splitlines()[1:]
    assert re.search(r"^1\. Telegram chat of Ana .* this one, now", lines[0])
    assert re.search("^2. Telegram chat of Office.* ago", lines[1])
    assert re.search("^3. Telegram chat of Tab.* 3 hours ago", lines[2])
    assert labels(shown) == ["End 2", "End 3", "End all others"]
    await first.taps("End 3", on=shown)
    await first.hears("That session has ended")
    await first.hears("Where you are signed in")
    await first.taps("End 3", on=shown)
    await first.hears("ended already")
    await second.says("/progress")
    await second.hears(ENDED)
    await third.says("/progress")
    await third.hears("No finished interview yet")
    await first.says("/account others")
    await first.hears("The other session has ended")
    await third.says("/progress")
    await third.hears(ENDED)
    await gives(third)
    await first.says("/account")
    await first.hears("Signed in from 2 chats")
    listed = await greenroom.rows("SELECT reason FROM token_blacklist")
    assert [each["reason"] for each in listed] == ["ended by the owner"] * 2


async def test_sessions_of_others_cannot_be_ended(greenroom: Greenroom) -> None:
    ana, bo = await owner(greenroom), await owner(greenroom, "Bo", "bo@example.org")
    (session,) = await greenroom.rows("SELECT session_id AS id FROM chats WHERE chat_id = $1", ana.id)
    for named in (session["id"], uuid4(), "nonsense", ""):
        await bo.says(f"/account end {named}")
        await bo.hears("ended already")
    await ana.says("/account")
    await ana.hears("one chat")


async def test_activity_is_noted_at_most_once_a_minute(greenroom: Greenroom) -> None:
    ana = await owner(greenroom)
    latest = "SELECT last_activity AS at FROM user_sessions"
    (before,) = await greenroom.rows(latest)
    await ana.says("/account")
    await ana.hears("one chat")
    assert await greenroom.rows(latest) == [before]
    await greenroom.rows("UPDATE user_sessions SET last_activity = last_activity - interval '2 minutes'")
    await ana.says("/account")
    await ana.hears("one chat")
    (after,) = await greenroom.rows(latest)
    assert after["at"] > before["at"]
