"""Plain text files."""

from __future__ import annotations

import codecs
import re

from domain.adapters.reader.text import Document, Unreadable

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def read(content: bytes) -> Document:
    """Raises `Unreadable`."""
    text = decoded(content)
    if not text.strip("\ufeff\f \t\r\n"):
        raise Unreadable("file.blank")
    return Document(text)


def decoded(content: bytes) -> str:
    """The characters of a text in UTF-8 or marked UTF-16. Raises `Unreadable` with "file.unsupported"."""
    try:
        text = content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("file.unsupported") from error
    if _CONTROLS.search(text):
        raise Unreadable("file.unsupported")
    return text
