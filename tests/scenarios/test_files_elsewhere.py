"""Resumes whose files live in a bucket: sent, shown, exported and erased as if they were in the database."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.playground.models import Message
from bot.playground.people import Person
from tests.loopback.accounts import owner
from tests.loopback.greenroom import PASSWORD, Greenroom
from tests.loopback.s3 import LoopbackS3
from tests.loopback.scenes import eventually, resume_pdf

PDF = resume_pdf()


@pytest.fixture
async def s3(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LoopbackS3]:
    monkeypatch.setattr("domain.adapters.s3._TRIES", 0)
    monkeypatch.setattr("bot.upkeep.CLEAR_SECONDS", 0.2)
    monkeypatch.setattr("bot.jobs.FIRST_PAUSE", 0.1)
    monkeypatch.setattr("bot.jobs.LONGEST_PAUSE", 0.3)
    async with LoopbackS3("resumes") as served:
        yield served


@pytest.fixture
async def elsewhere(dsn: str, tmp_path: Path, s3: LoopbackS3) -> AsyncIterator[Greenroom]:
    async with Greenroom(dsn, tmp_path, **s3.settings("s3://resumes/here")) as running:
        yield running


async def sends(ana: Person, name: str = "cv.pdf") -> None:
    await ana.sends(PDF, name)
    await ana.hears("Skills")


async def original(ana: Person) -> bytes:
    await ana.says("/resume")
    await ana.taps("Versions", on=await ana.hears("Skills"))
    await ana.taps("File", on=await ana.hears("Versions"))
    sent = await ana.receives("document", "cv.pdf")
    assert sent.file is not None
    return sent.file.content


async def test_a_resume_lives_and_dies_there(elsewhere: Greenroom, s3: LoopbackS3) -> None:
    ana = await owner(elsewhere)
    await sends(ana)
    (path, sealed), *others = s3.objects.items()
    assert not others
    assert path.startswith("resumes/here/")
    assert len(sealed) == len(PDF) + 29
    assert b"%PDF" not in sealed
    (row,) = await elsewhere.rows("SELECT sealed, place, doomed_at FROM blobs")
    assert tuple(row) == (None, "s3://resumes/here", None)
    assert await original(ana) == PDF
    await ana.says("/export")
    archive = (await ana.receives("document", "greenroom-")).file
    assert archive is not None
    with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
        assert opened.read("resumes/01-v1-cv.pdf") == PDF

    await ana.taps("Delete", on=await shown(ana))
    await ana.hears("sure|delete")
    await ana.taps("Yes")
    await eventually(lambda: is_clear(elsewhere, s3))
    await sends(ana)
    await ana.says("/delete")
    await ana.hears("type your password")
    await ana.says(PASSWORD)
    await ana.hears("is erased")
    await eventually(lambda: is_clear(elsewhere, s3))


async def shown(ana: Person) -> Message:
    await ana.says("/resume")
    return await ana.hears("Skills")


async def is_clear(greenroom: Greenroom, s3: LoopbackS3) -> bool:
    return not s3.objects and not await greenroom.rows("SELECT FROM blobs")


async def test_the_store_is_away_for_a_while(elsewhere: Greenroom, s3: LoopbackS3) -> None:
    """What is sent meanwhile waits, and is there once the store is back."""
    ana = await owner(elsewhere)
    s3.fails_with = 503
    await ana.sends(PDF, "cv.pdf")
    await ana.hears("cv.pdf")
    await eventually(lambda: was_put_off(elsewhere, "receive_resume"))
    s3.fails_with = None
    await ana.hears("Skills")
    s3.fails_with = 503
    await ana.says("/resume")
    await ana.taps("Versions", on=await ana.hears("Skills"))
    await ana.taps("File", on=await ana.hears("Versions"))
    await eventually(lambda: was_put_off(elsewhere, "send_original"))
    s3.fails_with = None
    sent = await ana.receives("document", "cv.pdf")
    assert sent.file is not None
    assert sent.file.content == PDF


async def was_put_off(greenroom: Greenroom, kind: str) -> bool:
    return bool(await greenroom.rows("SELECT FROM jobs WHERE kind = $1 AND last_error ~ '^files'", kind))


async def test_the_operator_moves(elsewhere: Greenroom, s3: LoopbackS3) -> None:
    """New files go where it is set, earlier ones are read where they were put."""
    ana = await owner(elsewhere)
    await sends(ana)
    elsewhere.settings = elsewhere.settings.model_copy(update={"blob_url": "postgres:"})
    await elsewhere.restarts()
    assert await original(ana) == PDF
    await ana.sends(PDF, "another.pdf")
    await ana.hears("Skills")
    places = [row["place"] for row in await elsewhere.rows("SELECT place FROM blobs ORDER BY created_at")]
    assert places == ["s3://resumes/here", None]
    await ana.says("/delete")
    await ana.hears("type your password")
    await ana.says(PASSWORD)
    await ana.hears("is erased")
    await eventually(lambda: is_clear(elsewhere, s3))
