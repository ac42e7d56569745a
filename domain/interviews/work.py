"""The jobs of interviews, done; by the offline interviewer while Gemini is away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypedDict

from domain.errors import Refused, Unavailable
from domain.interviews.jobs import (
    DrawReport,
    EvaluateTurn,
    InterviewPlanned,
    JobDescriptionRead,
    JobDescriptionUnread,
    PlanInterview,
    ReadJobDescription,
    TurnEvaluated,
    Unread,
    WriteReport,
)
from domain.interviews.models import InterviewQuestion, InterviewStatus, TurnStatus
from domain.interviews.plan import Plan, PlannedQuestion, ProbeReason, QuestionKind
from domain.interviews.planning import completed
from domain.interviews.refining import refined, told_as_story
from domain.interviews.rubric import KeyPoint, Verdict, checked, score
from domain.interviews.service import LONGEST_JOB
from domain.messaging.happenings import Happening
from domain.messaging.job import Finish, performs
from domain.ports import Evaluation, PastTurn, PlanRequest, Report, ReportRequest, TurnRequest
from domain.resumes.originals import stage_sent
from domain.services import Domain, reading
from domain.world import World

RECENT_TURNS = 2
LATE_AFTER = 60.0


@performs(PlanInterview)
async def plan_interview(job: PlanInterview, world: World, chat_id: int) -> Finish | None:
    async with reading(world, chat_id, job.user_id) as domain:
        session = await domain.interviews.session(job.session_id)
        if session.status is not InterviewStatus.PLANNING:
            return None
        request = PlanRequest(
            candidate=await domain.interviews.candidate(session, with_resume=True),
            kind=session.kind,
            count=session.question_count,
            job_description=session.job_description or "",
            asked_before=await domain.interviews.asked_before(),
            difficulty=session.difficulty,
        )
    why = ""
    try:
        plan = await world.interviewer.plan(request)
    except (Unavailable, Refused) as error:
        plan, why = Plan(questions=()), error.reason
    plan = await completed(plan, request, world.offline)

    async def finish(domain: Domain) -> Happening:
        await domain.interviews.store_plan(job.session_id, plan)
        return InterviewPlanned(job.session_id, why)

    return finish


@performs(EvaluateTurn)
async def evaluate_turn(job: EvaluateTurn, world: World, chat_id: int) -> Finish | None:
    async with reading(world, chat_id, job.user_id) as domain:
        turn = await domain.interviews.turn(job.question_id)
        if not _waits(turn, job):
            return None
        request = await turn_request(turn, domain)
        said = await domain.second_looks.said_on(turn)
    try:
        evaluation, without = await _judged(request, job, world)
    except Refused:
        return _declined(job)
    evaluation = await asyncio.to_thread(refined, evaluation, request, said)

    async def finish(domain: Domain) -> Happening | None:
        turn = await domain.interviews.turn(job.question_id)
        if not _waits(turn, job):
            return None
        keep(turn, evaluation)
        if turn.transcript and turn.attempt == 1:
            # What was never confirmed as more of this answer is not lost on it.
            await domain.second_looks.try_again(turn.id, turn.transcript)
        turn.transcript = None
        if job.late:
            await domain.interviews.report_again(turn.session_id)
            await domain.personalization.refresh()
            return TurnEvaluated(job.question_id, late=True)
        if turn.attempt == 1:
            await domain.interviews.go_on(turn, evaluation)
        if (await domain.interviews.session(turn.session_id)).is_practice:
            await domain.personalization.refresh()
        if without:
            late = EvaluateTurn(**{**job.model_dump(), "late": True})
            await domain.who.schedule(late, after=later(without))
        return TurnEvaluated(job.question_id, why=without.reason if without else "")

    return finish


def _waits(turn: InterviewQuestion, job: EvaluateTurn) -> bool:
    """Whether this evaluation is still wanted: of this text, and not yet there."""
    if turn.revision != job.revision:
        return False
    if job.late:
        return turn.status is TurnStatus.EVALUATED and turn.provisional
    return turn.status is TurnStatus.ANSWERED


async def turn_request(turn: InterviewQuestion, domain: Domain) -> TurnRequest:
    """What an interviewer is asked about an answer; of the resume a prompt shows the beginning only."""
    session = await domain.interviews.session(turn.session_id)
    turns = await domain.interviews.turns(session.id)
    past = [each for each in turns if each.feedback_comment]
    return TurnRequest(
        candidate=await domain.interviews.candidate(session, with_resume=True),
        question=PlannedQuestion(
            text=turn.question_text,
            kind=turn.kind,
            competency=turn.competency,
            difficulty=turn.difficulty,
            key_points=tuple(KeyPoint.model_validate(point) for point in turn.rubric),
            hint=turn.hint,
        ),
        answer=turn.answer_text or "",
        recent=tuple(past_turn(each) for each in past[-RECENT_TURNS:] if each.id != turn.id),
        may_probe=turn.attempt == 1 and domain.interviews.may_probe(turn),
        next_question=await domain.interviews.foreseen(turn) if turn.attempt == 1 else None,
        **followed_up(turn, turns),
    )


class FollowedUp(TypedDict):
    """What went before an answer to the same question: see `TurnRequest`."""

    before: tuple[str, ...]
    probed: tuple[ProbeReason, ...]


def followed_up(turn: InterviewQuestion, turns: Sequence[InterviewQuestion]) -> FollowedUp:
    """The answers before a follow-up's, and the reasons of follow-ups up to it."""
    topic = [each for each in turns if each.position == turn.position and each.follow_up <= turn.follow_up]
    return FollowedUp(
        before=tuple(each.answer_text or "" for each in topic if each.follow_up < turn.follow_up),
        probed=tuple(each.follow_up_reason for each in topic if each.follow_up_reason),
    )


async def _judged(
    request: TurnRequest, job: EvaluateTurn, world: World
) -> tuple[Evaluation, Unavailable | Refused | None]:
    """The evaluation, and why the interviewer, who is asked again later, took no part if so.

    Raises what it raised where this is that later time.
    """
    try:
        return await world.interviewer.evaluate_turn(request), None
    except (Unavailable, Refused) as error:
        if job.late:
            raise
        return await world.offline.evaluate_turn(request), error


def _declined(job: EvaluateTurn) -> Finish:
    async def finish(domain: Domain) -> Happening | None:
        turn = await domain.interviews.turn(job.question_id)
        if not _waits(turn, job):
            return None
        turn.declined = True
        await domain.interviews.report_again(turn.session_id)
        return TurnEvaluated(job.question_id, late=True, declined=True)

    return finish


def later(without: Unavailable | Refused) -> float:
    """The seconds after which the interviewer is asked again."""
    asked_for = without.retry_after if isinstance(without, Unavailable) else None
    return max(LATE_AFTER, asked_for or 0.0)


def keep(turn: InterviewQuestion, evaluation: Evaluation) -> None:
    """Write an evaluation into its turn: evidence checked against the answer, the score computed."""
    answer = turn.answer_text or ""
    given = f"{turn.question_text}\n{turn.hint or ''}"
    judgements = checked(evaluation.judgements, len(turn.rubric), answer, given, evaluation.set_aside)
    if evaluation.provisional:
        judgements = evaluation.judgements
    turn.verdicts = [judgement.verdict.value for judgement in judgements]
    turn.evidence = [judgement.quote for judgement in judgements]
    turn.evaluation_score = None if evaluation.provisional else score(judgements)
    turn.feedback_comment = evaluation.feedback
    turn.model_answer = evaluation.model_answer
    turn.star = told_as_story(evaluation, answer) if turn.kind is QuestionKind.BEHAVIOURAL else None
    turn.provisional = evaluation.provisional
    turn.evaluated_by = evaluation.evaluated_by or None
    turn.prompt_version = evaluation.prompt_version or None
    turn.set_aside = list(evaluation.set_aside)
    turn.status = TurnStatus.EVALUATED


def past_turn(turn: InterviewQuestion) -> PastTurn:
    """A turn as a later prompt shows it, without what was set aside of its answer."""
    answer = turn.answer_text or ""
    for sentence in turn.set_aside or ():
        answer = answer.replace(sentence, "")
    return PastTurn(
        question=turn.question_text,
        answer=answer.strip(),
        competency=turn.competency,
        score=turn.evaluation_score,
        feedback=turn.feedback_comment or "",
        missing=tuple(
            point["text"]
            for point, verdict in zip(turn.rubric, turn.verdicts or (), strict=False)
            if verdict == Verdict.MISSING.value
        ),
    )


@performs(WriteReport)
async def write_report(job: WriteReport, world: World, chat_id: int) -> Finish | None:
    async with reading(world, chat_id, job.user_id) as domain:
        session = await domain.interviews.session(job.session_id)
        if session.status is InterviewStatus.ABANDONED:
            return None
        turns = await domain.interviews.turns(session.id)
        again = session.status is InterviewStatus.COMPLETED
        request = ReportRequest(
            candidate=await domain.interviews.candidate(session, with_resume=False),
            kind=session.kind,
            turns=tuple(reported(turns)),
        )
    report, without = await _written(request, world, waits=job.late or again)
    if job.late and without:
        return None

    async def finish(domain: Domain) -> None:
        session = await domain.interviews.session(job.session_id)
        was = session.final_score
        await domain.interviews.store_report(job.session_id, report)
        # A provisional one is written again anyway, once its last answer is judged.
        if isinstance(without, Unavailable) and not session.provisional:
            late = WriteReport(**{**job.model_dump(), "late": True})
            await domain.who.schedule(late, after=later(without))
        why = without.reason if without else ""
        drawn = DrawReport(session_id=session.id, user_id=session.user_id, again=again, why=why, was=was)
        await domain.who.schedule(drawn)

    return finish


def reported(turns: Sequence[InterviewQuestion]) -> Iterator[PastTurn]:
    """The answered turns; what a follow-up has supplied is missing in none of its topic's."""
    missing = Verdict.MISSING.value
    told = {
        (turn.position, point["text"])
        for turn in turns
        for point, verdict in zip(turn.rubric, turn.verdicts or (), strict=False)
        if verdict != missing
    }
    for turn in turns:
        if turn.answer_text is not None:
            past = past_turn(turn)
            lacking = (point for point in past.missing if (turn.position, point) not in told)
            yield replace(past, missing=tuple(lacking))


async def _written(
    request: ReportRequest, world: World, *, waits: bool
) -> tuple[Report, Unavailable | Refused | None]:
    """The report, and why it is without the interviewer if it is.

    One that was told before `waits` for the interviewer, so that it is told no more than once again.
    """
    try:
        return await world.interviewer.report(request), None
    except Unavailable as away:
        if waits:
            raise
        return await world.offline.report(request), away
    except Refused as refusal:
        return await world.offline.report(request), refusal


@performs(ReadJobDescription)
async def read_job_description(job: ReadJobDescription, world: World, chat_id: int) -> Finish | None:
    why = Unread.FILE
    try:
        async with world.files_in_hand:
            file = await stage_sent(world, job.file_id, job.file_name, job.user_id, job.reading_id)
            if file is None:
                return None
            try:
                document = await world.reader.read(file, file.name)
            finally:
                await file.discard()
        if not world.interviewer.is_offline:
            document = document.as_seen()
        text = document.text
        if document.is_scan:
            why = Unread.SCAN
            async with reading(world, chat_id, job.user_id) as domain:
                language = domain.who.language
            text = await world.interviewer.read_pages(document, language)
    except Refused:
        text = ""
    except Unavailable:
        if why is Unread.FILE:
            raise
        text, why = "", Unread.LATER
    text = text.strip()[:LONGEST_JOB]

    async def finish(domain: Domain) -> Happening:
        if not text:
            return JobDescriptionUnread(job.reading_id, why)
        return JobDescriptionRead(job.reading_id, job.file_name, text)

    return finish
