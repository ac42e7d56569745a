"""The offline interviewer's sentences, one TOML file per language with the same keys."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "es")
FALLBACK_LANGUAGE = "en"


@cache
def texts(language: str) -> dict[str, str]:
    """The sentences in `language`, or in English where there are none."""
    known = language if language in LANGUAGES else FALLBACK_LANGUAGE
    return tomllib.loads((files(__name__) / f"{known}.toml").read_text(encoding="utf-8"))
