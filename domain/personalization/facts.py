"""What the rules look at: the person as told, as read and as heard, without any I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import fmean
from uuid import UUID

from domain.interviews.plan import QuestionKind
from domain.interviews.rubric import MAX_SCORE
from domain.personalization.schedule import Review


@dataclass(frozen=True)
class Answered:
    """A question that was answered, with its follow-ups, or skipped.

    `credit` runs from 0 to 10: the score, or where only the keyword check has looked (`judged` is false),
    the share of key points it found. `question_id` is the turn of the question itself; `identity` is the
    same for the same question however it was worded.
    """

    question_id: UUID
    identity: str
    question: str
    competency: str
    kind: QuestionKind
    credit: float
    judged: bool
    skipped: bool
    at: datetime


@dataclass(frozen=True)
class Card:
    """A question that comes back; `answered` is the last answer to it."""

    question_id: UUID
    review: Review
    answered: Answered

    @property
    def due(self) -> datetime:
        return self.review.due


@dataclass(frozen=True)
class ResumeSeen:
    """The newest resume. `gaps` are those that a judge of it named, in words of a model."""

    id: UUID
    role: str = ""
    skills: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """`answers` are newest first; `areas` are those of the question bank that suit the person, best first.

    `interviews` counts those that were finished.
    """

    now: datetime
    level: str = ""
    primary_domain: str = ""
    skills: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    resume: ResumeSeen | None = None
    interviews: int = 0
    answers: tuple[Answered, ...] = ()
    cards: tuple[Card, ...] = ()

    def with_cards(self, cards: tuple[Card, ...]) -> Facts:
        """The same with these cards."""
        return replace(self, cards=cards)


@dataclass(frozen=True)
class Standing:
    """What the last answers on something come to; `credit` as of `Answered`."""

    credit: float
    count: int
    judged: bool

    @classmethod
    def of(cls, answers: Sequence[Answered]) -> Standing:
        return cls(
            round(fmean(each.credit for each in answers), 1),
            len(answers),
            all(each.judged for each in answers),
        )

    @property
    def percent(self) -> int:
        return round(100 * self.credit / MAX_SCORE)
