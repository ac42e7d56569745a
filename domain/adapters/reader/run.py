"""The words of a PDF page: characters that stand next to each other."""

from __future__ import annotations

import re
from itertools import pairwise
from statistics import median

from domain.adapters.reader.characters import Characters
from domain.adapters.reader.layout import Box, is_right_to_left

_TINY = 2.0  # points; what is smaller reads as a smear
_SQUEEZED = 0.1  # glyphs this narrow for their height are replacement text spread over other glyphs
_WORD_GAP = 0.09  # of the size, between letters that otherwise stand close: a space that is not in the file
_CLOSE = 0.01
_ICON_LETTERS = 4  # no ligature has so many
_LAM, _ALEFS = "\u0644", "\u0622\u0623\u0625\u0627"  # drawn as one glyph, whose letters pdfium swaps
_STRETCH = re.compile("[^\x00\t \xa0\u3000\r\n]+")
_ONLY_LINE_ENDS = re.compile("[\r\n]*")


def runs_of(characters: Characters) -> list[Run]:
    """Characters joined to words: until a space, a gap, or another line that is not a raised letter's."""
    runs: list[Run] = []
    run: Run | None = None
    before = 0
    for stretch in _STRETCH.finditer(characters.text):
        index, end = stretch.span()
        if run is not None and not _ONLY_LINE_ENDS.fullmatch(characters.text, before, index):
            run = None
        before = end
        goes_on = run is not None and run.touches(index)
        if not goes_on and characters.are_in_a_row(index, end):  # nearly every word
            run = Run(characters, index, end)
            runs.append(run)
            continue
        for at in range(index, end):
            if run is not None and (goes_on or (at > index and run.takes(at)) or run.touches(at)):
                run.add(at)
            else:
                run = Run(characters, at, at + 1)
                runs.append(run)
            goes_on = False
    return [part for run in runs for part in run.parts()]


class Run:
    """The characters of one word, by their indices."""

    __slots__ = ("_box", "_characters", "_tallest", "indices")

    def __init__(self, characters: Characters, index: int, end: int) -> None:
        """Begins with those from `index` to `end`, which stand in a row."""
        self._characters = characters
        self.indices = list(range(index, end))
        self._tallest = characters.extent(index)
        self._box: Box | None = None  # known when all are added

    def add(self, index: int) -> None:
        self.indices.append(index)
        self._tallest = max(self._tallest, self._characters.extent(index))

    def takes(self, index: int) -> bool:
        """Whether a glyph stands next to the last one: files may jump without a space."""
        at, last = self._characters, self.indices[-1]
        step = at.lefts[index] - at.lefts[last]
        if at.tops[index] == at.tops[last] and at.bottoms[index] == at.bottoms[last]:
            if 0 <= step <= self._tallest:
                return True
            is_on_line = True
        else:
            is_on_line = abs(at.base(last) - at.base(index)) <= 0.3 * self.size
        if is_on_line:
            return max(at.lefts[index] - at.rights[last], at.lefts[last] - at.rights[index]) <= self.size
        overlap = min(at.rights[last], at.rights[index]) - max(at.lefts[last], at.lefts[index])
        gap = max(at.tops[index] - at.bottoms[last], at.tops[last] - at.bottoms[index])
        return overlap > 0 and gap <= 0.5 * self.size  # written upwards

    def touches(self, index: int) -> bool:
        """Whether a glyph goes on where the last one ends, raised or lowered ("1st")."""
        at, last = self._characters, self.indices[-1]
        height = min(at.bottoms[last] - at.tops[last], at.bottoms[index] - at.tops[index])
        overlap = min(at.bottoms[last], at.bottoms[index]) - max(at.tops[last], at.tops[index])
        return abs(at.lefts[index] - at.rights[last]) <= 0.12 * height and overlap > 0.3 * height

    def parts(self) -> list[Run]:
        """The words it holds: some files leave gaps that are too narrow for pdfium to find a space in."""
        if len(self.indices) < 4:
            return [self]
        gaps = self._gaps()
        widest = max(gaps)
        if widest <= _WORD_GAP * self._tallest or widest <= _WORD_GAP * self.size:
            return [self]
        if abs(median(gaps)) > _CLOSE * self.size:
            return [self]
        words = [Run(self._characters, self.indices[0], self.indices[0] + 1)]
        for gap, index in zip(gaps, self.indices[1:], strict=True):
            if gap > _WORD_GAP * self.size:
                words.append(Run(self._characters, index, index + 1))
            else:
                words[-1].add(index)
        return words

    def _gaps(self) -> list[float]:
        at, first, last = self._characters, self.indices[0], self.indices[-1]
        if last - first == len(self.indices) - 1:
            return at.gaps[first:last]
        return [at.lefts[b] - at.rights[a] for a, b in pairwise(self.indices)]

    @property
    def size(self) -> float:
        """In points. The font's own figure is not trusted far beyond the glyphs: Type 3 fonts make it up."""
        return max(self._tallest, min(self._characters.font_size(self.indices[0]), 3 * self._tallest))

    @property
    def is_tiny(self) -> bool:
        return self._tallest < _TINY and self.size < _TINY

    @property
    def is_squeezed(self) -> bool:
        return len(self.indices) > 2 and all(map(self._is_sliver, self.indices))

    def _is_sliver(self, index: int) -> bool:
        left, top, right, bottom = self._characters.place(index)
        width, height = right - left, bottom - top
        return width < _SQUEEZED * height or height < _SQUEEZED * width

    def text(self) -> str:
        """The letters as they are spelled: pdfium leaves some right-to-left words as they are drawn."""
        at, indices = self._characters, self.indices
        letters = at.letters(indices)
        text = "".join(letters)
        if is_right_to_left(text):
            return "".join(self._spelled_from_the_right(letters))
        first, last = indices[0], indices[-1]
        if at.lefts[first] > (at.lefts[last] + at.rights[last]) / 2:  # a sign of an address amid such words
            spelled = sorted(zip(indices, letters, strict=True), key=lambda each: at.lefts[each[0]])
            return "".join(letter for _, letter in spelled)
        if len(indices) >= _ICON_LETTERS and at.lefts[first] == at.lefts[last] and self._is_one_glyph():
            return text.split("-")[0]  # of GITHUB-SQUARE, what is meant and not how it is drawn
        return text

    def _spelled_from_the_right(self, letters: list[str]) -> list[str]:
        at, indices = self._characters, self.indices
        steps = [at.lefts[b] - at.lefts[a] for a, b in pairwise(indices)]
        is_as_drawn = sum(step > 0 for step in steps) > sum(step < 0 for step in steps)
        if is_as_drawn:
            letters, indices = letters[::-1], indices[::-1]
        for i, (first, second) in enumerate(pairwise(indices)):
            if letters[i] in _ALEFS and letters[i + 1] == _LAM and at.place(first) == at.place(second):
                letters[i : i + 2] = letters[i + 1], letters[i]
        return letters

    def _is_one_glyph(self) -> bool:
        place = self._characters.place(self.indices[0])
        return all(self._characters.place(index) == place for index in self.indices)

    @property
    def box(self) -> Box:
        if self._box is None:
            at, first, end = self._characters, self.indices[0], self.indices[-1] + 1
            if end - first == len(self.indices):  # nearly every word
                lefts, rights = at.lefts[first:end], at.rights[first:end]
                tops, bottoms = at.tops[first:end], at.bottoms[first:end]
            else:
                lefts, tops, rights, bottoms = map(list, zip(*map(at.place, self.indices), strict=True))
            base = at.base(first)
            self._box = Box(self.text(), min(lefts), min(tops), max(rights), max(bottoms), base)
        return self._box
