"""Several chats on one account: a one-time link, asked for in one chat and confirmed in the other."""

from __future__ import annotations

from uuid import uuid4

import pytest

from bot.playground.people import Person
from tests.loopback.accounts import (
    EMAIL,
    ENDED,
    gives,
    invites,
    owner,
    second_chat,
    session_ends,
    text_of_invitation,
    time_passes,
)
from tests.loopback.greenroom import PASSWORD, Greenroom

UNKNOWN = "unknown or has expired"


async def test_a_second_chat_joins_and_both_are_told(greenroom: Greenroom) -> None:
    first = await owner(greenroom)
    second = greenroom.candidate("Tablet <b>")
    token = await invites(first)
    shown = first.bot_messages[-1]
    assert f"?start={token.removeprefix('/start ')}" in shown.text
    assert "https://t.me/" in shown.text
    await second.says(token)
    await second.hears("asked in your other chat")
    asked = await first.hears("Tablet <b>.* asks to be linked")
    assert [button.text for button in asked.buttons] == ["Yes, link that chat", "No, that is not me"]
    await first.taps("Yes, link that chat")
    await second.hears("linked to your account")
    await second.hears("How experienced")
    await first.hears("The chat of Tablet <b>.* is linked")
    await first.gets_mail("A Telegram chat has just been linked", to=EMAIL)
    await second.says("/account")
    await second.hears("Signed in from 2 chats")
    await first.taps("Yes, link that chat", on=asked)
    await first.hears("no longer open")
    (link,) = await greenroom.rows("SELECT chat_links::text AS all FROM chat_links")
    assert token.removeprefix("/start chat_") not in link["all"]


async def test_a_chat_that_is_turned_away_stays_outside(greenroom: Greenroom) -> None:
    first = await owner(greenroom)
    stranger, late = greenroom.candidate("Stranger"), greenroom.candidate("Late")
    token = await invites(first)
    await stranger.says(token)
    await first.hears("Stranger.* asks")
    await first.taps("No, that is not me")
    await first.hears("Nobody was let in")
    await stranger.hears("has said no")
    await stranger.says("/account")
    await stranger.hears("not linked")
    await late.says(token)
    await late.hears(UNKNOWN)


@pytest.mark.parametrize("how", ["expired", "used", "void", "own"])
async def test_a_link_that_is_good_for_nothing(greenroom: Greenroom, how: str) -> None:
    """The words are those for a link that never was."""
    first = await owner(greenroom)
    other = greenroom.candidate("Other")
    token = await invites(first)
    if how == "expired":
        await greenroom.rows("UPDATE chat_links SET expires_at = now()")
    elif how == "used":
        await greenroom.candidate("Early").says(token)
        await first.hears("Early.* asks")
    elif how == "void":
        await invites(first)
    visitor = first if how == "own" else other
    await visitor.says(token)
    await visitor.hears(UNKNOWN)
    await visitor.hears("Hello Ana" if how == "own" else "Welcome")


async def test_a_claim_that_is_confirmed_too_late(greenroom: Greenroom) -> None:
    first, second = await owner(greenroom), greenroom.candidate("Tab")
    await second.says(await invites(first))
    await first.hears("Tab.* asks")
    await greenroom.rows("UPDATE chat_links SET expires_at = now()")
    await first.taps("Yes, link that chat")
    await first.hears("no longer open")
    await second.says("/account")
    await second.hears("not linked")


async def test_a_chat_that_is_linked_to_somebody_else(greenroom: Greenroom) -> None:
    ana, bo = await owner(greenroom), await owner(greenroom, "Bo", "bo@example.org")
    token = await invites(ana)
    await bo.says(token)
    await bo.hears("linked to an account already. /logout")
    await bo.says("/logout")
    await bo.hears("signed out")
    await bo.says(token)
    await bo.hears("asked in your other chat")
    await ana.hears("Bo.* asks")


async def test_who_has_linked_meanwhile_is_not_moved(greenroom: Greenroom) -> None:
    ana, bo = await owner(greenroom), await owner(greenroom, "Bo", "bo@example.org")
    token = await invites(ana)
    await bo.says("/logout")
    await bo.hears("signed out")
    await bo.says(token)
    await ana.hears("Bo.* asks")
    await greenroom.rows(
        "UPDATE chats SET user_id = (SELECT id FROM users WHERE email = 'bo@example.org') WHERE chat_id = $1",
        bo.id,
    )
    await ana.taps("Yes, link that chat")
    await ana.hears("I'm linking that chat")
    await bo.says("/start")
    await bo.hears(ENDED)
    await gives(bo)
    await bo.says("/account")
    await bo.hears("bo@example.org")


async def test_nobody_else_answers_for_the_owner(greenroom: Greenroom) -> None:
    ana, bo = await owner(greenroom), await owner(greenroom, "Bo", "bo@example.org")
    second, third = await second_chat(greenroom, ana, "Tab"), greenroom.candidate("Third")
    await third.says(await invites(ana))
    await ana.hears("Third.* asks")
    (link,) = await greenroom.rows("SELECT id FROM chat_links WHERE confirmed_at IS NULL")
    for person in (bo, second, third):
        for named in (link["id"], uuid4(), "nonsense"):
            await person.says(f"/account admit {named}")
            await person.hears("not linked" if person is third else "no longer open")
    await third.says("/account")
    await third.hears("not linked")


async def test_a_link_takes_the_password_once_more(greenroom: Greenroom) -> None:
    first = await owner(greenroom)
    await time_passes(greenroom)
    await first.says("/account chat")
    await first.hears("type your password once more")
    await first.says(PASSWORD)
    text_of_invitation(await first.hears("To link another chat"))


async def test_a_claim_waits_while_the_first_chat_is_signed_out_of(greenroom: Greenroom) -> None:
    first, second = await owner(greenroom), greenroom.candidate("Tab")
    token = await invites(first)
    await session_ends(greenroom, first)
    await second.says(token)
    await second.hears("asked in your other chat")
    await first.says("/start")
    await first.hears(ENDED)
    assert not _asked(first)
    await gives(first)
    await first.hears("Tab.* asks to be linked")


def _asked(person: Person) -> bool:
    return any("asks to be linked" in message.text for message in person.bot_messages)


async def test_each_chat_signs_out_by_itself(greenroom: Greenroom) -> None:
    first = await owner(greenroom)
    second = await second_chat(greenroom, first)
    await second.says("/logout")
    await second.hears("signed out")
    await first.says("/account")
    await first.hears("one chat")
    await first.says("/delete")
    await first.hears("type your password")
    await first.says(PASSWORD)
    await first.hears("erased")
    assert await greenroom.rows("SELECT FROM users") == []
    assert await greenroom.rows("SELECT FROM chat_links") == []
