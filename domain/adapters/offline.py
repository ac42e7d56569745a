"""The interviewer without Gemini: the bundled questions, a keyword check, rules; honest about being that.

Pure and quick: nothing is read or sent during a call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import zip_longest
from zlib import crc32

from domain.adapters.offline_text import texts
from domain.background.vocabulary import skills_in
from domain.errors import Refused
from domain.interviews.bank import BankQuestion
from domain.interviews.contradictions import Contradiction, contradiction
from domain.interviews.keywords import mentioned
from domain.interviews.packs import asked_of_bank, choose, spare
from domain.interviews.plan import (
    MAX_QUESTIONS,
    MIN_QUESTIONS,
    Plan,
    PlannedQuestion,
    ProbeReason,
    QuestionKind,
)
from domain.interviews.probing import opening, without_quotes
from domain.interviews.roles import pack_of
from domain.interviews.rubric import Judgement, Verdict
from domain.ports import (
    Advice,
    Evaluation,
    PastTurn,
    PlanRequest,
    RecommendRequest,
    Report,
    ReportRequest,
    Spoken,
    TurnRequest,
)
from domain.resumes.analysis import ExtractedText, ResumeAnalysis, ResumeFacts

MOST_TO_PRACTISE = 3
MANY_NUMBERS = 3
FEW_SKILLS = 3
SKILLS_NAMED = 5
PROBE_WORDINGS = 3  # of each kind of follow-up, so that not every one sounds alike


def _today() -> date:
    return datetime.now(UTC).date()


class OfflineInterviewer:
    """Satisfies `domain.ports.Interviewer` without a model. `seed` varies which questions are drawn."""

    def __init__(self, seed: str = "", today: Callable[[], date] = _today) -> None:
        self._seed = seed
        self._today = today

    @property
    def is_offline(self) -> bool:
        return True

    async def plan(self, request: PlanRequest) -> Plan:
        """Questions of the bank in the candidate's language; `ValueError` unless 1 to 20 are wanted."""
        if not MIN_QUESTIONS <= request.count <= MAX_QUESTIONS:
            raise ValueError(f"count must be {MIN_QUESTIONS} to {MAX_QUESTIONS}, not {request.count}")
        # Off the event loop: what was asked before is compared with the whole bank.
        return await asyncio.to_thread(self._plan, request)

    def _plan(self, request: PlanRequest) -> Plan:
        sentences = texts(request.candidate.language)
        known = asked_of_bank(request.asked_before)
        chosen = choose(request, known, self._seed)

        skills = {
            "why_job": set(skills_in(request.job_description)),
            "why_resume": set(skills_in(request.candidate.resume_text)),
        }

        def planned(question: BankQuestion) -> PlannedQuestion:
            found = question.planned(request.candidate.language)
            reason = "why_again" if question.id in known else _reason(question, found, request, skills)
            shared = _skills_of(found) & skills.get(reason, set())
            details = {"role": request.candidate.target_role, "skills": ", ".join(sorted(shared))}
            why = sentences[reason].format(competency=found.competency, **details)
            return found.model_copy(update={"why": why})

        return Plan(
            questions=tuple(map(planned, chosen)),
            alternatives=tuple(map(planned, spare(request, known, chosen))),
        )

    async def evaluate_turn(self, request: TurnRequest) -> Evaluation:
        """See `_evaluated`; off the event loop, since a long answer takes some milliseconds of computing."""
        return await asyncio.to_thread(self._evaluated, request)

    def _evaluated(self, request: TurnRequest) -> Evaluation:
        """Which key points were mentioned; provisional, and never a score."""
        sentences = texts(request.candidate.language)
        question = request.question
        # A follow-up asks for one thing only, so its answer counts together with those before it.
        judgements = mentioned(without_quotes(question), "\n".join((*request.before, request.answer)))
        found = [question.key_points[j.key_point].text for j in judgements if j.verdict is Verdict.MET]
        absent = [question.key_points[j.key_point].text for j in judgements if j.verdict is Verdict.MISSING]
        probe, reason = self._probe(sentences, request, judgements)
        return Evaluation(
            judgements=judgements,
            feedback=_feedback(sentences, request, found, absent),
            model_answer="" if request.probed else _outline(sentences, question),
            probe=probe,
            probe_reason=reason,
            provisional=True,
        )

    def _probe(
        self, sentences: dict[str, str], request: TurnRequest, judgements: Sequence[Judgement]
    ) -> tuple[str, ProbeReason | None]:
        """A follow-up in our own words, and what it is asked for; none where the rules find nothing open."""
        if not request.may_probe:
            return "", None
        if differs := self._contradiction(request):
            words = sentences[f"probe_contradicts_resume_{differs.kind}"]
            return words.format(quote=differs.said, **differs.details), ProbeReason.CONTRADICTS_RESUME
        found = opening(request, judgements)
        if found is None:
            return "", None
        kind = f"probe_{found.reason.value}"
        if found.reason is ProbeReason.VAGUE and request.question.kind is not QuestionKind.BEHAVIOURAL:
            kind = "probe_vague_case"
        if not found.quote:
            return sentences[kind], found.reason
        variant = 1 + crc32(request.answer.encode()) % PROBE_WORDINGS
        return sentences[f"{kind}_{variant}"].format(quote=found.quote), found.reason

    def _contradiction(self, request: TurnRequest) -> Contradiction | None:
        """Where the answer says otherwise than the resume, if that was not asked about yet."""
        candidate = request.candidate
        if candidate.resume is None or ProbeReason.CONTRADICTS_RESUME in request.probed:
            return None
        return contradiction(
            request.answer, candidate.resume, candidate.resume_text, candidate.language, self._today()
        )

    async def report(self, request: ReportRequest) -> Report:
        """Who judged the answers, if anybody, and up to three missing points to practise."""
        sentences = texts(request.candidate.language)
        if not request.turns:
            return Report(summary=sentences["report_nothing"])
        return Report(
            summary=_how_judged(sentences, request.turns), practise=_to_practise(sentences, request.turns)
        )

    async def analyse_resume(
        self, document: ExtractedText, language: str, facts: ResumeFacts
    ) -> ResumeAnalysis:
        """What the rules see in the resume, with what that tells of strengths and gaps."""
        sentences = texts(language)
        return facts.analysis.model_copy(
            update={"strengths": _strengths(sentences, facts), "gaps": _gaps(sentences, facts, document)}
        )

    async def read_pages(self, document: ExtractedText, language: str) -> str:
        """Raises `Refused("file.no_text")`: nobody here can see."""
        raise Refused("file.no_text")

    async def recommend(self, request: RecommendRequest) -> Advice:
        """Nothing to add: the reasons of the rules are its own."""
        return Advice()

    async def transcribe(self, voice: bytes, mime_type: str, language: str) -> Spoken:
        """Raises `Refused("voice.offline")`: nobody here can listen."""
        raise Refused("voice.offline")


def _reason(
    question: BankQuestion, planned: PlannedQuestion, request: PlanRequest, skills: Mapping[str, set[str]]
) -> str:
    """The nearest thing that leads to a question: the job description, the resume, the role, or its kind."""
    named = _skills_of(planned)
    if given := next((reason for reason, known in skills.items() if named & known), None):
        return given
    pack = pack_of(request.candidate.target_role)
    return "why_role" if pack and question.competency in pack.competencies else "why_general"


def _skills_of(question: PlannedQuestion) -> set[str]:
    """The skills that a question asks about by name."""
    return set(skills_in("\n".join((question.text, *(point.text for point in question.key_points)))))


def _listed(points: Iterable[str]) -> str:
    return "; ".join(points)


def _feedback(
    sentences: dict[str, str], request: TurnRequest, found: Sequence[str], absent: Sequence[str]
) -> str:
    if not request.answer.strip():
        return sentences["answer_empty"]
    if not found:
        return sentences["points_none"]
    if not absent:
        return sentences["points_all"]
    so_far = "_so_far" if request.before else ""
    mentioned_points = sentences[f"points_found{so_far}"].format(points=_listed(found))
    return f"{mentioned_points}\n{sentences[f'points_absent{so_far}'].format(points=_listed(absent))}"


def _outline(sentences: dict[str, str], question: PlannedQuestion) -> str:
    points = [sentences["model_outline_point"].format(point=point.text) for point in question.key_points]
    return sentences["model_outline"].format(points="\n".join(points)) if points else ""


def _how_judged(sentences: dict[str, str], turns: Sequence[PastTurn]) -> str:
    judged = sum(turn.score is not None for turn in turns)
    if judged == len(turns):
        return sentences["report_judged"]
    return sentences["report_partly_judged" if judged else "report_unjudged"]


def _to_practise(sentences: dict[str, str], turns: Sequence[PastTurn]) -> tuple[str, ...]:
    """The first missing point of each turn, the barest turns first; then the second ones, and so on."""
    barest = sorted(turns, key=lambda turn: len(turn.missing), reverse=True)
    rows = zip_longest(*([(turn.competency, point) for point in turn.missing] for turn in barest))
    points = [
        sentences["practise_point"].format(competency=pair[0], point=pair[1])
        for row in rows
        for pair in row
        if pair is not None
    ]
    return tuple(dict.fromkeys(points))[:MOST_TO_PRACTISE]


def _strengths(sentences: dict[str, str], facts: ResumeFacts) -> list[str]:
    analysis = facts.analysis
    if not analysis.is_resume:
        return []
    lines = []
    if facts.lines_with_results >= MANY_NUMBERS:
        lines.append(sentences["strength_numbers"].format(count=facts.lines_with_results))
    if analysis.years_of_experience and analysis.years_of_experience > 1:
        lines.append(sentences["strength_years"].format(years=analysis.years_of_experience))
    if len(analysis.skills) > FEW_SKILLS:
        named = ", ".join(analysis.skills[:SKILLS_NAMED])
        lines.append(sentences["strength_skills"].format(count=len(analysis.skills), skills=named))
    if analysis.contact.email and analysis.contact.phone:
        lines.append(sentences["strength_contact"])
    return lines


def _gaps(sentences: dict[str, str], facts: ResumeFacts, document: ExtractedText) -> list[str]:
    analysis = facts.analysis
    if not analysis.is_resume:
        return []
    absent = {
        "gap_numbers": not facts.lines_with_results,
        "gap_dates": "dates" not in facts.found,
        "gap_contact": "contact" not in facts.found,
        "gap_skills": len(analysis.skills) <= FEW_SKILLS,
        "gap_education": "education" not in facts.found,
        "gap_role": "role" not in facts.found,
        "gap_hidden_text": document.hidden_text,
    }
    return [sentences[name] for name, is_so in absent.items() if is_so]
