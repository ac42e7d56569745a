"""The characters of a PDF page and where they stand, asked of pdfium for all of them at once."""

from __future__ import annotations

import ctypes
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from math import hypot, pi
from operator import sub
from typing import Any

import pypdfium2.raw as pdfium  # the raw layer: its helpers cost an object and several calls a character

SOFT_HYPHEN = "\u00ad"
_MAX_CHARACTERS = 100_000
_SAMPLE, _FEW, _NEARLY_ALL = 200, 20, 0.8  # of characters, by which a page is found to stand sideways
_SMALL_PAGE, _PAPER = 300.0, 842.0  # points, of the longer side
_LINE_END_HYPHENS = ("\x02", "\ufffe")  # what pdfium makes of a hyphen at the end of a line
# TeX's fonts have ligatures where others have control characters, and some files do not say so. OT1 begins
# at 0x0B, T1 at 0x1B; what would be OT1's "fl" is also the end of a line.
_TEX_LIGATURES = {
    "\x0b": "ff", "\x0c": "fi", "\x0e": "ffi", "\x0f": "ffl",
    "\x1b": "ff", "\x1c": "fi", "\x1d": "fl", "\x1e": "ffi", "\x1f": "ffl",
}  # fmt: skip


def plain(function: Any, result: Any, *arguments: Any) -> Any:
    """A function of pdfium that takes addresses as numbers: nothing is made or checked for each call."""
    address = ctypes.cast(function, ctypes.c_void_p).value
    return ctypes.CFUNCTYPE(result, *arguments)(address or 0)


def address(numbers: array[float] | array[int]) -> int:
    return numbers.buffer_info()[0]


_PAGE, _INDEX, _ADDRESS = ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p
_text_of = plain(pdfium.FPDFText_GetText, ctypes.c_int, _PAGE, _INDEX, ctypes.c_int, _ADDRESS)
_code_of = plain(pdfium.FPDFText_GetUnicode, ctypes.c_uint, _PAGE, _INDEX)
_place_of = plain(pdfium.FPDFText_GetLooseCharBox, ctypes.c_int, _PAGE, _INDEX, _ADDRESS)
_origin_of = plain(pdfium.FPDFText_GetCharOrigin, ctypes.c_int, _PAGE, _INDEX, _ADDRESS, _ADDRESS)
_matrix_of = plain(pdfium.FPDFText_GetMatrix, ctypes.c_int, _PAGE, _INDEX, _ADDRESS)
_font_size_of = plain(pdfium.FPDFText_GetFontSize, ctypes.c_double, _PAGE, _INDEX)
_colour_of = plain(pdfium.FPDFText_GetFillColor, ctypes.c_int, _PAGE, _INDEX, *(4 * (_ADDRESS,)))


@dataclass(frozen=True, slots=True)
class Frame:
    """Maps the coordinates of a page to points from its upper left corner, as it is shown.

    A page much smaller than paper is taken for one of a larger unit (/UserUnit), or nobody could read it.
    """

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
        width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
        longest = max(width, height, 1.0)
        zoom = _PAPER / longest if longest < _SMALL_PAGE else 1.0
        return cls(*(zoom * number for number in (*matrix, width, height)))

    def point(self, x: float, y: float) -> tuple[float, float]:
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def columns(self, places: array[float]) -> tuple[list[float], ...]:
        """Lefts, tops, rights and bottoms, as shown, of places that are four numbers each in that order."""
        left, top, right, bottom = (places[side::4] for side in range(4))
        e, f = self.e, self.f
        if self.a == 1.0:  # nearly every page
            return (
                [x + e for x in left],
                [f - y for y in top],
                [x + e for x in right],
                [f - y for y in bottom],
            )
        (x0, y0), (x1, y1) = (
            zip(*map(self.point, xs, ys), strict=True) if xs else ((), ())
            for xs, ys in ((left, top), (right, bottom))
        )
        return list(map(min, x0, x1)), list(map(min, y0, y1)), list(map(max, x0, x1)), list(map(max, y0, y1))


def text_of(text_page: Any) -> str:
    """All characters of a page, each as one, also halves of those that UTF-16 spells with two."""
    count = min(pdfium.FPDFText_CountChars(text_page), _MAX_CHARACTERS)
    page = ctypes.cast(text_page, ctypes.c_void_p).value
    units = array("H", bytes(2 * (count + 1)))
    if _text_of(page, 0, count, address(units)) == count + 1:
        text = "".join(map(chr, units[:count]))
    else:  # it leaves out what has no code
        text = "".join(chr(code & 0xFFFF) for code in map(_code_of, repeat(page), range(count)))
    for hyphen in _LINE_END_HYPHENS:
        text = text.replace(hyphen, SOFT_HYPHEN)
    return text


def upright_rotation(text_page: Any) -> int | None:
    """The rotation of the page, in quarters, by which nearly all of its words stand upright, if there is one.

    A page that is shown sideways is turned by whoever reads it.
    """
    count = min(pdfium.FPDFText_CountChars(text_page), _MAX_CHARACTERS)
    looked_at = range(0, count, count // _SAMPLE + 1)
    angles = [float(pdfium.FPDFText_GetCharAngle(text_page, index)) for index in looked_at]
    quarters = Counter(round(2 * angle / pi) % 4 for angle in angles if angle >= 0)
    most = max(_FEW, _NEARLY_ALL * len(angles))
    return next((-quarter % 4 for quarter, times in quarters.items() if times >= most), None)


class Characters:
    """Those of one page, by index. Of `text`, each stands for one, though it may be half a character or a
    ligature; `letters` tells what it is. One without a place is a blank."""

    def __init__(self, text_page: Any, frame: Frame) -> None:
        self._page = ctypes.cast(text_page, ctypes.c_void_p).value
        self._frame = frame
        text = text_of(text_page)
        count = len(text)
        places = array("f", bytes(16 * count))
        start = address(places)
        have_places = list(
            map(_place_of, repeat(self._page), range(count), range(start, start + 16 * count, 16))
        )
        if not all(have_places):
            text = "".join(
                one if has_place or one in "\r\n" else " "
                for one, has_place in zip(text, have_places, strict=True)
            )
        self.text = text
        self.lefts, self.tops, self.rights, self.bottoms = frame.columns(places)
        self.steps = list(map(sub, self.lefts[1:], self.lefts))
        self.gaps = list(map(sub, self.lefts[1:], self.rights))
        self._ligatures = frozenset(text) & frozenset(_TEX_LIGATURES)
        self._numbers, self._colours = array("d", bytes(16)), array("I", bytes(16))
        self._numbers_at, self._colours_at = address(self._numbers), address(self._colours)

    def are_in_a_row(self, index: int, end: int) -> bool:
        """Whether those from `index` to `end` follow each other to the right on one line."""
        if end - index == 1:
            return True
        top, bottom, steps = self.tops[index], self.bottoms[index], self.steps[index : end - 1]
        return (
            min(steps) >= 0
            and max(steps) <= bottom - top
            and self.tops[index:end].count(top) == end - index
            and self.bottoms[index:end].count(bottom) == end - index
        )

    def place(self, index: int) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        return self.lefts[index], self.tops[index], self.rights[index], self.bottoms[index]

    def extent(self, index: int) -> float:
        """The longer side."""
        height = self.bottoms[index] - self.tops[index]
        return max(height, self.rights[index] - self.lefts[index])

    def letters(self, indices: Sequence[int]) -> list[str]:
        letters = [self.text[index] for index in indices]
        return [_TEX_LIGATURES.get(letter, letter) for letter in letters] if self._ligatures else letters

    def base(self, index: int) -> float:
        """The y of the line on which it is written."""
        _origin_of(self._page, index, self._numbers_at, self._numbers_at + 8)
        return self._frame.point(*self._numbers)[1]

    def font_size(self, index: int) -> float:
        matrix = array("f", bytes(24))
        _matrix_of(self._page, index, address(matrix))
        return float(_font_size_of(self._page, index)) * hypot(matrix[2], matrix[3])

    def colour(self, index: int) -> tuple[int, int, int] | None:
        """Red, green and blue of what it is filled with, each from 0 to 255."""
        at = self._colours_at
        if not _colour_of(self._page, index, at, at + 4, at + 8, at + 12):
            return None
        red, green, blue, _ = self._colours
        return red, green, blue
