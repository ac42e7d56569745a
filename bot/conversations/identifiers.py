"""Ids behind buttons: whatever a client sends in their place."""

from __future__ import annotations

from uuid import UUID

from domain.errors import Refused


def identified(text: str) -> UUID | None:
    """The id that a text is; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def identifier(text: str) -> UUID:
    """The same; raises `Refused("resume.gone")` for anything else."""
    found = identified(text)
    if found is None:
        raise Refused("resume.gone")
    return found
