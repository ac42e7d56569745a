"""what was set aside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("interview_questions", sa.Column("set_aside", JSONB(), server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("interview_questions", "set_aside")
