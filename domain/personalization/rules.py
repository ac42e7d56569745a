"""What a person practises and lacks, and what comes next: pure rules, each result with its reason."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from itertools import islice

from domain.interviews.plan import Difficulty, InterviewKind
from domain.interviews.rubric import MAX_SCORE
from domain.personalization.facts import Answered, Facts, Standing
from domain.personalization.profile import (
    Because,
    Category,
    InterviewNext,
    Profile,
    QuestionNext,
    ReadNext,
    Reason,
    Recommended,
)

# Of 10: what is below WEAK lacks half of its key points or more, what is from STRONG on lacks few.
WEAK, STRONG = 5.0, 7.5
LAST_ANSWERS = 5  # of a competency or kind: what was said long ago tells little of today
SOON = 1.0  # days within which a question that comes back is recommended already
AREA_WEIGHT, MISSING_WEIGHT, USED_WEIGHT, LEAST_WEIGHT = 0.5, 0.6, 0.3, 0.1
MOST_CATEGORIES, MOST_QUESTIONS, MOST_READINGS = 12, 3, 3
MOST_USED, MOST_MISSING, MOST_GAPS = 4, 3, 1
SHORT, USUAL, LONG = 3, 5, 8
COMMON_KINDS = (InterviewKind.BEHAVIOURAL, InterviewKind.TECHNICAL)
LONGEST_SUBJECT = 200


def profile_of(facts: Facts) -> Profile:
    """The profile that the rules make of the facts; the same facts give the same profile."""
    categories = sorted(_categories(facts), key=lambda each: (-each.weight, each.kind, each.name.casefold()))
    content: list[Recommended] = [_interview(facts), *_questions(facts), *_readings(facts)]
    return Profile(
        preferred_categories=tuple(categories[:MOST_CATEGORIES]), recommended_content=tuple(content)
    )


# Categories


def _categories(facts: Facts) -> Iterable[Category]:
    for name, standing in competencies(facts).items():
        weight = round(max(LEAST_WEIGHT, 1 - standing.credit / MAX_SCORE), 2)
        yield Category(kind="competency", name=name, weight=weight, reason=_of_result(standing))
    yield from _areas(facts)
    for skill in missing_skills(facts)[:MOST_MISSING]:
        reason = Reason(key=Because.MISSING_SKILL, subject=facts.areas[0])
        yield Category(kind="skill", name=skill, weight=MISSING_WEIGHT, reason=reason)
    for skill in facts.skills[:MOST_USED]:
        yield Category(kind="skill", name=skill, weight=USED_WEIGHT, reason=Reason(key=Because.USED))


def _areas(facts: Facts) -> Iterable[Category]:
    if not facts.areas:
        return
    role = facts.resume.role if facts.resume else ""
    if role:
        reason = Reason(key=Because.ROLE, subject=role[:LONGEST_SUBJECT])
    elif facts.primary_domain:
        reason = Reason(key=Because.DOMAIN, subject=facts.primary_domain[:LONGEST_SUBJECT])
    else:
        reason = Reason(key=Because.USED)
    yield Category(kind="area", name=facts.areas[0], weight=AREA_WEIGHT, reason=reason)


def _of_result(standing: Standing) -> Reason:
    """Why a competency has its weight, in the words that fit who judged."""
    if not standing.judged:
        key = Because.FEW_POINTS if standing.credit < STRONG else Because.MOST_POINTS
        return Reason(key=key, score=standing.percent, count=standing.count)
    low = Because.LOW_RESULT if standing.credit < WEAK else Because.MIDDLING_RESULT
    key = Because.STRONG_RESULT if standing.credit >= STRONG else low
    return Reason(key=key, score=standing.credit, count=standing.count)


def competencies(facts: Facts) -> dict[str, Standing]:
    """How each competency stands by its last answers; a question that was skipped shows nothing."""
    return _standings(facts.answers, lambda each: each.competency)


def _standings(answers: Iterable[Answered], by: Callable[[Answered], str]) -> dict[str, Standing]:
    groups: dict[str, list[Answered]] = {}
    for each in answers:
        if not each.skipped:
            groups.setdefault(by(each), []).append(each)
    return {name: Standing.of(group[:LAST_ANSWERS]) for name, group in groups.items()}


@cache
def expected_skills() -> dict[str, list[str]]:
    """By area, what employers commonly ask for; " / " stands between those of which one is enough."""
    source = files(__package__).joinpath("expected.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)


def missing_skills(facts: Facts) -> list[str]:
    """What is expected in the person's area and named neither in the resume nor in the background.

    Of somebody who named no skill at all nothing is known, so nothing is missing.
    """
    named = {each.casefold() for each in (*facts.skills, *(facts.resume.skills if facts.resume else ()))}
    if not named or not facts.areas:
        return []
    expected = expected_skills().get(facts.areas[0], [])
    return [
        skills for skills in expected if named.isdisjoint(each.casefold() for each in skills.split(" / "))
    ]


# What comes next


def _interview(facts: Facts) -> InterviewNext:
    """The interview that shows most: an untried kind first, then the weaker one, then a longer one."""
    kind, count, reason = _settings(facts)
    return InterviewNext(
        interview=kind,
        count=count,
        difficulty=Difficulty.HARD if reason.key is Because.ALL_STRONG else None,
        resume_id=facts.resume.id if facts.resume else None,
        reason=reason,
    )


def _settings(facts: Facts) -> tuple[InterviewKind, int, Reason]:
    by_kind = _standings(facts.answers, lambda each: each.kind.value)
    usual = SHORT if facts.level == "beginner" else USUAL
    if not facts.interviews or not by_kind:
        return InterviewKind.MIXED, SHORT, Reason(key=Because.FIRST_TIME)
    if untried := [kind for kind in COMMON_KINDS if kind.value not in by_kind]:
        return untried[0], usual, Reason(key=Because.UNTRIED_KIND)
    weaker = min(by_kind, key=lambda kind: (by_kind[kind].credit, kind))
    standing = by_kind[weaker]
    if standing.credit >= STRONG:
        return InterviewKind.MIXED, LONG, Reason(key=Because.ALL_STRONG)
    if all(each.credit == standing.credit for each in by_kind.values()):
        return InterviewKind.MIXED, usual, Reason(key=Because.KEEP_GOING)
    return InterviewKind(weaker), usual, Reason(key=Because.WEAKER_KIND, subject=weaker)


def _questions(facts: Facts) -> Iterable[QuestionNext]:
    """What comes back by its schedule today or tomorrow, the most overdue first."""
    due = [card for card in facts.cards if (card.due - facts.now).total_seconds() <= SOON * 86_400]
    for card in sorted(due, key=lambda each: (each.due, str(each.question_id)))[:MOST_QUESTIONS]:
        yield QuestionNext(
            question_id=card.question_id,
            question=card.answered.question[:LONGEST_SUBJECT],
            reason=_of_answer(card.answered),
        )


def _of_answer(answered: Answered) -> Reason:
    if answered.skipped:
        return Reason(key=Because.SKIPPED)
    if answered.judged:
        return Reason(key=Because.SCORED, score=answered.credit)
    percent = Standing.of([answered]).percent
    return Reason(key=Because.POINTS_MENTIONED, score=percent)


def _readings(facts: Facts) -> Iterable[ReadNext]:
    """The weakest competencies, then skills that are missing, then what the resume's judge missed."""
    return islice(_worth_reading(facts), MOST_READINGS)


def _worth_reading(facts: Facts) -> Iterable[ReadNext]:
    standings = competencies(facts)
    weak = [name for name, standing in standings.items() if standing.credit < STRONG]
    for name in sorted(weak, key=lambda each: (standings[each].credit, each.casefold()))[:2]:
        yield ReadNext(name=name, reason=_of_result(standings[name]))
    for skill in missing_skills(facts):
        yield ReadNext(name=skill, reason=Reason(key=Because.MISSING_SKILL, subject=facts.areas[0]))
    for gap in (facts.resume.gaps if facts.resume else ())[:MOST_GAPS]:
        yield ReadNext(name=gap[:LONGEST_SUBJECT], reason=Reason(key=Because.RESUME_GAP))
