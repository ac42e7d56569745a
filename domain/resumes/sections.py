"""The headings of a resume, and the lines below each."""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.background.vocabulary import fold
from domain.resumes.vocabulary import folded, names, vocabulary

LONGEST_TITLE = 80
_LONGEST_HEADING = 45
_MOST_LABEL_WORDS = 3


def headings_in(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines that are headings of a resume's sections, each once."""
    return tuple(dict.fromkeys(line for line in lines if heading(line) is not None))


def heading(line: str) -> str | None:
    """Which section a line opens, if it is a heading."""
    if len(line) > _LONGEST_HEADING:
        return None
    words = re.sub(r"\b(\w) (?=\w\b)", r"\1", fold(line)).strip(" .&0123456789")
    for section in vocabulary()["headings"]:
        headings = folded("headings", section)
        if words in headings or words.replace(" and ", " & ") in headings:
            return str(section)
    return None


def sections_of(lines: Iterable[str]) -> dict[str, list[str]]:
    """The lines below each heading; those before the first are under "top"."""
    parted: dict[str, list[str]] = {"top": []}
    current = "top"
    for line in lines:
        found = heading(line)
        if found is not None:
            current = found
            parted.setdefault(current, [])
        else:
            parted[current].append(line)
    return parted


def outside(sections: dict[str, list[str]], name: str) -> list[str]:
    return [line for section, lines in sections.items() if section != name for line in lines]


def without_label(line: str) -> str:
    """A line without the heading of two words or more that stands before what it heads, as beside a column.

    One word alone may belong to what follows: "Research Assistant"."""
    words = line.split()
    for count in range(min(_MOST_LABEL_WORDS, len(words) - 1), 1, -1):
        if heading(" ".join(words[:count])) is not None:
            return " ".join(words[count:])
    return line


def is_bullet(line: str) -> bool:
    return line[:1] in "•●▪◦*‣·–-"


def is_title(text: str) -> bool:
    """Whether a short text names what somebody works as."""
    return len(text) <= LONGEST_TITLE and names(text, "titles", "words")
