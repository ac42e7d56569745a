"""/export: everything that is kept about a person comes to them as an archive, and nothing of it stays."""

from __future__ import annotations

import asyncio
import io
import json
import re
import zipfile
from typing import Any

import pytest

from bot.playground.models import Message
from bot.playground.people import Person
from domain.adapters.blobs import Blobs
from domain.errors import Unavailable
from domain.exports.contents import TOLD
from domain.exports.facts import facts
from tests.loopback.accounts import gives, owner, session_ends, time_passes
from tests.loopback.gemini import LoopbackGemini
from tests.loopback.greenroom import PASSWORD, Greenroom
from tests.loopback.scenes import begins_interview, eventually, resume_docx, resume_pdf

PART = "There was a situation that mattered, I say no more."
WHOLE = "The situation mattered to us. Which action I took: an index. The result: a number, 12."
OBJECTION = "My action was to say no more, and the result was 12 minutes."
PDF, DOCX = resume_pdf(), resume_docx()
# Which records of an archive are rows of which table; the others are files of their own.
LISTS = {
    "account": "users",
    "chats": "chats",
    "sessions": "user_sessions",
    "ended_sessions": "token_blacklist",
    "login_attempts": "login_attempts",
    "password_changes": "password_history",
    "background": "background_information",
    "profile": "personalization_profiles",
    "practice_cards": "practice_cards",
    "reminders": "reminders",
}
PREPARED = """
    INSERT INTO token_blacklist (id, token_id, user_id, expires_at, reason)
        SELECT gen_random_uuid(), 'gone', id, now(), 'signed out' FROM users;
    INSERT INTO login_attempts (id, user_id, success) SELECT gen_random_uuid(), id, true FROM users;
    INSERT INTO reminders (user_id, chat_id, time_of_day, time_zone)
        SELECT user_id, chat_id, '08:30', 'Europe/Madrid' FROM chats;
    INSERT INTO practice_cards (id, user_id, question_id, due, last_review, stability, difficulty, rating)
        SELECT gen_random_uuid(), s.user_id, q.id, now(), now(), 1, 5, 1
        FROM interview_questions q JOIN interview_sessions s ON s.id = q.session_id
        ON CONFLICT DO NOTHING;
"""


def opened(message: Message) -> zipfile.ZipFile:
    assert message.file is not None
    archive = zipfile.ZipFile(io.BytesIO(message.file.content))
    assert archive.testzip() is None
    return archive


def read(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))


async def exported(person: Person) -> zipfile.ZipFile:
    """What comes of /export, where the password was given lately."""
    await person.says("/export")
    await person.hears("putting together everything")
    await person.hears("is packed: ")
    return opened(await person.receives("document"))


async def is_nothing_kept(greenroom: Greenroom) -> bool:
    left = await greenroom.rows("SELECT id FROM exports UNION ALL SELECT id FROM export_chunks")
    waiting = await greenroom.rows("SELECT FROM outbox WHERE payload IS NOT NULL")
    return not left and not waiting


async def test_everything_that_is_kept(judged: Greenroom, gemini: LoopbackGemini) -> None:
    ana = await judged.linked()
    await ana.sends(PDF, "../My CV.pdf")
    await ana.hears("Skills")
    await ana.sends(DOCX, "My CV.docx")
    await ana.hears("new version")
    await ana.taps("New version")
    await begins(ana)
    await ana.says(PART)
    first = await ana.hears(r"^Score: ")
    await ana.hears("^Follow-up")
    await ana.says(WHOLE)
    await ana.hears("^Final score")
    await ana.taps("I disagree", on=first)
    await ana.hears("wrong with how I judged")
    await ana.says(OBJECTION)
    await ana.hears("^A second look")
    await ana.taps("Second try", on=first)
    await ana.hears("^Second try at question 1")
    await ana.says(WHOLE)
    await ana.hears("second try")
    for statement in PREPARED.split(";"):
        await judged.rows(statement)
    archive = await exported(ana)

    resumes = [name for name in archive.namelist() if name.startswith("resumes/")]
    assert resumes == [
        *("resumes/01-v1-My-CV.pdf", "resumes/01-v1.json"),
        *("resumes/02-v2-My-CV.docx", "resumes/02-v2.json"),
    ]
    assert (archive.read(resumes[0]), archive.read(resumes[2])) == (PDF, DOCX), "byte for byte"
    newest = read(archive, "resumes/02-v2.json")
    assert newest["file"] == "resumes/02-v2-My-CV.docx"
    assert "Senior Backend Engineer" in newest["extracted_text"]
    assert newest["analysis"]["skills"]
    assert newest["parent_version_id"] == read(archive, "resumes/01-v1.json")["id"]

    (interview,) = [name for name in archive.namelist() if name.startswith("interviews/")]
    assert re.fullmatch(r"interviews/001-\d{4}-\d\d-\d\d-behavioural\.json", interview)
    told = read(archive, interview)
    questions = told["questions"]
    assert [(each["follow_up"], each["attempt"], each["answer_text"]) for each in questions] == [
        *((0, 1, PART), (0, 2, WHOLE), (1, 1, WHOLE)),
    ]
    assert questions[0]["objection"] == OBJECTION
    assert questions[0]["verdicts_before"]
    assert all(each["feedback_comment"] and each["rubric"] for each in questions)
    assert told["plan"]["questions"]
    assert told["feedback_summary"]

    known = read(archive, "greenroom.json")
    records = {table: as_list(known[name]) for name, table in LISTS.items()} | {
        "resumes": [read(archive, name) for name in resumes if name.endswith(".json")],
        "interview_sessions": [told],
        "interview_questions": questions,
    }
    assert set(TOLD) - set(records) == {"model_calls"}
    for table, found in records.items():
        assert found, f"Ana has a row in {table}"
        assert len(found) == len(await judged.rows(f"SELECT FROM {table}"))
        assert all(set(TOLD[table]) <= set(each) for each in found), table
        assert all(re.search(r"T.*\+00:00$", each["created_at"]) for each in found)
    calls = await judged.rows("SELECT FROM model_calls WHERE user_id IS NOT NULL")
    assert sum(each["calls"] for each in known["model_calls"]) == len(calls) > 0
    assert known["account"]["email"] == "ana@example.org"
    assert known["background"]["programming_languages"] == ["Python", "SQL"]
    assert known["reminders"]["time_of_day"] == "08:30:00"
    assert "greenroom.json" in archive.read("README.txt").decode()
    everything = "\n".join(archive.read(name).decode("latin-1") for name in archive.namelist())
    for row in await judged.rows("SELECT hashed_password, session_token FROM users, user_sessions"):
        assert not [value for value in row.values() if value in everything]
    assert PASSWORD not in everything
    await eventually(lambda: is_nothing_kept(judged))


def as_list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found]


async def begins(ana: Person) -> None:
    await ana.says("/interview")
    if "Which resume" in (await ana.hears("What kind|Which resume")).text:
        await ana.taps("My CV")
        await ana.hears("What kind")
    await ana.taps("Behavioural")
    await ana.hears("How many")
    await ana.says("1")
    await ana.hears("job description")
    await ana.taps("Without")
    await ana.hears("^Question 1 of 1")


async def test_somebody_who_has_nothing_yet(greenroom: Greenroom) -> None:
    ana = greenroom.candidate("Ana", "es")
    await ana.says("/export")
    await ana.hears("/link")
    ana = await owner(greenroom, "Bo", "bo@example.org")
    archive = await exported(ana)
    assert archive.namelist() == ["README.txt", "greenroom.json"]
    facts = read(archive, "greenroom.json")
    assert facts["background"]["experience_level"] is None, "begun, nothing answered"
    assert facts["practice_cards"] == []
    again = await exported(ana)
    assert again.namelist() == archive.namelist(), "as often as one likes"


async def test_it_takes_the_password_once_more(greenroom: Greenroom) -> None:
    ana = await owner(greenroom)
    await time_passes(greenroom)
    await ana.says("/account")
    await ana.hears("Signed in")
    await ana.taps("Export")
    await ana.hears("type your password once more")
    await ana.says("/cancel")
    await ana.hears("left that.*/account")
    await ana.says("/export")
    await ana.hears("type your password once more")
    await ana.says("a wrong password of mine")
    await ana.hears("not right")
    await ana.says(PASSWORD)
    await ana.hears("putting together everything")
    await ana.receives("document", "greenroom-")
    assert not [each for each in ana.messages if each.text == PASSWORD]


async def test_asked_for_twice_at_once(greenroom: Greenroom) -> None:
    """One comes, and what is going on goes on."""
    ana = await owner(greenroom)
    await begins_interview(ana)
    slow = greenroom.telegram.faults.server_error("sendDocument")
    await ana.says("/export")
    await ana.hears("putting together everything")
    await ana.says("/export")
    await ana.hears("at it already")
    await ana.receives("document")
    assert slow is not None
    await eventually(lambda: is_nothing_kept(greenroom))
    assert len([each for each in ana.messages if each.file]) == 1
    await ana.says("The situation mattered, my action took a week and the result is a number: 9.")
    await ana.hears("Key points mentioned")


async def test_several_archives(greenroom: Greenroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is more than Telegram takes at once comes in parts, each whole by itself."""
    monkeypatch.setattr("domain.exports.archive.LARGEST_PART", len(PDF) + 6_000)
    ana = await owner(greenroom)
    for name in ("one.pdf", "two.pdf", "three.pdf"):
        await ana.sends(PDF, name)
        await ana.hears("Skills")
    await ana.says("/export")
    await ana.hears(r"in \d archives")
    parts, read_so_far = [], 0
    while read_so_far < 3:
        document = await ana.receives("document")
        parts.append(opened(document))
        read_so_far += sum(name.endswith(".pdf") for name in parts[-1].namelist())
        assert f"Part {len(parts)} of " in document.text
    assert len(parts) > 1
    assert all("README.txt" in part.namelist() for part in parts)
    assert f"number {len(parts)} of" in parts[-1].read("README.txt").decode()
    names = [name for part in parts for name in part.namelist() if name != "README.txt"]
    assert len(names) == len(set(names)) == 7
    assert all(part.read(name) == PDF for part in parts for name in part.namelist() if ".pdf" in name)
    await eventually(lambda: is_nothing_kept(greenroom))


async def test_what_becomes_of_it_when_things_go_wrong(greenroom: Greenroom) -> None:
    """A file that is gone, an archive that Telegram does not take, an answer that is lost."""
    ana = await owner(greenroom)
    await ana.sends(PDF, "cv.pdf")
    await ana.hears("Skills")
    await greenroom.rows("DELETE FROM blobs")
    archive = await exported(ana)
    assert read(archive, "resumes/01-v1.json")["file"] is None
    assert not [name for name in archive.namelist() if name.endswith(".pdf")]

    faults = greenroom.telegram.faults
    faults.server_error("sendDocument", status=413)
    await ana.says("/export")
    await ana.hears("did not take the archive")
    await eventually(lambda: is_nothing_kept(greenroom))

    faults.answer_lost("sendDocument")
    assert (await exported(ana)).namelist() == archive.namelist()
    await eventually(lambda: is_nothing_kept(greenroom))


async def test_a_blocked_bot(greenroom: Greenroom, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = await owner(greenroom)
    packing, go_on = held_up(monkeypatch)
    await ana.says("/export")
    await packing.wait()
    await ana.blocks()
    go_on.set()
    await eventually(lambda: is_nothing_kept(greenroom))


@pytest.mark.parametrize("is_late", [False, True])
async def test_a_session_that_ends_meanwhile(
    greenroom: Greenroom, monkeypatch: pytest.MonkeyPatch, is_late: bool
) -> None:
    """The archive waits, sealed, for the password; one that waited too long is made anew on demand."""
    packing, go_on = held_up(monkeypatch)
    ana = await owner(greenroom)
    await ana.says("/export")
    await packing.wait()
    await session_ends(greenroom, ana)
    go_on.set()
    await eventually(lambda: is_held(greenroom))
    if is_late:
        await greenroom.rows("DELETE FROM exports")
    await ana.says("/start")
    await ana.hears("type your password")
    await gives(ana)
    if is_late:
        await ana.hears("is gone by now")
    else:
        await ana.receives("document")


def held_up(monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """What is set when the packing has begun, and what lets it go on."""
    packing, go_on = asyncio.Event(), asyncio.Event()

    async def waits(*arguments: Any) -> dict[str, Any]:
        packing.set()
        await go_on.wait()
        return await facts(*arguments)

    monkeypatch.setattr("domain.exports.work.facts", waits)
    return packing, go_on


async def is_held(greenroom: Greenroom) -> bool:
    return bool(await greenroom.rows("SELECT FROM jobs WHERE kind = 'tell_owner' AND done_at IS NULL"))


@pytest.mark.parametrize("way", ["/delete", "/logout"])
async def test_a_person_is_erased_or_signs_out_meanwhile(
    greenroom: Greenroom, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """What was packed by then goes with them, and nobody who uses the chat next gets it."""
    packing, go_on = held_up(monkeypatch)
    ana = await owner(greenroom)
    await ana.says("/export")
    await packing.wait()
    await ana.says(way)
    if way == "/delete":
        await ana.hears("type your password")
        await ana.says(PASSWORD)
    await ana.hears("is erased|signed out")
    go_on.set()
    await eventually(lambda: is_done(greenroom))
    assert await is_nothing_kept(greenroom)
    assert not [each for each in ana.messages if each.file]


async def is_done(greenroom: Greenroom) -> bool:
    return not await greenroom.rows("SELECT FROM jobs WHERE kind = 'pack_export' AND done_at IS NULL")


async def test_others_are_answered_while_archives_wait_for_their_turn(
    greenroom: Greenroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_busy = True
    monkeypatch.setattr("domain.messaging.parcel.Parcels.is_busy", property(lambda parcels: is_busy))
    monkeypatch.setattr("bot.program.MESSAGES_AT_ONCE", 1)
    await greenroom.restarts()
    ana, bo = await owner(greenroom), await owner(greenroom, "Bo", "bo@example.org")
    await ana.says("/export")
    await ana.hears("is packed")
    await bo.says("/help")
    await bo.hears("What I can do")
    await ana.hears_nothing()
    is_busy = False
    await ana.receives("document")


async def test_a_try_that_failed_leaves_nothing(
    greenroom: Greenroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.FIRST_PAUSE", 0.1)
    ana = await owner(greenroom)
    await ana.sends(PDF, "cv.pdf")
    await ana.hears("Skills")
    tries: list[int] = []

    async def away(blobs: object, *which: object) -> bytes:
        tries.append(1)
        if len(tries) == 1:
            raise Unavailable("files.unreachable")
        kept = await greenroom.rows("SELECT DISTINCT archive_id FROM export_chunks")
        assert len(kept) <= 1
        return await fetch(blobs, *which)  # type: ignore[arg-type]  # as it was called

    fetch = Blobs.fetch
    monkeypatch.setattr(Blobs, "fetch", away)
    monkeypatch.setattr("domain.exports.work.CHUNK", 1)
    assert "resumes/01-v1-cv.pdf" in (await exported(ana)).namelist()
    assert len(tries) == 2


async def test_in_spanish(greenroom: Greenroom) -> None:
    ana = await owner(greenroom)
    await ana.says("/language es")
    await ana.says("/export")
    await ana.hears("reuniendo todo lo que guardo")
    archive = opened(await ana.receives("document"))
    assert "Todo lo que Greenroom guarda sobre Ana" in archive.read("README.txt").decode()
