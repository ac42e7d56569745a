"""The ladder, held against whatever plans and scores Hypothesis thinks of."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.interviews import course
from domain.interviews.ladder import (
    GOOD,
    RUNGS,
    WEAK,
    Asked,
    by_mentions,
    choose,
    is_worth_probing,
    rung,
)
from domain.interviews.models import InterviewQuestion, InterviewSession, TurnStatus
from domain.interviews.plan import Difficulty, Plan, PlannedQuestion, ProbeReason, QuestionKind
from domain.interviews.results import results
from domain.interviews.rubric import KeyPoint

EASY, MEDIUM, HARD = Difficulty

scores = st.none() | st.floats(0, 10)
difficulties = st.sampled_from(Difficulty)
questions = st.builds(
    PlannedQuestion,
    text=st.just("?"),
    kind=st.sampled_from(QuestionKind),
    competency=st.sampled_from("ABCD"),
    difficulty=difficulties,
    key_points=st.just((KeyPoint(text="a point"),)),
)
plans = st.builds(
    Plan,
    questions=st.lists(questions, min_size=1, max_size=20).map(tuple),
    alternatives=st.lists(questions, max_size=8).map(tuple),
    competencies=st.just(()),
)


def question(competency: str, difficulty: Difficulty) -> PlannedQuestion:
    return PlannedQuestion(
        text=f"{competency} {difficulty}?",
        kind=QuestionKind.TECHNICAL,
        competency=competency,
        difficulty=difficulty,
        key_points=(KeyPoint(text="a point"),),
    )


def walk(plan: Plan, given_scores: list[float | None], fixed: Difficulty | None = None) -> list[int]:
    """The places of the questions that are asked where the answers earn these scores in turn."""
    asked: list[Asked] = []
    while (index := choose(plan, asked, fixed)) is not None:
        score = given_scores[len(asked)] if len(asked) < len(given_scores) else None
        asked.append(Asked(index, score))
    return [each.index for each in asked]


@pytest.mark.parametrize(
    ("start", "given_scores", "reached"),
    [
        (EASY, [], EASY),
        (EASY, [9.0], EASY),
        (EASY, [9.0, 9.0], MEDIUM),
        (EASY, [9.0, 9.0, 9.0], MEDIUM),
        (EASY, [9.0, 9.0, 9.0, 9.0], HARD),
        (EASY, [9.0] * 9, HARD),
        (EASY, [9.0, 5.0, 9.0], EASY),
        (EASY, [9.0, None, 9.0], MEDIUM),
        (HARD, [3.0], MEDIUM),
        (HARD, [3.0, 3.0, 3.0, 3.0], EASY),
        (MEDIUM, [9.0, 3.0, 9.0], EASY),
        (MEDIUM, [5.0, 5.0, None, 5.0], MEDIUM),
        (MEDIUM, [GOOD, GOOD], HARD),
        (MEDIUM, [WEAK, WEAK], MEDIUM),
    ],
)
def test_two_good_answers_lead_up_and_a_weak_one_down(
    start: Difficulty, given_scores: list[float | None], reached: Difficulty
) -> None:
    assert rung(start, given_scores) is reached


@given(difficulties, st.lists(scores, max_size=20), scores)
def test_one_answer_moves_at_most_one_rung(
    start: Difficulty, before: list[float | None], score: float | None
) -> None:
    moved = RUNGS.index(rung(start, [*before, score])) - RUNGS.index(rung(start, before))
    assert abs(moved) <= 1
    if score is None or WEAK <= score < GOOD:
        assert moved == 0
    elif score < WEAK:
        assert moved <= 0
    else:
        assert moved >= 0


@given(plans, st.lists(scores, max_size=20), st.none() | difficulties)
def test_every_planned_competency_is_visited_as_often_as_planned(
    plan: Plan, given_scores: list[float | None], fixed: Difficulty | None
) -> None:
    walked = walk(plan, given_scores, fixed)
    assert len(set(walked)) == len(walked) == len(plan.questions)
    visited = Counter((plan.pool[i].kind, plan.pool[i].competency) for i in walked)
    assert visited == Counter((each.kind, each.competency) for each in plan.questions)


@given(plans)
def test_the_order_of_the_plan_holds_while_nobody_has_judged(plan: Plan) -> None:
    assert walk(plan, []) == list(range(len(plan.questions)))


def test_good_answers_meet_harder_questions_and_weak_ones_easier() -> None:
    plan = Plan(
        questions=tuple(question(name, MEDIUM) for name in "ABCD"),
        alternatives=tuple(question(name, each) for name in "ABCD" for each in (EASY, HARD)),
    )

    def asked(*given_scores: float | None) -> list[str]:
        return [plan.pool[index].text.rstrip("?") for index in walk(plan, list(given_scores))]

    assert asked(9, 9, 9) == ["A medium", "B medium", "C hard", "D hard"]
    assert asked(2, 2, 2) == ["A medium", "B easy", "C easy", "D easy"]
    assert asked(9, 9, 2) == ["A medium", "B medium", "C hard", "D medium"]
    assert asked(5, 5, 5) == ["A medium", "B medium", "C medium", "D medium"]


def test_the_rung_goes_before_the_order_of_the_plan() -> None:
    plan = Plan(
        questions=(question("A", EASY), question("B", HARD), question("C", MEDIUM), question("D", EASY))
    )
    assert walk(plan, [9, 9, 9]) == [0, 3, 2, 1]
    assert walk(plan, [], HARD) == [1, 2, 0, 3]


def test_a_competency_is_not_asked_twice_in_a_row_where_another_is_as_good() -> None:
    plan = Plan(questions=(question("A", EASY), question("A", EASY), question("B", EASY)))
    assert walk(plan, [5, 5]) == [0, 2, 1]


@given(
    st.lists(st.sampled_from(["met", "partly", "missing"]), max_size=6), st.sampled_from([None, *ProbeReason])
)
def test_only_what_is_open_or_contradicts_the_resume_is_followed_up(
    verdicts: list[str], reason: ProbeReason | None
) -> None:
    is_open = set(verdicts) - {"met"} != set()
    assert is_worth_probing(verdicts, reason) == (is_open or reason is ProbeReason.CONTRADICTS_RESUME)


@pytest.mark.parametrize(
    ("mentioned", "points", "moves"), [(0, 4, -1), (1, 4, 0), (2, 4, 0), (2, 3, 0), (3, 4, 1), (5, 5, 1)]
)
def test_of_a_keyword_check_only_the_ends_move_the_ladder(mentioned: int, points: int, moves: int) -> None:
    credit = by_mentions(mentioned, points)
    assert (credit >= GOOD) - (credit < WEAK) == moves


@pytest.mark.parametrize(
    ("verdict", "answer", "walked"),
    [
        ("met", "I would do it with an index.", "A medium B medium C hard D hard"),
        ("missing", "I would do it with a team.", "A medium B easy C easy D easy"),
        ("missing", "Ich mache das im Team.", "A medium B medium C medium D medium"),
        ("missing", "", "A medium B medium C medium D medium"),
    ],
)
def test_unjudged_answers_move_the_ladder_and_have_no_score(verdict: str, answer: str, walked: str) -> None:
    """One in a language that the rules do not read moves nothing, nor does one that was skipped."""
    plan = Plan(
        questions=tuple(question(name, MEDIUM) for name in "ABCD"),
        alternatives=tuple(question(name, each) for name in "ABCD" for each in (EASY, HARD)),
    )
    session = InterviewSession(plan=plan.model_dump(mode="json"), language="en")
    turns: list[InterviewQuestion] = []
    while (index := course.following(session, turns)) is not None:
        turn = InterviewQuestion(position=len(turns) + 1, follow_up=0, plan_index=index, answer_text=answer)
        turn.earlier_wordings, turn.verdicts, turn.provisional = [], [verdict], True
        turn.status = TurnStatus.EVALUATED
        course.put(turn, plan.pool[index], index)
        turns.append(turn)
    assert " ".join(turn.question_text.rstrip("?") for turn in turns) == walked
    assert results(turns).final_score is None
