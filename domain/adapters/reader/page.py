"""The words of one PDF page that a person would see, and where they stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from itertools import groupby
from typing import Any

import pypdfium2.raw as pdfium

from domain.adapters.reader.characters import Characters, Frame, text_of, upright_rotation
from domain.adapters.reader.drawing import (
    Drawing,
    draw,
    draw_pictures,
    drop_replacements,
    has_huge_image,
    share_of_images,
)
from domain.adapters.reader.layout import Box
from domain.adapters.reader.run import Run, runs_of

_CONTRAST = 12  # grey levels of 255 between ink and ground that an eye still tells apart
_LIGHT = 235
_PIXELS_PER_POINT = 1.0
_MAX_PIXELS = 4_000_000
_MIN_PIXELS_PER_POINT = 0.6
SCANNED = 0.5  # of a page that pictures cover
_SOME_PICTURE = 0.01
_PLAIN_LETTERS = re.compile("[\u0000-\u024f\u2000-\u206f]+")


class Raster:
    """The page as an eye sees it, in grey, to tell words with ink from words without."""

    def __init__(self, page: Any, frame: Frame, drawn_by: Callable[[Any, int, int], Drawing] = draw) -> None:
        area = max(frame.width * frame.height, 1.0)
        self.scale = min(_PIXELS_PER_POINT, (_MAX_PIXELS / area) ** 0.5)
        self.width = max(1, int(frame.width * self.scale))
        self.height = max(1, int(frame.height * self.scale))
        drawn = drawn_by(page, self.width, self.height)
        self.stride, self.pixels = drawn.stride, drawn.pixels

    def under(self, box: Box) -> bytes:
        """The grey levels of the pixels under a box, from 0 (black) to 255."""
        left, right, top, bottom = self._edges(box)
        rows = range(top * self.stride, bottom * self.stride, self.stride)
        return b"".join([self.pixels[row + left : row + right] for row in rows])

    def has_contrast(self, box: Box) -> bool:
        """Whether there is more than one shade under a box, as there is where a word is drawn."""
        left, right, top, bottom = self._edges(box)
        row = (top + bottom) // 2 * self.stride
        middle = self.pixels[row + left : row + right] if top < bottom else b""
        if middle and max(middle) - min(middle) >= _CONTRAST:
            return True  # nearly every word, at a fraction of the time
        under = self.under(box)
        return bool(under) and max(under) - min(under) >= _CONTRAST

    def _edges(self, box: Box) -> tuple[int, int, int, int]:
        """Left, right, top and bottom in pixels, as far as they are on the page."""
        scale = self.scale
        left, right = max(0, int(box.x0 * scale)), min(self.width, int(box.x1 * scale) + 1)
        return left, right, max(0, int(box.y0 * scale)), min(self.height, int(box.y1 * scale) + 1)


class PageText:
    """Reads the words of a page; `hidden` is afterwards the length of the longest stretch left out.

    `is_scan` then says that the words are laid over or under a picture of the page and not seen themselves.
    """

    def __init__(self, page: Any) -> None:
        self._page = page
        self._text = pdfium.FPDFText_LoadPage(page)
        upright = upright_rotation(self._text)
        if upright is not None and upright != pdfium.FPDFPage_GetRotation(page):
            pdfium.FPDFText_ClosePage(self._text)
            pdfium.FPDFPage_SetRotation(page, upright)
            self._text = pdfium.FPDFText_LoadPage(page)
        self._frame = Frame.of(page)
        self.characters = 0
        self.hidden = 0
        self.is_scan = False

    def close(self) -> None:
        pdfium.FPDFText_ClosePage(self._text)

    def words(self, *, may_draw: bool = True) -> list[Box]:
        """The words a person would see, in the order of the file; without drawing, fewer are found out."""
        if replacements := drop_replacements(self._page):
            self._prefer_shown(replacements)
        self._characters = Characters(self._text, self._frame)
        runs = runs_of(self._characters)
        draws = may_draw and bool(runs) and not has_huge_image(self._page)
        raster = Raster(self._page, self._frame) if draws else None
        self.characters = sum(len(run.indices) for run in runs)
        unseen = self._without_ink(runs, raster)
        return [
            run.box
            for run in self._note_hidden(runs, lambda run: run not in unseen and self._is_seen(run, raster))
        ]

    def _without_ink(self, runs: list[Run], raster: Raster | None) -> set[Run]:
        """Words where the page shows pictures and nothing else: neither glyphs nor the shapes as
        which some programs draw letters.

        Of a scan they are what a program read on it, and are kept as far as the scan has ink under them.
        """
        if raster is None or (share := share_of_images(self._page)) < _SOME_PICTURE:
            return set()
        alone = Raster(self._page, self._frame, draw_pictures)
        unseen = {
            run for run in runs if raster.under(run.box) == alone.under(run.box) and self._can_be_drawn(run)
        }
        letters = sum(len(run.indices) for run in unseen)
        self.is_scan = share > SCANNED and 2 * letters > self.characters
        return set() if self.is_scan else unseen

    def _prefer_shown(self, replacements: list[str]) -> None:
        """Read the glyphs themselves where texts stood in for them, unless their font tells no letters."""
        shown = pdfium.FPDFText_LoadPage(self._page)
        letters, replaced = _letters_of(text_of(shown)), _letters_of(text_of(self._text))
        if 2 * len(letters) < len(replaced):
            pdfium.FPDFText_ClosePage(shown)
            return
        self.close()
        self._text = shown
        untrue = (told for text in replacements if (told := _letters_of(text)) not in letters)
        self.hidden = max(map(len, untrue), default=0)

    def _note_hidden(self, runs: list[Run], is_seen: Callable[[Run], bool]) -> list[Run]:
        """Those that are seen; of the others the longest stretch is remembered."""
        kept: list[Run] = []
        for seen, stretch in groupby(runs, key=is_seen):
            if seen:
                kept += stretch
            else:
                self.hidden = max(self.hidden, sum(len(run.indices) for run in stretch))
        return kept

    def _is_seen(self, run: Run, raster: Raster | None) -> bool:
        box = run.box
        if run.is_tiny or run.is_squeezed:
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

    def _can_be_drawn(self, run: Run) -> bool:
        """Whether pdfium draws a word: not if its font is neither in the file nor one of pdfium's own."""
        text_object = pdfium.FPDFText_GetTextObject(self._text, run.indices[0])
        font = text_object and pdfium.FPDFTextObj_GetFont(text_object)
        is_embedded = bool(font) and pdfium.FPDFFont_GetIsEmbedded(font) == 1
        return (
            is_embedded
            or _PLAIN_LETTERS.fullmatch("".join(self._characters.letters(run.indices))) is not None
        )

    def _is_white(self, run: Run) -> bool:
        colour = self._characters.colour(run.indices[0])
        return colour is not None and min(colour) >= 255 - _CONTRAST


def _letters_of(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
