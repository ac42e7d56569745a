"""Our one vocabulary of skills and domains, and finding in it what a text or a typed answer names."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

_TOKEN = re.compile(r"\.?\w[\w+#]*(?:\.\w+)*")
_JOINER = re.compile(r"[ \-/\u2010\u2011]{0,2}")
_SEPARATOR = re.compile(r"[,;:|/•·●()\[\]\n\t]|\s[-–—]\s")
_AND = {"and", "y", "e", "und", "et", "&"}
_FEWEST_TELLING = 3
_MOST_OFFERED = 18  # six rows on a phone


@dataclass(frozen=True)
class Token:
    """A word with what programmers put into words ("C++", "Node.js", ".NET"), in lower case."""

    lower: str
    start: int
    end: int


def plain(text: str) -> str:
    """Lower case without accents."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def fold(text: str) -> str:
    """Lower case without accents, punctuation as single spaces: how a heading or a title is compared."""
    return " ".join(re.findall(r"[\w.&]+", plain(text)))


def tokens(text: str) -> list[Token]:
    return [Token(m.group().casefold(), m.start(), m.end()) for m in _TOKEN.finditer(text)]


@cache
def vocabulary() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "vocabulary.toml").read_text(encoding="utf-8"))


@cache
def _terms() -> dict[tuple[str, ...], str]:
    """Each way to write a skill, as its tokens, and the skill's name."""
    terms: dict[tuple[str, ...], str] = {}
    for area in vocabulary()["skills"].values():
        for name, aliases in area.items():
            for written in (name, *aliases, *vocabulary()["counted_as"].get(name, ())):
                terms[tuple(token.lower for token in tokens(written))] = name
    return terms


@cache
def _longest_after() -> dict[str, int]:
    """How many tokens the longest term has that begins with a token."""
    longest: dict[str, int] = {}
    for first, *others in _terms():
        longest[first] = max(longest.get(first, 0), 1 + len(others))
    return longest


@cache
def _names() -> dict[tuple[str, ...], str]:
    """Each way to write the very same skill, as it is compared, and the skill's name."""
    areas = vocabulary()["skills"].values()
    named = {_compared(name): name for area in areas for name in area}
    return {_compared(alias): name for area in areas for name in area for alias in area[name]} | named


@cache
def _domains() -> dict[tuple[str, ...], str]:
    domains: Mapping[str, Sequence[str]] = vocabulary()["domains"]
    return {_compared(each): domain for domain, aliases in domains.items() for each in (domain, *aliases)}


def _compared(text: str) -> tuple[str, ...]:
    return tuple(token.lower for token in tokens(plain(text)))


def skill_named(typed: str) -> str | None:
    """The skill that is written so ("k8s" is Kubernetes); None for one that the vocabulary lacks."""
    return _names().get(_compared(typed))


def domain_named(typed: str) -> str | None:
    """The domain that is written so, such as "ai"; None for one that the vocabulary lacks."""
    return _domains().get(_compared(typed))


def programming_languages(skills: Iterable[str]) -> list[str]:
    """Those of the skills that are programming languages."""
    return [each for each in skills if each in vocabulary()["kinds"]["languages"]]


def software_tools(skills: Iterable[str]) -> list[str]:
    """Those of the skills that are tools: neither languages nor practices nor unknown."""
    kinds = vocabulary()["kinds"]
    others = {*kinds["languages"], *kinds["practices"]}
    return [each for each in skills if each in _areas() and each not in others]


def domain_of(role: str, skills: Iterable[str]) -> str | None:
    """The domain that a role names, or else most of the skills belong to; None where nothing decides."""
    words = _compared(role)
    for domain, told in vocabulary()["domain_of_role"].items():
        if any(_side_by_side(_compared(each), words) for each in told):
            return str(domain)
    counted = Counter(vocabulary()["domain_of_area"][area] for area in skill_areas(skills))
    (first, most), (_, second) = (*counted.most_common(2), ("", 0), ("", 0))[:2]
    return str(first) if most >= _FEWEST_TELLING and most > second else None


def _side_by_side(sought: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return any(words[start : start + len(sought)] == sought for start in range(len(words)))


def offered(kind: str, domain: str | None) -> tuple[str, ...]:
    """What is offered of a kind ("languages" or "tools"): what is usual in the domain comes first."""
    lists = vocabulary()["offered"]
    return tuple(dict.fromkeys([*lists[f"{kind}_of"].get(domain, ()), *lists[kind]]))[:_MOST_OFFERED]


@cache
def _areas() -> dict[str, str]:
    return {name: area for area, names in vocabulary()["skills"].items() for name in names}


def skill_areas(skills: Iterable[str]) -> list[str]:
    """The area of each skill; skills that belong to no area in particular are left out."""
    return [area for skill in skills if (area := _areas().get(skill, "general")) != "general"]


@dataclass(frozen=True)
class Mention:
    """Where a text speaks of a skill."""

    name: str
    start: int
    end: int


def skills_in(text: str) -> list[str]:
    """The names of the skills that `text` mentions, in order of first mention."""
    return list(dict.fromkeys(mention.name for mention in mentions(text)))


def mentions(text: str) -> Iterator[Mention]:
    """Every place where `text` mentions a skill, in order."""
    terms, longest, found, position = _terms(), _longest_after(), tokens(text), 0
    while position < len(found):
        most = longest.get(found[position].lower, 0)
        for length in range(min(most, len(found) - position), 0, -1):
            span = found[position : position + length]
            name = terms.get(tuple(token.lower for token in span))
            if name and _joined(text, span) and _stands(text, span, name):
                yield Mention(name, span[0].start, span[-1].end)
                position += length - 1
                break
        position += 1


def _joined(text: str, span: Sequence[Token]) -> bool:
    """Whether the words of a term belong together: "React, Native" is not "React Native"."""
    return all(_JOINER.fullmatch(text[a.end : b.start]) for a, b in pairwise(span))


def _stands(text: str, span: Sequence[Token], name: str) -> bool:
    """Whether a word that also has an everyday sense is meant as the skill here."""
    words = text[span[0].start : span[-1].end]
    if name in vocabulary()["list_only"] and words == name:
        return _in_list(text, span[0].start, span[-1].end)
    if name in vocabulary()["list_only"] and words.casefold() == name.casefold():
        return False
    if name in vocabulary()["capitalised"] and words.casefold() == name.casefold():
        return words[0].isupper()
    return True


def _in_list(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 6) : start], text[end : end + 6]
    opened = not before.strip(" ") or bool(_SEPARATOR.search(before[-3:])) or _last_word(before) in _AND
    closed = not after.strip(" ") or bool(_SEPARATOR.search(after[:3])) or _first_word(after) in _AND
    return opened and closed and not after.startswith(("'", "’", "&", "-"))


def _last_word(text: str) -> str:
    return (text.split() or [""])[-1].casefold()


def _first_word(text: str) -> str:
    return (text.split() or [""])[0].casefold()
