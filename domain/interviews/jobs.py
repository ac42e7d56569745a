"""Work for an interview that waits on the interviewer: plan, evaluate, report."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from domain.messaging.happenings import Happening
from domain.messaging.job import OwnedJob


class PlanInterview(OwnedJob, name="plan_interview"):
    """Have the questions of a session planned."""

    session_id: UUID


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


class TranscribeVoice(OwnedJob, name="transcribe_voice"):
    """Have a voice note turned into text for the candidate to confirm."""

    patience = 60.0

    question_id: UUID
    file_id: str
    mime_type: str


# `why` below is why the AI took no part: the reason of `Unavailable` or `Refused`, or "" where it did.


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
class ReportWritten(Happening):
    """The report is there; `again` where a provisional one was shown before."""

    session_id: UUID
    again: bool = False
    why: str = ""


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
