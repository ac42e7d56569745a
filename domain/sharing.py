"""Sharing: something of one person's that whoever has a link may look at, until it ends or is taken back.

Off by default. Only a hash of the link's token is stored, so that a link is shown once, when it is made.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import Integer, String, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.accounts.tokens import new_token, token_hash
from domain.errors import Refused
from domain.orm import Identified
from domain.ports import Clock

DEFAULT_DAYS = 7
MOST_DAYS = 90
LONGEST_TOKEN = 64


class SharePart(StrEnum):
    """What is shown only where its owner says so."""

    CONTACT = "contact"
    FILE = "file"
    MOMENTS = "moments"


class Shareable(Identified):
    """What can be shared. `share_token` is a SHA-256; `share_parts` holds values of `SharePart`."""

    is_public: Mapped[bool] = mapped_column(default=False, server_default="false")
    share_token: Mapped[str | None] = mapped_column(String(64), unique=True)
    share_expires_at: Mapped[datetime | None]
    share_views: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    share_parts: Mapped[list[str]] = mapped_column(JSONB, default=list, server_default="[]")


S = TypeVar("S", bound=Shareable)


class Sharing:
    """Opens and closes links to what its caller has looked up with its owner; finds what one leads to."""

    def __init__(self, db: AsyncSession, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def is_open(self, thing: Shareable) -> bool:
        """Whether a link leads to it now."""
        return bool(thing.is_public and thing.share_expires_at and thing.share_expires_at > self._clock.now())

    async def open(self, thing: Shareable, days: int = DEFAULT_DAYS) -> str:
        """The token of a new link; an earlier one leads nowhere any more.

        Raises `Refused("share.days")` for more than `MOST_DAYS` or less than one.
        """
        if not 1 <= days <= MOST_DAYS:
            raise Refused("share.days", most=MOST_DAYS)
        token = new_token()
        thing.share_token = token_hash(token)
        thing.share_expires_at = self._clock.now() + timedelta(days=days)
        thing.share_views = 0
        thing.is_public = True
        await self._db.flush()
        return token

    async def close(self, thing: Shareable) -> None:
        """Take the link back."""
        thing.is_public = False
        thing.share_token = thing.share_expires_at = None
        await self._db.flush()

    async def show(self, thing: Shareable, part: SharePart, shown: bool) -> None:
        """Show a part, or show it no more; that holds for the link that is open too."""
        others = set(thing.share_parts) - {part.value}
        thing.share_parts = sorted(others | {part.value} if shown else others)
        await self._db.flush()

    async def found(self, kind: type[S], token: str) -> S | None:
        """What a token leads to; None where it is unknown, has expired or was taken back."""
        if not token or len(token) > LONGEST_TOKEN:
            return None
        thing: S | None = await self._db.scalar(
            select(kind).where(
                kind.share_token == token_hash(token),
                kind.is_public,
                kind.share_expires_at > self._clock.now(),
            )
        )
        return thing

    async def count_view(self, thing: Shareable) -> None:
        """Somebody looked; two who look at once are two."""
        kind = type(thing)
        await self._db.execute(
            update(kind)
            .where(kind.id == thing.id)
            .values(share_views=kind.share_views + 1, updated_at=kind.updated_at)
        )
