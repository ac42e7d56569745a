"""What comes after the feedback: a second try at a question, and an objection to a judgement.

A second try is kept beside the first answer and judged like it, but the interview's score stays that of the
first answers: by then the candidate has read what was missing.
"""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import Refused
from domain.interviews.delivery import Delivery
from domain.interviews.jobs import ReconsiderTurn
from domain.interviews.models import InterviewQuestion, TurnStatus
from domain.interviews.service import Interviews
from domain.messaging.chats import Who

SECOND = 2
LONGEST_OBJECTION = 2_000


class SecondLooks:
    """What a chat's conversation asks of an answer that was judged; each is looked up with its owner."""

    def __init__(self, db: AsyncSession, who: Who, interviews: Interviews) -> None:
        self._db = db
        self._who = who
        self._interviews = interviews

    async def try_again(
        self, question_id: UUID, text: str | None = None, told_how: Delivery | None = None
    ) -> InterviewQuestion:
        """The second try at a question whose answer was judged, begun if it was not yet.

        `text` waits to be confirmed as its answer, which was spoken as `told_how`. Raises `Refused` where
        there is no judgement yet, and where the second try was made already.
        """
        first = await self._interviews.turn(question_id)
        if first.status is not TurnStatus.EVALUATED:
            raise Refused("interview.not_judged")
        second = await self._second(first)
        if first.attempt == SECOND or (second is not None and second.status is not TurnStatus.ASKED):
            raise Refused("interview.tried_twice")
        if second is None:
            second = _again(first)
            self._db.add(second)
        if text is not None:
            second.transcript = text
            second.delivery = told_how.row() if told_how else None
        await self._db.flush()
        return second

    async def first_of(self, second: InterviewQuestion) -> InterviewQuestion:
        """The turn that a second try repeats."""
        found = await self._at(second, attempt=1)
        assert found is not None
        return found

    async def second_tries(self, session_id: UUID) -> list[InterviewQuestion]:
        """The second tries of a session that were answered, in the order of its questions."""
        session = await self._interviews.session(session_id)
        return list(
            await self._db.scalars(
                select(InterviewQuestion)
                .where(InterviewQuestion.session_id == session.id, InterviewQuestion.attempt == SECOND)
                .where(InterviewQuestion.answer_text.is_not(None))
                .order_by(InterviewQuestion.position, InterviewQuestion.follow_up)
            )
        )

    async def said_on(self, turn: InterviewQuestion) -> tuple[str, ...]:
        """What the candidate said on the question of a turn: first answer, follow-ups and second tries."""
        session_id = turn.session_id
        turns = [*await self._interviews.turns(session_id), *await self.second_tries(session_id)]
        here = [each.answer_text for each in turns if each.position == turn.position]
        return tuple(text for text in here if text)

    async def may_object(self, question_id: UUID) -> InterviewQuestion:
        """A turn whose judgement may be objected to; raises `Refused` where it may not, or was before."""
        turn = await self._interviews.turn(question_id)
        if turn.status is not TurnStatus.EVALUATED or turn.evaluation_score is None:
            raise Refused("interview.not_judged")
        if turn.objection is not None:
            raise Refused("interview.objected")
        return turn

    async def object(self, question_id: UUID, argument: str) -> None:
        """Have an answer judged once more in the light of the candidate's argument."""
        turn = await self.may_object(question_id)
        if not argument.strip():
            raise Refused("interview.no_argument")
        turn.objection = argument[:LONGEST_OBJECTION]
        await self._who.schedule(ReconsiderTurn(question_id=turn.id, user_id=self._who.user_id))

    async def _second(self, first: InterviewQuestion) -> InterviewQuestion | None:
        return await self._at(first, attempt=SECOND)

    async def _at(self, turn: InterviewQuestion, *, attempt: int) -> InterviewQuestion | None:
        found: InterviewQuestion | None = await self._db.scalar(
            select(InterviewQuestion).where(
                InterviewQuestion.session_id == turn.session_id,
                InterviewQuestion.position == turn.position,
                InterviewQuestion.follow_up == turn.follow_up,
                InterviewQuestion.attempt == attempt,
            )
        )
        return found


def _again(first: InterviewQuestion) -> InterviewQuestion:
    return InterviewQuestion(
        id=uuid4(),
        session_id=first.session_id,
        position=first.position,
        plan_index=first.plan_index,
        follow_up=first.follow_up,
        follow_up_of=first.follow_up_of,
        follow_up_reason=first.follow_up_reason,
        attempt=SECOND,
        kind=first.kind,
        competency=first.competency,
        difficulty=first.difficulty,
        question_text=first.question_text,
        hint=first.hint,
        rubric=first.rubric,
    )
