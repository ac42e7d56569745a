"""Text, links and hidden words of a PDF: pdfium first, pypdf where pdfium finds nothing to read.

Where neither does, the pages are drawn: a scan, or letters turned into shapes.
"""

from __future__ import annotations

import ctypes
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import pypdf
import pypdfium2.raw as pdfium
from PIL import Image

from domain.adapters.reader import picture
from domain.adapters.reader.annotations import form_of, put_on
from domain.adapters.reader.drawing import draw, has_huge_image, share_of_images
from domain.adapters.reader.layout import reading_order
from domain.adapters.reader.page import SCANNED, PageText
from domain.adapters.reader.text import (
    MAX_CHARACTERS,
    MAX_LINK_CHARACTERS,
    MAX_LINKS,
    Document,
    Unreadable,
    clean,
)

MAX_PAGES = 100
_FEW_CHARACTERS = 20  # of a whole document: below this, the second reader has a look too
_HIDDEN_MESSAGE = 40  # letters in a row: an icon with a spoken name or a cut-off page number is none
_HYPHEN_IN_A_LINE = re.compile("\u00ad(?! *(?:\n|$))")  # some fonts' only hyphen is the soft one
_DRAWING_SECONDS = 4.0  # for all pages, so that time is left for their words
_MAX_STREAM = 20_000_000
_BOUNDED = (
    "maximum_declared_stream_length",
    "array_based_stream_maximum_output_length",
    "lzw_maximum_output_length",
    "run_length_maximum_output_length",
    "zlib_maximum_output_length",
)

_OWN_LINES = b" ".join(b"(What is read, %d) Tj 0 -14 Td" % line for line in range(30))
_OWN_PAGE = b"""%%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >> endobj
4 0 obj << /Length %d >> stream
BT /F 11 Tf 50 700 Td %s ET
endstream endobj
5 0 obj << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> endobj
trailer << /Root 1 0 R >>
""" % (len(_OWN_LINES) + 24, _OWN_LINES)

pdfium.FPDF_InitLibrary()


def warm_up() -> None:
    """Read a page of our own, so that what takes longer the first time is done once and not in each fork."""
    for _ in range(4):
        clean(_read_with_pdfium(_OWN_PAGE)[0].text)


def read(content: bytes) -> Document:
    """Raises `Unreadable` with "file.encrypted", "file.damaged" or "file.blank"."""
    document, is_scan = _words(content)
    letters = sum(map(str.isalnum, clean(document.text[:MAX_CHARACTERS])))
    if letters == 0 or (letters < picture.FEW_LETTERS * document.pages and _is_pictures(content)):
        pictures = _pictures(content)
        if pictures or letters == 0:
            document.text, document.pictures = "", pictures
    elif is_scan:
        document.pictures = _pictures(content)
    return document


def _words(content: bytes) -> tuple[Document, bool]:
    """The document, and whether its words were laid over scans."""
    document, characters, is_scan = None, 0, False
    try:
        document, characters, is_scan = _read_with_pdfium(content)
    except Unreadable as error:
        if error.reason == "file.encrypted":
            raise
    if document is None or characters < _FEW_CHARACTERS:
        second = _read_with_pypdf(content)
        if second is not None and (document is None or len(second.text) > _FEW_CHARACTERS):
            return second, False
    if document is None:
        raise Unreadable("file.damaged")
    return document, is_scan


def _read_with_pdfium(content: bytes) -> tuple[Document, int, bool]:
    """The document, how many characters it has, seen or not, and whether most were laid over scans."""
    found, characters, over_scans, hidden, length = Document(""), 0, 0, 0, 0
    texts: list[str] = []
    draw_until = monotonic() + _DRAWING_SECONDS
    with _opened(content) as document, form_of(document) as form:
        found.pages = pdfium.FPDF_GetPageCount(document)
        for index in range(min(found.pages, MAX_PAGES)):
            page = pdfium.FPDF_LoadPage(document, index)
            if not page:
                continue
            found.links += _links(document, page)
            if put_on(page, form):
                pdfium.FPDF_ClosePage(page)
                page = pdfium.FPDF_LoadPage(document, index)
            reading = PageText(page)
            words = reading.words(may_draw=monotonic() < draw_until)
            texts.append(_HYPHEN_IN_A_LINE.sub("-", reading_order(words)))
            hidden = max(hidden, reading.hidden)
            characters += reading.characters
            over_scans += reading.characters if reading.is_scan else 0
            length += len(texts[-1])
            reading.close()
            pdfium.FPDF_ClosePage(page)
            if length > MAX_CHARACTERS:
                break
    found.text, found.hidden = "\n\n".join(texts), hidden >= _HIDDEN_MESSAGE
    return found, characters, 2 * over_scans > characters


def _is_pictures(content: bytes) -> bool:
    """Whether pictures cover most of the first page."""
    with _opened(content) as document, _loaded(document, 0) as page:
        return page is not None and share_of_images(page) > SCANNED


def _pictures(content: bytes) -> list[bytes]:
    """The first pages as JPEGs, as far as they can be drawn in time and memory.

    Raises `Unreadable` with "file.blank" where there is nothing on any of them.
    """
    pictures: list[bytes] = []
    blank = 0
    draw_until = monotonic() + _DRAWING_SECONDS
    with _opened(content) as document:
        pages = min(pdfium.FPDF_GetPageCount(document), picture.MAX_PICTURES)
        for index in range(pages):
            with _loaded(document, index) as page:
                if page is None or has_huge_image(page) or monotonic() > draw_until:
                    continue
                drawn = _sheet(page)
            if picture.is_blank(drawn):
                blank += 1
            elif sum(map(len, pictures)) + len(made := picture.jpeg(drawn)) <= picture.MAX_PICTURES_BYTES:
                pictures.append(made)
    if pages and blank == pages:
        raise Unreadable("file.blank")
    return pictures


def _sheet(page: Any) -> Image.Image:
    width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    scale = picture.LONG_SIDE / max(width, height, 1.0)
    drawn = draw(page, max(1, int(width * scale)), max(1, int(height * scale)))
    return Image.frombytes("L", (drawn.width, drawn.height), drawn.pixels, "raw", "L", drawn.stride)


@contextmanager
def _loaded(document: Any, index: int) -> Iterator[Any]:
    """A page, or None where it is broken."""
    page = pdfium.FPDF_LoadPage(document, index)
    yield page or None
    if page:
        pdfium.FPDF_ClosePage(page)


@contextmanager
def _opened(content: bytes) -> Iterator[Any]:
    document = pdfium.FPDF_LoadMemDocument64(content, len(content), None)
    if not document:
        is_locked = pdfium.FPDF_GetLastError() in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
        raise Unreadable("file.encrypted" if is_locked else "file.damaged")
    yield document
    pdfium.FPDF_CloseDocument(document)


def _links(document: Any, page: Any) -> Iterator[str]:
    """Where the link annotations of a page lead."""
    position, link = ctypes.c_int(0), pdfium.FPDF_LINK()
    address = ctypes.create_string_buffer(MAX_LINK_CHARACTERS + 1)
    for _ in range(MAX_LINKS):
        if not pdfium.FPDFLink_Enumerate(page, position, link):
            break
        action = pdfium.FPDFLink_GetAction(link)
        if not action or pdfium.FPDFAction_GetType(action) != pdfium.PDFACTION_URI:
            continue
        if pdfium.FPDFAction_GetURIPath(document, action, address, len(address)) <= len(address):
            yield address.value.decode("utf-8", "replace")


def _read_with_pypdf(content: bytes) -> Document | None:
    """What pypdf makes of it, if anything."""
    texts: list[str] = []
    limits = pypdf.get_configuration().with_overwrites(**dict.fromkeys(_BOUNDED, _MAX_STREAM))
    with pypdf.apply_configuration(limits):
        try:
            reader = pypdf.PdfReader(io.BytesIO(content), strict=False)
            for index in range(min(len(reader.pages), MAX_PAGES)):
                texts.append(reader.pages[index].extract_text())
                if sum(map(len, texts)) > MAX_CHARACTERS:
                    break
        except (MemoryError, RecursionError):
            raise
        except Exception:  # it raises nearly anything on a broken file; what was read until then is kept
            if not texts:
                return None
    return Document("\n\n".join(texts), len(texts))
