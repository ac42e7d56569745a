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
def signs(kind: str) -> tuple[Words, ...]:
    """The words by which something typed is known to be of a kind of hardware."""
    return tuple(words_of(each) for each in phrases()["hardware"]["signs"][kind])


def mentions(words: Words, sought: Words) -> bool:
    """Whether the words occur, side by side; digits after a word do not matter ("rtx4090")."""
    bare = tuple(word.rstrip("0123456789") or word for word in words)
    return any(
        each[start : start + len(sought)] == sought for each in (words, bare) for start in range(len(each))
    )
