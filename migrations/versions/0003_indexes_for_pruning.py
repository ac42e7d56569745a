"""indexes for pruning."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_login_attempts_created_at"), "login_attempts", ["created_at"])
    op.create_index(op.f("ix_chats_session_id"), "chats", ["session_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_chats_session_id"), table_name="chats")
    op.drop_index(op.f("ix_login_attempts_created_at"), table_name="login_attempts")
