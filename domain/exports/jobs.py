"""Packing everything that is kept about a person."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from domain.messaging.happenings import Happening
from domain.messaging.job import OwnedJob


class PackExport(OwnedJob, name="pack_export"):
    """Pack everything that is kept about a person into archives."""

    export_id: UUID
    language: str


@dataclass(frozen=True)
class ExportPacked(Happening):
    """An export waits to be sent, in parts of so many bytes; `day` is the one it tells the state of."""

    export_id: UUID
    archive_id: UUID
    day: str
    sizes: tuple[int, ...]
