"""chats and pages of an account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PURPOSES = ("link", "reset", "email")


def upgrade() -> None:
    op.add_column("chats", sa.Column("telegram_username", sa.String(length=64), nullable=True))
    op.add_column("email_codes", sa.Column("user_id", sa.UUID(), nullable=True))
    op.create_foreign_key(
        op.f("fk_email_codes_user_id"), "email_codes", "users", ["user_id"], ["id"], ondelete="CASCADE"
    )
    op.create_index(op.f("ix_email_codes_user_id"), "email_codes", ["user_id"])
    _allow_purposes(PURPOSES)
    _create("chat_links", _chat_links())
    op.create_index(op.f("ix_chat_links_user_id"), "chat_links", ["user_id"])
    _create("password_pages", _password_pages())
    op.create_index(op.f("ix_password_pages_chat_id"), "password_pages", ["chat_id"])


def downgrade() -> None:
    op.drop_table("password_pages")
    op.drop_table("chat_links")
    op.execute("DELETE FROM email_codes WHERE purpose = 'email'")
    _allow_purposes(PURPOSES[:2])
    op.drop_column("email_codes", "user_id")
    op.drop_column("chats", "telegram_username")


def _allow_purposes(purposes: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_email_codes_purpose"), "email_codes", type_="check")
    op.create_check_constraint(
        op.f("ck_email_codes_purpose"), "email_codes", sa.column("purpose").in_(purposes)
    )


def _chat_links() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("from_chat_id", sa.BigInteger(), nullable=False),
        sa.Column("claimed_by_chat_id", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_chat_links_user_id"), ondelete="CASCADE"
        ),
    ]


def _password_pages() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.chat_id"], name=op.f("fk_password_pages_chat_id"), ondelete="CASCADE"
        ),
    ]


def _create(table: str, items: list[sa.schema.SchemaItem]) -> None:
    """A table of one-time tokens that live for ten minutes, with what is its own."""
    op.create_table(
        table,
        *items,
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "expires_at <= created_at + interval '10 minutes'", name=op.f(f"ck_{table}_ten_minutes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("token_hash", name=op.f(f"uq_{table}_token_hash")),
    )
    op.create_index(op.f(f"ix_{table}_expires_at"), table, ["expires_at"])
