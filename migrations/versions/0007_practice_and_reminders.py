"""practice of single questions, and reminders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "interview_sessions",
        sa.Column("is_practice", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_table(
        "practice_cards",
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("question_id", sa.UUID(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_review", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stability", sa.Float(), nullable=False),
        sa.Column("difficulty", sa.Float(), nullable=False),
        sa.Column("rating", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        *_timestamps(),
        sa.CheckConstraint("rating BETWEEN 1 AND 4", name=op.f("ck_practice_cards_rating")),
        _owner("practice_cards"),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["interview_questions.id"],
            name=op.f("fk_practice_cards_question_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_cards")),
        sa.UniqueConstraint("user_id", "question_id", name=op.f("uq_practice_cards_user_id_question_id")),
    )
    op.create_index(op.f("ix_practice_cards_user_id_due"), "practice_cards", ["user_id", "due"])
    op.create_index(op.f("ix_practice_cards_question_id"), "practice_cards", ["question_id"])
    op.create_table(
        "reminders",
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("time_of_day", sa.Time(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        *_timestamps(),
        sa.CheckConstraint("(due_at IS NULL) = (next_at IS NULL)", name=op.f("ck_reminders_off")),
        _owner("reminders"),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.chat_id"], name=op.f("fk_reminders_chat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_reminders")),
    )
    op.create_index(op.f("ix_reminders_chat_id"), "reminders", ["chat_id"])
    op.create_index(
        "ix_reminders_next_at", "reminders", ["next_at"], postgresql_where=sa.text("next_at IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_table("reminders")
    op.drop_table("practice_cards")
    op.execute("DELETE FROM interview_sessions WHERE is_practice")
    op.drop_column("interview_sessions", "is_practice")


def _timestamps() -> list[sa.Column[object]]:
    return [
        sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
        for name in ("created_at", "updated_at")
    ]


def _owner(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id"), ondelete="CASCADE"
    )
