"""What is made of a plan before it is stored: nothing asked before in any words, and exactly enough."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.adapters.offline import OfflineInterviewer
from domain.interviews.bank import find_question, load_bank
from domain.interviews.likeness import alike
from domain.interviews.plan import Difficulty, InterviewKind, Plan, PlannedCompetency, PlannedQuestion
from domain.interviews.plan import QuestionKind as Kind
from domain.interviews.planning import completed
from domain.interviews.rubric import KeyPoint, normalised
from domain.ports import Candidate, PlanRequest

OFFLINE = OfflineInterviewer()
WHO = Candidate("en", "Backend engineer", background={"experience_level": "advanced"})


def question(text: str, competency: str = "databases", kind: Kind = Kind.TECHNICAL) -> PlannedQuestion:
    return PlannedQuestion(
        text=text,
        kind=kind,
        competency=competency,
        difficulty=Difficulty.MEDIUM,
        key_points=(KeyPoint(text="a point"),),
    )


def request(
    count: int, *asked_before: str, difficulty: Difficulty | None = None, kind: str = "technical"
) -> PlanRequest:
    return PlanRequest(WHO, InterviewKind(kind), count, asked_before=asked_before, difficulty=difficulty)


async def test_what_was_asked_before_in_other_words_is_asked_no_more() -> None:
    again = question("Walk me through how you made a slow SQL query faster.")
    other = question("How do you migrate a large table while people use it?")
    before = "A SQL query has become slow. How would you speed it up?"
    assert alike(again.text, before)
    plan = await completed(Plan(questions=(again, other)), request(2, before), OFFLINE)
    assert plan.questions[0].text == other.text
    assert find_question(plan.questions[1].text), "the bank stands in for it"


async def test_the_bank_does_not_ask_what_gemini_asked_in_other_words() -> None:
    first = (await completed(Plan(questions=()), request(5), OFFLINE)).questions
    reworded = [f"Now tell me please: {each.text}" for each in first]
    second = (await completed(Plan(questions=()), request(5, *reworded), OFFLINE)).questions
    assert not {each.text for each in first} & {each.text for each in second}


async def test_alternatives_stay_on_what_is_planned_and_are_new() -> None:
    plan = Plan(
        questions=(question("What does an index cost on every write?"),),
        alternatives=(
            question("Which isolation level would you choose, and why?"),
            question("What does an index cost on every write?"),
            question("How do you lead a team through a crisis?", "leadership"),
            question("Tell me about a database you broke.", kind=Kind.BEHAVIOURAL),
        ),
    )
    stored = await completed(plan, request(1), OFFLINE)
    assert [each.text for each in stored.alternatives] == ["Which isolation level would you choose, and why?"]
    assert (stored.role, stored.level) == ("Backend engineer", "advanced")


async def test_weights_are_of_what_is_asked_and_add_up() -> None:
    plan = Plan(
        questions=(question("What does an index cost on every write?"), question("Who owns an API?", "apis")),
        competencies=(
            PlannedCompetency(name="databases", weight=0.5),
            PlannedCompetency(name="apis", weight=0.25),
            PlannedCompetency(name="sailing", weight=0.25),
        ),
    )
    stored = await completed(plan, request(2), OFFLINE)
    shares = {each.name: round(each.weight, 2) for each in stored.competencies}
    assert shares == {"databases": 0.67, "apis": 0.33}


@pytest.mark.parametrize("kind", InterviewKind)
async def test_a_chosen_difficulty_holds_for_all_where_the_bank_has_enough(kind: InterviewKind) -> None:
    for difficulty in Difficulty:
        plan = await OFFLINE.plan(request(5, difficulty=difficulty, kind=kind))
        assert {each.difficulty for each in plan.questions} == {difficulty}
        assert plan.alternatives == ()


async def test_what_leads_to_a_question_is_named() -> None:
    asked = request(8)
    for_job = await OFFLINE.plan(replace(asked, job_description="You know SQL, Kubernetes, Docker, Redis."))
    assert any("the job description names" in each.why for each in for_job.pool)
    resume = replace(asked.candidate, resume_text="I know SQL, Kubernetes, Docker, Redis.")
    of_resume = await OFFLINE.plan(replace(asked, candidate=resume))
    assert any("your resume names" in each.why for each in of_resume.pool)
    assert not any("resume" in each.why for each in for_job.pool)


async def test_a_question_says_why_it_is_asked_and_a_repeated_one_says_that() -> None:
    plan = await OFFLINE.plan(request(3))
    assert all("Backend engineer" in each.why for each in plan.pool)
    every = [each.wordings["en"].text for each in load_bank()]
    again = await OFFLINE.plan(request(3, *every))
    assert all("asked this some time ago" in each.why for each in again.questions)


@settings(max_examples=25)
@given(
    texts=st.lists(st.text(min_size=8, max_size=40), max_size=8),
    count=st.integers(1, 20),
    asked=st.lists(st.text(max_size=40), max_size=4),
    kind=st.sampled_from(InterviewKind),
)
async def test_whatever_comes_the_plan_is_whole(
    texts: list[str], count: int, asked: list[str], kind: InterviewKind
) -> None:
    given_plan = Plan(questions=tuple(map(question, texts[:4])), alternatives=tuple(map(question, texts[4:])))
    plan = await completed(given_plan, request(count, *asked, kind=kind.value), OFFLINE)
    assert len(plan.questions) == count
    words = [normalised(each.text) for each in plan.pool]
    assert len(set(words)) == len(words)
    assert not set(words) & {normalised(text) for text in asked}
    assert sum(each.weight for each in plan.competencies) == pytest.approx(1)
    assert Plan.model_validate(json.loads(json.dumps(plan.model_dump(mode="json")))) == plan
