"""What an interview is made of: its kind, the stored plan, one planned question."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.interviews.rubric import KeyPoint

MIN_QUESTIONS = 1
MAX_QUESTIONS = 20


class InterviewKind(StrEnum):
    """What the candidate chose to rehearse."""

    BEHAVIOURAL = "behavioural"
    TECHNICAL = "technical"
    MIXED = "mixed"


class QuestionKind(StrEnum):
    """What one question asks for: a story, or knowledge."""

    BEHAVIOURAL = "behavioural"
    TECHNICAL = "technical"


class Difficulty(StrEnum):
    """The rungs of the ladder."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class PlannedQuestion(BaseModel):
    """A question with the rubric its answer is held against, and a hint that gives no key point away."""

    model_config = ConfigDict(frozen=True)

    text: str
    kind: QuestionKind
    competency: str
    difficulty: Difficulty
    key_points: tuple[KeyPoint, ...]
    hint: str = ""


class Plan(BaseModel):
    """The questions of one interview in order, stored so that it can go on without Gemini."""

    model_config = ConfigDict(frozen=True)

    questions: tuple[PlannedQuestion, ...]
