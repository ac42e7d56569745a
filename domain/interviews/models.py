"""Interview sessions and their turns (seed: database-schema, with what turns need)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.interviews.plan import Difficulty, InterviewKind, ProbeReason, QuestionKind
from domain.orm import Base, Identified, by_value
from domain.sharing import Shareable


class InterviewStatus(StrEnum):
    """Where a session stands. One that was left waits as it is; only the candidate abandons it."""

    PLANNING = "planning"
    ACTIVE = "active"
    REPORTING = "reporting"
    COMPLETED = "completed"
    ABANDONED = "abandoned"


class TurnStatus(StrEnum):
    """Where a turn stands: an answer is stored the moment it is given, whatever comes of its evaluation."""

    ASKED = "asked"
    ANSWERED = "answered"
    EVALUATED = "evaluated"
    SKIPPED = "skipped"


class InterviewSession(Shareable, Base):
    """One interview. `final_score` runs from 0 to 10 and is null where nothing was judged by an AI.

    `difficulty` is the one the candidate chose; null leaves it to the ladder.
    A session that `is_practice` is one question asked by itself: it has no report and counts in no
    history, progress or comparison.
    """

    __tablename__ = "interview_sessions"
    __table_args__ = (
        CheckConstraint("question_count BETWEEN 1 AND 20", name="question_count"),
        CheckConstraint("final_score BETWEEN 0 AND 10", name="final_score"),
        Index(None, "user_id", "started_at"),
        Index(None, "resume_id"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    resume_id: Mapped[UUID | None] = mapped_column(ForeignKey("resumes.id", ondelete="SET NULL"))
    is_practice: Mapped[bool] = mapped_column(default=False, server_default="false")
    kind: Mapped[InterviewKind] = mapped_column(by_value(InterviewKind, "kind"))
    question_count: Mapped[int] = mapped_column(Integer)
    language: Mapped[str] = mapped_column(String(8))
    difficulty: Mapped[Difficulty | None] = mapped_column(by_value(Difficulty, "difficulty"))
    target_role: Mapped[str | None] = mapped_column(String(100))
    job_description: Mapped[str | None] = mapped_column(Text)
    status: Mapped[InterviewStatus] = mapped_column(
        by_value(InterviewStatus, "status"), default=InterviewStatus.PLANNING, server_default="planning"
    )
    plan: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    completed_at: Mapped[datetime | None]
    final_score: Mapped[float | None] = mapped_column(Float)
    feedback_summary: Mapped[str | None] = mapped_column(Text)
    practise: Mapped[list[str]] = mapped_column(JSONB, default=list, server_default="[]")
    provisional: Mapped[bool] = mapped_column(default=False, server_default="false")


class InterviewQuestion(Identified, Base):
    """A turn: question, answer, evaluation.

    `position` counts from 1; a follow-up shares the position of the question it follows and counts in
    `follow_up`. `plan_index` is the question's place in the plan's pool; null in turns older than the ladder.
    `rubric` holds the key points; `verdicts` and `evidence` are parallel to it. `transcript` is a text not
    yet confirmed as the answer: of a voice note, "" while it is being listened to, or of a message edited
    late. `revision` counts what was added to the answer, so that an evaluation of an older text is known for
    one; `answer_parts` says which messages it came in. `evaluated_by` and `prompt_version` say which model
    judged, and by which wording of the prompt; null where no model did.

    A second try at a question is a turn of its own, with the same place and `attempt` 2; the interview is
    made of the first ones. `earlier_wordings` are the question's before it was asked differently. `star`
    holds the words of the answer that tell situation, task, action and result. `objection` is what the
    candidate said against the judgement, `verdicts_before` what it was then. A `declined` answer is one that
    the interviewer would not judge, asked twice: what it has stays provisional, and nothing waits for more.
    `set_aside` are the sentences of the answer that spoke to whoever judges it.
    """

    __tablename__ = "interview_questions"
    __table_args__ = (
        CheckConstraint("evaluation_score BETWEEN 0 AND 10", name="evaluation_score"),
        CheckConstraint("follow_up BETWEEN 0 AND 2", name="follow_up"),
        CheckConstraint("attempt BETWEEN 1 AND 2", name="attempt"),
        UniqueConstraint("session_id", "position", "follow_up", "attempt"),
    )

    session_id: Mapped[UUID] = mapped_column(ForeignKey("interview_sessions.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    plan_index: Mapped[int | None] = mapped_column(Integer)
    follow_up: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    follow_up_of: Mapped[UUID | None] = mapped_column(
        ForeignKey("interview_questions.id", ondelete="CASCADE"), index=True
    )
    follow_up_reason: Mapped[ProbeReason | None] = mapped_column(by_value(ProbeReason, "follow_up_reason"))
    attempt: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    status: Mapped[TurnStatus] = mapped_column(
        by_value(TurnStatus, "status"), default=TurnStatus.ASKED, server_default="asked"
    )
    kind: Mapped[QuestionKind] = mapped_column(by_value(QuestionKind, "kind"))
    competency: Mapped[str] = mapped_column(String(100))
    difficulty: Mapped[Difficulty] = mapped_column(by_value(Difficulty, "difficulty"))
    question_text: Mapped[str] = mapped_column(Text)
    earlier_wordings: Mapped[list[str]] = mapped_column(JSONB, default=list, server_default="[]")
    hint: Mapped[str] = mapped_column(Text, default="", server_default="")
    hint_used: Mapped[bool] = mapped_column(default=False, server_default="false")
    rubric: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    transcript: Mapped[str | None] = mapped_column(Text)
    answer_text: Mapped[str | None] = mapped_column(Text)
    answer_parts: Mapped[list[Any] | None] = mapped_column(JSONB)
    delivery: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    answered_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    verdicts: Mapped[list[Any] | None] = mapped_column(JSONB)
    evidence: Mapped[list[Any] | None] = mapped_column(JSONB)
    star: Mapped[list[Any] | None] = mapped_column(JSONB)
    objection: Mapped[str | None] = mapped_column(Text)
    verdicts_before: Mapped[list[Any] | None] = mapped_column(JSONB)
    evaluation_score: Mapped[float | None] = mapped_column(Float)
    feedback_comment: Mapped[str | None] = mapped_column(Text)
    model_answer: Mapped[str | None] = mapped_column(Text)
    provisional: Mapped[bool] = mapped_column(default=False, server_default="false")
    declined: Mapped[bool] = mapped_column(default=False, server_default="false")
    evaluated_by: Mapped[str | None] = mapped_column(String(80))
    prompt_version: Mapped[str | None] = mapped_column(String(12))
    set_aside: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
