"""Files of several chunks: sent, read, sent back, shared, exported and deleted, wherever they live."""

from __future__ import annotations

import io
import os
import re
import zipfile
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.playground.people import Person
from bot.telegram import Requests
from domain.adapters.crypto import Keyring
from domain.database import engine_for, transactions
from domain.exports.parts import Part
from domain.messaging.parcel import Parcel, Parcels
from domain.messaging.pipe import Pipe
from domain.messaging.telling import TellOwner
from tests.loopback.accounts import owner
from tests.loopback.documents import pdf, stream, written
from tests.loopback.greenroom import KEY, Greenroom, on_the_web
from tests.loopback.s3 import LoopbackS3
from tests.loopback.scenes import RESUME, eventually, resume_pdf

CHUNK = 20_000
PICTURE = stream(os.urandom(100_000), b"/Type /XObject /Subtype /Image /Width 9 /Height 9")
PDF = pdf(written(RESUME), more={1000: PICTURE})
PLACES = ["here", "elsewhere"]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.resumes.originals.CHUNK", CHUNK)
    monkeypatch.setattr("domain.adapters.s3._TRIES", 0)
    monkeypatch.setattr("bot.upkeep.CLEAR_SECONDS", 0.2)
    monkeypatch.setattr("bot.jobs.FIRST_PAUSE", 0.1)
    monkeypatch.setattr("bot.jobs.LONGEST_PAUSE", 0.3)
    monkeypatch.setattr("bot.outbox.FIRST_PAUSE", 0.1)
    monkeypatch.setattr("bot.outbox.BUSY_PAUSE", 0.1)


@pytest.fixture
async def s3() -> AsyncIterator[LoopbackS3]:
    async with LoopbackS3("resumes") as served:
        yield served


@pytest.fixture(params=PLACES)
async def served(
    request: pytest.FixtureRequest, dsn: str, tmp_path: Path, s3: LoopbackS3
) -> AsyncIterator[Greenroom]:
    where = s3.settings("s3://resumes") if request.param == "elsewhere" else {}
    async with Greenroom(dsn, tmp_path, **on_the_web(), **where) as running:
        yield running


@pytest.fixture
async def elsewhere(dsn: str, tmp_path: Path, s3: LoopbackS3) -> AsyncIterator[Greenroom]:
    async with Greenroom(dsn, tmp_path, **s3.settings("s3://resumes")) as running:
        yield running


class Turn:
    """Whether parcels have to wait for their turn, which is taken to hold them up."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_taken = False
        monkeypatch.setattr(Parcels, "is_busy", property(lambda parcels: self.is_taken))


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> Turn:
    return Turn(monkeypatch)


async def asks_for_file(ana: Person) -> None:
    await ana.says("/resume")
    await ana.taps("Versions", on=await ana.hears("Skills"))
    await ana.taps("File", on=await ana.hears("Versions"))


async def gets(person: Person, name: str = "cv.pdf") -> bytes:
    sent = await person.receives("document", name)
    assert sent.file is not None
    return sent.file.content


async def shares(ana: Person) -> str:
    """The token of a link that shows the file too."""
    await ana.says("/resume")
    await ana.taps("Share", on=await ana.hears("Skills"))
    await ana.hears("It is not shared now")
    await ana.taps("☐ The file itself")
    await ana.taps("7 days", on=await ana.hears("It is not shared now"))
    made = await ana.hears("is shared until")
    token = re.search(r"share_([\w-]{43})", made.text)
    assert token is not None
    return token[1]


async def waits_to_be_sent(greenroom: Greenroom) -> bool:
    return bool(await greenroom.rows("SELECT FROM outbox WHERE kind = 'document' AND done_at IS NULL"))


async def is_clear(greenroom: Greenroom, s3: LoopbackS3) -> bool:
    left = await greenroom.rows("SELECT key FROM blobs UNION ALL SELECT key FROM blob_chunks")
    return not left and not s3.objects


async def test_the_whole_path(served: Greenroom, s3: LoopbackS3) -> None:
    ana, bo = await owner(served), served.candidate("Bo")
    await ana.sends(PDF, "cv.pdf")
    await ana.hears("Skills")
    [blob] = await served.rows("SELECT chunks, place FROM blobs")
    assert blob["chunks"] == (count := -(-len(PDF) // CHUNK))
    pieces = await served.rows("SELECT number FROM blob_chunks ORDER BY number")
    assert len(pieces) == (0 if blob["place"] else count - 1)
    assert len(s3.objects) == (count if blob["place"] else 0)
    await asks_for_file(ana)
    assert await gets(ana) == PDF
    token = await shares(ana)
    await bo.says(f"/start file_{token}")
    assert await gets(bo) == PDF
    async with httpx.AsyncClient(timeout=60) as browser:
        page = await browser.get(f"{served.settings.public_url}/shared/{token}/file")
        assert page.content == PDF
        assert page.headers["content-length"] == str(len(PDF))
    await ana.says("/export")
    with zipfile.ZipFile(io.BytesIO(await gets(ana, "greenroom-"))) as archive:
        assert archive.read("resumes/01-v1-cv.pdf") == PDF
    waiting = await served.rows("SELECT payload FROM outbox WHERE payload IS NOT NULL")
    assert not [row for row in waiting if len(row["payload"]) > len(PDF)]

    await ana.says("/resume")
    await ana.taps("Delete", on=await ana.hears("Skills"))
    await ana.hears("for good")
    await ana.taps("Yes")
    await ana.hears("Deleted")
    await eventually(lambda: is_clear(served, s3))


async def test_what_cannot_be_used_is_not_kept(
    served: Greenroom, s3: LoopbackS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await owner(served)
    await ana.sends(PDF[:60_000], "cut.pdf")
    await ana.hears("damaged")
    assert await is_clear(served, s3), "at once"
    monkeypatch.setattr("bot.telegram.LARGEST_DOWNLOAD_MB", 0)
    await ana.sends(PDF, "large.pdf")
    await ana.hears("too large")
    assert await is_clear(served, s3), "at once"


async def test_who_may_have_a_file_is_asked_anew_when_it_is_sent(greenroom: Greenroom, turn: Turn) -> None:
    """A link that was taken back, a chat that has signed out, a resume that was deleted meanwhile."""
    ana, bo = await owner(greenroom), greenroom.candidate("Bo", "es")
    await ana.sends(PDF, "cv.pdf")
    await ana.hears("Skills")
    token = await shares(ana)
    for asks, changes, told in (
        (
            lambda: bo.says(f"/start file_{token}"),
            "UPDATE resumes SET share_token = NULL",
            "ya no se comparte",
        ),
        (lambda: asks_for_file(ana), "UPDATE chats SET user_id = NULL", "not linked to an account"),
        (lambda: asks_for_file(ana), "DELETE FROM resumes", "can't find that any more"),
    ):
        person, (linked,) = bo if "share" in changes else ana, await greenroom.rows("SELECT id FROM users")
        await greenroom.rows("UPDATE chats SET user_id = $1 WHERE chat_id = $2", linked["id"], ana.id)
        turn.is_taken = True
        await asks()
        await eventually(lambda: waits_to_be_sent(greenroom))
        await greenroom.rows(changes)
        turn.is_taken = False
        await person.hears(told)
    assert not [each for each in (*ana.bot_messages, *bo.bot_messages) if each.file]


async def test_the_store_goes_away_before_the_file_is_sent(
    elsewhere: Greenroom, s3: LoopbackS3, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again for a while; then the person is told, and the chat goes on."""
    ana = await owner(elsewhere)
    await ana.sends(PDF, "cv.pdf")
    await ana.hears("Skills")
    for patience in (timedelta(minutes=5), timedelta(0)):
        monkeypatch.setattr("bot.outbox.PATIENCE", patience)
        turn.is_taken = True
        await asks_for_file(ana)
        await eventually(lambda: waits_to_be_sent(elsewhere))
        s3.fails_with = 503
        turn.is_taken = False
        if patience:
            await eventually(lambda: was_put_off(elsewhere))
            s3.fails_with = None
            assert await gets(ana) == PDF
        else:
            await ana.hears("couldn't get your file just now")
            s3.fails_with = None


async def test_a_file_that_does_not_open_keeps_nothing_back(greenroom: Greenroom) -> None:
    """Somebody meddled with a chunk in its middle: the person is told, and goes on."""
    ana = await owner(greenroom)
    await ana.sends(PDF, "cv.pdf")
    await ana.hears("Skills")
    await greenroom.rows("UPDATE blob_chunks SET sealed = sealed || sealed WHERE number = 2")
    await asks_for_file(ana)
    await ana.hears("my fault, not yours")
    await ana.says("/help")
    await ana.hears("What I can do")
    assert not [each for each in ana.bot_messages if each.file]


async def was_put_off(greenroom: Greenroom) -> bool:
    return bool(await greenroom.rows("SELECT FROM outbox WHERE last_error = 'Unavailable'"))


async def test_a_job_description_is_not_kept(greenroom: Greenroom, s3: LoopbackS3) -> None:
    ana = await owner(greenroom)
    await ana.says("/interview")
    await ana.taps("Technical", on=await ana.hears("What kind"))
    await ana.taps("3", on=await ana.hears("How many"))
    await ana.hears("job description")
    await ana.sends(PDF, "job.pdf")
    await ana.hears("^Question 1 of 3")
    [session] = await greenroom.rows("SELECT * FROM interview_sessions")
    assert "Kubernetes" in str(dict(session))
    await eventually(lambda: is_clear(greenroom, s3))


# What an earlier program left in the pipe


async def test_what_an_earlier_program_left_to_be_sent(greenroom: Greenroom) -> None:
    """A file as content, in the outbox and held for the owner, and a part of an export that names no kind."""
    ana, content = await owner(greenroom), b64encode(resume_pdf()).decode()
    earlier: dict[str, Any] = {"name": "cv.pdf", "text": "Here it is", "buttons": [], "content": content}
    held = {"name": "held.pdf", "content": content}
    [chat] = await greenroom.rows("SELECT chat_id, user_id FROM chats")
    pipe, engine = Pipe(Keyring.parse(KEY)), engine_for(greenroom.dsn, pool_size=1)
    async with transactions(engine).begin() as db:
        await pipe.send(db, ana.id, "document", earlier)
        told = TellOwner(user_id=chat["user_id"], happening="OriginalOpened", content=held)
        await pipe.schedule(db, told, ana.id)
    await engine.dispose()
    assert {await gets(ana, "") for _ in range(2)} == {resume_pdf()}
    row = {"export_id": str(chat["user_id"]), "archive_id": str(chat["user_id"]), "number": 2}
    part = Part(export_id=chat["user_id"], archive_id=chat["user_id"], number=2)
    assert Parcel.of(row) == Parcel.of(part.row()) == part


async def test_a_bot_api_server_on_this_machine(tmp_path: Path) -> None:
    """It tells where a file is rather than its address."""
    file = tmp_path / "document 1.pdf"
    file.write_bytes(PDF)
    requests = Requests()
    assert b"".join([piece async for piece in requests.download(str(file))]) == PDF
    with pytest.raises(OSError, match="No such file"):
        await anext(requests.download(str(tmp_path / "gone.pdf")))
    await requests.shutdown()
