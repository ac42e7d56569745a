"""The words of pictures and printed reports, one TOML file per language with the same keys."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "es", "ru", "zh", "ar")
FALLBACK = "en"


def language_of(*wanted: str) -> str:
    """The first of these languages that there are words in, else English."""
    return next((each for each in (code.split("-")[0] for code in wanted) if each in LANGUAGES), FALLBACK)


@cache
def sheet_words(language: str) -> dict[str, str]:
    """The words of a language, by key."""
    return tomllib.loads((files(__name__) / f"{language}.toml").read_text(encoding="utf-8"))
