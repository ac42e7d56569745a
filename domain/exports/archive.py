"""ZIP archives written piece by piece, so that none is ever in memory as a whole."""

from __future__ import annotations

import os
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO

from domain.resumes.wording import legible

LARGEST_PART = 48_000_000  # of the 50 MB that Telegram takes, whatever it means by MB
CHUNK = 1024 * 1024  # many may be packed at once, and each has up to that much in memory
LONGEST_NAME = 80
_ENTRY_OVERHEAD = 200
_UNSAFE = re.compile(r'[<>:"/\\|?*\s]+')


class Window(BytesIO):
    """The end of a file: what was taken from its beginning is elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self._taken = 0

    def tell(self) -> int:
        return self._taken + super().tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        moved = offset - self._taken if whence == os.SEEK_SET else offset
        return self._taken + super().seek(moved, whence)

    def take(self, least: int) -> Iterator[bytes]:
        """Everything that was written since the last time, in chunks, if it is that much."""
        with self.getbuffer() as written:
            size = len(written)
            if size < least:
                return
            for start in range(0, size, CHUNK):
                yield bytes(written[start : start + CHUNK])
        super().seek(0)
        self.truncate()
        self._taken += size


class Archive:
    """One ZIP archive. What `taken` gives, in its order, is the file; the last of it comes after `close`."""

    def __init__(self, at: datetime) -> None:
        self._window = Window()
        self._zip = zipfile.ZipFile(self._window, "w")
        self._at = at.timetuple()[:6]
        self._directory = 0

    @property
    def size(self) -> int:
        """How many bytes the archive would have if it were closed now, at most."""
        return self._window.tell() + self._directory

    def has_room(self, content: bytes) -> bool:
        """Whether Telegram takes the archive with this in it too."""
        return self.size + len(content) + _ENTRY_OVERHEAD <= LARGEST_PART

    def add(self, name: str, content: bytes) -> None:
        """Add a file; words are packed, and what was sent is left as it is."""
        entry = zipfile.ZipInfo(name, self._at)
        entry.external_attr = 0o600 << 16
        is_text = name.endswith((".json", ".txt"))
        entry.compress_type = zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED
        self._zip.writestr(entry, content)
        self._directory += _ENTRY_OVERHEAD + len(name.encode())

    def taken(self, least: int = 0) -> Iterator[bytes]:
        """What was written since the last time, in chunks; nothing yet where that is less than `least`."""
        return self._window.take(least)

    def close(self) -> None:
        """Nothing more is added."""
        self._zip.close()
        self._directory = 0


def safe_name(name: str) -> str:
    """A file's name as every system takes it, and readers of archives do: no folders, marks or blanks."""
    shown = "".join(c for c in legible(name) if unicodedata.category(c)[0] != "C")
    stem, dot, extension = _UNSAFE.sub("-", shown).strip("-. ").rpartition(".")
    if not dot:
        stem, extension = extension, ""
    return f"{stem[:LONGEST_NAME]}{dot}{extension[:10]}".strip("-. ") or "file"
