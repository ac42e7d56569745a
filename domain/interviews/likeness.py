"""Whether two questions ask for the same thing, as far as their words can tell. Pure.

Words that carry meaning are cut to their stems, synonyms of interviews (`concepts.toml`) count as one idea,
and two questions are alike where the shorter one's ideas nearly all occur in the other, all but all of them
where just one named idea each tells the two apart. What is put in
wholly different words is not noticed: tests/domain/test_likeness.py says how often that happens.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files

from domain.interviews.bank import load_bank
from domain.interviews.keywords import fold
from domain.interviews.rubric import WORDS

STEM = 5
SHORTEST = 3
SHARE = 0.55
SHARE_OF_CONTRASTED = 0.75  # where each of the two names one thing that the other does not
SHARE_OF_LONGER = 0.2


def alike(one: str, other: str) -> bool:
    """Whether two questions ask for the same thing."""
    return overlap(ideas(one), ideas(other))


def overlap(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether the ideas of two questions, each weighed by how rare it is, are nearly the same."""
    fewer, more = sorted((_weight(one), _weight(other)))
    shared = _weight(one & other)
    share = SHARE_OF_CONTRASTED if _is_contrast(one - other, other - one) else SHARE
    return shared > 0 and shared >= share * fewer and shared >= SHARE_OF_LONGER * more


def is_new(question: str, known: Iterable[frozenset[str]]) -> bool:
    """Whether a question is like none of those whose ideas are known."""
    own = ideas(question)
    return not any(overlap(own, each) for each in known)


def _is_contrast(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether one idea each, of those that have a name, is all that tells two questions apart."""
    return len(one) == len(other) == 1 and one | other <= _named()


@cache
def _named() -> frozenset[str]:
    return frozenset(_tables()[0].values())


def _weight(of: Iterable[str]) -> float:
    rarity, rarest = _rarities()
    return sum(rarity.get(idea, rarest) for idea in of)


@cache
def _rarities() -> tuple[dict[str, float], float]:
    """How rare an idea is among the questions of the bank, and the rarity of one that is not there."""
    worded = [ideas(wording.text) for question in load_bank() for wording in question.wordings.values()]
    counted = Counter(idea for each in worded for idea in each)
    rarity = {idea: math.log(len(worded) / count) for idea, count in counted.items()}
    return rarity, math.log(len(worded))


@lru_cache(maxsize=4096)
def ideas(text: str) -> frozenset[str]:
    """The ideas of a question: stems of its telling words, synonyms as one."""
    synonyms, fillers = _tables()
    words = (fold(word) for word in WORDS.findall(text))
    stems = (
        stem(word) for word in words if word not in fillers and (len(word) >= SHORTEST or not word.isascii())
    )
    return frozenset(synonyms.get(stem, stem) for stem in stems)


def stem(word: str) -> str:
    """The beginning of a word, its plural's s left out."""
    return word.removesuffix("s")[:STEM]


@cache
def _tables() -> tuple[dict[str, str], frozenset[str]]:
    """The idea of each stem that has synonyms, and the words that are left out."""
    document = tomllib.loads((files(__package__) / "concepts.toml").read_text(encoding="utf-8"))
    synonyms: dict[str, str] = {}
    for line in document["ideas"]:
        words = [fold(word) for word in WORDS.findall(line)]
        for word in words:
            synonyms.setdefault(stem(word), stem(words[0]))
    return synonyms, frozenset(fold(word) for word in document["fillers"].split())
