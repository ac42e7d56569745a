"""The words of one PDF page, where they stand, and whether a person would see them."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise, repeat
from math import hypot
from statistics import median
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium  # the raw layer: its helpers cost an object and several calls a character

from domain.adapters.reader.drawing import draw, drop_replacements, has_huge_image
from domain.adapters.reader.layout import Box, is_right_to_left

_TINY = 2.0  # points; what is smaller reads as a smear
_SQUEEZED = 0.1  # glyphs this narrow for their height are replacement text spread over other glyphs
_CONTRAST = 12  # grey levels of 255 between ink and ground that an eye still tells apart
_LIGHT = 235
_PIXELS_PER_POINT = 1.0
_MAX_PIXELS = 4_000_000
_MIN_PIXELS_PER_POINT = 0.6
_MAX_CHARACTERS = 100_000
_LINE_ENDS = frozenset({0x0A, 0x0D})
_BREAKS = frozenset({0x00, 0x09, 0x20, 0xA0, 0x3000}) | _LINE_ENDS
_HYPHENS = frozenset({0x02, 0xFFFE})  # what pdfium makes of a hyphen at the end of a line
_WORD_GAP = 0.15  # of the size, between letters that otherwise stand close: a space that is not in the file
_CLOSE = 0.05
_SOFT_HYPHEN = "\u00ad"
_LAM, _ALEFS = "\u0644", "\u0622\u0623\u0625\u0627"  # drawn as one glyph, whose letters pdfium swaps
_PLAIN_LETTERS = re.compile("[\u0000-\u024f\u2000-\u206f]+")


def _plain(function: Any, result: Any, *arguments: Any) -> Any:
    """A function of pdfium that takes addresses as numbers: nothing is made or checked for each call."""
    address = ctypes.cast(function, ctypes.c_void_p).value
    return ctypes.CFUNCTYPE(result, *arguments)(address or 0)


_CHARACTER = (ctypes.c_void_p, ctypes.c_int)  # the page of text and the index on it
_code_of = _plain(pdfium.FPDFText_GetUnicode, ctypes.c_uint, *_CHARACTER)
_place_of = _plain(pdfium.FPDFText_GetLooseCharBox, ctypes.c_int, *_CHARACTER, ctypes.c_void_p)
_origin_of = _plain(
    pdfium.FPDFText_GetCharOrigin, ctypes.c_int, *_CHARACTER, ctypes.c_void_p, ctypes.c_void_p
)


@dataclass(frozen=True, slots=True)
class Frame:
    """Maps the coordinates of a page to points from its upper left corner, as it is shown."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float
    width: float
    height: float

    @classmethod
    def of(cls, page: Any) -> Frame:
        shown = pdfium.FS_RECTF()
        pdfium.FPDF_GetPageBoundingBox(page, shown)
        matrix = (
            (1.0, 0.0, 0.0, -1.0, -shown.left, shown.top),
            (0.0, 1.0, 1.0, 0.0, -shown.bottom, -shown.left),
            (-1.0, 0.0, 0.0, 1.0, shown.right, -shown.bottom),
            (0.0, -1.0, -1.0, 0.0, shown.top, shown.right),
        )[pdfium.FPDFPage_GetRotation(page) % 4]
        return cls(*matrix, pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page))

    def point(self, x: float, y: float) -> tuple[float, float]:
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def glyphs(self, places: array[float], origins: array[float]) -> Iterator[Glyph]:
        """Characters by their left, top, right and bottom each, and the x and y where they begin."""
        lefts, tops, rights, bottoms = (places[side::4] for side in range(4))
        e, f = self.e, self.f
        if self.a == 1.0:  # nearly every page
            columns = (
                [left + e for left in lefts],
                [f - top for top in tops],
                [right + e for right in rights],
                [f - bottom for bottom in bottoms],
                [f - y for y in origins[1::2]],
            )
            yield from map(
                tuple.__new__, repeat(Glyph), zip(*columns, strict=True)
            )  # as Glyph(…), but faster
            return
        for left, top, right, bottom, x, y in zip(
            lefts, tops, rights, bottoms, origins[0::2], origins[1::2], strict=True
        ):
            x0, y0 = self.point(left, top)
            x1, y1 = self.point(right, bottom)
            yield Glyph(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1), self.point(x, y)[1])


class Raster:
    """The page as an eye sees it, in grey, to tell words with ink from words without."""

    def __init__(self, page: Any, frame: Frame) -> None:
        area = max(frame.width * frame.height, 1.0)
        self.scale = min(_PIXELS_PER_POINT, (_MAX_PIXELS / area) ** 0.5)
        self.width = max(1, int(frame.width * self.scale))
        self.height = max(1, int(frame.height * self.scale))
        drawn = draw(page, self.width, self.height)
        self.stride, self.pixels = drawn.stride, drawn.pixels

    def under(self, box: Box) -> bytes:
        """The grey levels of the pixels under a box, from 0 (black) to 255."""
        return b"".join(self._rows(box))

    def has_contrast(self, box: Box) -> bool:
        """Whether there is more than one shade under a box, as there is where a word is drawn."""
        rows = self._rows(box)
        if rows and (middle := rows[len(rows) // 2]) and max(middle) - min(middle) >= _CONTRAST:
            return True  # nearly every word, at a fraction of the time
        under = b"".join(rows)
        return bool(under) and max(under) - min(under) >= _CONTRAST

    def _rows(self, box: Box) -> list[bytes]:
        left = max(0, int(box.x0 * self.scale))
        right = min(self.width, int(box.x1 * self.scale) + 1)
        top, bottom = max(0, int(box.y0 * self.scale)), min(self.height, int(box.y1 * self.scale) + 1)
        rows = range(top * self.stride, bottom * self.stride, self.stride)
        return [self.pixels[row + left : row + right] for row in rows]


class PageText:
    """Reads the words of a page; `hidden` is afterwards the length of the longest stretch left out."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._frame = Frame.of(page)
        self._text = pdfium.FPDFText_LoadPage(page)
        self._matrix = pdfium.FS_MATRIX()
        self._colour = tuple(ctypes.c_uint() for _ in range(4))
        self.characters = 0
        self.hidden = 0

    def close(self) -> None:
        pdfium.FPDFText_ClosePage(self._text)

    def words(self, *, may_draw: bool = True) -> list[Box]:
        """The words a person would see, in the order of the file; without drawing, fewer are found out."""
        runs = self._runs()
        if replacements := drop_replacements(self._page):
            runs = self._shown_instead(replacements, runs)
        draws = may_draw and bool(runs) and not has_huge_image(self._page)
        raster = Raster(self._page, self._frame) if draws else None
        self.characters = sum(len(run.letters) for run in runs)
        return [run.box for run in self._note_hidden(runs, lambda run: self._is_seen(run, raster))]

    def _shown_instead(self, replacements: list[str], replaced: list[_Run]) -> list[_Run]:
        """The glyphs themselves where texts stood in for them, unless their font does not tell letters."""
        self.close()
        self._text = pdfium.FPDFText_LoadPage(self._page)
        runs = self._runs()
        shown = _letters_of("".join(letter for run in runs for letter in run.letters))
        if 2 * len(shown) < len(_letters_of("".join(letter for run in replaced for letter in run.letters))):
            return replaced
        untrue = (letters for text in replacements if (letters := _letters_of(text)) not in shown)
        self.hidden = max(map(len, untrue), default=0)
        return runs

    def _note_hidden(self, runs: list[_Run], is_seen: Callable[[_Run], bool]) -> list[_Run]:
        """Those that are seen; of the others the longest stretch is remembered."""
        kept: list[_Run] = []
        for seen, stretch in groupby(runs, key=is_seen):
            if seen:
                kept += stretch
            else:
                self.hidden = max(self.hidden, sum(len(run.letters) for run in stretch))
        return kept

    def _runs(self) -> list[_Run]:
        """Characters joined to words: until a space, a gap, or another line that is not a raised letter's."""
        runs: list[_Run] = []
        run: _Run | None = None
        is_line_end = False
        for index, code, has_place, glyph in self._characters():
            if code in _BREAKS or not has_place:
                if code in _LINE_ENDS:
                    is_line_end = True
                else:
                    run = None
                continue
            goes_on = run is not None and ((not is_line_end and run.takes(glyph)) or run.touches(glyph))
            if run is None or not goes_on:
                run = _Run(index, self._font_size(index))
                runs.append(run)
            is_line_end = False
            run.add(_SOFT_HYPHEN if code in _HYPHENS else chr(code), glyph)
        return [part for run in runs for part in run.parts()]

    def _characters(self) -> Iterator[tuple[int, int, int, Glyph]]:
        """Index, code, whether it has a place, and that place. All are asked for before any is looked at:
        in a loop, the ways to pdfium and back cost several times what they bring."""
        indices = range(min(pdfium.FPDFText_CountChars(self._text), _MAX_CHARACTERS))
        places, origins = array("f", bytes(16 * len(indices))), array("d", bytes(16 * len(indices)))
        place, origin = (range(a, a + 16 * len(indices), 16) for a in (_address(places), _address(origins)))
        page = ctypes.cast(self._text, ctypes.c_void_p).value
        codes = list(map(_code_of, repeat(page), indices))
        have_places = list(map(_place_of, repeat(page), indices, place))
        deque(map(_origin_of, repeat(page), indices, origin, (at + 8 for at in origin)), maxlen=0)
        return zip(indices, codes, have_places, self._frame.glyphs(places, origins), strict=True)

    def _font_size(self, index: int) -> float:
        pdfium.FPDFText_GetMatrix(self._text, index, self._matrix)
        return float(pdfium.FPDFText_GetFontSize(self._text, index)) * hypot(self._matrix.c, self._matrix.d)

    def _is_seen(self, run: _Run, raster: Raster | None) -> bool:
        box = run.box
        if run.size < _TINY or run.is_squeezed:
            return False
        if box.x1 <= 0 or box.y1 <= 0 or box.x0 >= self._frame.width or box.y0 >= self._frame.height:
            return False
        if raster is None or raster.scale < _MIN_PIXELS_PER_POINT:
            return True
        if not raster.has_contrast(box):
            return not self._can_be_drawn(run)
        if not self._is_white(run):
            return True
        under = raster.under(box)
        return sum(pixel >= _LIGHT for pixel in under) <= 0.7 * len(under)

    def _can_be_drawn(self, run: _Run) -> bool:
        """Whether pdfium draws a word: not if its font is neither in the file nor one of pdfium's own."""
        text_object = pdfium.FPDFText_GetTextObject(self._text, run.first)
        font = text_object and pdfium.FPDFTextObj_GetFont(text_object)
        is_embedded = bool(font) and pdfium.FPDFFont_GetIsEmbedded(font) == 1
        return is_embedded or _PLAIN_LETTERS.fullmatch("".join(run.letters)) is not None

    def _is_white(self, run: _Run) -> bool:
        if not pdfium.FPDFText_GetFillColor(self._text, run.first, *self._colour):
            return False
        return min(part.value for part in self._colour[:3]) >= 255 - _CONTRAST


def _address(numbers: array[float]) -> int:
    return numbers.buffer_info()[0]


def _letters_of(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


class Glyph(NamedTuple):
    """Where one character stands; `base` is the y of the line it is written on."""

    x0: float
    y0: float
    x1: float
    y1: float
    base: float


class _Run:
    """The characters of one word."""

    def __init__(self, first: int, font_size: float) -> None:
        self.first = first
        self.letters: list[str] = []
        self._glyphs: list[Glyph] = []
        self._last: Glyph
        self._font_size = font_size
        self._tallest = 0.0
        self._box: Box | None = None  # known when all are added

    def add(self, letter: str, glyph: Glyph) -> None:
        self.letters.append(letter)
        self._glyphs.append(glyph)
        self._last = glyph
        x0, y0, x1, y1, _ = glyph
        if y1 - y0 > self._tallest or x1 - x0 > self._tallest:
            self._tallest = max(y1 - y0, x1 - x0)

    def takes(self, glyph: Glyph) -> bool:
        """Whether a glyph stands next to the last one: files may jump without a space."""
        last = self._last
        if last[4] == glyph[4] and 0 <= glyph[0] - last[0] <= self._tallest:
            return True  # nearly every glyph
        size = self.size
        if abs(last.base - glyph.base) <= 0.3 * size:
            return max(glyph.x0 - last.x1, last.x0 - glyph.x1) <= size
        is_written_upwards = min(last.x1, glyph.x1) > max(last.x0, glyph.x0)
        return is_written_upwards and max(glyph.y0 - last.y1, last.y0 - glyph.y1) <= 0.5 * size

    def touches(self, glyph: Glyph) -> bool:
        """Whether a glyph goes on where the last one ends, raised or lowered ("1st")."""
        last = self._last
        height = min(last.y1 - last.y0, glyph.y1 - glyph.y0)
        overlap = min(last.y1, glyph.y1) - max(last.y0, glyph.y0)
        return abs(glyph.x0 - last.x1) <= 0.12 * height and overlap > 0.3 * height

    def parts(self) -> list[_Run]:
        """The words it holds: some files leave gaps that are too narrow for pdfium to find a space in."""
        if len(self._glyphs) < 4:
            return [self]
        gaps = [b.x0 - a.x1 for a, b in pairwise(self._glyphs)]
        if max(gaps) <= _WORD_GAP * self.size or abs(median(gaps)) > _CLOSE * self.size:
            return [self]
        words = [_Run(self.first, self._font_size)]
        for index, glyph in enumerate(self._glyphs):
            if index and gaps[index - 1] > _WORD_GAP * self.size:
                words.append(_Run(self.first + index, self._font_size))
            words[-1].add(self.letters[index], glyph)
        return words

    @property
    def size(self) -> float:
        """In points. The font's own figure is not trusted far beyond the glyphs: Type 3 fonts make it up."""
        return max(self._tallest, min(self._font_size, 3 * self._tallest))

    @property
    def is_squeezed(self) -> bool:
        sides = (sorted((g.x1 - g.x0, g.y1 - g.y0)) for g in self._glyphs)
        return len(self._glyphs) > 2 and all(short < _SQUEEZED * long for short, long in sides)

    def text(self) -> str:
        """The letters as they are spelled: pdfium leaves some right-to-left words as they are drawn."""
        text = "".join(self.letters)
        if not is_right_to_left(text):
            first, last = self._glyphs[0], self._glyphs[-1]
            if first.x0 > (last.x0 + last.x1) / 2:  # a sign of an address amid such words
                spelled = sorted(zip(self._glyphs, self.letters, strict=True), key=lambda each: each[0].x0)
                return "".join(letter for _, letter in spelled)
            return text
        steps = list(pairwise(self._glyphs))
        is_as_drawn = sum(b.x0 > a.x0 for a, b in steps) > sum(b.x0 < a.x0 for a, b in steps)
        letters = self.letters[::-1] if is_as_drawn else list(self.letters)
        glyphs = self._glyphs[::-1] if is_as_drawn else self._glyphs
        for i, (first, second) in enumerate(pairwise(glyphs)):
            if first == second and letters[i] in _ALEFS and letters[i + 1] == _LAM:
                letters[i : i + 2] = letters[i + 1], letters[i]
        return "".join(letters)

    @property
    def box(self) -> Box:
        if self._box is None:
            lefts, tops, rights, bottoms, bases = zip(*self._glyphs, strict=True)
            self._box = Box(self.text(), min(lefts), min(tops), max(rights), max(bottoms), bases[0])
        return self._box
