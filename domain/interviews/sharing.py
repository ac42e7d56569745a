"""A report as whoever has its link sees it: numbers and summary; moments only where its owner says so."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.interviews.debrief import Debrief, debrief
from domain.interviews.models import InterviewQuestion, InterviewSession, InterviewStatus
from domain.sharing import SharePart, Sharing


@dataclass(frozen=True)
class SharedReport:
    """What is shown. Earlier interviews are no part of it."""

    debrief: Debrief
    has_moments: bool


class SharedReports:
    """What links of reports lead to, for anybody."""

    def __init__(self, db: AsyncSession, sharing: Sharing) -> None:
        self._db = db
        self._sharing = sharing

    async def look(self, token: str, viewer: UUID | None) -> SharedReport | None:
        """The report that a token leads to, counted as a view unless it is its owner who looks.

        None where the token is unknown, has expired or was taken back.
        """
        session = await self._sharing.found(InterviewSession, token)
        if session is None or session.status is not InterviewStatus.COMPLETED:
            return None
        turns = await self._db.scalars(
            select(InterviewQuestion)
            .where(InterviewQuestion.session_id == session.id, InterviewQuestion.attempt == 1)
            .order_by(InterviewQuestion.position, InterviewQuestion.follow_up)
        )
        if session.user_id != viewer:
            await self._sharing.count_view(session)
        return SharedReport(debrief(session, turns.all(), ()), SharePart.MOMENTS in session.share_parts)
