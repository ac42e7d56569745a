"""What is no resume is refused with a word for it; plain text is read."""

from __future__ import annotations

import asyncio
import io
import sys
import zipfile

import pytest

from domain.adapters.documents import MAX_BYTES
from domain.resumes.analysis import FileType
from tests.loopback.documents import LINES, BytesReader, docx, pdf, refusal, written

pytestmark = pytest.mark.asyncio(loop_scope="module")


def zipped(name: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, pdf(written(LINES)))
    return content.getvalue()


OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{\\rtf1\\ansi Jane}", "rtf"),
        (b"<html><body>Jane</body></html>", "html"),
        (b"<?xml version='1.0'?>\n<?mso-application progid='Word.Document'?>", "legacy_word"),
        (b"MZ" + b"\x01" * 100, "unsupported"),
        (b"GIF89a" + b"\0" * 100, "other_picture"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 100, "heic"),
        (docx(parts={"xl/workbook.xml": "<workbook/>"}), "office"),
        (docx(content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.x"), "office"),
        (OLE2 + "Workbook".encode("utf-16-le"), "office"),
        (docx(parts={"mimetype": "application/vnd.oasis.opendocument.text"}), "opendocument"),
        (docx(parts={"Index/Document.iwa": ""}), "pages"),
        (zipped("cv.pdf"), "archive"),
        (b"[InternetShortcut]\r\nURL=https://docs.example.com/d/1", "link"),
        (b'{"url": "https://docs.example.com/open?id=1", "doc_id": "1"}', "link"),
        (b"\x00\x01\x02\x03", "unsupported"),
        (b" \r\n", "blank"),
    ],
)
async def test_refused_by_its_kind(reader: BytesReader, content: bytes, reason: str) -> None:
    assert (await refusal(reader, content, "photo.bin")).reason == f"file.{reason}"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
async def test_plain_text_is_read(reader: BytesReader, encoding: str) -> None:
    found = await reader.read("José Example\r\nIngeniero\r\n".encode(encoding), "cv.txt")
    assert (found.text, found.file_type) == ("José Example\nIngeniero", FileType.TEXT)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "file.empty"),
        (b"\0" * (MAX_BYTES + 1), "file.too_large"),
        (OLE2 + "WordDocument".encode("utf-16-le"), "file.legacy_word"),
        (OLE2 + "EncryptedPackage".encode("utf-16-le"), "file.encrypted"),
        (b"\x00\x01 nothing that begins like a PDF", "file.damaged"),
        (b"%PDF-1.7\n", "file.damaged"),
    ],
)
async def test_refused(reader: BytesReader, content: bytes, reason: str) -> None:
    assert (await refusal(reader, content, "resume.pdf")).reason == reason


async def test_the_name_does_not_matter(reader: BytesReader) -> None:
    assert (await reader.read(docx(), "resume.pdf")).file_type is FileType.DOCX
    assert (await reader.read(b"<b>\n" + pdf(written(LINES)), "resume.docx")).file_type is FileType.PDF


async def test_the_program_itself_loads_no_parser() -> None:
    script = (
        "import sys, domain.adapters.documents\n"
        "loaded = {'pypdf', 'pypdfium2', 'pypdfium2_raw', 'docx', 'lxml', 'pyseccomp'} & set(sys.modules)\n"
        "sys.exit(f'{loaded} are loaded' if loaded else 0)"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
    assert await asyncio.wait_for(process.wait(), 60) == 0
