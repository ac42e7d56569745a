"""Nothing in a better version of an answer that its owner did not say: figures, names and tools checked.

Pure, without I/O. A model is asked to invent nothing (prompts/rules.md); this makes it so, as far as code
can tell: what occurs neither in the person's own words nor in the resume becomes a placeholder for them to
fill. A name that opens a sentence cannot be told from any other word there, nor any name in a script
without capitals or in German; those limits stand.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from domain.background.vocabulary import mentions, skills_in
from domain.interviews.keywords import fold
from domain.interviews.rubric import is_quoted

FALLBACK = "en"
CAPITALISED_NOUNS = frozenset({"de", "lb"})
# A stem of a name, so that an ending of its case (Russian, Polish) does not make it another one.
SHORTEST_STEM = 4
LONGEST_ENDING = 3

_BRACKETED = re.compile(r"\[[^\]\n]*\]")
_UNIT = r"(?:ms|s|sec|min|h|x|k|m|kb|mb|gb|tb|pb)"
_FIGURE = re.compile(
    rf"(?<![A-Za-z0-9_/.,#])(?:[$€£¥]\s?)?(?P<digits>\d+(?:[.,\u00a0\u202f]\d+)*)(?P<unit>{_UNIT}(?![A-Za-z]))?(?P<rest>\s?[%€$£]|(?![A-Za-z0-9_]))",
    re.IGNORECASE,
)
_ENUMERATION = re.compile(r"(?m)^\s*\d{1,2}[.)]\s")
_WORD = re.compile(r"(?<!\w)[^\W\d_][\w'’-]*")
_REST = re.compile(r"[^\W\d_][\w'’-]*")
_BEFORE_A_SENTENCE = frozenset('.!?…:;"“”«»¿¡([•–—-')
_QUOTED = re.compile(r"“([^”\n]+)”|«([^»\n]+)»|„([^“”\n]+)[“”]|\"([^\"\n]+)\"")


@dataclass(frozen=True)
class Mark:
    """A place in a text and what is to stand there instead."""

    start: int
    end: int
    instead: str


def grounded(text: str, sources: Iterable[str], language: str, *, is_story: bool) -> str:
    """`text` with a placeholder for each figure, name and tool that occurs in none of the `sources`.

    Where the answer is no story but knowledge, a tool may be just what was to be named: it stays, and is
    marked as something to say only if it is true. What stands in square brackets is a placeholder already.
    """
    given = "\n".join(sources)
    words = _words(language)
    tools = list(_tools(text, given, words, keep=not is_story))
    figures = list(_figures(text, given, words))
    marks = [*tools, *figures]
    if language not in CAPITALISED_NOUNS:
        marks.extend(_names(text, given, words, {figure.end for figure in figures}))
    return _marked(text, marks)


def honestly_quoted(text: str, sources: Iterable[str]) -> str:
    """`text` with quotation marks only around words that occur in one of the `sources`."""
    said = tuple(sources)

    def checked(found: re.Match[str]) -> str:
        words = next(group for group in found.groups() if group is not None)
        return found[0] if any(is_quoted(words, source) for source in said) else words

    return _QUOTED.sub(checked, text)


def _marked(text: str, marks: Iterable[Mark]) -> str:
    taken = [found.span() for found in _BRACKETED.finditer(text)]
    result, at, last = [], 0, ""
    for mark in sorted(marks, key=lambda each: (each.start, -each.end)):
        if mark.start < at or any(start <= mark.start < end for start, end in taken):
            continue
        between = text[at : mark.start]
        if not (mark.instead == last and not between.strip(" ,&-")):
            result += [between, mark.instead]
        at, last = mark.end, mark.instead
    return "".join([*result, text[at:]])


def _tools(text: str, given: str, words: dict[str, Any], *, keep: bool) -> Iterator[Mark]:
    known = {*skills_in(given)}
    folded = {fold(word) for word in _WORD.findall(given)}
    for found in mentions(text):
        shown = text[found.start : found.end]
        if found.name in known or fold(shown) in folded:
            continue
        yield Mark(found.start, found.end, f"{shown} [{words['if_true']}]" if keep else f"[{words['tool']}]")
        if keep:
            known.add(found.name)


def _figures(text: str, given: str, words: dict[str, Any]) -> Iterator[Mark]:
    numbers: dict[str, str] = words["numbers"]
    spelled = {fold(word) for word in _WORD.findall(given)}
    known = {_value(found["digits"]) for found in _FIGURE.finditer(given)}
    known |= {value for word, value in numbers.items() if fold(word) in spelled}
    known |= set(re.findall(r"\d+", given))
    listed = [found.span() for found in _ENUMERATION.finditer(text)]
    for found in _FIGURE.finditer(text):
        is_listed = any(start <= found.start("digits") < end for start, end in listed)
        if not is_listed and _value(found["digits"]) not in known:
            yield Mark(found.start(), found.end(), f"[{words['figure']}]")
    for word in _WORD.finditer(text):
        for part in re.finditer(r"[^\W\d_]+", word[0]):
            value = numbers.get(fold(part[0]))
            if value is not None and value not in known:
                yield Mark(word.start(), word.end(), f"[{words['figure']}]")
                break


def _value(digits: str) -> str:
    """A number without what separates its thousands, so that 1,000, 1.000 and 1000 are one."""
    whole = re.sub(r"[.,\u00a0\u202f](?=\d{3}(?!\d))", "", digits)
    return whole.replace(",", ".").lstrip("0") or "0"


def _names(text: str, given: str, words: dict[str, Any], cut: Iterable[int]) -> Iterator[Mark]:
    """`cut` is where words begin once a figure before them, that they were written onto, is gone."""
    known = {fold(word) for word in _WORD.findall(given)} | words["no_names"]
    rests = (_REST.match(text, at) for at in cut)
    for found in [*_WORD.finditer(text), *filter(None, rests)]:
        word = found[0]
        is_camel = any(c.isupper() for c in word[1:]) and not word.isupper()
        is_name = is_camel or (word[0].isupper() and not _opens_sentence(text, found.start()))
        if is_name and not _is_known(word, known):
            yield Mark(found.start(), found.end(), f"[{words['name']}]")


def _opens_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 20) : start]
    words = before.rstrip()
    return not words or "\n" in before[len(words) :] or words[-1] in _BEFORE_A_SENTENCE


def _is_known(word: str, known: set[str]) -> bool:
    """Whether a name, its owner's form or an inflection of it is among the known words."""
    plain = fold(re.sub(r"'s?$", "", word.replace("’", "'")))
    parts = [part for part in re.split(r"['-]", plain) if part]
    if plain in known or (parts and all(part in known or len(part) < 2 for part in parts)):
        return True
    stem = plain[: max(SHORTEST_STEM, len(plain) - LONGEST_ENDING)]
    return len(plain) > SHORTEST_STEM and any(
        each.startswith(stem) and abs(len(each) - len(plain)) <= LONGEST_ENDING for each in known
    )


@cache
def _words(language: str) -> dict[str, Any]:
    table = tomllib.loads((files(__package__) / "grounding.toml").read_text(encoding="utf-8"))
    own, other = table.get(language, {}), table[FALLBACK]
    return {
        **{key: own.get(key, other[key]) for key in ("figure", "name", "tool", "if_true")},
        "numbers": {fold(word): value for word, value in own.get("numbers", {}).items()},
        "no_names": {fold(word) for word in (*table["everywhere"]["no_names"], *own.get("no_names", ()))},
    }
