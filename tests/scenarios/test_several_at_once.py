"""Several files from one person at once: two resumes keep their order, photos of an album are no resumes."""

from __future__ import annotations

import os

import pytest

from tests.loopback.documents import pdf, show, stream, written
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import RESUME, member, photo, resume_pdf

PICTURE = stream(os.urandom(3_000_000), b"/Type /XObject /Subtype /Image /Width 9 /Height 9")
LARGE = pdf(written(RESUME), *(show(f"Page {page}") for page in range(60)), more={1000: PICTURE})


@pytest.mark.parametrize("is_killed", [False, True], ids=["running", "killed"])
async def test_two_files_keep_their_order(greenroom: Greenroom, is_killed: bool) -> None:
    ana = await member(greenroom)
    await ana.sends(resume_pdf(), "old.pdf")
    await ana.hears("^Skills: ")
    greenroom.telegram.faults.slow("getFile", seconds=1.0)  # the first of them comes late and is long
    await ana.sends(LARGE, "large.pdf")
    await ana.sends(resume_pdf(), "small.pdf")
    if is_killed:
        await ana.hears("Got small.pdf")
        await greenroom.dies()
        greenroom.start()
    await ana.hears("✓ large.pdf read and analysed")
    place = await ana.hears("Is this a new version")
    assert [button.text for button in place.buttons] == ["New version of “old”", "Another resume"]
    await ana.hears("✓ small.pdf read and analysed")
    later = await ana.hears("^If it is a new version of your earlier resume")
    assert later.buttons[0].text == "New version of “large”"

    await ana.taps("Another resume", on=place)
    await ana.hears("of its own")
    await ana.taps("New version of “large”", on=later)
    await ana.hears("Kept as a new version")
    rows = await greenroom.rows("SELECT file_name, version FROM resumes ORDER BY created_at")
    assert [tuple(row) for row in rows] == [("old.pdf", 1), ("large.pdf", 1), ("small.pdf", 2)]


async def test_photos_of_an_album_are_taken_for_pages(greenroom: Greenroom) -> None:
    """Each by itself would be a resume, with a question whether it is a version of the one before."""
    ana = await member(greenroom)
    for _ in range(3):
        await ana.sends(photo(), "page.jpg", album="13579")
    await ana.hears("please put them into one PDF")
    await ana.says("/resume")
    await ana.hears("Send me your resume")
    assert sum("into one PDF" in message.text for message in ana.bot_messages) == 1
    assert await greenroom.rows("SELECT FROM jobs WHERE kind = 'receive_resume'") == []
