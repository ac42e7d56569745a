"""Chats and the three queues of the pipe: inbox, jobs, outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Integer, LargeBinary, String, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from domain.orm import Base, Timestamps


class Chat(Timestamps, Base):
    """The link between a Telegram chat and an account; identity is the numeric id, never the username.

    `step` is the conversation's stored step; `turn` counts the steps, so that a tap on an old keyboard
    is known for one. `memo` holds small choices of a flow that are not facts yet.
    """

    __tablename__ = "chats"

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    telegram_user_id: Mapped[int]
    telegram_name: Mapped[str] = mapped_column(String, default="", server_default="")
    telegram_username: Mapped[str | None] = mapped_column(String(64))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    session_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("user_sessions.id", ondelete="SET NULL"), index=True
    )
    language: Mapped[str] = mapped_column(String(8), default="en", server_default="en")
    step: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    turn: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    memo: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    blocked_at: Mapped[datetime | None]


class Queued(Timestamps):
    """A row of work: claimed by one worker at a time, done once.

    `payload` is sealed with the operator's key and nulled in the transaction that completes the row.
    A row that failed for good keeps it, so that nothing a person sent is lost.
    """

    key_column: ClassVar[str] = "id"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    chat_id: Mapped[int | None]
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    run_at: Mapped[datetime] = mapped_column(server_default=func.now())
    worker_id: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    done_at: Mapped[datetime | None]
    failed: Mapped[bool] = mapped_column(default=False, server_default="false")
    last_error: Mapped[str | None] = mapped_column(Text)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[SchemaItem, ...]:
        table = cls.__tablename__  # type: ignore[attr-defined]  # declared by the subclass
        open_rows = text("done_at IS NULL")
        key = cls.key_column
        return (
            Index(
                f"ix_{table}_ready",
                key,
                "run_at",
                postgresql_where=text("done_at IS NULL AND worker_id IS NULL"),
            ),
            Index(f"ix_{table}_chat", "chat_id", key, postgresql_where=open_rows),
            Index(
                f"ix_{table}_claimed",
                "worker_id",
                postgresql_where=text("worker_id IS NOT NULL AND done_at IS NULL"),
            ),
            Index(f"ix_{table}_done_at", "done_at"),
        )


class Inbox(Queued, Base):
    """An update as Telegram gave it, committed before Telegram is told that we have it."""

    __tablename__ = "inbox"
    key_column = "update_id"

    id: Mapped[int] = mapped_column("update_id", BigInteger, primary_key=True, autoincrement=False)


class JobRow(Queued, Base):
    """Work that waits on the world; what comes of it returns to `chat_id` as an event."""

    __tablename__ = "jobs"

    kind: Mapped[str] = mapped_column(String(40))


class Outbox(Queued, Base):
    """A message on its way. `slot` names one that is edited in place later; `message_id` is Telegram's."""

    __tablename__ = "outbox"

    kind: Mapped[str] = mapped_column(String(20))
    slot: Mapped[str | None] = mapped_column(String(64))
    message_id: Mapped[int | None]

    @declared_attr.directive
    def __table_args__(cls) -> tuple[SchemaItem, ...]:
        slots = Index("ix_outbox_slot", "chat_id", "slot", postgresql_where=text("slot IS NOT NULL"))
        return (*super().__table_args__, slots)


class Worker(Base):
    """A running program. It lives while its advisory lock is held and `seen_at` is fresh."""

    __tablename__ = "workers"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
