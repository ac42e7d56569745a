"""What Gemini is told: prose in Markdown beside this file, reviewed as prose.

`$name` marks a place that is filled per call; a dollar sign is written `$$`.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from string import Template


@cache
def load(name: str) -> Template:
    """The prompt in `<name>.md`. Raises `FileNotFoundError` for a name that is not there."""
    return Template(resources.files(__name__).joinpath(f"{name}.md").read_text(encoding="utf-8").strip())


@cache
def version(*names: str) -> str:
    """Twelve hexadecimal digits that change with a letter of these prompts."""
    texts = "\0".join(load(name).template for name in names)
    return hashlib.sha256(texts.encode()).hexdigest()[:12]


def names() -> tuple[str, ...]:
    """The names of all prompts."""
    found = (each.name for each in resources.files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".md") for name in found if name.endswith(".md")))
