"""What a person says of themselves (seed: data-model-auth-and-background)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from domain.background.schema import FILES, check
from domain.orm import Base, Identified, by_value


class ExperienceLevel(StrEnum):
    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"
    EXPERT = "expert"


class BackgroundInformation(Identified, Base):
    """One per user. The JSON columns hold what `schemas/` says of them, which the database checks too."""

    __tablename__ = "background_information"
    __table_args__ = (
        *(CheckConstraint(check(column), name=f"{column}_schema") for column in FILES),
        Index(None, "updated_at"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    software_tools: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    hardware_setup: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    programming_languages: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    technical_preferences: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    experience_level: Mapped[ExperienceLevel | None] = mapped_column(
        by_value(ExperienceLevel, "experience_level")
    )
    primary_domain: Mapped[str | None] = mapped_column(String)
