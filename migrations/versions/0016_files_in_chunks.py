"""files in chunks.

A file of one chunk is as files were before. One of several is unknown to an earlier program, which takes it
for changed bytes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("blobs", sa.Column("chunks", sa.Integer(), server_default="1", nullable=False))
    op.create_check_constraint(op.f("ck_blobs_chunks"), "blobs", "chunks >= 1")
    op.create_table(
        "blob_chunks",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        *(
            sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
            for name in ("created_at", "updated_at")
        ),
        sa.ForeignKeyConstraint(["key"], ["blobs.key"], name=op.f("fk_blob_chunks_key"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", "number", name=op.f("pk_blob_chunks")),
    )
    op.execute("ALTER TABLE blob_chunks ALTER COLUMN sealed SET STORAGE EXTERNAL")


def downgrade() -> None:
    # What nobody kept would stay for good: an earlier program clears away bytes elsewhere only.
    op.execute("DELETE FROM blobs WHERE doomed_at IS NOT NULL AND place IS NULL")
    # Without their keys chunks cannot be put together, and nobody's file is thrown away unseen.
    op.execute(
        "DO $$ BEGIN IF EXISTS (SELECT FROM blobs WHERE chunks > 1) THEN"
        " RAISE EXCEPTION 'files are kept in several chunks, which an earlier program cannot read';"
        " END IF; END $$"
    )
    op.drop_table("blob_chunks")
    op.drop_constraint(op.f("ck_blobs_chunks"), "blobs")
    op.drop_column("blobs", "chunks")
