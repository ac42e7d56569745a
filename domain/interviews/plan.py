"""What an interview is made of: its kind, the stored plan, one planned question."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from domain.interviews.rubric import KeyPoint

MIN_QUESTIONS = 1
MAX_QUESTIONS = 20


class InterviewKind(StrEnum):
    """What the candidate chose to rehearse."""

    BEHAVIOURAL = "behavioural"
    TECHNICAL = "technical"
    MIXED = "mixed"
    SYSTEM_DESIGN = "system_design"


class QuestionKind(StrEnum):
    """What one question asks for: a story, knowledge, or the design of a system."""

    BEHAVIOURAL = "behavioural"
    TECHNICAL = "technical"
    SYSTEM_DESIGN = "system_design"


class Difficulty(StrEnum):
    """The rungs of the ladder."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class ProbeReason(StrEnum):
    """What a follow-up is asked for."""

    VAGUE = "vague"
    NO_RESULT = "no_result"
    CONTRADICTS_RESUME = "contradicts_resume"


@dataclass(frozen=True)
class InterviewSettings:
    """What may be set of an interview besides its kind and length; None leaves it to the default.

    The role is the resume's, the difficulty is found by the ladder, the language is the chat's.
    """

    role: str | None = None
    difficulty: Difficulty | None = None
    language: str | None = None


DEFAULT_SETTINGS = InterviewSettings()


class PlannedQuestion(BaseModel):
    """A question with the rubric its answer is held against, and a hint that gives no key point away.

    `fallback` asks for the same thing in other words, `why` says what it is asked for. `language` is the one
    it is worded in where that is not the interview's.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    kind: QuestionKind
    competency: str
    difficulty: Difficulty
    key_points: tuple[KeyPoint, ...]
    hint: str = ""
    fallback: str = ""
    why: str = ""
    language: str = ""


class PlannedCompetency(BaseModel):
    """What an interview is to look into, and its share of it; the shares of a plan add up to 1."""

    model_config = ConfigDict(frozen=True)

    name: str
    weight: float = Field(ge=0.0, le=1.0)


class Plan(BaseModel):
    """The questions of one interview, stored so that it can go on without Gemini.

    `questions` are as many as will be asked, in the order that holds until an answer was judged;
    `alternatives` are easier and harder ones on the same competencies, for the ladder to choose from. `role`
    and `level` are those it was made for.
    """

    model_config = ConfigDict(frozen=True)

    questions: tuple[PlannedQuestion, ...]
    alternatives: tuple[PlannedQuestion, ...] = ()
    competencies: tuple[PlannedCompetency, ...] = ()
    role: str = ""
    level: str = ""

    @property
    def pool(self) -> tuple[PlannedQuestion, ...]:
        """Everything that may be asked; a turn keeps the place of its question here."""
        return self.questions + self.alternatives
