"""Resumes, each version a row, and the sealed bytes of their files (seed: database-schema)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DDL,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.orm import Base, Timestamps, by_value
from domain.resumes.analysis import FileType
from domain.sharing import Shareable


class ResumeStatus(StrEnum):
    PENDING = "pending"
    ANALYZED = "analyzed"
    FAILED = "failed"


class Resume(Shareable, Base):
    """One version of a resume. `file_path` is the key of its blob.

    `extracted_text` is sealed with the person's key. `processing_time` is in seconds.
    """

    __tablename__ = "resumes"
    __table_args__ = (
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("confidence_score BETWEEN 0 AND 1", name="confidence_score"),
        Index(None, "user_id", "created_at"),
        Index(None, "parent_version_id"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(100))
    description: Mapped[str | None] = mapped_column(Text)
    file_path: Mapped[str] = mapped_column(String)
    file_name: Mapped[str] = mapped_column(String(255))
    file_size: Mapped[int] = mapped_column(Integer)
    file_type: Mapped[FileType] = mapped_column(by_value(FileType, "file_type"))
    inferred_role: Mapped[str | None] = mapped_column(String(100))
    status: Mapped[ResumeStatus] = mapped_column(
        by_value(ResumeStatus, "status"), default=ResumeStatus.PENDING, server_default="pending"
    )
    analysis: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    extracted_text: Mapped[bytes | None] = mapped_column(LargeBinary)
    hidden_text: Mapped[bool] = mapped_column(default=False, server_default="false")
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    years_of_experience: Mapped[int | None] = mapped_column(Integer)
    skills: Mapped[list[str] | None] = mapped_column(JSONB)
    parent_version_id: Mapped[UUID | None] = mapped_column(ForeignKey("resumes.id", ondelete="SET NULL"))
    confidence_score: Mapped[float | None] = mapped_column(Float)
    processing_time: Mapped[float | None] = mapped_column(Float)


class Blob(Timestamps, Base):
    """One file: its first sealed chunk (EXTERNAL storage: they do not compress), or the `place` of them all.

    From `doomed_at` on nothing names it; chunks elsewhere are deleted there before the row.
    """

    __tablename__ = "blobs"
    __table_args__ = (
        CheckConstraint("(sealed IS NULL) = (place IS NOT NULL)", name="somewhere"),
        CheckConstraint("chunks >= 1", name="chunks"),
        Index("ix_blobs_doomed_at", "doomed_at", postgresql_where=text("doomed_at IS NOT NULL")),
    )

    key: Mapped[str] = mapped_column(String, primary_key=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    place: Mapped[str | None] = mapped_column(String)
    doomed_at: Mapped[datetime | None]
    chunks: Mapped[int] = mapped_column(Integer, default=1, server_default="1")


class BlobChunk(Timestamps, Base):
    """A further sealed chunk of a file in the database; `number` counts from 1, after the one in its row."""

    __tablename__ = "blob_chunks"

    key: Mapped[str] = mapped_column(ForeignKey("blobs.key", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


EXTERNAL = "ALTER TABLE %(table)s ALTER COLUMN sealed SET STORAGE EXTERNAL"
for table in (Blob.__table__, BlobChunk.__table__):
    event.listen(table, "after_create", DDL(EXTERNAL))  # type: ignore[no-untyped-call]  # DDL has no types
