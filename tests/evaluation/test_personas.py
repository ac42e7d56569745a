"""Simulated candidates: what they know comes out where somebody judges properly."""

from __future__ import annotations

import pytest

from bot.__main__ import PERSONA_NAMES
from domain.adapters.offline import OfflineInterviewer
from domain.evaluation.personas import PERSONAS
from domain.evaluation.rehearsal import Interviewers, Rehearsal, recovery, rehearse
from domain.evaluation.writing import NO_SCORE, rehearsal_report, rehearsal_summary
from domain.interviews.bank import load_bank
from domain.interviews.guard import GuardedInterviewer
from domain.interviews.orders import split
from tests.loopback.gemini import LoopbackGemini, Request
from tests.loopback.judging import properly

OFFLINE = GuardedInterviewer(OfflineInterviewer())


def planned_from_the_bank(request: Request) -> dict[str, object]:
    """Ten questions of our bank with their own key points, as a model would plan them."""
    chosen = [question.planned("en") for question in load_bank()[:: len(load_bank()) // 10]]
    return {
        "questions": [
            {
                **question.model_dump(
                    mode="json", include={"text", "kind", "competency", "difficulty", "hint"}
                ),
                "key_points": [
                    {"text": p.text, "keywords": ", ".join(p.keywords)} for p in question.key_points
                ],
            }
            for question in chosen
        ]
    }


def probing(request: Request) -> dict[str, object]:
    judged = properly(request)
    may_probe = "`probe`: always empty" not in request.system
    return {**judged, "probe": "Could you tell me more about your own part in it?" if may_probe else ""}


async def everybody(who: Interviewers, interviews: int, questions: int) -> list[Rehearsal]:
    return [
        await rehearse(who, persona, questions, number)
        for persona in PERSONAS.values()
        for number in range(interviews)
    ]


async def test_a_proper_judge_recovers_the_strength_of_personas(
    gemini: LoopbackGemini, guarded: GuardedInterviewer
) -> None:
    gemini.answers("plan", planned_from_the_bank)
    gemini.answers("evaluate_turn", probing)
    found = await everybody(Interviewers(guarded, OFFLINE), interviews=3, questions=5)
    estimate = recovery(found)
    assert estimate.value is not None
    assert estimate.value >= 0.9
    assert all(each.final_score is not None for each in found)
    means = {name: sum(each.value for each in found if each.persona.name == name) / 3 for name in PERSONAS}
    assert means["strong"] > means["average"] > means["rambling"] > means["weak"] > 0
    assert means["hostile"] == 0
    assert means["copying"] <= 0.5  # the question of a follow-up is not the one that is copied
    assert all(each.follow_ups > 0 for each in found if each.persona.name != "strong")
    assert "keyword check" not in rehearsal_report(found, "a model", ())


async def test_the_keyword_check_is_told_apart_from_a_score() -> None:
    found = await everybody(Interviewers(OFFLINE, OFFLINE), interviews=1, questions=4)
    assert all(each.final_score is None for each in found)
    assert NO_SCORE in rehearsal_report(found, "the keyword check", ())
    assert NO_SCORE.replace("*", "") in rehearsal_summary(found)
    by_name = {each.persona.name: each.value for each in found}
    assert max(by_name["copying"], by_name["hostile"]) < 1.5  # a word like "question" is a keyword somewhere
    assert by_name["rambling"] > by_name["average"]  # why it is never called a score


async def test_an_interview_goes_on_without_the_interviewer(
    gemini: LoopbackGemini, guarded: GuardedInterviewer
) -> None:
    gemini.fail("403", times=None)
    found = await rehearse(Interviewers(guarded, OFFLINE), PERSONAS["strong"], 2)
    assert (found.questions, found.final_score) == (2, None)


@pytest.mark.parametrize("name", PERSONAS)
def test_a_persona_says_the_same_each_time_and_knows_its_share(name: str) -> None:
    persona = PERSONAS[name]
    questions = [question.planned("en") for question in load_bank()]
    answers = [persona.answer(question) for question in questions]
    assert answers == [persona.answer(question) for question in questions]
    known = sum(
        point.text.rstrip(".")[1:] in answer
        for question, answer in zip(questions, answers, strict=True)
        for point in question.key_points
    )
    of_all = sum(len(question.key_points) for question in questions)
    assert known / of_all == pytest.approx(persona.strength, abs=0.08)


def test_the_hostile_one_gives_orders_and_nobody_else_does() -> None:
    question = load_bank()[0].planned("en")
    orders = {name: split(persona.answer(question)).orders for name, persona in PERSONAS.items()}
    assert [name for name, found in orders.items() if found] == ["hostile"]


def test_the_command_line_knows_every_persona() -> None:
    assert set(PERSONA_NAMES) == set(PERSONAS)
