"""Interviews: sessions, turns, what is asked next. Code chooses; the interviewer words and judges."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.background.service import Background
from domain.errors import Refused
from domain.interviews import course, memory
from domain.interviews.by_resume import by_resume
from domain.interviews.jobs import PlanInterview, WriteReport
from domain.interviews.ladder import MOST_PROBES, is_worth_probing
from domain.interviews.models import InterviewQuestion, InterviewSession, InterviewStatus, TurnStatus
from domain.interviews.plan import (
    DEFAULT_SETTINGS,
    MAX_QUESTIONS,
    MIN_QUESTIONS,
    InterviewKind,
    InterviewSettings,
    Plan,
    PlannedQuestion,
)
from domain.interviews.results import Results, results
from domain.interviews.rubric import normalised
from domain.messaging.chats import Who
from domain.ports import Candidate, Clock, Evaluation, Report
from domain.resumes.service import Resumes

OPEN = (InterviewStatus.PLANNING, InterviewStatus.ACTIVE, InterviewStatus.REPORTING)
LONGEST_JOB = 20_000
# Telegram's apps cut a text of more than 4096 characters, at the best place after half of that.
MAY_BE_CUT = 2048
REST_AFTER = 2.0
LONGEST_ROLE = 100
SHOWN = 10


class Interviews:
    """What a chat's conversation asks of interviews; every one is looked up with its owner."""

    def __init__(
        self, db: AsyncSession, who: Who, resumes: Resumes, background: Background, clock: Clock
    ) -> None:
        self._db = db
        self._who = who
        self._resumes = resumes
        self._background = background
        self._clock = clock

    # Sessions

    async def begin(
        self,
        resume_id: UUID | None,
        kind: InterviewKind,
        count: int,
        job_description: str | None = None,
        settings: InterviewSettings = DEFAULT_SETTINGS,
    ) -> UUID:
        """Begin a session and have it planned; raises `Refused` for a number that is not 1 to 20."""
        if not MIN_QUESTIONS <= count <= MAX_QUESTIONS:
            raise Refused("interview.count", least=MIN_QUESTIONS, most=MAX_QUESTIONS)
        if job_description and len(job_description) > LONGEST_JOB:
            raise Refused("interview.job_too_long", most=LONGEST_JOB)
        resume = await self._resumes.one(resume_id) if resume_id else None
        session = InterviewSession(
            id=uuid4(),
            user_id=self._who.user_id,
            resume_id=resume_id,
            kind=kind,
            question_count=count,
            language=await self.language(settings),
            difficulty=settings.difficulty,
            target_role=settings.role or (resume.inferred_role if resume else None),
            job_description=job_description,
        )
        self._db.add(session)
        await self._db.flush()
        plan = PlanInterview(session_id=session.id, user_id=session.user_id)
        await self._who.schedule(plan, after=time_for_the_rest(job_description or ""))
        return session.id

    async def language(self, settings: InterviewSettings) -> str:
        """The language of an interview: the one that was set, else the preferred one, else the chat's."""
        preferred = await self._background.preferences()
        return settings.language or preferred.interview_language or self._who.language

    async def add_to_job(self, session_id: UUID, text: str) -> bool:
        """Take the rest of a job description that Telegram cut; whether it is one."""
        session = await self.session(session_id)
        job = session.job_description or ""
        if session.status is not InterviewStatus.PLANNING or len(job) < MAY_BE_CUT:
            return False
        session.job_description = f"{job}\n{text}"[:LONGEST_JOB]
        return True

    async def unfinished(self) -> InterviewSession | None:
        """The session that waits for this person, if there is one."""
        found: InterviewSession | None = await self._db.scalar(
            select(InterviewSession)
            .where(InterviewSession.user_id == self._who.user_id, InterviewSession.status.in_(OPEN))
            .order_by(InterviewSession.started_at.desc())
            .limit(1)
        )
        return found

    async def session(self, session_id: UUID) -> InterviewSession:
        """A session of this person; raises `Refused("interview.gone")` for any other."""
        found = await self._db.get(InterviewSession, session_id)
        if found is None or found.user_id != self._who.user_id:
            raise Refused("interview.gone")
        return found

    async def finished(self) -> list[InterviewSession]:
        """The person's completed interviews, newest first; practice of single questions is none."""
        return list(
            await self._db.scalars(
                select(InterviewSession)
                .where(InterviewSession.user_id == self._who.user_id, ~InterviewSession.is_practice)
                .where(InterviewSession.status == InterviewStatus.COMPLETED)
                .order_by(InterviewSession.started_at.desc())
                .limit(SHOWN)
            )
        )

    async def with_resumes(self, resume_ids: Sequence[UUID]) -> dict[UUID, tuple[int, float | None]]:
        """How many interviews were completed with each resume, and the mean of their scores."""
        return await by_resume(self._db, self._who.user_id, resume_ids)

    async def abandon(self, session_id: UUID) -> None:
        """Give a session up for good; what was answered stays."""
        session = await self.session(session_id)
        session.status = InterviewStatus.ABANDONED
        session.completed_at = self._clock.now()

    # Plan

    async def store_plan(self, session_id: UUID, plan: Plan) -> None:
        """Keep the plan and ask the first question; a second plan of the same session changes nothing."""
        session = await self.session(session_id)
        if session.status is not InterviewStatus.PLANNING:
            return
        session.plan = plan.model_dump(mode="json")
        session.question_count = len(plan.questions)
        session.status = InterviewStatus.ACTIVE
        first = course.following(session, ())
        assert first is not None
        await self._ask(session, 1, first)

    async def planned(self, turn: InterviewQuestion) -> PlannedQuestion:
        """The question of the plan that a turn, or what it follows, was asked from."""
        return course.planned(await self.session(turn.session_id), turn)

    async def foreseen(self, turn: InterviewQuestion) -> PlannedQuestion | None:
        """The question that comes next unless this answer moves the ladder; None after the last one."""
        session = await self.session(turn.session_id)
        index = course.following(session, await self.turns(session.id), foreseen=True)
        return None if index is None else course.plan_of(session).pool[index]

    async def asked_before(self) -> tuple[str, ...]:
        """The questions of the last sessions, newest first, which are not to be asked again."""
        return await memory.asked_before(self._db, self._who.user_id)

    async def candidate(self, session: InterviewSession, *, with_resume: bool) -> Candidate:
        """The candidate as the interviewer of a session may know them."""
        text, analysis = "", None
        if with_resume and session.resume_id:
            text = await self._resumes.text_of(session.resume_id)
            analysis = await self._resumes.analysis_of(session.resume_id)
        return Candidate(
            language=session.language,
            target_role=session.target_role or "",
            resume_text=text,
            resume=analysis,
            background=await self._background.summary(),
        )

    # Turns

    async def turn(self, question_id: UUID) -> InterviewQuestion:
        """A turn of this person; raises `Refused("interview.gone")` for any other."""
        found = await self._db.get(InterviewQuestion, question_id)
        if found is None:
            raise Refused("interview.gone")
        await self.session(found.session_id)
        return found

    async def turns(self, session_id: UUID) -> Sequence[InterviewQuestion]:
        """The turns of a session in order, second tries left out."""
        session = await self.session(session_id)
        return (
            await self._db.scalars(
                select(InterviewQuestion)
                .where(InterviewQuestion.session_id == session.id, InterviewQuestion.attempt == 1)
                .order_by(InterviewQuestion.position, InterviewQuestion.follow_up)
            )
        ).all()

    async def latest_turn(self, session_id: UUID) -> InterviewQuestion:
        """The turn a session has come to."""
        return (await self.turns(session_id))[-1]

    async def hint(self, question_id: UUID) -> str:
        """The hint of a question; that it was taken is noted and costs nothing."""
        turn = await self.turn(question_id)
        turn.hint_used = True
        return turn.hint

    async def next_turn(self, turn: InterviewQuestion, wording: str = "") -> InterviewQuestion | None:
        """The turn after this one, asked if it was not yet; None at the end.

        `wording` is the question that was foreseen as the interviewer words it to follow on; it serves where
        the ladder leads to that question.
        """
        if asked := await self.turn_after(turn):
            return asked
        session = await self.session(turn.session_id)
        turns = await self.turns(session.id)
        index = course.following(session, turns)
        if index is None:
            return None
        if index != course.following(session, turns, foreseen=True):
            wording = ""
        return await self._ask(session, turn.position + 1, index, wording)

    def may_probe(self, turn: InterviewQuestion) -> bool:
        """Whether this topic may be followed up once more."""
        return turn.follow_up < MOST_PROBES

    async def go_on(self, turn: InterviewQuestion, evaluation: Evaluation) -> None:
        """Ask what comes after an evaluated turn: a follow-up, the next question, or the report.

        The code decides: a probe is asked only where something is still open and a probe is left.
        """
        session = await self.session(turn.session_id)
        is_open = is_worth_probing(turn.verdicts or (), evaluation.probe_reason)
        turns = await self.turns(session.id)
        probe = fresh(evaluation.probe, [each for each in turns if each.position == turn.position])
        if probe and is_open and self.may_probe(turn) and not session.is_practice:
            follow_up = await self._ask(session, turn.position, course.place(turn), probe, follows=turn)
            follow_up.follow_up_reason = evaluation.probe_reason
        elif await self.next_turn(turn, fresh(evaluation.next_question, turns)) is None:
            await self.conclude(session.id)

    async def turn_after(self, turn: InterviewQuestion) -> InterviewQuestion | None:
        """The turn that was asked after this one; None at the end."""
        for each in await self.turns(turn.session_id):
            if (each.position, each.follow_up) > (turn.position, turn.follow_up):
                return each
        return None

    async def skip(self, question_id: UUID) -> InterviewQuestion | None:
        """Leave a question out; the next turn, or None at the end, where the report is written."""
        turn = await self.turn(question_id)
        if turn.status is TurnStatus.ASKED:
            turn.status = TurnStatus.SKIPPED
        following = await self.next_turn(turn)
        if following is None:
            await self.conclude(turn.session_id)
        return following

    async def loses_by_stopping(self, session_id: UUID) -> bool:
        """Whether questions are left that would be asked, in an interview that is under way."""
        session, turns = await self.session(session_id), await self.turns(session_id)
        is_under_way = any(turn.answer_text is not None for turn in turns)
        return is_under_way and turns[-1].position < session.question_count

    async def stop(self, session_id: UUID) -> bool:
        """End a session early; whether there is anything to report. The open question is left out."""
        turns = await self.turns(session_id)
        if not any(turn.answer_text for turn in turns):
            await self.abandon(session_id)
            return False
        for turn in turns:
            if turn.status is TurnStatus.ASKED:
                turn.status = TurnStatus.SKIPPED
        await self.conclude(session_id)
        return True

    async def conclude(self, session_id: UUID) -> None:
        """Have the report written."""
        session = await self.session(session_id)
        if session.is_practice:
            await self._close_practice(session)
        elif session.status is InterviewStatus.ACTIVE:
            session.status = InterviewStatus.REPORTING
            await self._who.schedule(WriteReport(session_id=session.id, user_id=session.user_id))

    async def _close_practice(self, session: InterviewSession) -> None:
        """One question by itself is over once it was answered or skipped: there is nothing to report."""
        found = await self.results(session.id)
        session.final_score, session.provisional = found.final_score, found.provisional
        session.completed_at = session.completed_at or self._clock.now()
        session.status = InterviewStatus.COMPLETED

    async def results(self, session_id: UUID) -> Results:
        """What the turns of a session come to."""
        return results(await self.turns(session_id))

    async def store_report(self, session_id: UUID, report: Report) -> None:
        """Keep a report, to be told yet; its numbers are computed from the turns."""
        session, found = await self.session(session_id), await self.results(session_id)
        session.final_score = found.final_score
        session.provisional = found.provisional
        session.feedback_summary = report.summary
        session.practise = list(report.practise)

    async def tell_report(self, session_id: UUID) -> bool:
        """Whether a report may be told as it was written; telling it completes its session.

        Where its answers have been judged since, it is written anew instead, so that it is told once.
        """
        session, found = await self.session(session_id), await self.results(session_id)
        if session.status is InterviewStatus.REPORTING:
            if session.provisional and not found.provisional:
                await self._who.schedule(WriteReport(session_id=session.id, user_id=session.user_id))
                return False
            session.status = InterviewStatus.COMPLETED
            session.completed_at = self._clock.now()
        return session.status is InterviewStatus.COMPLETED

    async def rescore(self, session_id: UUID) -> None:
        """Compute the final score of a completed session anew, after a judgement in it has changed."""
        session, found = await self.session(session_id), await self.results(session_id)
        if session.status is InterviewStatus.COMPLETED:
            session.final_score = found.final_score

    async def report_again(self, session_id: UUID) -> None:
        """Have a provisional report written anew, once every answer has been judged."""
        session, found = await self.session(session_id), await self.results(session_id)
        if session.is_practice:
            await self._close_practice(session)
        elif session.status is InterviewStatus.COMPLETED and session.provisional and not found.provisional:
            await self._who.schedule(WriteReport(session_id=session.id, user_id=session.user_id))

    async def _ask(
        self,
        session: InterviewSession,
        position: int,
        index: int,
        wording: str = "",
        follows: InterviewQuestion | None = None,
    ) -> InterviewQuestion:
        planned = course.plan_of(session).pool[index]
        turn = InterviewQuestion(
            id=uuid4(),
            session_id=session.id,
            position=position,
            follow_up=follows.follow_up + 1 if follows else 0,
            follow_up_of=follows.id if follows else None,
        )
        course.put(turn, planned, index, wording)
        self._db.add(turn)
        await self._db.flush()
        return turn


def fresh(question: str, turns: Sequence[InterviewQuestion]) -> str:
    """A question by the interviewer, or "" where one of these turns has asked it."""
    asked = {normalised(turn.question_text) for turn in turns}
    return question if normalised(question) not in asked else ""


def time_for_the_rest(text: str) -> float:
    """Seconds to wait for the rest of a text that Telegram may have cut."""
    return REST_AFTER if len(text) >= MAY_BE_CUT else 0.0
