"""Date ranges of a resume, and the time they cover together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from domain.background.vocabulary import fold
from domain.resumes.vocabulary import vocabulary

FIRST_YEAR = 1950
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True)
class Range:
    """Months counted from year 0, both included; where in the line it was written, and the words used."""

    first: int
    last: int
    start: int
    end: int
    began: str
    ended: str


@cache
def _pattern() -> re.Pattern[str]:
    names = "|".join(prefix for month in vocabulary()["dates"]["months"] for prefix in month)
    year = _YEAR.pattern
    named = rf"(?:(?:{names})[^\W\d]{{0,7}}\.?,?\s*(?:de\s+)?)?{year}"
    counted = rf"{year}\s?[年년](?:\s?(?:0?[1-9]|1[0-2])\s?[月월])?"
    point = rf"{counted}|{named}|(?:0?[1-9]|1[0-2])\s?[/.-]\s?{year}"
    iso = r"(?:19|20)\d\d[-/.](?:0[1-9]|1[0-2])(?!\d)"
    present = "|".join(re.escape(w).replace(r"\ ", r"['’\s]") for w in vocabulary()["dates"]["present"])
    joint = (
        r"\s*(?:[-–—‐‑−~〜至到]+|부터|\bto\b|\bhasta\b|\ba\b|\bbis\b|\bà\b|\buntil\b|\bпо\b|\bdo\b|\bإلى\b|\bحتى\b)"
        r"\s*(?:la\s+|el\s+)?"
    )
    return re.compile(
        rf"(?<![\d/.-])(?P<began>{iso}|{point}){joint}(?P<ended>{iso}|{point}|{present}|(?=\s*$))",
        re.IGNORECASE | re.MULTILINE,
    )


@cache
def _month_numbers() -> dict[str, int]:
    months = vocabulary()["dates"]["months"]
    return {prefix: number for number, month in enumerate(months) for prefix in month}


def _month(text: str, *, latest: bool) -> int | None:
    """A date as a month count. A year alone begins in January and, as an end, ends in December."""
    years = _YEAR.findall(text)
    if not years:
        return None
    year = int(years[0])
    rest = fold(text.replace(years[0], " ", 1)).strip(" .")
    if number := re.search(r"\d{1,2}", rest):
        return year * 12 + int(number.group()) - 1
    for length in (5, 4, 3):
        if rest[:length] in _month_numbers():
            return year * 12 + _month_numbers()[rest[:length]]
    return year * 12 + (11 if latest else 0)


def ranges_in(text: str, today: date) -> list[Range]:
    """The date ranges written in `text`; an open end is `today`; impossible ranges are left out."""
    if not _YEAR.search(text):  # as in most lines: to find that out with the pattern takes far longer
        return []
    now = today.year * 12 + today.month - 1
    found = []
    for match in _pattern().finditer(text):
        first = _month(match["began"], latest=False)
        last = _month(match["ended"], latest=True)
        last = now if last is None else min(last, now)
        if first is not None and FIRST_YEAR * 12 <= first <= last:
            found.append(Range(first, last, match.start(), match.end(), match["began"], match["ended"]))
    return found


def months_covered(ranges: Iterable[Range]) -> int:
    """The months the ranges cover together; those of overlap count once."""
    months: set[int] = set()
    for each in ranges:
        months.update(range(each.first, each.last + 1))
    return len(months)
