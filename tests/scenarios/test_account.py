"""The account: what it shows of its person, and what is changed about it."""

from __future__ import annotations

import re

import pytest

from bot.playground.people import Person
from domain.accounts.passwords import PasswordHasher
from tests.loopback.accounts import (
    EMAIL,
    ENDED,
    NEW_PASSWORD,
    gives,
    owner,
    second_chat,
    session_ends,
    time_passes,
)
from tests.loopback.greenroom import PASSWORD, Greenroom
from tests.loopback.scenes import mailed_code

OTHER_EMAIL = "ana.b@example.net"


async def changes_email(ana: Person, email: str, mails: int) -> None:
    """From /account to the code that was mailed to the new address, typed."""
    await ana.says("/account email")
    await ana.hears("new email address")
    await ana.says(email)
    await ana.hears(rf"{re.escape(email)}.*type the code")
    await ana.says(await mailed_code(ana, mails))


async def test_name(greenroom: Greenroom) -> None:
    ana = await owner(greenroom)
    await ana.says("/account")
    await ana.hears(r"^Ana\nana@example.org \(✓ verified\)\n")
    await ana.taps("Name")
    await ana.hears("What name")
    await ana.says("A" * 101)
    await ana.hears("at most 100 characters")
    await ana.says("Bo <i>&")
    await ana.hears("Noted")
    await ana.hears("^Bo <i>&\n")
    await ana.says("/account name")
    await ana.hears("What name")
    await ana.taps("Ana")
    await ana.hears("^Ana\n")


async def test_picture(greenroom: Greenroom) -> None:
    ana = await owner(greenroom)
    username = ana.profile.username
    of_telegram = f"https://t.me/i/userpic/320/{username}.jpg" if username else "No picture"
    await ana.says("/account")
    await ana.hears(re.escape(of_telegram))
    await ana.taps("Picture")
    await ana.hears("address of a picture")
    for wrong in (
        *(
            "ana",
            "http://example.org/a.png",
            "https://ana:secret@example.org/a.png",
            "https://[",
            "javascript:1",
        ),
        *(
            "https://api.example.org/file/bot12345:AAbb/photos/1.jpg",
            'https://example.org/"a.png',
            "https://a/é",
        ),
    ):
        await ana.says(wrong)
        await ana.hears("not an address I can take")
    await ana.says("https://example.org/ana.png")
    await ana.hears("Picture: https://example.org/ana.png")
    await ana.says("/account picture")
    await ana.hears("address of a picture")
    await ana.taps("No picture")
    await ana.hears("\nNo picture\n")
    (user,) = await greenroom.rows("SELECT avatar_url FROM users")
    assert user["avatar_url"] is None


async def test_email(greenroom: Greenroom) -> None:
    ana = await owner(greenroom)
    await changes_email(ana, OTHER_EMAIL, mails=2)
    await ana.hears("That is your email address from now on")
    await ana.hears(rf"{OTHER_EMAIL} \(✓ verified\)")
    notice = await ana.gets_mail("This is the last mail to the old one", to=EMAIL)
    assert OTHER_EMAIL not in notice.text
    await ana.says("/account email")
    await ana.hears("new email address")
    await ana.says(OTHER_EMAIL.upper())
    await ana.hears("is your email address already")
    await ana.says("nonsense")
    await ana.hears("does not look like an email address")


async def test_the_new_email_is_asked_about_its_spelling(greenroom: Greenroom) -> None:
    ana = await owner(greenroom)
    await ana.says("/account email")
    await ana.hears("new email address")
    await ana.says("ana@gmial.com")
    asked = await ana.hears("ana@gmial.com.*type the code")
    assert asked.buttons[0].text == "Did you mean ana@gmail.com?"
    await ana.taps("Did you mean ana@gmail.com?")
    await ana.hears("ana@gmail.com.*type the code")
    await ana.taps("Use another email")
    await ana.hears("new email address")
    await ana.says(OTHER_EMAIL)
    await ana.hears("type the code")
    code = await mailed_code(ana, mails=4)
    await ana.says("000000" if code != "000000" else "000001")
    await ana.hears("4 tries left")
    await ana.says(code)
    await ana.hears("That is your email address from now on")


async def test_an_email_that_somebody_else_has(greenroom: Greenroom) -> None:
    """It is told only to who has proved to read its mail."""
    ana, _ = await owner(greenroom), await owner(greenroom, "Bo", "bo@example.org")
    await changes_email(ana, "bo@example.org", mails=3)
    await ana.hears("has an account already")
    await ana.hears("new email address")
    assert len(await greenroom.rows("SELECT FROM users WHERE email = $1", EMAIL)) == 1


async def test_an_unverified_email_is_verified_by_a_code(greenroom: Greenroom) -> None:
    ana = await owner(greenroom)
    await greenroom.rows("UPDATE users SET is_email_verified = false")
    await ana.says("/account")
    await ana.hears("not verified yet")
    await changes_email(ana, EMAIL, mails=2)
    await ana.hears("✓ verified")
    assert not [mail for mail in ana.mails if "last mail to the old one" in mail.text]


async def test_password(greenroom: Greenroom) -> None:
    first = await owner(greenroom)
    second = await second_chat(greenroom, first)
    await first.says("/account password")
    await first.hears("choose a new password")
    for wrong, reason in {"short": "15 characters", "ana@example.org 1": "contains your email"}.items():
        await first.says(wrong)
        await first.hears(reason)
    await first.says(PASSWORD)
    await first.hears("used that password before")
    await first.hears("choose a new password")
    await first.says(NEW_PASSWORD)
    await first.hears("Your other chats are asked for it")
    await first.gets_mail("just changed from one of your chats", to=EMAIL)
    await first.says("/account")
    await first.hears("one chat")
    await second.says("/start")
    await second.hears(ENDED)
    await second.says(PASSWORD)
    await second.hears("not right")
    await gives(second, NEW_PASSWORD)
    assert not [each for each in first.messages if each.text in (PASSWORD, NEW_PASSWORD)]


async def test_the_last_five_passwords_are_not_taken_again(greenroom: Greenroom) -> None:
    ana = await owner(greenroom)
    former = [
        PASSWORD,
        *(f"{number} grey geese land" for number in ("nine", "ten", "eleven", "twelve", "six")),
    ]
    for password in former[1:]:
        await ana.says("/account password")
        await ana.hears("choose a new password")
        await ana.says(password)
        await ana.hears("holds from now on")
    await ana.says("/account password")
    await ana.hears("choose a new password")
    for password in former[1:]:
        await ana.says(password)
        await ana.hears("used that password before")
        await ana.hears("choose a new password")
    await ana.says(former[0])
    await ana.hears("holds from now on")
    assert len(await greenroom.rows("SELECT FROM password_history")) == 5


@pytest.mark.parametrize(
    ("action", "leads_to"),
    [
        ("email", "new email address"),
        ("password", "choose a new password"),
        ("chat", "To link another chat"),
        ("others", "0 other sessions have ended"),
    ],
)
async def test_sensitive_changes_take_the_password_once_more(
    greenroom: Greenroom, action: str, leads_to: str
) -> None:
    ana = await owner(greenroom)
    await time_passes(greenroom)
    await ana.says(f"/account {action}")
    await ana.hears("type your password once more")
    await ana.says("not the password at all")
    await ana.hears("not right")
    await ana.hears("type your password once more")
    await ana.says(PASSWORD)
    await ana.hears(leads_to)
    assert not [each for each in ana.messages if each.text == PASSWORD]


async def test_a_change_that_was_begun_long_ago(greenroom: Greenroom) -> None:
    """The password is asked for again, however long the question has been standing there."""
    ana = await owner(greenroom)
    for action, question, answer in (
        ("email", "new email address", OTHER_EMAIL),
        ("password", "choose a new password", NEW_PASSWORD),
    ):
        await ana.says(f"/account {action}")
        await ana.hears(question)
        await time_passes(greenroom)
        await ana.says(answer)
        await ana.hears("begin again with /account")
        await ana.says(f"/account {action}")
        await ana.hears("once more")
        await ana.says(PASSWORD)
        await ana.hears(question)


async def test_forgotten_where_it_is_asked_for_once_more(greenroom: Greenroom) -> None:
    ana = await owner(greenroom)
    await time_passes(greenroom)
    await ana.says("/account email")
    await ana.hears("once more")
    await ana.taps("Forgot password")
    await ana.hears("type the code")
    await ana.says(await mailed_code(ana, mails=2))
    await ana.hears("choose a new password")
    await ana.says(NEW_PASSWORD)
    await ana.hears("every chat was signed out")
    await ana.hears(ENDED)
    await gives(ana, NEW_PASSWORD)
    await ana.hears("Hello Ana")


async def test_wrong_passwords_lock_the_account_and_its_owner_hears_of_it(greenroom: Greenroom) -> None:
    ana = await owner(greenroom)
    await session_ends(greenroom, ana)
    await ana.says("/start")
    await ana.hears(ENDED)
    for _ in range(4):
        await ana.says("this is not it, I fear")
        await ana.hears("not right")
        await ana.hears(ENDED)
    await ana.says("this is not it, I fear")
    await ana.hears("too many wrong passwords")
    await ana.gets_mail("wrong password for your Greenroom account five times", to=EMAIL)
    await ana.hears(ENDED)
    await ana.says(PASSWORD)
    await ana.hears("too many wrong passwords")
    attempts = await greenroom.rows("SELECT success FROM login_attempts")
    assert [each["success"] for each in attempts] == [False] * 5
    await greenroom.rows("UPDATE login_attempts SET locked_until = now()")
    await ana.hears(ENDED)
    await gives(ana)


async def test_a_hash_of_weaker_parameters_is_replaced(
    greenroom: Greenroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await owner(greenroom)
    (before,) = await greenroom.rows("SELECT hashed_password AS phc FROM users")
    monkeypatch.setattr(PasswordHasher, "needs_rehash", lambda hasher, phc: phc == before["phc"])
    for _ in range(2):
        await session_ends(greenroom, ana)
        await ana.says("/start")
        await ana.hears(ENDED)
        await gives(ana)
    (after,) = await greenroom.rows("SELECT hashed_password AS phc FROM users")
    assert after["phc"] != before["phc"]


async def test_a_mistyped_address_when_linking(greenroom: Greenroom) -> None:
    ana = greenroom.candidate("Ana")
    await ana.says("/link")
    await ana.hears("email")
    await ana.says("ana@hotmial.com")
    await ana.hears("ana@hotmial.com.*type the code")
    await ana.says("did you mean ana@hotmail.com?")
    await ana.hears("ana@hotmail.com.*type the code")
    await ana.says(await mailed_code(ana, mails=2))
    await ana.hears("What name")
