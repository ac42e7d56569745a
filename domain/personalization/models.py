"""What is offered to a person next, and why; when a question comes back; when they want to be asked."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String, Time, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.orm import Base, Identified, Timestamps


class PersonalizationProfile(Identified, Base):
    """One per user: arrays of recommendations and of categories, each entry with its reason."""

    __tablename__ = "personalization_profiles"
    __table_args__ = (
        CheckConstraint("jsonb_typeof(recommended_content) = 'array'", name="recommended_content_array"),
        CheckConstraint("jsonb_typeof(preferred_categories) = 'array'", name="preferred_categories_array"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    recommended_content: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    preferred_categories: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    last_personalization_update: Mapped[datetime] = mapped_column(server_default=func.now())


class PracticeCard(Identified, Base):
    """When a question that was answered weakly comes back to a person.

    `question_id` is the turn in which it was first answered weakly; `stability` (days) and `difficulty` are
    FSRS's. `rating` is that of the last answer, from 1 (again) to 4 (easy).
    """

    __tablename__ = "practice_cards"
    __table_args__ = (
        UniqueConstraint("user_id", "question_id"),
        CheckConstraint("rating BETWEEN 1 AND 4", name="rating"),
        Index(None, "user_id", "due"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    question_id: Mapped[UUID] = mapped_column(
        ForeignKey("interview_questions.id", ondelete="CASCADE"), index=True
    )
    due: Mapped[datetime]
    last_review: Mapped[datetime]
    stability: Mapped[float] = mapped_column(Float)
    difficulty: Mapped[float] = mapped_column(Float)
    rating: Mapped[int]


class Reminder(Timestamps, Base):
    """When a person wants to be asked one question a day, in their own time.

    `due_at` is the next time, null while reminders are off; `next_at` is when it is sent, later than
    `due_at` where the person was in the middle of something. `last_on` is the local day of the last one.
    """

    __tablename__ = "reminders"
    __table_args__ = (
        CheckConstraint("(due_at IS NULL) = (next_at IS NULL)", name="off"),
        Index("ix_reminders_next_at", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.chat_id", ondelete="CASCADE"), index=True)
    time_of_day: Mapped[time] = mapped_column(Time)
    time_zone: Mapped[str] = mapped_column(String(64))
    due_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    last_on: Mapped[date | None]
