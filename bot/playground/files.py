"""Files sent in either direction: kept in memory up to a bound, the oldest dropped first."""

from __future__ import annotations

import mimetypes
import secrets
import struct
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum

MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
MAX_UPLOAD_BYTES = 50 * 1024 * 1024
MAX_PHOTO_BYTES = 10 * 1024 * 1024


class FileKind(StrEnum):
    DOCUMENT = "document"
    PHOTO = "photo"
    VOICE = "voice"


_PREFIXES = {FileKind.DOCUMENT: "BQACAgIAAxk", FileKind.PHOTO: "AgACAgIAAxk", FileKind.VOICE: "AwACAgIAAxk"}
_FOLDERS = {FileKind.DOCUMENT: "documents", FileKind.PHOTO: "photos", FileKind.VOICE: "voice"}


@dataclass(eq=False)
class StoredFile:
    """`width` and `height` are of photos in pixels, `duration` is of voice notes in seconds.

    Messages go on to name a file whose `content` was dropped to keep memory bounded and is empty by then.
    """

    file_id: str
    unique_id: str
    kind: FileKind
    name: str
    mime_type: str
    content: bytes
    path: str
    size: int
    width: int = 0
    height: int = 0
    duration: int = 0

    def as_api(self) -> dict[str, object]:
        """The Document, PhotoSize or Voice of the Bot API."""
        shown: dict[str, object] = {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": self.size,
        }
        if self.kind is FileKind.PHOTO:
            return shown | {"width": self.width, "height": self.height}
        shown["mime_type"] = self.mime_type
        if self.kind is FileKind.VOICE:
            return shown | {"duration": self.duration}
        return shown | {"file_name": self.name}


class FileStore:
    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.bytes_kept = 0
        self._files: OrderedDict[str, StoredFile] = OrderedDict()
        self._number = 0

    def add(
        self,
        kind: FileKind,
        name: str,
        content: bytes,
        mime_type: str = "",
        *,
        size: tuple[int, int] = (0, 0),
        duration: int = 0,
    ) -> StoredFile:
        guessed = mime_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        extension = mimetypes.guess_extension(guessed) if "." not in name else "." + name.rsplit(".", 1)[1]
        self._number += 1
        stored = StoredFile(
            file_id=_PREFIXES[kind] + secrets.token_urlsafe(36),
            unique_id=secrets.token_urlsafe(9),
            kind=kind,
            name=name,
            mime_type=guessed,
            content=content,
            path=f"{_FOLDERS[kind]}/file_{self._number}{extension or ''}",
            size=len(content),
            width=size[0],
            height=size[1],
            duration=duration,
        )
        self._files[stored.file_id] = stored
        self.bytes_kept += stored.size
        while self.bytes_kept > self.max_bytes and len(self._files) > 1:
            _, dropped = self._files.popitem(last=False)
            self.bytes_kept -= dropped.size
            dropped.content = b""
        return stored

    def get(self, file_id: str) -> StoredFile | None:
        return self._files.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        return next((stored for stored in self._files.values() if stored.path == path), None)


def image_size(content: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG, GIF, JPEG or WebP image; None if it is none of these."""
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return struct.unpack(">II", content[16:24])
        if content[:6] in (b"GIF87a", b"GIF89a"):
            return struct.unpack("<HH", content[6:10])
        if content.startswith(b"\xff\xd8"):
            return _jpeg_size(content)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _webp_size(content)
    except (struct.error, IndexError):
        pass
    return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    position = 2
    while content[position] == 0xFF:
        marker, length = struct.unpack(">BH", content[position + 1 : position + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return width, height
        position += 2 + length
    return None


def _webp_size(content: bytes) -> tuple[int, int] | None:
    form = content[12:16]
    if form == b"VP8X":
        width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
        return width, height
    if form == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8 ":
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None
