"""Whole interviews with a simulated candidate, in memory: plan, answers, follow-ups, report.

The rules are those of a real interview (`planning.completed`, `course`, `work.keep`, `results`); only the
chat and the database are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from domain.errors import Refused, Unavailable
from domain.evaluation.metrics import Estimate, estimate, spearman
from domain.evaluation.personas import Persona
from domain.interviews import course
from domain.interviews.ladder import MOST_PROBES, is_worth_probing
from domain.interviews.models import InterviewQuestion, InterviewSession, TurnStatus
from domain.interviews.plan import InterviewKind, Plan, PlannedQuestion
from domain.interviews.planning import completed
from domain.interviews.results import Results, results
from domain.interviews.rubric import MAX_SCORE
from domain.interviews.work import RECENT_TURNS, followed_up, keep, past_turn
from domain.ports import Candidate, Evaluation, Interviewer, PlanRequest, Report, ReportRequest, TurnRequest

ROLES = ("Backend developer", "Data analyst", "Team lead", "Frontend developer", "DevOps engineer")


@dataclass(frozen=True)
class Rehearsal:
    """One interview. `final_score` is None where nobody but the keyword check has judged."""

    persona: Persona
    role: str
    final_score: float | None
    mentioned: float
    questions: int
    follow_ups: int
    words: int
    summary: str

    @property
    def value(self) -> float:
        """The final score, or the share of key points mentioned times ten."""
        return self.mentioned if self.final_score is None else self.final_score


@dataclass(frozen=True)
class Interviewers:
    """Who interviews, and who stands in while they are away."""

    configured: Interviewer
    offline: Interviewer


async def rehearse(who: Interviewers, persona: Persona, questions: int, number: int = 0) -> Rehearsal:
    """One interview from plan to report; `number` tells it from the persona's others."""
    role = ROLES[number % len(ROLES)]
    candidate = Candidate(language="en", target_role=role, background={"experience_level": "intermediate"})
    plan = await _plan(who, PlanRequest(candidate, InterviewKind.MIXED, questions))
    session = InterviewSession(
        id=uuid4(),
        kind=InterviewKind.MIXED,
        plan=plan.model_dump(mode="json"),
        question_count=len(plan.questions),
        language="en",
        difficulty=None,
    )
    turns: list[InterviewQuestion] = []
    while (index := course.following(session, turns)) is not None:
        await _Topic(who, candidate, persona, session, number).asked(turns, index)
    found = results(turns)
    report = await _report(
        who, ReportRequest(candidate, InterviewKind.MIXED, tuple(past_turn(turn) for turn in turns))
    )
    return Rehearsal(
        persona=persona,
        role=role,
        final_score=found.final_score,
        mentioned=_mentioned(found),
        questions=len(plan.questions),
        follow_ups=sum(turn.follow_up > 0 for turn in turns),
        words=sum(len((turn.answer_text or "").split()) for turn in turns),
        summary=report.summary,
    )


async def _plan(who: Interviewers, request: PlanRequest) -> Plan:
    try:
        plan = await who.configured.plan(request)
    except (Unavailable, Refused):
        plan = Plan(questions=())
    return await completed(plan, request, who.offline)


async def _report(who: Interviewers, request: ReportRequest) -> Report:
    try:
        return await who.configured.report(request)
    except (Unavailable, Refused):
        return await who.offline.report(request)


@dataclass(frozen=True)
class _Topic:
    """One question of the plan with its follow-ups."""

    who: Interviewers
    candidate: Candidate
    persona: Persona
    session: InterviewSession
    number: int

    async def asked(self, turns: list[InterviewQuestion], index: int) -> None:
        """Ask the question at `index` of the plan and follow it up as long as the rules do."""
        planned = course.plan_of(self.session).pool[index]
        position = max((turn.position for turn in turns), default=0) + 1
        words, reason = planned.text, None
        for follow_up in range(MOST_PROBES + 1):
            question = planned.model_copy(update={"text": words})
            turn = _turn(position, follow_up, index, question)
            turn.follow_up_reason = reason
            turn.answer_text = self.persona.answer(question, self.number)
            evaluation = await self._evaluation(turns, turn, question)
            keep(turn, evaluation)
            turns.append(turn)
            if not (evaluation.probe and is_worth_probing(turn.verdicts or (), evaluation.probe_reason)):
                return
            words, reason = evaluation.probe, evaluation.probe_reason

    async def _evaluation(
        self, turns: list[InterviewQuestion], turn: InterviewQuestion, question: PlannedQuestion
    ) -> Evaluation:
        following = course.following(self.session, [*turns, turn], foreseen=True)
        request = TurnRequest(
            candidate=self.candidate,
            question=question,
            answer=turn.answer_text or "",
            recent=tuple(past_turn(each) for each in turns[-RECENT_TURNS:]),
            may_probe=turn.follow_up < MOST_PROBES,
            next_question=None if following is None else course.plan_of(self.session).pool[following],
            **followed_up(turn, turns),
        )
        try:
            return await self.who.configured.evaluate_turn(request)
        except (Unavailable, Refused):
            return await self.who.offline.evaluate_turn(request)


def _turn(position: int, follow_up: int, index: int, question: PlannedQuestion) -> InterviewQuestion:
    return InterviewQuestion(
        id=uuid4(),
        position=position,
        follow_up=follow_up,
        plan_index=index,
        status=TurnStatus.ANSWERED,
        kind=question.kind,
        competency=question.competency,
        difficulty=question.difficulty,
        question_text=question.text,
        earlier_wordings=[],
        attempt=1,
        hint=question.hint,
        rubric=[point.model_dump(mode="json") for point in question.key_points],
    )


def _mentioned(found: Results) -> float:
    points = sum(topic.key_points for topic in found.topics)
    return MAX_SCORE * sum(topic.mentioned for topic in found.topics) / points if points else 0.0


def recovery(rehearsals: Sequence[Rehearsal]) -> Estimate:
    """How well the final values order the personas by their known strength: Spearman, with its interval."""
    return estimate([[(each.persona.strength, each.value) for each in rehearsals]], spearman)
