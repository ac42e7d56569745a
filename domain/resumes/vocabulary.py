"""The words the rules know of the form of a resume, from vocabulary.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def vocabulary() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "vocabulary.toml").read_text(encoding="utf-8"))
