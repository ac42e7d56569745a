"""How interviews went with each version of a resume."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.interviews.models import InterviewSession, InterviewStatus


async def by_resume(
    db: AsyncSession, user_id: UUID, resume_ids: Iterable[UUID]
) -> dict[UUID, tuple[int, float | None]]:
    """How many interviews a person completed with each resume, and the mean of those that have a score."""
    count, mean = func.count(), func.avg(InterviewSession.final_score)
    rows = await db.execute(
        select(InterviewSession.resume_id, count, mean)
        .where(InterviewSession.user_id == user_id, ~InterviewSession.is_practice)
        .where(InterviewSession.status == InterviewStatus.COMPLETED)
        .where(InterviewSession.resume_id.in_(list(resume_ids)))
        .group_by(InterviewSession.resume_id)
    )
    return {
        resume_id: (completed, None if score is None else round(score, 1))
        for resume_id, completed, score in rows
        if resume_id is not None
    }
