"""Which characters the fonts of this machine can draw: read from their `cmap` tables (OpenType 1.9)."""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

# What the fonts inside typst draw (Libertinus Serif, DejaVu Sans Mono), as far as a letter may need it.
EMBEDDED = (
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x384, 0x3CE),
    (0x400, 0x45F),
    (0x2010, 0x2027),
    (0x2030, 0x203A),
    (0x2190, 0x2193),
)
# Of no shape of their own: joiners, marks of direction, selectors of a variant.
INVISIBLE = frozenset({"Cf", "Cc", "Zl", "Zp", "Zs"})

Ranges = tuple[tuple[int, int], ...]


class Coverage:
    """Looks characters up in font files, reading no more of them than is needed."""

    def __init__(self, faces: Iterable[tuple[Path, int]]) -> None:
        self._unread = iter(sorted(set(faces), key=lambda face: (not _is_likely(face[0]), face)))
        self._read: list[Ranges] = [EMBEDDED]

    def lacking(self, text: str) -> set[str]:
        """The characters of a text that no font here draws."""
        left = {each for each in set(text) if not _is_invisible(each)}
        for ranges in self._ranges():
            left = {each for each in left if not _covers(ranges, ord(each))}
            if not left:
                break
        return left

    def _ranges(self) -> Iterator[Ranges]:
        yield from tuple(self._read)
        for path, index in self._unread:
            try:
                ranges = character_ranges(path, index)
            except (OSError, ValueError, struct.error):
                continue  # a file that is no font, or a broken one, draws nothing
            self._read.append(ranges)
            yield ranges


def _is_likely(path: Path) -> bool:
    """Whether it is a regular face, which has what the others of its family have."""
    return path.stem.endswith(("Regular", "Sans", "Fallback"))


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in INVISIBLE or "\ufe00" <= character <= "\ufe0f"


def _covers(ranges: Ranges, code: int) -> bool:
    return any(first <= code <= last for first, last in ranges)


def character_ranges(path: Path, index: int = 0) -> Ranges:
    """The characters that a face of a font file maps to a glyph.

    Raises `ValueError` or `struct.error` for what is no font, `OSError` for what cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(12)
        start = 0
        if head[:4] == b"ttcf":
            file.seek(12 + 4 * index)
            (start,) = struct.unpack(">I", file.read(4))
            file.seek(start)
            head = file.read(12)
        (tables,) = struct.unpack(">H", head[4:6])
        for _ in range(tables):
            tag, _, offset, length = struct.unpack(">4sIII", file.read(16))
            if tag == b"cmap":
                file.seek(offset)
                return _mapped(file.read(length))
    raise ValueError("no cmap")


def _mapped(cmap: bytes) -> Ranges:
    """The widest Unicode subtable: format 12 where there is one, else format 4."""
    (count,) = struct.unpack_from(">H", cmap, 2)
    found: dict[int, int] = {}
    for position in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", cmap, 4 + 8 * position)
        if platform == 0 or (platform == 3 and encoding in (1, 10)):
            (kind,) = struct.unpack_from(">H", cmap, offset)
            found.setdefault(kind, offset)
    if 12 in found:
        return tuple(_groups(cmap, found[12]))
    if 4 in found:
        return tuple(_segments(cmap, found[4]))
    raise ValueError("no Unicode subtable")


def _groups(cmap: bytes, at: int) -> Iterator[tuple[int, int]]:
    (count,) = struct.unpack_from(">I", cmap, at + 12)
    for position in range(count):
        first, last, glyph = struct.unpack_from(">III", cmap, at + 16 + 12 * position)
        yield (first if glyph else first + 1, last)


def _segments(cmap: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Format 4; a character whose glyph is 0 is not there."""
    (doubled,) = struct.unpack_from(">H", cmap, at + 6)
    count = doubled // 2
    words = f">{count}H"
    ends = struct.unpack_from(words, cmap, at + 14)
    starts = struct.unpack_from(words, cmap, at + 16 + doubled)
    deltas = struct.unpack_from(words, cmap, at + 16 + 2 * doubled)
    offsets_at = at + 16 + 3 * doubled
    offsets = struct.unpack_from(words, cmap, offsets_at)
    for position in range(count):
        first, last = starts[position], min(ends[position], 0xFFFE)
        if not offsets[position]:
            if first <= last:
                yield (first, last)
            continue
        glyphs = offsets_at + 2 * position + offsets[position]
        for code in range(first, last + 1):
            (glyph,) = struct.unpack_from(">H", cmap, glyphs + 2 * (code - first))
            if glyph and (glyph + deltas[position]) & 0xFFFF:
                yield (code, code)
