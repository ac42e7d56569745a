"""shared reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "interview_sessions", sa.Column("is_public", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column("interview_sessions", sa.Column("share_token", sa.String(64), nullable=True))
    op.add_column(
        "interview_sessions", sa.Column("share_expires_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "interview_sessions", sa.Column("share_views", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(
        "interview_sessions", sa.Column("share_parts", JSONB(), server_default="[]", nullable=False)
    )
    op.create_unique_constraint(
        op.f("uq_interview_sessions_share_token"), "interview_sessions", ["share_token"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f("uq_interview_sessions_share_token"), "interview_sessions", type_="unique")
    for column in ("share_parts", "share_views", "share_expires_at", "share_token", "is_public"):
        op.drop_column("interview_sessions", column)
