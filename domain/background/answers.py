"""Typed answers, taken apart: "python, go & SQL" is three things. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from domain.background.vocabulary import skill_named, skills_in
from domain.errors import Refused

LONGEST_ITEM = 60
MOST_ITEMS = 40
LONGEST_NOTE = 1000
_BETWEEN = re.compile(r"[,;\n•·|،、，；]+")
_AND = re.compile(r"\s+(?:and|y|e|und|et|и|&|\+|/)\s+", re.IGNORECASE)
_TIGHT = re.compile(r"[/&]")  # "C/C++", but not "TCP/IP" or "R&D"
_BULLET = re.compile(r"^(?:[-–—*]\s+|\d{1,2}[.)]\s+)")
_MOST_WORDS = 3  # of something that is one name; more are a sentence about it


def cleaned(typed: str) -> str:
    """A text without what no answer needs and a database may refuse: control characters, half characters."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(
        each for each in lines if each == "\n" or unicodedata.category(each) not in ("Cc", "Cs")
    ).strip()


def note(typed: str, most: int = LONGEST_NOTE) -> str:
    """A free answer as it is kept; raises `Refused` where it says nothing or is longer than `most`."""
    words = cleaned(typed)
    if all(unicodedata.category(letter)[0] in "CZ" for letter in words):  # nothing that can be seen
        raise Refused("background.nothing_named")
    if len(words) > most:
        raise Refused("background.too_long", most=most)
    return words


def parts(typed: str) -> list[str]:
    """What stands between commas, lines and bullets."""
    found = [_BULLET.sub("", " ".join(part.split())) for part in _BETWEEN.split(cleaned(typed))]
    return [part for part in found if any(letter.isalnum() for letter in part)]


def items(typed: str) -> list[str]:
    """What a typed list names, known things by the name the vocabulary gives them, others as they are typed.

    Raises `Refused` where it names nothing.
    """
    named = distinct(item for part in parts(typed) for item in _named(part))
    if not named:
        raise Refused("background.nothing_named")
    return named[:MOST_ITEMS]


def distinct(named: Iterable[str]) -> list[str]:
    """Each once, whatever its case, as it was written first."""
    first: dict[str, str] = {}
    for each in named:
        first.setdefault(each.casefold(), each)
    return list(first.values())


def _named(part: str) -> Iterator[str]:
    """A known name, else what stands around "and", else names side by side, else one thing."""
    if known := skill_named(part):
        yield known
        return
    halves = [half for half in _AND.split(part) if any(letter.isalnum() for letter in half)]
    if len(halves) > 1:
        for half in halves:
            yield from _named(half)
        return
    words = part.split()
    for pieces in (words, _TIGHT.split(part)):
        known_pieces = [skill_named(piece) for piece in pieces]
        if all(known_pieces):
            yield from filter(None, known_pieces)
            return
    if len(words) > _MOST_WORDS and (mentioned := skills_in(part)):
        yield from mentioned
    elif item := part.strip(" .-")[:LONGEST_ITEM].strip(" .-"):
        yield item
