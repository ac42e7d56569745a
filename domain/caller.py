"""For whom the world is being asked, without handing a name through every call on the way.

A job knows it at its top; far below, an adapter shares its slots out fairly and counts by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

_CALLER: ContextVar[UUID | None] = ContextVar("caller", default=None)


def caller() -> UUID | None:
    """The account that this task works for; None where it works for the installation itself."""
    return _CALLER.get()


@contextmanager
def on_behalf_of(user_id: UUID | None) -> Iterator[None]:
    """What is done inside, and in tasks started inside, is done for this account."""
    token = _CALLER.set(user_id)
    try:
        yield
    finally:
        _CALLER.reset(token)
