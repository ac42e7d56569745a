"""What is made of a plan before it is stored: all new, as many as wanted, weighed.

The bank stands in for what is missing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from domain.interviews.likeness import ideas, is_new
from domain.interviews.plan import Plan, PlannedCompetency, PlannedQuestion
from domain.interviews.rubric import normalised
from domain.ports import Interviewer, PlanRequest

SHORTEST_QUESTION = 10


async def completed(plan: Plan, request: PlanRequest, offline: Interviewer) -> Plan:
    """A plan of exactly the wanted number: what can be asked of this one, the rest from the bank."""
    # Off the event loop: many questions are compared with all of the last interviews.
    usable = await asyncio.to_thread(_usable, plan.pool, request.asked_before)
    questions = [each for each in usable if each in plan.questions][: request.count]
    spare = [each for each in usable if each not in plan.questions]
    if len(questions) < request.count:
        asked = (*(question.text for question in questions), *request.asked_before)
        more = replace(request, count=request.count - len(questions), asked_before=asked)
        added = await offline.plan(more)
        questions.extend(added.questions)
        spare.extend(added.alternatives)
    topics = {(each.kind, each.competency) for each in questions}
    candidate = request.candidate
    return Plan(
        questions=tuple(questions),
        alternatives=tuple(each for each in spare if (each.kind, each.competency) in topics),
        competencies=_weighed(plan.competencies, questions),
        role=candidate.target_role,
        level=str(candidate.background.get("experience_level", "")),
    )


def _usable(pool: Iterable[PlannedQuestion], asked_before: Sequence[str]) -> list[PlannedQuestion]:
    """What can be asked: no question twice, and none that was asked in an earlier interview, in any words."""
    said = {normalised(text) for text in asked_before}
    known = [ideas(text) for text in asked_before]
    usable = []
    for question in pool:
        words = normalised(question.text)
        if len(words) >= SHORTEST_QUESTION and words not in said and question.key_points:
            if is_new(question.text, known):
                usable.append(question)
            said.add(words)
    return usable


def _weighed(
    given: Iterable[PlannedCompetency], questions: Sequence[PlannedQuestion]
) -> tuple[PlannedCompetency, ...]:
    """The competencies that are asked about; the share of the questions weighs one that came without."""
    shares = {
        name: count / len(questions) for name, count in Counter(q.competency for q in questions).items()
    }
    weights = shares | {each.name: each.weight for each in given if each.name in shares}
    total = sum(weights.values())
    return tuple(PlannedCompetency(name=name, weight=weight / total) for name, weight in weights.items())
