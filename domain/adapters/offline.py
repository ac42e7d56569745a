"""The interviewer without Gemini: the bundled questions, a keyword check, rules; honest about being that.

Pure and quick: nothing is read or sent during a call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import zip_longest

from domain.adapters.offline_text import texts
from domain.errors import Refused
from domain.interviews.bank import find_question
from domain.interviews.keywords import mentioned
from domain.interviews.packs import choose
from domain.interviews.plan import MAX_QUESTIONS, MIN_QUESTIONS, Plan, PlannedQuestion
from domain.interviews.rubric import Verdict
from domain.ports import Evaluation, PastTurn, PlanRequest, Report, ReportRequest, TurnRequest
from domain.resumes.analysis import ExtractedText, ResumeAnalysis
from domain.resumes.rules import PARTS, ResumeFacts, read_resume

MOST_TO_PRACTISE = 3
WEAK_SCORE = 6.0
MANY_NUMBERS = 3
FEW_SKILLS = 3
SKILLS_NAMED = 5


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
        language = request.candidate.language
        chosen = choose(request, self._seed)
        return Plan(questions=tuple(question.planned(language) for question in chosen))

    async def evaluate_turn(self, request: TurnRequest) -> Evaluation:
        """Which key points were mentioned; provisional, and never a score."""
        sentences = texts(request.candidate.language)
        question = request.question
        judgements = mentioned(question, request.answer)
        found = [question.key_points[j.key_point].text for j in judgements if j.verdict is Verdict.MET]
        absent = [question.key_points[j.key_point].text for j in judgements if j.verdict is Verdict.MISSING]
        return Evaluation(
            judgements=judgements,
            feedback=_feedback(sentences, request.answer, found, absent),
            model_answer=_outline(sentences, question),
            provisional=True,
        )

    async def report(self, request: ReportRequest) -> Report:
        """What was mentioned by competency, and up to three missing points to practise."""
        sentences = texts(request.candidate.language)
        if not request.turns:
            return Report(summary=sentences["report_nothing"])
        seen = [_seen(turn, request.candidate.language) for turn in request.turns]
        return Report(summary=_summary(sentences, seen), practise=_to_practise(sentences, seen))

    async def analyse_resume(self, document: ExtractedText, language: str) -> ResumeAnalysis:
        """The resume by the rules of `domain.resumes.rules`, with what they tell of strengths and gaps."""
        # Off the event loop: a long resume takes some 20 ms of computing.
        facts = await asyncio.to_thread(read_resume, document, language, self._today())
        sentences = texts(language)
        return facts.analysis.model_copy(
            update={"strengths": _strengths(sentences, facts), "gaps": _gaps(sentences, facts, document)}
        )

    async def transcribe(self, voice: bytes, mime_type: str, language: str) -> str:
        """Raises `Refused("voice.offline")`: nobody here can listen."""
        raise Refused("voice.offline")


def _listed(points: Iterable[str]) -> str:
    return "; ".join(points)


def _feedback(sentences: dict[str, str], answer: str, found: Sequence[str], absent: Sequence[str]) -> str:
    if not answer.strip():
        return sentences["answer_empty"]
    lines = [
        sentences["points_mentioned"].format(mentioned=len(found), total=len(found) + len(absent)),
    ]
    if not found:
        lines.append(sentences["points_none"])
    elif not absent:
        lines.append(sentences["points_all"])
    else:
        lines.append(sentences["points_found"].format(points=_listed(found)))
    if absent:
        lines.append(sentences["points_absent"].format(points=_listed(absent)))
    return "\n".join(lines)


def _outline(sentences: dict[str, str], question: PlannedQuestion) -> str:
    points = [sentences["model_outline_point"].format(point=point.text) for point in question.key_points]
    return sentences["model_outline"].format(points="\n".join(points)) if points else ""


@dataclass(frozen=True)
class _Seen:
    """A turn as the report counts it; without key points where its question is not of the bank."""

    turn: PastTurn
    key_points: int = 0
    missing: tuple[str, ...] = ()


def _seen(turn: PastTurn, language: str) -> _Seen:
    known = find_question(turn.question)
    if known is None:
        return _Seen(turn)
    question = known.planned(language)
    judgements = mentioned(question, turn.answer)
    missing = tuple(question.key_points[j.key_point].text for j in judgements if j.verdict is Verdict.MISSING)
    return _Seen(turn, len(question.key_points), missing)


def _summary(sentences: dict[str, str], seen: Sequence[_Seen]) -> str:
    judged = sum(each.turn.score is not None for each in seen)
    name = "report_judged" if judged == len(seen) else "report_partly_judged" if judged else "report_unjudged"
    lines = [sentences[name]]
    total = sum(each.key_points for each in seen)
    if total:
        mentioned_points = total - sum(len(each.missing) for each in seen)
        lines.append(
            sentences["report_counts"].format(answers=len(seen), mentioned=mentioned_points, total=total)
        )
    by_competency: dict[str, list[_Seen]] = {}
    for each in seen:
        by_competency.setdefault(each.turn.competency, []).append(each)
    lines.extend(_competency(sentences, turns) for turns in by_competency.values())
    return "\n".join(lines)


def _competency(sentences: dict[str, str], seen: Sequence[_Seen]) -> str:
    competency = seen[0].turn.competency
    scores = [each.turn.score for each in seen if each.turn.score is not None]
    total = sum(each.key_points for each in seen)
    if len(scores) == len(seen):
        mean = round(sum(scores) / len(scores), 1)
        return sentences["report_competency_score"].format(competency=competency, score=f"{mean:g}")
    if total:
        found = total - sum(len(each.missing) for each in seen)
        return sentences["report_competency"].format(competency=competency, mentioned=found, total=total)
    return sentences["report_competency_unknown"].format(competency=competency)


def _to_practise(sentences: dict[str, str], seen: Sequence[_Seen]) -> tuple[str, ...]:
    """The first missing point of each turn, the barest turns first; then the second ones, and so on."""
    barest = sorted(seen, key=lambda each: len(each.missing), reverse=True)
    rows = zip_longest(*([(each.turn.competency, point) for point in each.missing] for each in barest))
    points = [
        sentences["practise_point"].format(competency=pair[0], point=pair[1])
        for row in rows
        for pair in row
        if pair is not None
    ]
    weak = [
        sentences["practise_question"].format(competency=each.turn.competency, question=each.turn.question)
        for each in seen
        if not each.key_points and each.turn.score is not None and each.turn.score < WEAK_SCORE
    ]
    return tuple(dict.fromkeys(weak + points))[:MOST_TO_PRACTISE]


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
    lines = [sentences["resume_method"].format(found=len(facts.found), total=len(PARTS))]
    if not analysis.is_resume:
        return lines
    absent = {
        "gap_numbers": not facts.lines_with_results,
        "gap_dates": "dates" not in facts.found,
        "gap_contact": "contact" not in facts.found,
        "gap_skills": len(analysis.skills) <= FEW_SKILLS,
        "gap_education": "education" not in facts.found,
        "gap_role": "role" not in facts.found,
        "gap_hidden_text": document.hidden_text,
    }
    return [*(sentences[name] for name, is_so in absent.items() if is_so), *lines]
