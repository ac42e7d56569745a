"""What is offered to a person next, and why (seed: data-model-auth-and-background)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from domain.orm import Base, Identified


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
