"""What the rules recommend to whom, and why: a table of people. When a question comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.background.vocabulary import vocabulary
from domain.interviews.bank import AREAS, competency_of, shown_competency
from domain.interviews.plan import QuestionKind
from domain.personalization.cards import caught_up
from domain.personalization.facts import Answered, Card, Facts, ResumeSeen
from domain.personalization.profile import Because, InterviewNext, Profile, QuestionNext, ReadNext, entry_id
from domain.personalization.rules import expected_skills, profile_of
from domain.personalization.schedule import LONGEST_DAYS, Recall, recall, reviewed

NOW = datetime(2026, 10, 20, 18, tzinfo=UTC)
RESUME = ResumeSeen(UUID(int=9), "Senior Backend Engineer", ("Python", "PostgreSQL", "Docker", "Git"))
TECHNICAL, STORY = QuestionKind.TECHNICAL, QuestionKind.BEHAVIOURAL


def answered(
    number: int,
    competency: str,
    credit: float,
    kind: QuestionKind = TECHNICAL,
    *,
    days_ago: float = 1,
    judged: bool = True,
    skipped: bool = False,
) -> Answered:
    at = NOW - timedelta(days=days_ago)
    named = f"question {number}"
    return Answered(UUID(int=number), named, named, competency, kind, credit, judged, skipped, at)


def rehearsed(*answers: Answered, **known: object) -> Facts:
    """Somebody who finished an interview, with their cards brought up to date."""
    facts = replace(Facts(now=NOW, interviews=1, answers=answers), **known)  # type: ignore[arg-type]  # fields by name
    return facts.with_cards(tuple(caught_up({}, answers).values()))


def categories(profile: Profile) -> list[tuple[str, float, Because]]:
    return [(each.name, each.weight, each.reason.key) for each in profile.preferred_categories]


def content(profile: Profile) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for each in profile.recommended_content:
        match each:
            case InterviewNext(interview=kind, count=count):
                found.append((kind.value, count, each.reason.key))
                assert (each.difficulty is not None) == (each.reason.key is Because.ALL_STRONG)
            case QuestionNext(question=question):
                found.append((question, each.reason.key))
            case ReadNext(name=name):
                found.append((name, each.reason.key))
    return found


B = Because
NOBODY = Facts(now=NOW)
CASES: dict[str, tuple[Facts, list[tuple[str, float, Because]], list[tuple[object, ...]]]] = {
    "nothing is known": (NOBODY, [], [("mixed", 3, B.FIRST_TIME)]),
    "somebody in data who told of SQL": (
        replace(NOBODY, primary_domain="data", skills=("SQL",), areas=("data", "backend")),
        [
            ("Git", 0.6, B.MISSING_SKILL),
            ("Python / R", 0.6, B.MISSING_SKILL),
            ("Statistics", 0.6, B.MISSING_SKILL),
            ("data", 0.5, B.DOMAIN),
            ("SQL", 0.3, B.USED),
        ],
        [
            ("mixed", 3, B.FIRST_TIME),
            ("Python / R", B.MISSING_SKILL),
            ("Statistics", B.MISSING_SKILL),
            ("Git", B.MISSING_SKILL),
        ],
    ),
    "a resume that names almost all of it": (
        replace(NOBODY, resume=RESUME, areas=("backend",)),
        [
            ("Linux", 0.6, B.MISSING_SKILL),
            ("REST / GraphQL / gRPC", 0.6, B.MISSING_SKILL),
            ("backend", 0.5, B.ROLE),
        ],
        [
            ("mixed", 3, B.FIRST_TIME),
            ("Linux", B.MISSING_SKILL),
            ("REST / GraphQL / gRPC", B.MISSING_SKILL),
        ],
    ),
    "a gap that a judge of the resume named": (
        replace(NOBODY, resume=replace(RESUME, gaps=("No results in numbers.", "A break"))),
        [],
        [("mixed", 3, B.FIRST_TIME), ("No results in numbers.", B.RESUME_GAP)],
    ),
    "only stories so far, one of them weak": (
        rehearsed(answered(1, "ownership", 3.0, STORY), answered(2, "teamwork", 8.0, STORY)),
        [("ownership", 0.7, B.LOW_RESULT), ("teamwork", 0.2, B.STRONG_RESULT)],
        [("technical", 5, B.UNTRIED_KIND), ("question 1", B.SCORED), ("ownership", B.LOW_RESULT)],
    ),
    "weaker in knowledge than in stories": (
        rehearsed(
            answered(1, "databases", 2.0),
            answered(2, "databases", 6.0, days_ago=9),
            answered(3, "teamwork", 7.0, STORY),
        ),
        [
            ("databases", 0.6, B.LOW_RESULT),
            ("teamwork", 0.3, B.MIDDLING_RESULT),
        ],
        [
            ("technical", 5, B.WEAKER_KIND),
            ("question 2", B.SCORED),
            ("question 1", B.SCORED),
            ("databases", B.LOW_RESULT),
            ("teamwork", B.MIDDLING_RESULT),
        ],
    ),
    "strong in both": (
        rehearsed(answered(1, "databases", 9.0), answered(2, "teamwork", 8.0, STORY)),
        [("teamwork", 0.2, B.STRONG_RESULT), ("databases", 0.1, B.STRONG_RESULT)],
        [("mixed", 8, B.ALL_STRONG)],
    ),
    "a beginner whose both kinds go alike": (
        rehearsed(answered(1, "sql", 7.0), answered(2, "teamwork", 7.0, STORY), level="beginner"),
        [("sql", 0.3, B.MIDDLING_RESULT), ("teamwork", 0.3, B.MIDDLING_RESULT)],
        [("mixed", 3, B.KEEP_GOING), ("sql", B.MIDDLING_RESULT), ("teamwork", B.MIDDLING_RESULT)],
    ),
    "nobody but the keyword check has looked, and one was skipped": (
        rehearsed(
            answered(1, "security", 2.5, judged=False),
            answered(2, "testing", 0.0, skipped=True),
            answered(3, "teamwork", 10.0, STORY, judged=False),
        ),
        [("security", 0.75, B.FEW_POINTS), ("teamwork", 0.1, B.MOST_POINTS)],
        [
            ("technical", 5, B.WEAKER_KIND),
            ("question 1", B.POINTS_MENTIONED),
            ("question 2", B.SKIPPED),
            ("security", B.FEW_POINTS),
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_recommended_to_whom_and_why(name: str) -> None:
    facts, wanted_categories, wanted_content = CASES[name]
    profile = profile_of(facts)
    assert categories(profile) == wanted_categories
    assert content(profile) == wanted_content
    assert Profile.model_validate(profile.model_dump(mode="json")) == profile
    ids = [entry_id(each) for each in profile.recommended_content]
    assert len(set(ids)) == len(ids)


def test_different_people_are_recommended_different_things() -> None:
    found = {name: str(content(profile_of(facts))) for name, (facts, *_) in CASES.items()}
    assert len(set(found.values())) == len(CASES)


def test_a_button_stands_for_the_same_practice_whatever_the_reason() -> None:
    one, other = (
        InterviewNext(interview="mixed", count=3, reason={"key": key}) for key in ("first_time", "keep_going")
    )
    assert entry_id(one) == entry_id(other)
    assert entry_id(one) != entry_id(one.model_copy(update={"count": 5}))


def test_what_is_expected_is_spelled_as_resumes_are_read() -> None:
    names = {name for area in vocabulary()["skills"].values() for name in area}
    expected = expected_skills()
    assert set(expected) <= set(AREAS)
    for skills in expected.values():
        assert {each for group in skills for each in group.split(" / ")} <= names


def test_a_competency_is_known_in_every_language() -> None:
    assert competency_of("Bases de datos") == competency_of("databases ") == "databases"
    assert shown_competency("databases", "es") == "Bases de datos"
    assert competency_of("Ship building") == "Ship building"
    assert shown_competency("Ship building", "es") == "Ship building"


# ---------------------------------------------------------------- cards


def test_a_weak_question_comes_back_until_it_is_known() -> None:
    weak = answered(1, "sql", 3.0, days_ago=30)
    cards = caught_up({}, [weak, answered(2, "sql", 9.0)])
    assert set(cards) == {"question 1"}, "a strong answer begins no card"
    gaps = []
    for credit in (0.0, 5.0, 7.0, 9.0, 9.0):
        card = cards["question 1"]
        gaps.append((card.due - card.review.last_review).days)
        again = replace(weak, question_id=UUID(int=99), credit=credit, at=card.due)
        cards = caught_up(cards, [weak, again])
        assert cards["question 1"].question_id == weak.question_id, "the card stays with its first turn"
        assert cards["question 1"].answered == again
        assert caught_up(cards, [weak, again]) == cards, "what was looked at before changes nothing"
    assert gaps == sorted(gaps)
    assert gaps[0] == gaps[1] == 1
    assert gaps[-1] > 1


@given(
    credits=st.lists(st.floats(0, 10), min_size=1, max_size=12),
    late=st.lists(st.integers(0, 40), min_size=12, max_size=12),
)
def test_no_question_comes_back_on_the_same_day_nor_is_lost(credits: list[float], late: list[int]) -> None:
    review, at = None, NOW
    for credit, days in zip(credits, late, strict=False):
        review = reviewed(review, recall(credit), at)
        assert timedelta(days=1) <= review.due - at <= timedelta(days=LONGEST_DAYS)
        assert review.last_review == at
        at = review.due + timedelta(days=days)


@pytest.mark.parametrize(
    ("credit", "rating"),
    [(0, Recall.AGAIN), (3.9, Recall.AGAIN), (4, Recall.HARD), (6.5, Recall.GOOD), (10, Recall.EASY)],
)
def test_the_rating_follows_the_score(credit: float, rating: Recall) -> None:
    assert recall(credit) is rating
    assert rating.is_weak == (credit < 6.5)


def test_a_card_of_another_question_is_left_alone() -> None:
    one = Card(UUID(int=1), reviewed(None, Recall.AGAIN, NOW), answered(1, "sql", 1.0))
    assert caught_up({"question 1": one}, [answered(2, "sql", 1.0)])["question 1"] == one
