"""What comes back to a chat from a job: an event like any other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Happening:
    """Something that was worked for has come about (or has not).

    What is not private is told also in a chat whose session has ended.
    """

    is_private: ClassVar[bool] = True


@dataclass(frozen=True)
class JobRefused(Happening):
    """A job met something the person can put right; `reason` and `details` are those of `Refused`."""

    job: str
    reason: str
    details: tuple[tuple[str, str | int], ...] = ()


@dataclass(frozen=True)
class JobFailed(Happening):
    """A job met a bug of ours; `error_id` is what the person can quote."""

    job: str
    error_id: str
