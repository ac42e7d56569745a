"""What Gemini is told: prose in Markdown beside this file, reviewed as prose.

`$name` marks a place that is filled per call; a dollar sign is written `$$`.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from string import Template


@cache
def load(name: str) -> Template:
    """The prompt in `<name>.md`. Raises `FileNotFoundError` for a name that is not there."""
    return Template(resources.files(__name__).joinpath(f"{name}.md").read_text(encoding="utf-8").strip())
