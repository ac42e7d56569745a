"""The experience level that typed words mean: "senior", "6 years". Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from domain.background.models import ExperienceLevel
from domain.background.phrases import Words, phrases, words_of

_YEARS = re.compile(r"^\D*?(\d{1,2})(?:[.,]\d)?\s*\+?\s*(?:years?|yrs?|años?|ans|jahre?)\b", re.IGNORECASE)
# Years of work up to which a level is meant; whoever sees it otherwise taps another one.
_UP_TO = ((2, ExperienceLevel.BEGINNER), (5, ExperienceLevel.INTERMEDIATE), (10, ExperienceLevel.ADVANCED))


def level_named(typed: str) -> ExperienceLevel | None:
    """The level that is called so, or that so many years of work make; None for anything else."""
    if (known := _levels().get(words_of(typed))) is not None:
        return known
    years = _YEARS.match(typed.strip())
    return level_of(int(years[1])) if years else None


def level_of(years: int) -> ExperienceLevel:
    """The level that so many years of work make."""
    return next((level for most, level in _UP_TO if years < most), ExperienceLevel.EXPERT)


@cache
def _levels() -> Mapping[Words, ExperienceLevel]:
    levels: Mapping[str, list[str]] = phrases()["levels"]
    return {words_of(name): ExperienceLevel(level) for level, names in levels.items() for name in names}
