"""photos, scans and pasted text among the kinds of file."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _allow("'pdf', 'docx', 'jpeg', 'png', 'text'")


def downgrade() -> None:
    # What the program before this one cannot name, it cannot read either.
    op.execute("DELETE FROM resumes WHERE file_type NOT IN ('pdf', 'docx')")
    _allow("'pdf', 'docx'")


def _allow(kinds: str) -> None:
    op.drop_constraint(op.f("ck_resumes_file_type"), "resumes", type_="check")
    op.create_check_constraint(op.f("ck_resumes_file_type"), "resumes", f"file_type IN ({kinds})")
