"""Photos of resumes become pictures made anew."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.loopback.documents import BytesReader, photo, refusal, shown

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
async def test_are_made_anew_within_bounds(reader: BytesReader, kind: str) -> None:
    place = Image.Exif()
    place[0x010E] = "taken at home"
    place[0x0112] = 3  # upside down
    found = await reader.read(photo(kind, (3000, 4000), exif=place) + b"PK more", "cv.pdf")
    assert (found.text, found.file_type, found.is_scan) == ("", kind.lower(), True)
    (picture,) = found.pictures
    assert shown(picture).size == (1500, 2000)
    assert shown(picture).getpixel((1490, 1990)) == pytest.approx((0, 0, 0), abs=9)
    assert not shown(picture).getexif()
    assert b"home" not in picture.content


async def test_what_is_transparent_is_paper(reader: BytesReader) -> None:
    page = Image.new("RGBA", (200, 300), (0, 0, 0, 0))
    page.paste("black", (50, 50, 80, 80))
    content = io.BytesIO()
    page.save(content, "PNG")
    (picture,) = (await reader.read(content.getvalue(), "cv.png")).pictures
    assert shown(picture).getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(photo("JPEG")[:500], "file.damaged", id="cut off"),
        pytest.param(photo("PNG", (60, 60)), "file.small_picture", id="small"),
        pytest.param(photo("PNG", (9000, 9000)), "file.too_complex", id="bomb"),
        pytest.param(b"\xff\xd8\xff\xe0" + b"\0" * 100, "file.damaged", id="no photo"),
    ],
)
async def test_refused(reader: BytesReader, content: bytes, reason: str) -> None:
    assert (await refusal(reader, content, "cv.jpg")).reason == reason
