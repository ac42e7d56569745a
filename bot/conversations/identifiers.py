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


def identifier(text: str, gone: Refused) -> UUID:
    """The same; raises `gone` for anything else, as for the id of what is not there any more."""
    found = identified(text)
    if found is None:
        raise gone
    return found
