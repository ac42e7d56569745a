"""adaptive plans."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SESSION_KINDS = ("behavioural", "technical", "mixed", "system_design")
QUESTION_KINDS = ("behavioural", "technical", "system_design")
DIFFICULTIES = ("easy", "medium", "hard")


def upgrade() -> None:
    difficulty = sa.Enum(
        *DIFFICULTIES, name="difficulty", native_enum=False, create_constraint=False, length=40
    )
    op.add_column("interview_sessions", sa.Column("difficulty", difficulty, nullable=True))
    op.create_check_constraint("difficulty", "interview_sessions", _one_of("difficulty", DIFFICULTIES))
    op.add_column("interview_questions", sa.Column("plan_index", sa.Integer(), nullable=True))
    _allow_kinds("interview_sessions", SESSION_KINDS)
    _allow_kinds("interview_questions", QUESTION_KINDS)


def downgrade() -> None:
    for table, kinds in (("interview_sessions", SESSION_KINDS), ("interview_questions", QUESTION_KINDS)):
        op.execute(f"UPDATE {table} SET kind = 'technical' WHERE kind = 'system_design'")  # noqa: S608  # ours
        _allow_kinds(table, kinds[:-1])
    op.drop_column("interview_questions", "plan_index")
    op.drop_column("interview_sessions", "difficulty")


def _allow_kinds(table: str, kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f(f"ck_{table}_kind"), table, type_="check")
    op.create_check_constraint("kind", table, _one_of("kind", kinds))


def _one_of(column: str, values: tuple[str, ...]) -> sa.ColumnElement[bool]:
    return sa.column(column, sa.String()).in_(values)
