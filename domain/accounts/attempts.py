"""Tries at the password of an account, and the delay that wrong ones bring upon it."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts.jobs import SendNotice
from domain.accounts.models import LoginAttempt, User
from domain.messaging.chats import Who
from domain.ports import Clock

FREE_TRIES = 5
FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(hours=1)
LONGEST_ROW = 30  # of wrong tries that are told apart; the lock has long been the longest by then


class Attempts:
    """Kept in the database, so that every program and every chat counts into the same delay.

    A lock never stands in the way of a reset.
    """

    def __init__(self, db: AsyncSession, who: Who, clock: Clock) -> None:
        self._db = db
        self._who = who
        self._clock = clock

    async def locked_for(self, user_id: UUID) -> int:
        """Seconds until the account takes a password again; 0 where it does now."""
        until = await self._db.scalar(
            select(func.max(LoginAttempt.locked_until)).where(LoginAttempt.user_id == user_id)
        )
        return max(0, ceil((until - self._clock.now()).total_seconds())) if until else 0

    async def count(self, user: User, *, right: bool, ip_address: str | None = None) -> None:
        """Record a try; from the fifth wrong one in a row on, each doubles the wait.

        The owner is told by mail of the first lock of such a row.
        """
        now = self._clock.now()
        locked_until = None
        if right:
            await self.unlock(user.id)
        else:
            wrong = await self._wrong_in_a_row(user.id) + 1
            if wrong >= FREE_TRIES:
                locked_until = now + min(FIRST_LOCK * 2 ** (wrong - FREE_TRIES), LONGEST_LOCK)
            if wrong == FREE_TRIES:
                await self._who.schedule(SendNotice(user_id=user.id, notice="locked_out"))
        self._db.add(
            LoginAttempt(
                user_id=user.id,
                ip_address=ip_address,
                success=right,
                locked_until=locked_until,
                created_at=now,
            )
        )
        await self._db.flush()

    async def unlock(self, user_id: UUID) -> None:
        """The account takes a password at once."""
        await self._db.execute(
            update(LoginAttempt)
            .where(LoginAttempt.user_id == user_id, LoginAttempt.locked_until.is_not(None))
            .values(locked_until=None)
        )

    async def _wrong_in_a_row(self, user_id: UUID) -> int:
        last_right = (
            select(func.max(LoginAttempt.created_at))
            .where(LoginAttempt.user_id == user_id, LoginAttempt.success)
            .scalar_subquery()
        )
        wrong = await self._db.scalar(
            select(func.count())
            .select_from(LoginAttempt)
            .where(LoginAttempt.user_id == user_id, ~LoginAttempt.success)
            .where(LoginAttempt.created_at > func.coalesce(last_right, text("'-infinity'::timestamptz")))
        )
        return min(wrong or 0, LONGEST_ROW)
