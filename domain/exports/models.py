"""Exports on their way to a person: what is packed waits here, sealed, until it is sent."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import DDL, ForeignKey, Integer, LargeBinary, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from domain.orm import Base, Identified


class Export(Identified, Base):
    """The one export of a person that is being packed, or sent to `chat_id`; gone once it was."""

    __tablename__ = "exports"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    chat_id: Mapped[int]


class ExportChunk(Identified, Base):
    """Some bytes of one part of an export, sealed with the person's key.

    `archive_id` tells tries at packing apart, of which one is sent. `number` counts from 1 over all parts.
    """

    __tablename__ = "export_chunks"
    __table_args__ = (UniqueConstraint("archive_id", "number"),)

    export_id: Mapped[UUID] = mapped_column(ForeignKey("exports.id", ondelete="CASCADE"), index=True)
    archive_id: Mapped[UUID]
    part: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


EXTERNAL = "ALTER TABLE %(table)s ALTER COLUMN sealed SET STORAGE EXTERNAL"  # it does not compress
event.listen(ExportChunk.__table__, "after_create", DDL(EXTERNAL))  # type: ignore[no-untyped-call]  # DDL has no types
