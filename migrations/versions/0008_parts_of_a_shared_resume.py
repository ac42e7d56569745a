"""parts of a shared resume."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("resumes", sa.Column("share_parts", JSONB(), server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("resumes", "share_parts")
