"""Reading order: puts the words of a page into the lines, and the lines into the columns, of a reader."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from statistics import median

_TOUCHING = 0.08  # line heights
_GAP = 1.0  # a gap wider than this many line heights parts a line in two, as a tab stop does
_MIN_COLUMN_LINES = 3
_WRAPPED = 0.25  # of lines that go on with a small letter: text that fills a column, not cells
_ROW_GAP = 0.6  # line heights
_LINE_END_HYPHEN = "\u00ad"
_MAX_SWITCHES = 2  # a file that goes between two sides no more often than this wrote them as columns
_SPREAD_LETTERS = 4  # single letters that alone fill a stretch of a line
_SPREAD_WORDS = 1.6  # of the gap between the letters of a word
_ALIGNED = 0.5  # from this share of common baselines on, two sides are the cells of a table
_MAX_DEPTH = 6
_MAX_FRAGMENTS = 3_000  # a page with more is no resume; it is read from top to bottom

_RIGHT_TO_LEFT = re.compile(
    "[\u05be-\u065f\u066a-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
)  # no digits
_TURNED_NUMBER = re.compile(r"(?<!\S)(\d[\d ()-]{5,}\d)\+(?!\S)")  # how such lines show +20 100 200 300
_TURNED_STOP = re.compile(r"(?<!\S)([.,:;!?])(\d[\d.,/:-]*)(?!\S)")  # "in 2015." where it ends a sentence
_LEFT_TO_RIGHT = re.compile("[A-Za-z\u00c0-\u02af\u0370-\u052f\u3040-\u9fff]")


@dataclass(slots=True)
class Box:
    """Text and where it stands, in points from the upper left corner; `order` is its place in the file."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    base: float
    order: int = 0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    def on_line_of(self, other: Box) -> bool:
        if abs(self.base - other.base) < 0.15 * max(self.height, other.height):
            return True
        overlap = min(self.y1, other.y1) - max(self.y0, other.y0)
        return overlap > 0.5 * min(self.height, other.height)


def is_right_to_left(text: str) -> bool:
    """Whether most letters are of a script such as Arabic or Hebrew."""
    if text.isascii():
        return False
    return len(_RIGHT_TO_LEFT.findall(text)) > len(_LEFT_TO_RIGHT.findall(text))


def reading_order(words: Sequence[Box]) -> str:
    """The text of a page, whose words come in the order of the file."""
    right_to_left = is_right_to_left("".join(word.text for word in words))
    pieces = _mended(_fragments(words, right_to_left))
    if len(pieces) > _MAX_FRAGMENTS:
        return "\n".join(_lines(pieces, right_to_left))
    return "\n".join(_arrange(pieces, right_to_left))


def _fragments(words: Sequence[Box], right_to_left: bool) -> list[Box]:
    """Words joined as far as they follow each other on a line without a wide gap."""
    groups: list[list[Box]] = []
    for word in words:
        if groups:
            last = groups[-1][-1]
            gap = max(word.x0 - last.x1, last.x0 - word.x1)
            if word.on_line_of(last) and gap < _GAP * max(word.height, last.height):
                groups[-1].append(word)
                continue
        groups.append([word])
    return [_join(group, right_to_left, order) for order, group in enumerate(groups)]


def _mended(pieces: Sequence[Box]) -> list[Box]:
    """Words broken at the end of a line made whole there: beside the line there may be a date or a column.

    What follows such a hyphen in the file is the rest of the word."""
    for piece, following in pairwise(pieces):
        is_below = piece.y1 < following.y1 < piece.y1 + 2 * piece.height and following.x0 < piece.x1
        if is_below and piece.text.endswith(_LINE_END_HYPHEN):
            rest, _, following.text = following.text.partition(" ")
            piece.text = piece.text[:-1] + ("" if rest[:1].islower() else "-") + rest
    return [piece for piece in pieces if piece.text]


def _join(words: list[Box], right_to_left: bool, order: int) -> Box:
    if right_to_left or any(_RIGHT_TO_LEFT.search(word.text) for word in words):
        words = _logical_order(words)
    text = _close_up(words) if _is_spread(words) else " ".join(word.text for word in words)
    return Box(
        _TURNED_STOP.sub(r"\2\1", _TURNED_NUMBER.sub(r"+\1", text)) if right_to_left else text,
        min(word.x0 for word in words),
        min(word.y0 for word in words),
        max(word.x1 for word in words),
        max(word.y1 for word in words),
        words[0].base,
        order,
    )


def _is_spread(words: Sequence[Box]) -> bool:
    """Whether letters are set wide apart, as in "J O R D A N"; in alphabetical order they are a list."""
    if len(words) < _SPREAD_LETTERS or any(len(word.text) > 1 for word in words):
        return False
    letters = [word.text.casefold() for word in words if word.text.upper() != word.text.lower()]
    return len(letters) >= _SPREAD_LETTERS and letters != sorted(letters)


def _close_up(letters: Sequence[Box]) -> str:
    """The words of letters set wide apart, between which the gaps are wider still."""
    gaps = [second.x0 - first.x1 for first, second in pairwise(letters)]
    widest = _SPREAD_WORDS * median(gaps)
    text = letters[0].text
    for gap, letter in zip(gaps, letters[1:], strict=True):
        text += f" {letter.text}" if gap > widest else letter.text
    return text


def _logical_order(words: Iterable[Box]) -> list[Box]:
    """Words of a right-to-left line from right to left, but Latin phrases inside it from left to right."""
    ordered: list[Box] = []
    phrase = 0
    for word in sorted(_glued(words), key=lambda word: -word.x1):
        if _LEFT_TO_RIGHT.search(word.text):
            phrase += 1
            ordered.insert(len(ordered) - phrase + 1, word)
        else:
            phrase = 0
            ordered.append(word)
    return ordered


def _glued(words: Iterable[Box]) -> list[Box]:
    """Words with what touches them, except where letters run from right to left: an address is one word,
    though its letters and its signs do not run the same way there."""
    glued: list[Box] = []
    for word in sorted(words, key=lambda word: word.x0):
        last = glued[-1] if glued else None
        is_turned = last is None or _RIGHT_TO_LEFT.search(last.text + word.text)
        if last is None or is_turned or abs(word.x0 - last.x1) > _TOUCHING * word.height:
            glued.append(word)
        else:
            text = last.text + word.text
            glued[-1] = replace(
                last, text=text, x1=word.x1, y0=min(last.y0, word.y0), y1=max(last.y1, word.y1)
            )
    return glued


def _lines(boxes: Iterable[Box], right_to_left: bool) -> list[str]:
    """The lines of one column from top to bottom."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: (box.y0 + box.y1, box.x0)):
        if rows and (box.on_line_of(rows[-1][-1]) or box.on_line_of(rows[-1][0])):
            rows[-1].append(box)
        else:
            rows.append([box])
    return [" ".join(b.text for b in sorted(row, key=lambda b: b.x0, reverse=right_to_left)) for row in rows]


def _arrange(boxes: Sequence[Box], right_to_left: bool, depth: int = 0) -> list[str]:
    """All lines in reading order: columns one after the other, between what spans them."""
    gutter = _best_gutter(boxes, right_to_left) if depth < _MAX_DEPTH else None
    if gutter is None:
        return _lines(boxes, right_to_left)
    ordered: list[str] = []
    for left, right, spanning in _bands(boxes, gutter):
        if spanning:
            ordered += _lines(spanning, right_to_left)
        elif _are_columns(left, right):
            head, left, right = _head(left, right)
            ordered += _lines(head, right_to_left)
            for cells in _cells(left, right):
                if max(map(len, cells)) == 1:  # label and value
                    ordered += _lines([*cells[0], *cells[1]], right_to_left)
                    continue
                for column in _in_turn(*cells, right_to_left):
                    ordered += _arrange(column, right_to_left, depth + 1)
        else:
            ordered += _arrange(left + right, right_to_left, depth + 1)
    return ordered


Band = tuple[list[Box], list[Box], list[Box]]


def _bands(boxes: Iterable[Box], x: float) -> list[Band]:
    """The page from top to bottom as stretches that keep clear of x (left and right of it) or span it."""
    bands: list[Band] = []
    for box in sorted(boxes, key=lambda box: box.y0 + box.y1):
        spans = box.x0 < x < box.x1
        if not bands or spans != bool(bands[-1][2]):
            bands.append(([], [], []))
        left, right, spanning = bands[-1]
        (spanning if spans else left if box.x1 <= x else right).append(box)
    return bands


def _best_gutter(boxes: Sequence[Box], right_to_left: bool) -> float | None:
    """The x that parts the most lines into columns, if there is one: some way ahead of where lines begin."""
    if len(boxes) < 2 * _MIN_COLUMN_LINES:
        return None
    em = median(box.height for box in boxes)
    starts = [round(box.x1 + 0.3 * em if right_to_left else box.x0 - 0.3 * em) for box in boxes]
    best, best_score = None, 0
    for x in sorted({start for start in starts if starts.count(start) > 1}):
        columns = (band for band in _bands(boxes, x) if _are_columns(band[0], band[1]))
        score = sum(len(left) + len(right) for left, right, _ in columns)
        if score > best_score:
            best, best_score = float(x), score
    return best


def _switches(left: Sequence[Box], right: Sequence[Box]) -> int:
    """How often the file goes from one side to the other."""
    sides = sorted([*((box.order, "left") for box in left), *((box.order, "right") for box in right)])
    return sum(a[1] != b[1] for a, b in pairwise(sides))


def _are_columns(left: list[Box], right: list[Box]) -> bool:
    """Whether two sides are read one after the other, and not row by row like label and value."""
    few, many = sorted((left, right), key=len)
    if len(few) < _MIN_COLUMN_LINES:
        return False
    if _switches(left, right) <= _MAX_SWITCHES or (_wraps(left) and _wraps(right)):
        return True
    if _are_cells(left, right):
        return True
    rows = {round(box.base) for box in many}
    aligned = sum(not rows.isdisjoint(range(round(box.base) - 1, round(box.base) + 2)) for box in few)
    return aligned < _ALIGNED * len(few)


def _wraps(boxes: Iterable[Box]) -> bool:
    """Whether sentences go on from line to line."""
    lines = [box.text for box in sorted(boxes, key=lambda box: box.y0 + box.y1)]
    count = sum(b[:1].islower() and a[-1:] not in ".;:" for a, b in pairwise(lines))
    return count >= _WRAPPED * len(lines)


def _are_cells(left: list[Box], right: list[Box]) -> bool:
    """Whether most rows are cells of several lines that the file keeps apart, and a sentence in one of them
    would be cut by the other if they were read line by line."""
    rows = _cells(left, right)
    count = 0
    for row in rows:
        shared = min(map(len, row))
        is_cut = any(_wraps(sorted(cell, key=lambda box: box.y0)[:shared]) for cell in row)
        count += shared > 1 and _switches(*row) == 1 and is_cut
    return 2 * count > len(rows)


def _cells(left: list[Box], right: list[Box]) -> list[tuple[list[Box], list[Box]]]:
    """Two columns, parted where both have a gap and the file does not come back above it: the rows of a table
    with several lines in a cell, headings beside what they head, or a head above the columns."""
    boxes = sorted((*left, *right), key=lambda box: box.y0)
    sides = set(map(id, left))
    rows: list[tuple[list[Box], list[Box]]] = [([], [])]
    bottom, last = boxes[0].y1, -1
    lowest = list(accumulate((box.order for box in reversed(boxes)), min))[::-1]
    for box, next_in_file in zip(boxes, lowest, strict=True):
        if box.y0 > bottom + _ROW_GAP * box.height and last < next_in_file:
            rows.append(([], []))
        rows[-1][0 if id(box) in sides else 1].append(box)
        bottom, last = max(bottom, box.y1), max(last, box.order)
    return rows


def _head(left: list[Box], right: list[Box]) -> tuple[list[Box], list[Box], list[Box]]:
    """What stands in the largest letters above the beginning of the other column, as a name does beside a
    photo; and the rest."""
    tallest = max(box.height for box in (*left, *right))
    for column, other in ((left, right), (right, left)):
        top = min(box.y0 for box in other)
        head = [box for box in column if box.y1 <= top]
        body = [box for box in column if box.y1 > top]
        if len(body) < _MIN_COLUMN_LINES or max((box.height for box in head), default=0.0) < tallest:
            continue
        gap = min(box.y0 for box in body) - max(box.y1 for box in head)
        if gap > _GAP * median(box.height for box in head):
            return (head, body, right) if column is left else (head, left, body)
    return [], left, right


def _in_turn(left: list[Box], right: list[Box], right_to_left: bool) -> tuple[list[Box], list[Box]]:
    """Two columns in the order of the file where it keeps them apart, else in that of the script."""
    if left and right and _switches(left, right) <= _MAX_SWITCHES:
        left_first = median(box.order for box in left) < median(box.order for box in right)
    else:
        left_first = not right_to_left
    return (left, right) if left_first else (right, left)
