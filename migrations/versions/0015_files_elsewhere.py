"""files whose bytes live outside the database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("blobs", sa.Column("place", sa.String(), nullable=True))
    op.add_column("blobs", sa.Column("doomed_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("blobs", "sealed", nullable=True)
    op.create_check_constraint(op.f("ck_blobs_somewhere"), "blobs", "(sealed IS NULL) = (place IS NOT NULL)")
    op.create_index(
        "ix_blobs_doomed_at", "blobs", ["doomed_at"], postgresql_where=sa.text("doomed_at IS NOT NULL")
    )


def downgrade() -> None:
    # The rows of files elsewhere are all that says where they are: they are not thrown away unseen.
    op.execute(
        "DO $$ BEGIN IF EXISTS (SELECT FROM blobs WHERE place IS NOT NULL) THEN"
        " RAISE EXCEPTION 'files live outside the database: move them into it first'; END IF; END $$"
    )
    op.drop_index("ix_blobs_doomed_at", table_name="blobs")
    op.drop_constraint(op.f("ck_blobs_somewhere"), "blobs")
    op.alter_column("blobs", "sealed", nullable=False)
    op.drop_column("blobs", "doomed_at")
    op.drop_column("blobs", "place")
