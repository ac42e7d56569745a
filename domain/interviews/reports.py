"""What is kept of interviews: the finished ones, the debrief of each, the progress over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import Refused
from domain.interviews.debrief import Debrief, debrief
from domain.interviews.jobs import DrawProgress, DrawReport, PrintReport
from domain.interviews.models import InterviewQuestion, InterviewSession, InterviewStatus
from domain.interviews.progress import Progress, progress
from domain.interviews.results import Results, results
from domain.interviews.service import Interviews
from domain.messaging.chats import Who
from domain.ports import Clock
from domain.resumes.models import Resume

# A report is written a moment before it is told, which completes its session.
WRITTEN = (InterviewStatus.REPORTING, InterviewStatus.COMPLETED)
A_PAGE = 8
COMPARED = 20  # earlier interviews that a report is compared with
LOOKED_BACK = 60  # interviews that the progress looks back on


class Reports:
    """What a chat's conversation asks of finished interviews; every one is looked up with its owner."""

    def __init__(self, db: AsyncSession, who: Who, interviews: Interviews, clock: Clock) -> None:
        self._db = db
        self._who = who
        self._interviews = interviews
        self._clock = clock

    async def count(self) -> int:
        """How many interviews were finished."""
        finished = self._finished().with_only_columns(func.count()).order_by(None)
        return await self._db.scalar(finished) or 0

    async def page(self, number: int) -> Sequence[InterviewSession]:
        """A page of the finished interviews, newest first; pages count from 1."""
        return (await self._db.scalars(self._finished().limit(A_PAGE).offset(A_PAGE * (number - 1)))).all()

    async def debrief(self, session_id: UUID) -> Debrief:
        """All that a report tells; raises `Refused("interview.gone")` where there is none to tell."""
        session = await self._interviews.session(session_id)
        if session.status not in WRITTEN or session.feedback_summary is None:
            raise Refused("interview.gone")
        turns = await self._interviews.turns(session_id)
        earlier = self._finished().where(InterviewSession.started_at < session.started_at)
        return debrief(session, turns, await self._with_results(earlier.limit(COMPARED)))

    async def transcript(self, session_id: UUID) -> Sequence[InterviewQuestion]:
        """Every turn of a session of this person, second tries that were made beside the first ones."""
        session = await self._interviews.session(session_id)
        return (
            await self._db.scalars(
                select(InterviewQuestion)
                .where(InterviewQuestion.session_id == session.id)
                .where(or_(InterviewQuestion.attempt == 1, InterviewQuestion.answer_text.is_not(None)))
                .order_by(InterviewQuestion.position, InterviewQuestion.follow_up, InterviewQuestion.attempt)
            )
        ).all()

    async def progress(self) -> Progress:
        """How the person gets on over their last interviews."""
        rehearsed = await self._with_results(self._finished().limit(LOOKED_BACK))
        used = {session.resume_id for session, _ in rehearsed}
        resumes = await self._db.execute(
            select(Resume.id, Resume.title, Resume.version)
            .where(Resume.user_id == self._who.user_id, Resume.id.in_(used))
            .order_by(Resume.created_at)
        )
        known = [(each.id, each.title, each.version) for each in resumes]
        started = self._finished().with_only_columns(InterviewSession.started_at)
        days = [each.date() for each in await self._db.scalars(started)]
        return progress(list(reversed(rehearsed)), known, days, self._clock.now().date())

    async def draw(self, session_id: UUID) -> None:
        """Have a report told once more, with its picture; raises as `debrief` does."""
        session = (await self.debrief(session_id)).session
        await self._who.schedule(DrawReport(session_id=session.id, user_id=session.user_id))

    async def print(self, session_id: UUID) -> None:
        """Have a report printed as a document; raises as `debrief` does."""
        session = (await self.debrief(session_id)).session
        await self._who.schedule(PrintReport(session_id=session.id, user_id=session.user_id))

    async def draw_progress(self) -> None:
        """Have the picture of the progress drawn."""
        await self._who.schedule(DrawProgress(user_id=self._who.user_id))

    def _finished(self) -> Select[InterviewSession]:
        return (
            select(InterviewSession)
            .where(InterviewSession.user_id == self._who.user_id, ~InterviewSession.is_practice)
            .where(InterviewSession.status == InterviewStatus.COMPLETED)
            .order_by(InterviewSession.started_at.desc(), InterviewSession.id)
        )

    async def _with_results(self, wanted: Select[InterviewSession]) -> list[tuple[InterviewSession, Results]]:
        sessions = (await self._db.scalars(wanted)).all()
        turns = await self._db.scalars(
            select(InterviewQuestion)
            .where(InterviewQuestion.session_id.in_([session.id for session in sessions]))
            .where(InterviewQuestion.attempt == 1)
            .order_by(InterviewQuestion.session_id, InterviewQuestion.position, InterviewQuestion.follow_up)
        )
        of = {each: list(group) for each, group in groupby(turns, key=lambda turn: turn.session_id)}
        return [(session, results(of.get(session.id, []))) for session in sessions]
