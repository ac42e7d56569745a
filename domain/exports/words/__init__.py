"""The note that lies in every archive, per language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

FALLBACK = "en"
LANGUAGES = ("en", "es")


@cache
def sentences(language: str) -> dict[str, str]:
    """The texts of a language by name."""
    source = files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)


def readme(language: str, *, name: str, day: str, part: int) -> str:
    """What is in the archives, for the person called `name`; `part` is the number of this one."""
    words = sentences(language if language in LANGUAGES else FALLBACK)
    return words["readme"].format(name=name, day=day, part=part).strip() + "\n"
