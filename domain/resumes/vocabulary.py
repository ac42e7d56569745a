"""The words the rules know of the form of a resume, from vocabulary.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from domain.background.vocabulary import fold


@cache
def vocabulary() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "vocabulary.toml").read_text(encoding="utf-8"))


@cache
def folded(section: str, key: str) -> frozenset[str]:
    """The words of a list as `fold` leaves them, so that they compare with a text that it has folded."""
    return frozenset(fold(word) for word in vocabulary()[section][key])


def names(text: str, section: str, key: str) -> bool:
    """Whether a text has a word of a list; where no spaces are written, as a part of a longer one."""
    words, known = fold(text), folded(section, key)
    if any(word.strip(".") in known for word in words.split()):
        return True
    return any(word in words for word in _unspaced(section, key))


@cache
def _unspaced(section: str, key: str) -> frozenset[str]:
    return frozenset(word for word in folded(section, key) if writes_no_spaces(word))


def writes_no_spaces(word: str) -> bool:
    """Chinese, Japanese and Thai, and Korean, which joins words that English would not."""
    return all(
        "\u0e00" <= c <= "\u0e7f" or "\u1100" <= c <= "\u11ff" or "\u2e80" <= c <= "\ud7ff" for c in word
    )
