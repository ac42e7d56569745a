"""Linking a chat to an account: every way through it, as it is typed and read in the chat."""

from __future__ import annotations

import asyncio
import re

import pytest

from bot.playground.people import Person
from domain.accounts.passwords import PasswordHasher
from tests.loopback.greenroom import PASSWORD, Greenroom, code_from_mail, links
from tests.loopback.scenes import group, mailed_code, says_in_group

EMAIL = "ana@example.org"
NEW_PASSWORD = "nine grey geese land"


async def asks_for_a_code(candidate: Person, email: str = EMAIL) -> str:
    """From /link to the mailed code."""
    mails = len(candidate.mails)
    await candidate.says("/link")
    await candidate.hears("email")
    await candidate.says(email)
    await candidate.hears(rf"{re.escape(email)}.*type the code")
    return await mailed_code(candidate, mails + 1)


async def gives_known_email(candidate: Person, email: str = EMAIL) -> None:
    """From /link to the prompt for the password of a known account."""
    await candidate.says(await asks_for_a_code(candidate, email))
    await candidate.hears("Welcome back")
    await candidate.hears("type your password")


def is_shown(candidate: Person, text: str) -> bool:
    """Whether a message of the candidate with these words is still in the chat."""
    return any(text in message.text for message in candidate.messages if not message.from_bot)


async def test_everything_can_be_typed(greenroom: Greenroom) -> None:
    """No button is tapped, and what is typed wrong is asked for again."""
    ana = greenroom.candidate("Ana <b>& Co</b>")
    await ana.says("hello")
    await ana.hears("not sure what to do")
    await ana.hears("Welcome to Greenroom")
    await ana.says("LINK my account")
    await ana.hears("email")
    await ana.says("/cancel")
    await ana.says("link")
    await ana.hears("What is your email")
    for typed in ("ana", "ana@", "ana@example", "two words@example.org", "<b>&", "🙂", "@" * 4000):
        await ana.says(typed)
        await ana.hears("does not look like an email address")
    await ana.says(" Ana@Example.ORG ")
    await ana.hears("ana@example.org")
    code = await code_from_mail(ana, EMAIL)
    for typed in ("what?", "12345", "1234567", "12 34 56 78"):
        await ana.says(typed)
        await ana.hears("six digits")
    await ana.says(f"{code[:3]} {code[3:]}")
    name = await ana.hears("What name")
    assert [button.text for button in name.buttons] == ["Ana <b>& Co</b>"]
    await ana.says("A" * 101)
    await ana.hears("at most 100 characters")
    await ana.says("Ana <b>& 𝔸na</b> אנה")
    await ana.hears("choose a password")
    await ana.says(PASSWORD)
    await ana.hears("linked")
    await ana.hears("How experienced")
    await ana.says("/account")
    card = await ana.hears("ana@example.org")
    assert card.text.startswith("Ana <b>& 𝔸na</b> אנה")
    assert "one chat" in card.text


async def test_a_password_that_will_not_do_is_asked_for_again(greenroom: Greenroom) -> None:
    ana = greenroom.candidate("Anastasia")
    await ana.says(await asks_for_a_code(ana, "anastasia.miller@example.org"))
    await ana.hears("What name")
    await ana.taps("Anastasia")
    await ana.hears("choose a password of 15 characters or more")
    for password, reason in {
        "short": "15 characters or more",
        "passwordpassword": "attacker|repeats",
        "anastasia.miller": "contains your email",
        "qwertyuiopasdfgh": "sequence",
        "aaaaaaaaaaaaaaaa": "repeats",
        "my greenroom 2026 key": "name of this service",
        "é" * 600: "too long",
        "1": "15 characters or more",
    }.items():
        await ana.says(password)
        await ana.hears(reason)
    await ana.says(PASSWORD)
    await ana.hears("linked")
    typed = [message.text for message in ana.messages if not message.from_bot]
    assert len(typed) == 3, f"every password is taken out of the chat: {typed}"


async def test_a_known_account_in_a_second_chat(greenroom: Greenroom) -> None:
    first, second = greenroom.candidate("Ana"), greenroom.candidate("Ana")
    await links(first, EMAIL)
    await gives_known_email(second)
    await second.says("not the password at all")
    await second.hears("That password is not right")
    await second.hears("type your password")
    await second.says(PASSWORD)
    await second.hears("linked")
    assert not is_shown(second, PASSWORD)
    notice = await second.gets_mail("linked", to=EMAIL)
    assert "Forgot password" in notice.text
    await second.says("/account")
    await second.hears("2 chats")
    assert len(await greenroom.rows("SELECT FROM users")) == 1


async def test_a_wrong_code_counts_down_and_is_dead_after_five(greenroom: Greenroom) -> None:
    ana = greenroom.candidate("Ana")
    code = await asks_for_a_code(ana)
    wrong = "000000" if code != "000000" else "000001"
    for left in ("4 tries", "3 tries", "2 tries", "one try"):
        await ana.says(wrong)
        told = await ana.hears(f"not the code.*{left} left")
        assert [button.text for button in told.buttons] == ["Send another code", "Use another email"]
    await ana.says(wrong)
    await ana.hears("no longer good. Let's start again")
    await ana.hears("email")
    await ana.says(EMAIL)
    await ana.hears(r"Please wait \d+ seconds")
    await ana.says("ana.other@example.org")
    await ana.hears("ana.other@example.org")
    await ana.says(code)
    await ana.hears("not the code")


async def test_a_code_is_sent_again_once_a_minute(greenroom: Greenroom) -> None:
    ana = greenroom.candidate("Ana")
    first = await asks_for_a_code(ana)
    await ana.taps("Send another code")
    told = await ana.hears("I have just sent one")
    assert re.search(r"wait (5\d|60) seconds", told.text)
    await ana.says("send another code")
    await ana.hears("I have just sent one")

    await greenroom.rows("UPDATE email_codes SET created_at = created_at - interval '61 seconds'")
    await ana.taps("Send another code")
    await ana.hears("The earlier one no longer works")
    await ana.hears("type the code")
    second = await mailed_code(ana, mails=2)
    if first != second:
        await ana.says(first)
        await ana.hears("not the code")
    await ana.says(second)
    await ana.hears("What name")


async def test_a_code_is_too_old(greenroom: Greenroom) -> None:
    ana = greenroom.candidate("Ana")
    code = await asks_for_a_code(ana)
    await greenroom.rows("UPDATE email_codes SET expires_at = now()")
    await ana.says(code)
    await ana.hears("too old")
    await ana.hears("What is your email address")


async def test_another_email_and_back_again(greenroom: Greenroom) -> None:
    """Who leaves for another address, or altogether, within a minute goes on with the code there is."""
    ana = greenroom.candidate("Ana")
    await asks_for_a_code(ana, "typo@example.org")
    await ana.taps("Use another email")
    await ana.hears("What is your email address")
    await ana.says(EMAIL)
    await ana.hears(f"{EMAIL}.*type the code")
    code = await code_from_mail(ana, EMAIL)
    await ana.says("use another email")
    await ana.hears("What is your email address")
    await ana.says(EMAIL)
    await ana.hears(f"{EMAIL}.*type the code")
    await ana.says("/cancel")
    await ana.hears("/link takes you back")
    await ana.says("/link")
    await ana.hears("What is your email address")
    await ana.says(EMAIL)
    await ana.hears(f"{EMAIL}.*type the code")
    await ana.says(code)
    await ana.hears("What name")
    assert len(ana.mails) == 2


async def test_forgot_password(greenroom: Greenroom) -> None:
    first, second = greenroom.candidate("Ana"), greenroom.candidate("Ana")
    await links(first, EMAIL)
    await gives_known_email(second)
    await second.taps("Forgot password")
    await second.hears("type the code")
    await second.says(await mailed_code(second, mails=3))
    await second.hears("choose a new password")
    await second.says("too short")
    await second.hears("15 characters")
    await second.says(PASSWORD)
    await second.hears("used that password before")
    await second.hears("choose a new password")
    await second.says(NEW_PASSWORD)
    await second.hears("every chat was signed out")
    await second.hears("type your password")
    await second.gets_mail("was changed|was just reset", to=EMAIL)
    await second.says(PASSWORD)
    await second.hears("not right")
    await second.says(NEW_PASSWORD)
    await second.hears("linked")
    assert not is_shown(second, NEW_PASSWORD)

    first.skips_to_now()
    await first.says("/resume")
    await first.hears("session of this chat has ended")
    await first.says(PASSWORD)
    await first.hears("not right")
    await first.says(NEW_PASSWORD)
    await first.hears("that is right")
    await first.hears("How experienced")


async def test_five_wrong_passwords_lock_the_account_but_not_the_reset(greenroom: Greenroom) -> None:
    first, second = greenroom.candidate("Ana"), greenroom.candidate("Ana")
    await links(first, EMAIL)
    await gives_known_email(second)
    for _ in range(4):
        await second.says("this is not it, I fear")
        await second.hears("That password is not right")
        await second.hears("type your password")
    await second.says("this is not it, I fear")
    await second.hears("too many wrong passwords. Please wait a minute")
    await second.hears("type your password")
    await second.says(PASSWORD)
    await second.hears("too many wrong passwords")
    await second.says("forgot password")
    await second.hears("type the code")
    await second.says("/cancel")
    await second.hears("/link takes you back")

    await greenroom.rows("UPDATE login_attempts SET locked_until = now() WHERE locked_until IS NOT NULL")
    await greenroom.rows("UPDATE email_codes SET created_at = created_at - interval '61 seconds'")
    await gives_known_email(second)
    await second.says(PASSWORD)
    await second.hears("linked")


async def test_two_people_race_for_the_same_new_address(greenroom: Greenroom) -> None:
    one, two = greenroom.candidate("One"), greenroom.candidate("Two")
    for each in (one, two):
        code = await asks_for_a_code(each)
        await each.says(code)
        await each.hears("What name")
        await each.taps(each.profile.first_name)
        await each.hears("choose a password")
        await greenroom.rows("DELETE FROM outbox WHERE done_at IS NOT NULL")
        each.playground.mails.clear()
    await asyncio.gather(one.says(PASSWORD), two.says(NEW_PASSWORD))
    told = await asyncio.gather(*(each.hears("is linked|type your password") for each in (one, two)))
    assert sorted("is linked" in message.text for message in told) == [False, True]
    users = await greenroom.rows("SELECT full_name FROM users")
    winner, loser = (one, two) if "is linked" in told[0].text else (two, one)
    assert [user["full_name"] for user in users] == [winner.profile.first_name]
    await loser.says(PASSWORD if winner is one else NEW_PASSWORD)
    await loser.hears("linked")


async def test_help_and_cancel_at_every_step(greenroom: Greenroom) -> None:
    ana = greenroom.candidate("Ana")

    async def asks_for_help() -> None:
        await ana.says("/help")
        await ana.hears("What I can do")

    await ana.says("/cancel")
    await ana.hears("nothing to cancel")
    await ana.hears("Welcome")
    await ana.says("/link")
    await ana.hears("email")
    await asks_for_help()
    await ana.says(EMAIL)
    await ana.hears("type the code")
    await asks_for_help()
    await ana.says(await code_from_mail(ana, EMAIL))
    await ana.hears("What name")
    await asks_for_help()
    await ana.says("Ana")
    await ana.hears("choose a password")
    await asks_for_help()
    await ana.says("/cancel")
    await ana.hears("I've left that. Everything you told me is kept. /link takes you back")
    await ana.says(PASSWORD)
    await ana.hears("not sure what to do")
    assert await greenroom.rows("SELECT FROM users") == []


async def test_link_logout_and_back(greenroom: Greenroom) -> None:
    ana = greenroom.candidate("Ana")
    await ana.says("/logout")
    await ana.hears("not linked to an account yet")
    await links(ana, EMAIL)
    await ana.hears("How experienced")
    await ana.says("expert")
    await ana.hears("domain")
    await ana.says("/link")
    await ana.hears("linked to ana@example.org already")
    await ana.says("/logout")
    await ana.hears("signed out")
    await ana.hears("Welcome to Greenroom")
    for command in ("/account", "/interview", "/resume", "/profile", "/progress", "/history", "/delete"):
        await ana.says(command)
        await ana.hears("not linked to an account yet. /link")
    assert await greenroom.rows("SELECT FROM token_blacklist") != []
    await greenroom.rows("UPDATE email_codes SET created_at = created_at - interval '61 seconds'")
    ana.playground.mails.clear()
    await gives_known_email(ana)
    await ana.says(PASSWORD)
    await ana.hears("linked")
    await ana.hears("Hello Ana")


async def test_a_password_that_is_sent_twice_is_deleted_twice(
    greenroom: Greenroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who is unsure whether it was taken sends it again while it is being hashed."""
    ana = greenroom.candidate("Ana")
    await ana.says(await asks_for_a_code(ana))
    await ana.hears("What name")
    await ana.taps("Ana")
    await ana.hears("choose a password")
    hashed, told = PasswordHasher.hash, asyncio.Event()

    async def slowly(hasher: PasswordHasher, secret: str) -> str:
        await told.wait()
        return await hashed(hasher, secret)

    monkeypatch.setattr(PasswordHasher, "hash", slowly)
    await ana.says(PASSWORD)
    await ana.says(PASSWORD)
    await ana.hears("One moment")
    told.set()
    await ana.hears("linked")
    await ana.hears("How experienced")
    assert not is_shown(ana, PASSWORD)


async def test_signed_out_elsewhere_in_the_middle_of_something(greenroom: Greenroom) -> None:
    """A chat that lost its account meanwhile is told so, whatever is said or tapped in it."""
    ana = greenroom.candidate("Ana")
    await links(ana, EMAIL)
    level = await ana.hears("How experienced")
    await ana.says("expert")
    domain = await ana.hears("domain")
    await greenroom.rows("UPDATE chats SET user_id = NULL, session_id = NULL")
    await ana.taps("Web", on=domain)
    await ana.hears("not linked")
    await ana.taps("Expert", on=level, stale=True)
    await ana.hears("earlier message|not linked")
    for typed in ("Web", "/background", "/interview"):
        await ana.says(typed)
        await ana.hears("not linked")


async def test_a_group_is_refused_once(greenroom: Greenroom) -> None:
    ana = greenroom.candidate("Ana")
    team = group(greenroom)
    await says_in_group(team, ana, text="/start@greenroom_local_bot")
    await team.hears("private chats only")
    await says_in_group(team, ana, text="ana@example.org")
    await says_in_group(team, ana, sticker={"file_id": "x", "file_unique_id": "y"})
    await ana.says("/start")
    await ana.hears("Welcome")
    assert len(team.bot_messages) == 1


async def test_links_that_are_not_good_for_anything(greenroom: Greenroom) -> None:
    ana = greenroom.candidate("Ana")
    for parameter in ("share_abc", "chat_abc", "whatever", "share_" + "x" * 58):
        await ana.says(f"/start {parameter}")
        await ana.hears("unknown or has expired")
        await ana.hears("Welcome")
