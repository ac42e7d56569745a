"""The jobs of interviews, done; by the offline interviewer while Gemini is away."""

from __future__ import annotations

from dataclasses import replace

from domain.errors import Refused, Unavailable
from domain.interviews.jobs import (
    EvaluateTurn,
    InterviewPlanned,
    PlanInterview,
    ReportWritten,
    TranscribeVoice,
    TurnEvaluated,
    VoiceNotHeard,
    VoiceTranscribed,
    WriteReport,
)
from domain.interviews.models import InterviewQuestion, InterviewStatus, TurnStatus
from domain.interviews.plan import Plan, PlannedQuestion
from domain.interviews.rubric import KeyPoint, Verdict, checked, normalised, score
from domain.messaging.happenings import Happening
from domain.messaging.job import Finish, performs
from domain.ports import Evaluation, PastTurn, PlanRequest, Report, ReportRequest, TurnRequest
from domain.services import Domain, reading
from domain.world import World

RECENT_TURNS = 2
LATE_AFTER = 60.0
SHORTEST_QUESTION = 10


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
        )
    try:
        plan = await world.interviewer.plan(request)
    except (Unavailable, Refused):
        plan = Plan(questions=())
    plan = await completed(plan, request, world)

    async def finish(domain: Domain) -> Happening:
        await domain.interviews.store_plan(job.session_id, plan)
        return InterviewPlanned(job.session_id)

    return finish


async def completed(plan: Plan, request: PlanRequest, world: World) -> Plan:
    """A plan of exactly the wanted number: what can be asked of this one, the rest from the bank."""
    known = {normalised(text) for text in request.asked_before}
    kept: list[PlannedQuestion] = []
    for question in plan.questions[: request.count]:
        words = normalised(question.text)
        if len(words) >= SHORTEST_QUESTION and words not in known and question.key_points:
            known.add(words)
            kept.append(question)
    if len(kept) < request.count:
        asked = (*(question.text for question in kept), *request.asked_before)
        more = replace(request, count=request.count - len(kept), asked_before=asked)
        kept.extend((await world.offline.plan(more)).questions)
    return Plan(questions=tuple(kept))


@performs(EvaluateTurn)
async def evaluate_turn(job: EvaluateTurn, world: World, chat_id: int) -> Finish | None:
    async with reading(world, chat_id, job.user_id) as domain:
        turn = await domain.interviews.turn(job.question_id)
        if not _waits(turn, job):
            return None
        request = await _turn_request(turn, domain)
    try:
        evaluation, away = await _judged(request, job, world)
    except Refused:
        return _declined(job)

    async def finish(domain: Domain) -> Happening | None:
        turn = await domain.interviews.turn(job.question_id)
        if not _waits(turn, job):
            return None
        keep(turn, evaluation)
        if job.late:
            await domain.interviews.report_again(turn.session_id)
            return TurnEvaluated(job.question_id, late=True)
        await domain.interviews.go_on(turn, evaluation)
        if away:
            late = EvaluateTurn(**{**job.model_dump(), "late": True})
            await domain.who.schedule(late, after=LATE_AFTER)
        return TurnEvaluated(job.question_id)

    return finish


def _waits(turn: InterviewQuestion, job: EvaluateTurn) -> bool:
    """Whether this evaluation is still wanted: of this text, and not yet there."""
    if turn.revision != job.revision:
        return False
    if job.late:
        return turn.status is TurnStatus.EVALUATED and turn.provisional
    return turn.status is TurnStatus.ANSWERED


async def _turn_request(turn: InterviewQuestion, domain: Domain) -> TurnRequest:
    session = await domain.interviews.session(turn.session_id)
    past = [each for each in await domain.interviews.turns(session.id) if each.feedback_comment]
    return TurnRequest(
        candidate=await domain.interviews.candidate(session, with_resume=False),
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
        may_probe=domain.interviews.may_probe(turn),
        next_question=domain.interviews.planned(session, turn.position + 1),
    )


async def _judged(request: TurnRequest, job: EvaluateTurn, world: World) -> tuple[Evaluation, bool]:
    """The evaluation, and whether the interviewer was away or declined, and is to be asked again later.

    Raises what it raised where this is that later time.
    """
    try:
        return await world.interviewer.evaluate_turn(request), False
    except (Unavailable, Refused):
        if job.late:
            raise
        return await world.offline.evaluate_turn(request), True


def _declined(job: EvaluateTurn) -> Finish:
    async def finish(domain: Domain) -> Happening:
        return TurnEvaluated(job.question_id, late=True, declined=True)

    return finish


def keep(turn: InterviewQuestion, evaluation: Evaluation) -> None:
    """Write an evaluation into its turn: evidence checked against the answer, the score computed."""
    answer = turn.answer_text or ""
    judgements = checked(evaluation.judgements, len(turn.rubric), answer, turn.question_text)
    if evaluation.provisional:
        judgements = evaluation.judgements
    turn.verdicts = [judgement.verdict.value for judgement in judgements]
    turn.evidence = [judgement.quote for judgement in judgements]
    turn.evaluation_score = None if evaluation.provisional else score(judgements)
    turn.feedback_comment = evaluation.feedback
    turn.model_answer = evaluation.model_answer
    turn.provisional = evaluation.provisional
    turn.status = TurnStatus.EVALUATED


def past_turn(turn: InterviewQuestion) -> PastTurn:
    """A turn as a later prompt shows it."""
    return PastTurn(
        question=turn.question_text,
        answer=turn.answer_text or "",
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
            turns=tuple(past_turn(turn) for turn in turns if turn.answer_text is not None),
        )
    report = await _written(request, world)

    async def finish(domain: Domain) -> Happening:
        await domain.interviews.store_report(job.session_id, report)
        return ReportWritten(job.session_id, again)

    return finish


async def _written(request: ReportRequest, world: World) -> Report:
    try:
        return await world.interviewer.report(request)
    except (Unavailable, Refused):
        return await world.offline.report(request)


@performs(TranscribeVoice)
async def transcribe_voice(job: TranscribeVoice, world: World, chat_id: int) -> Finish:
    async with reading(world, chat_id, job.user_id) as domain:
        language = domain.who.language
    transcript, refusal = "", None
    try:
        voice = await world.files.fetch(job.file_id)
        transcript = await world.interviewer.transcribe(voice, job.mime_type, language)
    except Refused as error:
        refusal = error
    except Unavailable:
        refusal = Refused("voice.away")

    async def finish(domain: Domain) -> Happening:
        if refusal is not None:
            return VoiceNotHeard(job.question_id, refusal.reason, tuple(refusal.details.items()))
        (await domain.interviews.turn(job.question_id)).transcript = transcript
        return VoiceTranscribed(job.question_id)

    return finish
