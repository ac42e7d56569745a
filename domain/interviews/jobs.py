"""Work for an interview that waits on the interviewer: plan, evaluate, report."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from pydantic import Base64Bytes

from domain.messaging.happenings import Happening
from domain.messaging.job import OwnedJob


class PlanInterview(OwnedJob, name="plan_interview"):
    """Have the questions of a session planned."""

    session_id: UUID


class ReadJobDescription(OwnedJob, name="read_job_description"):
    """Fetch a file that holds a job description, and take its text out; the file is not kept."""

    patience = 300.0
    in_turns = True

    reading_id: UUID
    file_id: str
    file_name: str


class EvaluateTurn(OwnedJob, name="evaluate_turn"):
    """Have one answer judged. An evaluation of an older `revision` than the answer's counts for nothing.

    `late` marks the second go, after a provisional evaluation was shown: it waits as long as it takes.
    """

    patience = 7 * 24 * 3600.0

    question_id: UUID
    revision: int
    late: bool = False


class WriteReport(OwnedJob, name="write_report"):
    """Have the report of a session written; `late` as in `EvaluateTurn`."""

    patience = 7 * 24 * 3600.0

    session_id: UUID
    late: bool = False


class DrawReport(OwnedJob, name="draw_report"):
    """Have the picture of a report drawn and the report told.

    `again` where a provisional one was told before, whose final score `was` that; `why` as in
    `ReportWritten`.
    """

    session_id: UUID
    again: bool = False
    why: str = ""
    was: float | None = None


class PrintReport(OwnedJob, name="print_report"):
    """Have a report printed as a document."""

    patience = 120.0

    session_id: UUID


class DrawProgress(OwnedJob, name="draw_progress"):
    """Have the progress over all interviews drawn and told."""


class TranscribeVoice(OwnedJob, name="transcribe_voice"):
    """Have a voice note turned into text for the candidate to confirm."""

    patience = 60.0

    question_id: UUID
    file_id: str
    mime_type: str
    seconds: int = 0


class ReconsiderTurn(OwnedJob, name="reconsider_turn"):
    """Have an answer judged once more in the light of what the candidate objected."""

    patience = 7 * 24 * 3600.0

    question_id: UUID


# `why` below is why the AI took no part: the reason of `Unavailable` or `Refused`, or "" where it did.


@dataclass(frozen=True)
class JobDescriptionRead(Happening):
    """The text of the file that was sent as `reading_id`."""

    reading_id: UUID
    file_name: str
    text: str


class Unread(StrEnum):
    """Why there is no text: the file has none to take, nobody read a picture of it, or who does is away."""

    FILE = "file"
    SCAN = "scan"
    LATER = "later"


@dataclass(frozen=True)
class JobDescriptionUnread(Happening):
    """The file could not be used as a job description."""

    reading_id: UUID
    why: Unread = Unread.FILE


@dataclass(frozen=True)
class InterviewPlanned(Happening):
    session_id: UUID
    why: str = ""


@dataclass(frozen=True)
class TurnEvaluated(Happening):
    """An answer has its evaluation; `late` where a provisional one was shown before.

    `declined` says that the interviewer was asked twice and would not judge it: the provisional one stands.
    """

    question_id: UUID
    late: bool = False
    declined: bool = False
    why: str = ""


@dataclass(frozen=True)
class TurnReconsidered(Happening):
    """A judgement was looked at once more; `declined`: the interviewer would not, the first one stands."""

    question_id: UUID
    declined: bool = False


@dataclass(frozen=True)
class ReportWritten(Happening):
    """The report is there; `again` where a provisional one was shown before, whose score `was` that.

    `why` says why the interviewer took no part in its words; `picture` is a PNG, empty where none could be
    drawn.
    """

    session_id: UUID
    again: bool = False
    why: str = ""
    was: float | None = None
    picture: Base64Bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class ReportPrinted(Happening):
    """A report as a PDF; `undrawable` counts the characters that no font here draws."""

    session_id: UUID
    name: str
    content: Base64Bytes = field(repr=False)
    undrawable: int = 0


@dataclass(frozen=True)
class ProgressDrawn(Happening):
    """The picture of the progress (PNG), empty where none could be drawn."""

    picture: Base64Bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class VoiceTranscribed(Happening):
    question_id: UUID


@dataclass(frozen=True)
class VoiceNotHeard(Happening):
    """The voice note could not be turned into text; `reason` and `details` are those of `Refused`."""

    question_id: UUID
    reason: str
    details: tuple[tuple[str, str | int], ...] = ()
    why: str = ""
