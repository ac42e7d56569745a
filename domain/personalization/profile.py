"""A profile: categories with weights, and what to practise next, each entry with its reason.

Reasons are stored as a key of the catalogue and what fills it, so that they are read in the language that
the person speaks by then. All of it lives in the JSON columns of `personalization_profiles`.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from domain.interviews.plan import Difficulty, InterviewKind


class Because(StrEnum):
    """Why; each has a sentence `because.<value>` in the catalogue."""

    LOW_RESULT = "low_result"
    MIDDLING_RESULT = "middling_result"
    STRONG_RESULT = "strong_result"
    FEW_POINTS = "few_points"
    MOST_POINTS = "most_points"
    DOMAIN = "domain"
    ROLE = "role"
    USED = "used"
    MISSING_SKILL = "missing_skill"
    FIRST_TIME = "first_time"
    UNTRIED_KIND = "untried_kind"
    WEAKER_KIND = "weaker_kind"
    ALL_STRONG = "all_strong"
    KEEP_GOING = "keep_going"
    SKIPPED = "skipped"
    SCORED = "scored"
    POINTS_MENTIONED = "points_mentioned"
    RESUME_GAP = "resume_gap"


class Reason(BaseModel):
    """`subject` is a name or a text, of a competency, a skill, a role or a gap; numbers as they are."""

    model_config = ConfigDict(frozen=True)

    key: Because
    subject: str = ""
    score: float = 0.0
    count: int = 0


class Worded(BaseModel):
    """A sentence by the interviewer, in the language it was asked for."""

    model_config = ConfigDict(frozen=True)

    language: str
    text: str


class Category(BaseModel):
    """What a person practises or lacks, with a weight from 0 to 1.

    A `competency` is the stable name of one of the question bank, or else as an interview named it.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["competency", "area", "skill"]
    name: str
    weight: float = Field(ge=0.0, le=1.0)
    reason: Reason


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True)

    reason: Reason
    worded: Worded | None = None


class InterviewNext(_Entry):
    """An interview with these settings; without a difficulty the ladder finds it."""

    kind: Literal["interview"] = "interview"
    interview: InterviewKind
    count: int
    difficulty: Difficulty | None = None
    resume_id: UUID | None = None


class QuestionNext(_Entry):
    """One question to answer again."""

    kind: Literal["question"] = "question"
    question_id: UUID
    question: str


class ReadNext(_Entry):
    """A competency, or a skill, to read up on."""

    kind: Literal["reading"] = "reading"
    name: str


class TopicNext(BaseModel):
    """A topic that the interviewer named beyond the rules, and why, in one language only."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["topic"] = "topic"
    name: str
    because: str
    language: str


RuledNext: TypeAlias = InterviewNext | QuestionNext | ReadNext
Recommended: TypeAlias = Annotated[RuledNext | TopicNext, Field(discriminator="kind")]


class Profile(BaseModel):
    """What the columns `preferred_categories` and `recommended_content` hold."""

    model_config = ConfigDict(frozen=True)

    preferred_categories: tuple[Category, ...] = ()
    recommended_content: tuple[Recommended, ...] = ()


def by_rules(content: tuple[Recommended, ...]) -> tuple[RuledNext, ...]:
    """What the rules alone recommend: without the interviewer's words and topics."""
    ruled = (each for each in content if not isinstance(each, TopicNext))
    return tuple(each.model_copy(update={"worded": None}) for each in ruled)


def entry_id(entry: Recommended) -> str:
    """What a button calls a recommendation by: the same for as long as it stands for the same practice."""
    settings = entry.model_dump_json(exclude={"reason", "worded", "because"})
    return hashlib.sha256(settings.encode()).hexdigest()[:16]
