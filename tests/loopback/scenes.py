"""What scenarios share: people with an account, groups, unusual messages, resumes, the way to a question."""

from __future__ import annotations

import asyncio
import io
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable
from itertools import count

from PIL import Image

from bot.playground import wire
from bot.playground.models import Chat, Message, Profile
from bot.playground.people import Person
from tests.loopback.candidates import sign_up
from tests.loopback.documents import docx, paragraph, pdf, written
from tests.loopback.greenroom import Greenroom

RESUME = (
    "Ana Example",
    "Senior Backend Engineer",
    "ana@example.org, +34 600 000 000",
    "Experience",
    "Backend Engineer, Example Corp, 2018 - 2024",
    "Cut the latency of a Python and PostgreSQL service by 40 percent for 2000 customers.",
    "Moved 12 services to Docker and Kubernetes; deployments went from 3 hours to 15 minutes.",
    "Education",
    "BSc Computer Science, Example University, 2014 - 2018",
    "Skills",
    "Python, PostgreSQL, Docker, Kubernetes, Redis, Kafka, Terraform, Linux, Git",
)
LETTER = (
    "Dear neighbours,",
    "the water in our street will be turned off on Monday from nine to noon.",
    "Please fill a bucket before that. Thank you for your patience.",
)
ANSWER = (
    "In my last team a nightly load failed for weeks. My task was to make it reliable. I measured where it "
    "broke, rewrote the slow query with an index, added retries and monitoring, and agreed on alerts with "
    "the team. As a result failures fell from nine a month to none, and the load took 12 minutes, not 90."
)
# The loopback Gemini finds a key point in an answer that holds half of its words.
WHOLE = (
    "The situation mattered to us. Which action I took: an index <b>& retries</b>. The result: a number, 12."
)
PART = "There was a situation that mattered, I say no more."
PATIENCE = 60.0  # a bound for a busy machine
_message_ids = count(1_900_000_000)


def resume_pdf() -> bytes:
    return pdf(written(RESUME))


def photo() -> bytes:
    """A photo of a page with something on it."""
    page = Image.new("L", (600, 800), "white")
    page.paste("black", (50, 50, 300, 80))
    content = io.BytesIO()
    page.save(content, "PNG")
    return content.getvalue()


def resume_docx() -> bytes:
    return docx("".join(map(paragraph, RESUME)))


async def member(greenroom: Greenroom, name: str = "Ana") -> Person:
    """Somebody whose account, linked to their chat, and background are there already, at home."""
    person = greenroom.candidate(name)
    await sign_up(greenroom.dsn, [person])
    await person.says("/start")
    await person.hears(f"Hello {name}")
    return person


async def begins_interview(candidate: Person, kind: str = "Technical", length: str = "3") -> Message:
    """From /interview, with or without one resume, to the first question."""
    await candidate.says("/interview")
    await candidate.hears("What kind")
    await candidate.taps(kind)
    await candidate.hears("How many")
    await candidate.says(length)
    await candidate.hears("job description")
    await candidate.taps("Without")
    return await candidate.hears(f"^Question 1 of {length}")


async def mailed_code(candidate: Person, mails: int) -> str:
    """The six digits of the newest mail, once there have been so many."""

    def look() -> str | None:
        found = re.search(r"\b\d{6}\b", candidate.mails[-1].text) if len(candidate.mails) >= mails else None
        return found.group() if found else None

    code = await candidate.playground.mail_bell.until(look, PATIENCE)
    assert code is not None, candidate.transcript()
    return code


async def turns(greenroom: Greenroom) -> list[tuple[int, int, str | None]]:
    """Place, follow-up and answer of every question there is, in order."""
    rows = await greenroom.rows(
        "SELECT position, follow_up, answer_text FROM interview_questions ORDER BY position, follow_up"
    )
    return [(row["position"], row["follow_up"], row["answer_text"]) for row in rows]


async def eventually(check: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what no message tells of."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if await check():
                return
            await asyncio.sleep(0.02)


async def sends_unusual(person: Person, **content: object) -> None:
    """A message of a kind that the app does not offer here, such as `sticker` or `location`."""
    person.playground.updates.add("message", _message(person.profile, **content), f"chat:{person.id}")


def group(greenroom: Greenroom, title: str = "Team") -> Person:
    """A group in which the bot is; its `id` is the group's."""
    playground = greenroom.telegram.playground
    chat = Chat(Profile(-next(_message_ids), title), deque(maxlen=100), started=True)
    playground.chats[chat.id] = chat
    return Person(playground, chat)


async def says_in_group(there: Person, speaker: Person, **content: object) -> None:
    """Somebody writes in a group."""
    chat = {"id": there.id, "type": "group", "title": there.profile.first_name}
    update = _message(speaker.profile, **content) | {"chat": chat}
    there.playground.updates.add("message", update, f"chat:{there.id}")


def _message(sender: Profile, **content: object) -> wire.Json:
    return {
        "message_id": next(_message_ids),
        "date": int(time.time()),
        "chat": wire.private_chat(sender),
        "from": wire.user(sender),
        **content,
    }
