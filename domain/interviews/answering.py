"""Answers: taken when they are given, added to and edited until they are judged, spoken ones confirmed."""

from __future__ import annotations

from enum import Enum, auto
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import Refused
from domain.interviews import course
from domain.interviews.answers import Answer
from domain.interviews.delivery import Delivery
from domain.interviews.jobs import EvaluateTurn, TranscribeVoice
from domain.interviews.models import InterviewQuestion, InterviewSession, TurnStatus
from domain.interviews.service import Interviews, time_for_the_rest
from domain.messaging.chats import Who
from domain.ports import Clock

TYPED_NOWHERE = 0  # the message of what was not typed as one
BEING_HEARD = ""  # the transcript of a voice note that is being turned into text
LONGEST_HOLD = 600.0  # seconds that an answer waits unjudged for more of it to be heard and confirmed


class Wording(Enum):
    """What came of asking for a question in another way."""

    OTHER_WORDS = auto()
    OTHER_QUESTION = auto()
    NONE_LEFT = auto()


class Answers:
    """What a chat's conversation does with the answer to a question; each is looked up with its owner."""

    def __init__(self, db: AsyncSession, who: Who, interviews: Interviews, clock: Clock) -> None:
        self._db = db
        self._who = who
        self._interviews = interviews
        self._clock = clock

    async def give(self, question_id: UUID, text: str, message_id: int = TYPED_NOWHERE) -> None:
        """Store an answer the moment it is given, and have it judged; raises `Refused` for a second one."""
        turn = await self._interviews.turn(question_id)
        if turn.status is not TurnStatus.ASKED:
            raise Refused("interview.answered")
        turn.answered_at = self._clock.now()
        turn.status = TurnStatus.ANSWERED
        turn.transcript = None
        await self._judge(turn, Answer().added(text, self._chat_id, message_id), text)

    async def add(self, question_id: UUID, text: str, message_id: int = TYPED_NOWHERE) -> None:
        """Add what came before the feedback did; it is judged together with the rest."""
        turn = await self._open(question_id)
        answer = Answer.stored(turn.answer_text, turn.answer_parts)
        await self._judge(turn, answer.added(text, self._chat_id, message_id), text)

    async def edit(self, question_id: UUID, text: str, message_id: int) -> bool:
        """Judge an answer as it was edited; whether the message is a part of it."""
        turn = await self._open(question_id)
        edited = Answer.stored(turn.answer_text, turn.answer_parts).edited(text, self._chat_id, message_id)
        if edited is None:
            return False
        await self._judge(turn, edited, text)
        return True

    def as_edited(self, turn: InterviewQuestion, text: str, message_id: int) -> str:
        """The whole answer of a turn with this message as it was edited."""
        answer = Answer.stored(turn.answer_text, turn.answer_parts)
        edited = answer.edited(text, self._chat_id, message_id)
        return (edited or answer).text

    async def answered_in(self, message_id: int) -> InterviewQuestion | None:
        """The turn whose answer holds a message of this chat."""
        part = [{"chat_id": self._chat_id, "message_id": message_id}]
        found: InterviewQuestion | None = await self._db.scalar(
            select(InterviewQuestion)
            .join(InterviewSession, InterviewSession.id == InterviewQuestion.session_id)
            .where(InterviewSession.user_id == self._who.user_id)
            .where(InterviewQuestion.answer_parts.contains(part))
            .order_by(InterviewQuestion.created_at.desc())
            .limit(1)
        )
        return found

    async def ask_differently(self, question_id: UUID) -> Wording:
        """Put an open question in other words or, once, another one on its subject instead of it."""
        turn = await self._interviews.turn(question_id)
        if turn.status is not TurnStatus.ASKED:
            raise Refused("interview.answered")
        session = await self._interviews.session(turn.session_id)
        if turn.follow_up or turn.attempt > 1:
            return Wording.NONE_LEFT
        used = [*turn.earlier_wordings, turn.question_text]
        if wording := course.other_wording(session, turn):
            turn.question_text, turn.earlier_wordings = wording, used
            return Wording.OTHER_WORDS
        index = course.other_question(session, await self._interviews.turns(session.id), turn)
        if index is None:
            return Wording.NONE_LEFT
        course.put(turn, course.plan_of(session).pool[index], index)
        turn.hint_used, turn.earlier_wordings = False, used
        return Wording.OTHER_QUESTION

    async def transcribe(self, question_id: UUID, file_id: str, mime_type: str, seconds: int) -> None:
        """Have a voice note turned into text; an answer that is being judged is held back for it."""
        turn = await self._interviews.turn(question_id)
        if turn.status not in (TurnStatus.ASKED, TurnStatus.ANSWERED):
            raise Refused("interview.answered")
        turn.transcript = BEING_HEARD
        if turn.status is TurnStatus.ANSWERED:
            await self._have_judged(turn)
        await self._who.schedule(
            TranscribeVoice(
                question_id=turn.id,
                file_id=file_id,
                mime_type=mime_type,
                seconds=seconds,
                user_id=self._who.user_id,
            )
        )

    async def heard(self, question_id: UUID, transcript: str, told_how: Delivery) -> None:
        """Keep what was understood of a voice note until the candidate says that it is right.

        Delivery is told of an answer that was spoken, and not of what is added to one.
        """
        turn = await self._interviews.turn(question_id)
        turn.transcript = transcript
        if turn.status is TurnStatus.ASKED:
            turn.delivery = told_how.row()

    async def confirm(
        self, question_id: UUID, corrected: str | None = None, message_id: int = TYPED_NOWHERE
    ) -> None:
        """Take what waits to be confirmed, or what it was corrected to, as the answer or as more of it."""
        turn = await self._interviews.turn(question_id)
        text = corrected if corrected is not None else turn.transcript or ""
        take = self.add if turn.status is TurnStatus.ANSWERED else self.give
        turn.transcript = None
        await take(question_id, text, message_id)

    async def discard(self, question_id: UUID) -> None:
        """Forget what waits to be confirmed or could not be heard; what was answered already is judged."""
        turn = await self._interviews.turn(question_id)
        turn.transcript = None
        if turn.status is TurnStatus.ANSWERED:
            await self._have_judged(turn)
        elif turn.status is TurnStatus.ASKED:
            turn.delivery = None

    @property
    def _chat_id(self) -> int:
        return self._who.chat.chat_id

    async def _open(self, question_id: UUID) -> InterviewQuestion:
        turn = await self._interviews.turn(question_id)
        if turn.status is not TurnStatus.ANSWERED:
            raise Refused("interview.answered")
        return turn

    async def _judge(self, turn: InterviewQuestion, answer: Answer, new: str) -> None:
        turn.answer_text, turn.answer_parts = answer.text, answer.rows()
        await self._have_judged(turn, after=time_for_the_rest(new))

    async def _have_judged(self, turn: InterviewQuestion, *, after: float = 0.0) -> None:
        """Have the answer judged as it is now; while more of it is spoken, only after a long time."""
        turn.revision += 1
        await self._db.flush()
        evaluate = EvaluateTurn(question_id=turn.id, revision=turn.revision, user_id=self._who.user_id)
        await self._who.schedule(evaluate, after=after if turn.transcript is None else LONGEST_HOLD)
