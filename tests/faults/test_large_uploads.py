"""An upload that ends in its middle: cut, stalled, or the program killed. Nothing half is kept."""

# ruff: noqa: ASYNC110  it watches the database, which sets no Event

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import asyncpg
import httpx
import pytest

from bot.playground.people import Person
from domain.adapters.blobs import Blobs
from domain.database import engine_for, transactions
from tests.loopback.candidates import sign_up
from tests.loopback.documents import pdf, stream, written
from tests.loopback.greenroom import Greenroom
from tests.loopback.processes import Installation
from tests.loopback.scenes import RESUME, eventually, member

pytestmark = pytest.mark.usefixtures("no_bugs")

SOON = 60.0  # a bound for a busy machine
PICTURE = stream(os.urandom(300_000), b"/Type /XObject /Subtype /Image /Width 9 /Height 9")
PDF = pdf(written(RESUME), more={1000: PICTURE})
LARGE = pdf(written(RESUME), more={1000: stream(bytes(6 << 20), b"/Type /XObject /Subtype /Image")})
KEPT = "SELECT count(*) FROM blobs WHERE doomed_at IS NULL"
LEFT = "SELECT count(*) FROM blobs WHERE doomed_at IS NOT NULL"


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.resumes.originals.CHUNK", 50_000)
    monkeypatch.setattr("bot.jobs.FIRST_PAUSE", 0.1)


async def comes_back_whole(greenroom: Greenroom, ana: Person) -> None:
    await ana.hears("analysed in", SOON)
    assert len(await greenroom.rows("SELECT id FROM resumes")) == 1
    assert [row["count"] for row in await greenroom.rows(KEPT)] == [1]
    await ana.taps("Versions", on=await ana.hears("Skills", SOON))
    await ana.taps("File", on=await ana.hears("Versions", SOON))
    sent = await ana.receives("document", "cv.pdf", SOON)
    assert sent.file is not None
    assert sent.file.content == PDF


async def test_cut_in_the_middle(greenroom: Greenroom) -> None:
    """Another try gets it, and of the first nothing is left."""
    ana = await member(greenroom)
    greenroom.telegram.faults.cut_short(times=2)
    await ana.sends(PDF, "cv.pdf")
    await comes_back_whole(greenroom, ana)
    assert not greenroom.telegram.faults.planned
    assert [row["count"] for row in await greenroom.rows(LEFT)] == [0]


async def test_stalled_in_the_middle(greenroom: Greenroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.telegram.FILE_TIMEOUT", httpx.Timeout(10.0, read=0.5))
    ana = await member(greenroom)
    greenroom.telegram.faults.cut_short(seconds=3600)
    await ana.sends(PDF, "cv.pdf")
    await eventually(lambda: was_put_off(greenroom))
    assert [row["count"] for row in await greenroom.rows(LEFT)] == [0]
    monkeypatch.undo()
    await comes_back_whole(greenroom, ana)


async def was_put_off(greenroom: Greenroom) -> bool:
    return bool(await greenroom.rows("SELECT FROM jobs WHERE last_error = 'telegram.file'"))


async def test_killed_in_the_middle(dsn: str, tmp_path: Path) -> None:
    """What had come by then is found by its row, and goes when nobody can keep it any more."""
    async with Installation(dsn, tmp_path) as installation:
        ana, reached = installation.telegram.person("Ana"), await asyncpg.connect(dsn)
        await sign_up(dsn, [ana])
        replica = await installation.serves(forked=True)
        installation.telegram.faults.cut_short(seconds=3600)
        await ana.sends(LARGE, "cv.pdf")
        async with asyncio.timeout(SOON):
            while not await reached.fetch("SELECT FROM blob_chunks WHERE number = 1"):
                await asyncio.sleep(0.05)
        replica.kill()
        await replica.exit_code()
        await installation.serves(forked=True)
        await ana.hears("analysed in", SOON)
        kept = await reached.fetch("SELECT key, chunks FROM blobs WHERE doomed_at IS NULL")
        left = await reached.fetch("SELECT key FROM blobs WHERE doomed_at > now()")
        assert ([row["chunks"] for row in kept], len(left)) == ([7], 1)
        blobs = Blobs(transactions(engine := engine_for(dsn, pool_size=1)))
        assert await blobs.clear() == 0, "it might be kept yet"
        await reached.execute("UPDATE blobs SET doomed_at = now() WHERE doomed_at IS NOT NULL")
        assert await blobs.clear() == 1
        assert [row["key"] for row in await reached.fetch("SELECT key FROM blobs")] == [kept[0]["key"]]
        assert len(await reached.fetch("SELECT FROM blob_chunks")) == 6
        await ana.taps("Versions", on=await ana.hears("Skills", SOON))
        await ana.taps("File", on=await ana.hears("Versions", SOON))
        sent = await ana.receives("document", "cv.pdf", SOON)
        assert sent.file is not None
        assert sent.file.content == LARGE
        await engine.dispose()
        await reached.close()
