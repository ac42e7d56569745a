"""What is made of Gemini's plan: questions that can be asked, and the weight of what they look into."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from domain.adapters.gemini.schemas import WireCompetency, WireKeyPoint, WirePlan, WireQuestion
from domain.adapters.gemini.text import distinct, is_question, one_line
from domain.interviews.plan import InterviewKind, Plan, PlannedCompetency, PlannedQuestion, QuestionKind
from domain.interviews.rubric import KeyPoint, normalised
from domain.ports import PlanRequest

MAX_KEY_POINTS = 6
HEAVIEST = 5
MOST_PLANNED = 12  # a long interview has questions of every rung anyway, and a long plan takes its time


def spare(request: PlanRequest) -> int:
    """How many questions are wanted for the ladder to choose from, beside those that will be asked."""
    if request.difficulty or request.count == 1:
        return 0
    return max(0, min(request.count + 1, MOST_PLANNED - request.count))


def plan(found: WirePlan, request: PlanRequest) -> Plan:
    """At most `count` questions; fewer, even none, where the model gave no more that can be asked."""
    usable = _questions([*found.questions[: request.count], *found.alternatives], request)
    first = {normalised(question.text) for question in found.questions[: request.count]}
    questions = [each for each in usable if normalised(each.text) in first]
    alternatives = [each for each in usable if normalised(each.text) not in first]
    return Plan(
        questions=tuple(questions),
        alternatives=tuple(alternatives[:MOST_PLANNED]),
        competencies=_weights(found.competencies),
    )


def _weights(found: Sequence[WireCompetency]) -> tuple[PlannedCompetency, ...]:
    weights = {each.name: min(HEAVIEST, max(1, each.weight)) for each in found if each.name}
    total = sum(weights.values())
    return tuple(PlannedCompetency(name=name, weight=weight / total) for name, weight in weights.items())


def _questions(found: Sequence[WireQuestion], request: PlanRequest) -> list[PlannedQuestion]:
    """Those that can be asked: worded, with key points, and neither repeated nor asked before."""
    seen = {normalised(one_line(text, 600)) for text in request.asked_before}
    usable = []
    for question in found:
        key_points = _key_points(question.key_points)
        if not is_question(question.text) or not key_points or normalised(question.text) in seen:
            continue
        seen.add(normalised(question.text))
        usable.append(
            PlannedQuestion(
                text=question.text,
                kind=_kind(question.kind, request.kind),
                competency=question.competency or request.kind.value,
                difficulty=question.difficulty,
                key_points=key_points,
                hint=question.hint,
                fallback=question.fallback if is_question(question.fallback) else "",
                why=question.why,
            )
        )
    return usable


def _kind(given: QuestionKind, wanted: InterviewKind) -> QuestionKind:
    return given if wanted is InterviewKind.MIXED else QuestionKind(wanted.value)


def _key_points(found: Iterable[WireKeyPoint]) -> tuple[KeyPoint, ...]:
    by_meaning: Mapping[str, KeyPoint] = {
        normalised(point.text): KeyPoint(
            text=point.text, keywords=tuple(distinct(re.split(r"[,;、，،]", point.keywords), 8))
        )
        for point in found
    }
    return tuple(point for meaning, point in by_meaning.items() if meaning)[:MAX_KEY_POINTS]
