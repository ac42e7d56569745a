"""What a person was asked in earlier interviews."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.interviews import course
from domain.interviews.models import InterviewQuestion, InterviewSession

REMEMBERED_SESSIONS = 10
REMEMBERED_PRACTICE = 30  # single questions, so that a month of them crowds no interview out


async def asked_before(db: AsyncSession, user_id: UUID) -> tuple[str, ...]:
    """The questions of the last sessions, newest first, as they were asked and as they were planned."""
    sessions = (
        select(InterviewSession.id)
        .where(InterviewSession.user_id == user_id)
        .order_by(InterviewSession.started_at.desc())
    )
    interviews = sessions.where(~InterviewSession.is_practice).limit(REMEMBERED_SESSIONS)
    practice = sessions.where(InterviewSession.is_practice).limit(REMEMBERED_PRACTICE)
    asked = await db.execute(
        select(InterviewQuestion, InterviewSession)
        .join(InterviewSession, InterviewSession.id == InterviewQuestion.session_id)
        .where(InterviewQuestion.follow_up == 0)
        .where(or_(*(InterviewQuestion.session_id.in_(each) for each in (interviews, practice))))
        .order_by(InterviewQuestion.created_at.desc())
    )
    texts: dict[str, None] = {}
    for turn, session in asked:
        texts.update(dict.fromkeys((turn.question_text, *turn.earlier_wordings)))
        if session.plan:
            texts[course.planned(session, turn).text] = None
    return tuple(texts)
