"""Interviews as they come out of the database, made up without one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from domain.interviews.models import InterviewQuestion, InterviewSession, InterviewStatus, TurnStatus
from domain.interviews.plan import Difficulty, InterviewKind, QuestionKind
from domain.interviews.results import results
from domain.interviews.rubric import Verdict, topic_score

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANSWER = "We measured it first. Then we fixed the load, and failures fell from nine a month to none."


def rehearsed(
    *verdicts: Sequence[str],
    answer: str = ANSWER,
    competency: str = "Ownership",
    judged: bool = True,
    at: datetime = NOON,
    resume_id: UUID | None = None,
) -> tuple[InterviewSession, list[InterviewQuestion]]:
    """A completed session with a question for each of these lists of verdicts; `judged` by an AI or not.

    The evidence of each verdict but "missing" is the beginning of the answer.
    """
    session = InterviewSession(
        id=uuid4(),
        user_id=uuid4(),
        resume_id=resume_id,
        kind=InterviewKind.TECHNICAL,
        question_count=len(verdicts),
        language="en",
        target_role="Backend Engineer",
        status=InterviewStatus.COMPLETED,
        started_at=at,
        feedback_summary="You measured before you acted.",
        practise=["Name one trade-off."],
        provisional=not judged,
    )
    turns = [
        InterviewQuestion(
            id=uuid4(),
            session_id=session.id,
            position=position,
            follow_up=0,
            attempt=1,
            earlier_wordings=[],
            status=TurnStatus.EVALUATED,
            kind=QuestionKind.TECHNICAL,
            competency=competency,
            difficulty=Difficulty.MEDIUM,
            question_text=f"What did you do, part {position}?",
            hint="Think of one case.",
            hint_used=False,
            rubric=[{"text": f"Point {each} of {position}", "keywords": []} for each in range(len(given))],
            answer_text=answer,
            verdicts=list(given),
            evidence=["" if each == "missing" else answer[:30] for each in given],
            evaluation_score=topic_score([Verdict(each) for each in given]) if judged else None,
            feedback_comment="That is a start.",
            model_answer="",
            provisional=not judged,
            declined=False,
        )
        for position, given in enumerate(verdicts, start=1)
    ]
    session.final_score = results(turns).final_score
    return session, turns
