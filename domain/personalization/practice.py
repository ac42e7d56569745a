"""Practice of single questions: a session of one that counts in no history, progress or comparison."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.interviews.models import InterviewSession, InterviewStatus
from domain.interviews.plan import InterviewKind, Plan
from domain.interviews.service import Interviews
from domain.messaging.chats import Who
from domain.personalization.models import PracticeCard
from domain.ports import Clock
from domain.resumes.service import Resumes

ONE = 1


class Practice:
    """What a chat's conversation asks of practice; every question is looked up with its owner."""

    def __init__(
        self, db: AsyncSession, who: Who, resumes: Resumes, interviews: Interviews, clock: Clock
    ) -> None:
        self._db = db
        self._who = who
        self._resumes = resumes
        self._interviews = interviews
        self._clock = clock

    async def begin(self) -> InterviewSession:
        """One question: the one that is open, else the most overdue one, else a new one."""
        waiting = await self._interviews.unfinished()
        if waiting is not None and waiting.is_practice:
            return waiting
        due = await self._due()
        return await self.repeat(due) if due is not None else await self._new()

    async def repeat(self, question_id: UUID) -> InterviewSession:
        """Ask an earlier question once more; raises `Refused("interview.gone")` for another's."""
        turn = await self._interviews.turn(question_id)
        # In the words of the plan: those of the turn may follow on from an answer.
        planned = await self._interviews.planned(turn)
        asked_in = await self._interviews.session(turn.session_id)
        session = InterviewSession(
            id=uuid4(),
            user_id=self._who.user_id,
            resume_id=asked_in.resume_id,
            is_practice=True,
            kind=InterviewKind(turn.kind.value),
            question_count=ONE,
            language=asked_in.language,
            target_role=asked_in.target_role,
            status=InterviewStatus.PLANNING,
        )
        self._db.add(session)
        await self._db.flush()
        await self._interviews.store_plan(session.id, Plan(questions=(planned,)))
        return session

    async def _new(self) -> InterviewSession:
        """A question that was not asked before, of the kind that was rehearsed last."""
        finished = await self._interviews.finished()
        kind = finished[0].kind if finished else InterviewKind.MIXED
        resumes = await self._resumes.all()
        session_id = await self._interviews.begin(resumes[0].id if resumes else None, kind, ONE)
        session = await self._interviews.session(session_id)
        session.is_practice = True
        return session

    async def _due(self) -> UUID | None:
        found: UUID | None = await self._db.scalar(
            select(PracticeCard.question_id)
            .where(PracticeCard.user_id == self._who.user_id, PracticeCard.due <= self._clock.now())
            .order_by(PracticeCard.due, PracticeCard.id)
            .limit(1)
        )
        return found
