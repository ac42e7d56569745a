"""second looks at an answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLE = "interview_questions"
ONE_TURN = "uq_interview_questions_session_id_position_follow_up"
JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    reasons = sa.Enum(
        "vague",
        "no_result",
        "contradicts_resume",
        name="follow_up_reason",
        native_enum=False,
        create_constraint=True,
        length=40,
    )
    op.add_column(TABLE, sa.Column("follow_up_reason", reasons, nullable=True))
    op.add_column(TABLE, sa.Column("attempt", sa.Integer(), server_default="1", nullable=False))
    op.add_column(TABLE, sa.Column("earlier_wordings", JSON, server_default="[]", nullable=False))
    op.add_column(TABLE, sa.Column("answer_parts", JSON, nullable=True))
    op.add_column(TABLE, sa.Column("delivery", JSON, nullable=True))
    op.add_column(TABLE, sa.Column("star", JSON, nullable=True))
    op.add_column(TABLE, sa.Column("objection", sa.Text(), nullable=True))
    op.add_column(TABLE, sa.Column("verdicts_before", JSON, nullable=True))
    op.create_check_constraint(op.f("ck_interview_questions_attempt"), TABLE, "attempt BETWEEN 1 AND 2")
    op.drop_constraint(op.f(ONE_TURN), TABLE, type_="unique")
    op.create_unique_constraint(
        op.f(f"{ONE_TURN}_attempt"), TABLE, ["session_id", "position", "follow_up", "attempt"]
    )


def downgrade() -> None:
    # The earlier schema has no place for a second try.
    op.execute(sa.text("DELETE FROM interview_questions WHERE attempt > 1"))
    op.drop_constraint(op.f(f"{ONE_TURN}_attempt"), TABLE, type_="unique")
    op.create_unique_constraint(op.f(ONE_TURN), TABLE, ["session_id", "position", "follow_up"])
    op.drop_constraint(op.f("ck_interview_questions_attempt"), TABLE, type_="check")
    for column in (
        "verdicts_before",
        "objection",
        "star",
        "delivery",
        "answer_parts",
        "earlier_wordings",
        "attempt",
        "follow_up_reason",
    ):
        op.drop_column(TABLE, column)
