"""Work for a resume that waits on the world: fetching, reading, analysing."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from pydantic import Base64Bytes

from domain.messaging.happenings import Happening
from domain.messaging.job import Job, OwnedJob
from domain.messaging.parcel import Parcel


class ReceiveResume(OwnedJob, name="receive_resume"):
    """Fetch a file that was sent, take its text out, and keep both sealed."""

    patience = 300.0
    in_turns = True

    file_id: str
    file_name: str
    resume_id: UUID


class AnalyseResume(OwnedJob, name="analyse_resume"):
    """Have the text of a resume understood. `links` were found in its file, which took `read_seconds`."""

    patience = 60.0
    in_turns = True

    resume_id: UUID
    links: tuple[str, ...] = ()
    read_seconds: float = 0.0


class AnalyseResumeAgain(OwnedJob, name="analyse_resume_again"):
    """Have a resume that was read by rules understood in full, once the AI is back."""

    patience = 7 * 86400.0
    in_turns = True

    resume_id: UUID
    links: tuple[str, ...] = ()


class SendOriginal(OwnedJob, name="send_original"):
    """Send the owner the file of a resume again."""

    resume_id: UUID


class SendShared(Job, name="send_shared"):
    """Send whoever has a link the file that it shows."""

    token: str


class Original(Parcel, name="original"):
    """The file of a resume, for its owner."""

    resume_id: UUID


class SharedFile(Parcel, name="shared_file"):
    """The file that a link shows, for whoever has it."""

    token: str


@dataclass(frozen=True)
class OriginalFound(Happening):
    """The file of a resume is there to be sent."""

    name: str
    parcel: Original | SharedFile


@dataclass(frozen=True)
class OriginalOpened(Happening):
    """The file of a resume as it was sent. Earlier programs told of it so, and some of it may wait still."""

    name: str
    content: Base64Bytes = field(repr=False)


@dataclass(frozen=True)
class ResumeRead(Happening):
    """The file is stored and its text taken out, within `seconds`; the analysis goes on."""

    resume_id: UUID
    seconds: float = 0.0


@dataclass(frozen=True)
class ResumeAnalysed(Happening):
    """The analysis is there. `needs_place` says that it may be a version of an earlier resume.

    `why` is why the AI took no part: the reason of `Unavailable` or `Refused`, or "" where it did.
    `again` says that the resume was read by rules before, and now in full.
    """

    resume_id: UUID
    needs_place: bool
    why: str = ""
    again: bool = False


@dataclass(frozen=True)
class ResumeRejected(Happening):
    """The file could not be used; `reason` and `details` are those of `Refused`."""

    resume_id: UUID
    reason: str
    details: tuple[tuple[str, str | int], ...] = ()
