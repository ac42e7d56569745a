"""Accounts and what keeps them safe: sessions, attempts, tokens, codes, keys (both seed documents)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, func, true
from sqlalchemy.orm import Mapped, mapped_column

from domain.orm import Base, Identified, Timestamps, by_value


def of_user() -> Mapped[UUID]:
    """The owner; erasing a user erases the row."""
    return mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)


class User(Identified, Base):
    """An account. The email is stored lower-cased; `hashed_password` is an Argon2id PHC string."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("email = lower(email) AND position('@' in email) > 1", name="email"),
        Index(None, "created_at"),
    )

    email: Mapped[str] = mapped_column(String, unique=True)
    full_name: Mapped[str] = mapped_column(String)
    avatar_url: Mapped[str | None] = mapped_column(String)
    hashed_password: Mapped[str] = mapped_column(String)
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    is_email_verified: Mapped[bool] = mapped_column(default=False, server_default="false")
    last_login_at: Mapped[datetime | None]


class PersonKey(Timestamps, Base):
    """The key that seals one person's files and texts, wrapped by an operator key.

    Destroying this row makes everything sealed with it unreadable, also in backups.
    """

    __tablename__ = "person_keys"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)


class UserSession(Identified, Base):
    """A signed-in chat or browser, 30 days at most; only the SHA-256 of its token is stored."""

    __tablename__ = "user_sessions"
    __table_args__ = (
        CheckConstraint("expires_at <= created_at + interval '30 days'", name="thirty_days"),
        Index(None, "expires_at"),
    )

    user_id: Mapped[UUID] = of_user()
    session_id: Mapped[str] = mapped_column(String(36), unique=True)
    session_token: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    last_activity: Mapped[datetime] = mapped_column(server_default=func.now())
    ip_address: Mapped[str | None] = mapped_column(String(45))
    user_agent: Mapped[str | None] = mapped_column(String(255))
    session_data: Mapped[dict[str, Any] | None]
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())


class LoginAttempt(Identified, Base):
    """One try at a password; `locked_until` is set where it brought a delay upon the account."""

    __tablename__ = "login_attempts"
    __table_args__ = (Index(None, "user_id", "created_at"), Index(None, "created_at"))

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    ip_address: Mapped[str | None] = mapped_column(String(45))
    success: Mapped[bool] = mapped_column(default=False, server_default="false")
    locked_until: Mapped[datetime | None]


class TokenBlacklist(Identified, Base):
    """A session that was ended before its time, kept until it would have expired."""

    __tablename__ = "token_blacklist"
    __table_args__ = (Index(None, "expires_at"),)

    token_id: Mapped[str] = mapped_column(String(36), unique=True)
    user_id: Mapped[UUID] = of_user()
    expires_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(String(255))


class PasswordHistory(Identified, Base):
    """The last five passwords of an account, which a new one may not repeat."""

    __tablename__ = "password_history"

    user_id: Mapped[UUID] = of_user()
    password_hash: Mapped[str] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())


class PasswordResetToken(Timestamps, Base):
    """A right to set a new password once within 15 minutes; `token` is the SHA-256 of what was mailed."""

    __tablename__ = "password_reset_tokens"
    __table_args__ = (
        CheckConstraint("expires_at <= created_at + interval '15 minutes'", name="fifteen_minutes"),
        Index(None, "expires_at"),
    )

    token: Mapped[str] = mapped_column(String, primary_key=True)
    user_id: Mapped[UUID] = of_user()
    expires_at: Mapped[datetime]
    used: Mapped[bool] = mapped_column(default=False, server_default="false")


class CodePurpose(StrEnum):
    """What a mailed code is good for."""

    LINK = "link"
    RESET = "reset"
    EMAIL = "email"


class EmailCode(Identified, Base):
    """A six-digit code by mail: ten minutes, five tries, bound to chat, Telegram user, email and purpose.

    `code_hash` is an Argon2id PHC string, null until the mail with the code has gone out. `user_id` is the
    account whose email is to be changed, null for every other purpose.
    """

    __tablename__ = "email_codes"
    __table_args__ = (Index(None, "chat_id", "created_at"), Index(None, "expires_at"))

    chat_id: Mapped[int]
    telegram_user_id: Mapped[int]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String)
    purpose: Mapped[CodePurpose] = mapped_column(by_value(CodePurpose, "purpose"))
    code_hash: Mapped[str | None] = mapped_column(String(255))
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    confirmed_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
    full_name: Mapped[str | None] = mapped_column(String)


class ChatLink(Identified, Base):
    """An invitation of a further chat to an account: one chat claims it, the inviting one confirms.

    `token_hash` is the SHA-256 of what stands in the link.
    """

    __tablename__ = "chat_links"
    __table_args__ = (
        CheckConstraint("expires_at <= created_at + interval '10 minutes'", name="ten_minutes"),
        Index(None, "expires_at"),
    )

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[UUID] = of_user()
    from_chat_id: Mapped[int]
    claimed_by_chat_id: Mapped[int | None]
    confirmed_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]


class PasswordPage(Identified, Base):
    """A page on which the password that a chat is asked for in one turn may be typed, once.

    `token_hash` is the SHA-256 of what stands in its address.
    """

    __tablename__ = "password_pages"
    __table_args__ = (
        CheckConstraint("expires_at <= created_at + interval '10 minutes'", name="ten_minutes"),
        Index(None, "expires_at"),
    )

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.chat_id", ondelete="CASCADE"), index=True)
    turn: Mapped[int] = mapped_column(Integer)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
