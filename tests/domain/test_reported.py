"""What a report is written from: the answered turns, and what they lack."""

from __future__ import annotations

from domain.interviews.models import InterviewQuestion, TurnStatus
from domain.interviews.work import reported

POINTS = [{"text": "why", "keywords": []}, {"text": "what came of it", "keywords": []}]


def turn(position: int, follow_up: int, *verdicts: str) -> InterviewQuestion:
    answered = InterviewQuestion(position=position, follow_up=follow_up, rubric=POINTS, competency="Delivery")
    answered.question_text, answered.set_aside = "What happened?", []
    answered.answer_text = "We did it." if verdicts else None
    answered.verdicts, answered.status = list(verdicts), TurnStatus.EVALUATED
    return answered


def test_what_a_follow_up_supplied_is_not_told_to_be_missing() -> None:
    first = [turn(1, 0, "met", "missing"), turn(1, 1, "missing", "partly")]
    turns = [*first, turn(2, 0, "missing", "met"), turn(3, 0)]
    assert [past.missing for past in reported(turns)] == [(), (), ("why",)]
