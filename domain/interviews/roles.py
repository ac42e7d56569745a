"""Role packs: what a target role means for an interview, from roles.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from domain.interviews.keywords import find, words_of


class RolePack(BaseModel):
    """`areas` of the bank, the best first, and the stable names of the competencies asked about most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: tuple[str, ...]
    areas: tuple[str, ...]
    competencies: tuple[str, ...]


@cache
def packs() -> Mapping[str, RolePack]:
    """Every pack by its stable name; the more special ones first."""
    document = tomllib.loads((files(__package__) / "roles.toml").read_text(encoding="utf-8"))
    return {name: RolePack(**row) for name, row in document.items()}


def pack_of(role: str) -> RolePack | None:
    """The pack of a target role as people write it, or None where none fits."""
    words = words_of(role)
    fitting = (pack for pack in packs().values() if any(find(word, words) for word in pack.words))
    return next(fitting, None)


# In the order in which they are offered.
ROLES = (
    "backend",
    "frontend",
    "mobile",
    "data",
    "ml",
    "analyst",
    "devops",
    "qa",
    "product_manager",
    "engineering_manager",
    "designer",
    "support",
)
