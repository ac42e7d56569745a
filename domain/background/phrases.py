"""What typed words say of hardware and preferences, from phrases.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from domain.background.vocabulary import plain, tokens

Words = tuple[str, ...]


@cache
def phrases() -> Mapping[str, Any]:
    return tomllib.loads((files(__package__) / "phrases.toml").read_text(encoding="utf-8"))


def words_of(text: str) -> Words:
    """The words of a text as they are compared."""
    return tuple(token.lower for token in tokens(plain(text)))


@cache
def names(subject: str, key: str) -> Mapping[Words, str]:
    """Each way to write a value of a key of "hardware" or "preferences", and the value."""
    values: Mapping[str, Sequence[str]] = phrases()[subject]["names"][key]
    return {words_of(each): value for value, others in values.items() for each in (value, *others)}


@cache
def _signs(kind: str) -> tuple[frozenset[str], tuple[Words, ...]]:
    """The words by which something typed is known to be of a kind of hardware: single ones, and several."""
    written = [words_of(each) for each in phrases()["hardware"]["signs"][kind]]
    single = frozenset(each[0] for each in written if len(each) == 1)
    return single, tuple(each for each in written if len(each) > 1)


def is_of(kind: str, words: Words) -> bool:
    """Whether words tell of a kind of hardware; digits after a word do not matter ("rtx4090")."""
    single, several = _signs(kind)
    bare = {word.rstrip("0123456789") for word in words}
    return (
        not single.isdisjoint(words)
        or not single.isdisjoint(bare)
        or any(mentions(words, each) for each in several)
    )


def mentions(words: Words, sought: Words) -> bool:
    """Whether the words occur, side by side."""
    return any(words[start : start + len(sought)] == sought for start in range(len(words)))
