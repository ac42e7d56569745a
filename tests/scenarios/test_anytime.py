"""What can be said at any time: commands, odd messages, old buttons; the account and its end."""

from __future__ import annotations

import asyncpg

from bot.conversations.commands import COMMANDS
from bot.playground.models import Message
from bot.playground.people import Person
from tests.loopback.greenroom import PASSWORD, Greenroom, links
from tests.loopback.scenes import (
    ANSWER,
    begins_interview,
    eventually,
    member,
    resume_pdf,
    sends_unusual,
)

UNUSUAL: dict[str, object] = {
    "sticker": {
        "file_id": "s",
        "file_unique_id": "s",
        "width": 512,
        "height": 512,
        "is_animated": False,
        "is_video": False,
        "type": "regular",
    },
    "location": {"latitude": 40.4, "longitude": -3.7},
    "contact": {"phone_number": "+34600000000", "first_name": "Bo"},
    "dice": {"emoji": "🎲", "value": 6},
    "venue": {"location": {"latitude": 0, "longitude": 0}, "title": "Office", "address": "Street 1"},
}
ERASED = (
    *(
        "background_information",
        "user_sessions",
        "personalization_profiles",
        "resumes",
        "blobs",
        "person_keys",
    ),
    *("interview_sessions", "interview_questions", "login_attempts", "token_blacklist"),
    *("password_history", "password_reset_tokens", "users"),
)


def labels(message: Message) -> list[str]:
    return [button.text for button in message.buttons]


async def test_commands_in_the_middle_of_an_interview(greenroom: Greenroom) -> None:
    """Looking something up leaves the interview where it is: the answer given then counts."""
    ana = await member(greenroom)
    await begins_interview(ana)
    for command, told in {
        "/help": "What I can do",
        "/privacy": "What I keep",
        "/account": "Signed in from",
        "/resume": "Send me your resume",
        "/progress": "No finished interview yet",
        "/history": "No finished interview yet",
        "/recommendations": "After your first interview",
        "/link": "linked to person.* already",
        "/nonsense": "I don't know /nonsense. /help",
        "/": "I don't know",
        "/" + "x" * 4000: "I don't know /x+",
        "/<b>&": "I don't know /<b>&",
        "/HELP@greenroom_local_bot more words": "What I can do",
    }.items():
        await ana.says(command)
        await ana.hears(told)
    await ana.says(ANSWER)
    await ana.hears("Key points mentioned")
    await ana.hears("^Question 2 of 3")
    rows = await greenroom.rows("SELECT answer_text FROM interview_questions ORDER BY position")
    assert [row["answer_text"] for row in rows] == [ANSWER, None]


async def test_every_command_is_answered(greenroom: Greenroom) -> None:
    """Before and after there is an account, with nothing done yet: something helpful comes, and no error."""
    nobody, ana = greenroom.candidate("Bo"), await member(greenroom)
    for command in COMMANDS:
        for person in (nobody, ana):
            await person.says(f"/{command}")
            heard = await person.hears()
            assert "my fault" not in heard.text
            person.skips_to_now()
        await ana.says("/cancel")
        await ana.hears("I've left that|nothing to cancel")
    assert "my fault" not in nobody.transcript() + ana.transcript()


async def test_messages_of_other_kinds(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    for where in ("at home", "on a question"):
        if where == "on a question":
            await begins_interview(ana)
        for kind, content in UNUSUAL.items():
            await sends_unusual(ana, **{kind: content})
            await ana.hears("can't use that here. Please write to me, or send /help")
    await sends_unusual(ana, sticker={"nothing": "of what a sticker has"})
    await ana.says(ANSWER)
    await ana.hears("Key points mentioned")
    rows = await greenroom.rows("SELECT answer_text FROM interview_questions ORDER BY position")
    assert [row["answer_text"] for row in rows] == [ANSWER, None]


async def test_buttons_that_were_not_made_by_us(greenroom: Greenroom) -> None:
    """Callback data is nothing to profit from: what is made up is an old button."""
    ana = await member(greenroom)
    question = await begins_interview(ana)
    playground = ana.playground
    chat = playground.chat(ana.id)
    for made_up in ("", ":", "x", "99:skip", "-1:stop", "²:skip", "1" * 64, "9999999999999999999:skip"):
        playground._tapped(chat, question, made_up)
        await ana.hears("belongs to an earlier message")
        await ana.hears("^Question 1 of 3")
    for made_up in ("/resume delete x", "/report x", "/report 11111111-1111-4111-8111-111111111111"):
        playground._tapped(chat, question, made_up)
        await ana.hears("can't find that")


async def test_a_tap_is_answered_once_and_counts_once(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    question = await begins_interview(ana)
    skips = [await ana.taps("Skip", on=question, stale=True) for _ in range(3)]
    await ana.hears("^Question 2 of 3")
    await ana.hears("belongs to an earlier message")
    await ana.hears("belongs to an earlier message")
    for skip in skips:
        await ana.answered(skip)
    await greenroom.restarts()
    await ana.taps("Hint", on=question, stale=True)
    await ana.hears("belongs to an earlier message. This is where we are now")
    second = await ana.hears("^Question 2 of 3")
    await greenroom.restarts()
    await ana.taps("Skip", on=second)
    await ana.hears("^Question 3 of 3")
    rows = await greenroom.rows("SELECT status FROM interview_questions ORDER BY position")
    assert [row["status"] for row in rows] == ["skipped", "skipped", "asked"]


async def test_somebody_blocks_the_bot_and_comes_back(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await begins_interview(ana)
    await ana.blocks()

    async def is_blocked() -> bool:
        return (await greenroom.rows("SELECT blocked_at FROM chats"))[0]["blocked_at"] is not None

    await eventually(is_blocked)
    await ana.unblocks()
    await ana.says(ANSWER)
    await ana.hears("Key points mentioned")
    await ana.hears("^Question 2 of 3")
    assert not await is_blocked()


async def test_language(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await ana.says("/language")
    await ana.hears("Which language")
    await ana.says("Klingon")
    await ana.hears("tap one of the buttons")
    await ana.says("espanol")
    await ana.hears("A partir de ahora hablo español")
    await ana.hears("Hola, Ana")
    await ana.says("/language en")
    await ana.hears("From now on I speak English")
    await ana.says("/language fr")
    await ana.hears("Which language")
    await ana.taps("Español")
    await ana.hears("Hola, Ana")
    await begins_spanish_interview(ana)


async def begins_spanish_interview(candidate: Person) -> None:
    """The words typed may be English, whatever the language spoken."""
    await candidate.says("/interview")
    await candidate.hears("Qué tipo de entrevista")
    await candidate.says("technical")
    await candidate.hears("Cuántas preguntas")
    await candidate.says("3")
    await candidate.hears("oferta de empleo")
    await candidate.says("without one")
    await candidate.hears("^Pregunta 1 de 3")


async def test_account_profile_and_privacy(greenroom: Greenroom) -> None:
    ana = greenroom.candidate("Ana <i>&")
    await links(ana, "ana@example.org")
    await ana.says("/account")
    card = await ana.hears("ana@example.org")
    assert card.text.startswith("Ana <i>&\n")
    assert labels(card) == [
        *("Name", "Picture", "Email", "Password", "Sessions", "Link another chat", "Export"),
        *("My background", "Language", "Sign out", "Delete my account"),
    ]
    await ana.says("/privacy")
    privacy = await ana.hears("What I keep")
    assert "/delete erases all of it" in privacy.text
    await ana.says("expert")
    await ana.hears("domain")
    await ana.says("/profile")
    await ana.hears("Experience: Expert")
    await ana.taps("Sign out", on=card)
    await ana.hears("This chat is signed out")


async def rows_of_persons(greenroom: Greenroom) -> dict[str, list[asyncpg.Record]]:
    """Every row of the tables that hold what belongs to a person."""
    return {table: await greenroom.rows(f"SELECT * FROM {table}") for table in ERASED}  # noqa: S608  # names of this module


async def test_everything_is_erased(greenroom: Greenroom) -> None:
    other = await member(greenroom, "Bo")
    before = await rows_of_persons(greenroom)
    ana = greenroom.candidate("Ana")
    await links(ana, "ana@example.org")
    await ana.hears("How experienced")
    await ana.says("expert")
    await ana.sends(resume_pdf(), "cv.pdf")
    await ana.hears("^Skills: ")
    await begins_interview(ana, length="1")
    await ana.says(ANSWER)
    await ana.hears("Final score")
    await begins_interview(ana)
    there = await rows_of_persons(greenroom)
    for table in ("blobs", "resumes", "interview_questions", "person_keys", "user_sessions"):
        assert len(there[table]) > len(before[table])

    await ana.says("/delete")
    await ana.hears("at once and for good. To do it, type your password")
    await ana.says("keep my account")
    await ana.hears("Your account stays")
    await ana.hears("Hello Ana")
    await ana.says("/delete")
    await ana.hears("type your password")
    for _ in range(4):
        await ana.says("surely not the password")
        await ana.hears("password is not right")
        await ana.hears("type your password")
    await ana.says("surely not the password")
    await ana.hears("not right|too many")
    await ana.says(PASSWORD)
    locked = await ana.hears("too many wrong passwords. Please wait a minute")
    assert "Forgot" not in locked.text
    await greenroom.rows("UPDATE login_attempts SET locked_until = now()")
    await ana.says(PASSWORD)
    await ana.hears("Everything about you is erased")
    await ana.hears("Welcome to Greenroom")

    assert await rows_of_persons(greenroom) == before
    chats = await greenroom.rows("SELECT user_id, session_id FROM chats WHERE chat_id = $1", ana.id)
    assert (chats[0]["user_id"], chats[0]["session_id"]) == (None, None)
    typed = [message.text for message in ana.messages if not message.from_bot]
    assert PASSWORD not in typed
    await ana.says("/account")
    await ana.hears("not linked to an account yet")
    await other.says("/account")
    await other.hears("Bo")


async def test_words_that_acceptance_runs_rely_on(greenroom: Greenroom) -> None:
    """What programs that drive the bot from outside wait for, along one way through everything."""
    ana = greenroom.candidate("Ana")
    await links(ana, "ana@example.org")
    await ana.hears("How experienced")
    for answer in ("expert", "skip", "skip", "skip", "skip", "skip"):
        await ana.says(answer)
    background = await ana.hears("Your background")
    await ana.sends(resume_pdf(), "cv.pdf")
    card = await ana.hears("^Skills: ")
    await ana.says("/interview")
    await ana.taps("Technical")
    length = await ana.hears("How many")
    await ana.says("2")
    job = await ana.hears("job description")
    await ana.taps("Without")
    question = await ana.hears("^Question 1 of 2")
    await ana.says(ANSWER)
    await ana.hears("^Question 2 of 2")
    await ana.says("skip")
    await ana.hears("^Final score")

    said = [message.text for message in ana.bot_messages]
    prompts = {
        "email": ("What is your email address", ("email",), ()),
        "code": ("I've sent a six-digit", ("code",), ("password",)),
        "name": ("You're new here", ("name",), ()),
        "password": ("Now choose", ("password",), ("code",)),
        "success": ("✓ This chat is", ("linked",), ()),
    }
    for prompt, (beginning, words, never) in prompts.items():
        text = next(text for text in said if text.startswith(beginning))
        assert all(word in text for word in words), prompt
        assert not any(word in text.casefold() for word in never), prompt
    buttons = {
        "the background can be changed": (background, "Change "),
        "the resume leads to an interview": (card, "interview"),
        "lengths begin with their number": (length, "3"),
        "there need be no job description": (job, "Without"),
        "a question has a hint": (question, "Hint"),
    }
    for promise, (message, words_of_button) in buttons.items():
        assert any(words_of_button in label for label in labels(message)), promise
    assert all(label[0].isdigit() for label in labels(length))
    assert question.text.startswith("Question 1 of 2")
