"""The bundled questions, read once from the TOML files beside this module; README.md tells their format."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from domain.interviews.plan import Difficulty, PlannedQuestion, QuestionKind
from domain.interviews.rubric import KeyPoint, normalised

AREAS = (
    "behavioural",
    "backend",
    "frontend",
    "data",
    "ml",
    "devops",
    "mobile",
    "qa",
    "product",
    "management",
    "design",
    "analyst",
    "support",
    "system-design",
)
FALLBACK_LANGUAGE = "en"
ANCHORS = 6


class Wording(BaseModel):
    """A question in one language. A key point is written `What it is | keyword, two words, stem*`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=1)
    hint: str = Field(min_length=1)
    key_points: tuple[KeyPoint, ...] = Field(min_length=3, max_length=5)

    @field_validator("key_points", mode="before")
    @classmethod
    def _split(cls, lines: list[str]) -> list[KeyPoint]:
        return [_key_point(line) for line in lines]


def _key_point(line: str) -> KeyPoint:
    text, bar, keywords = line.partition(" | ")
    if not bar:
        raise ValueError(f"no keywords after ' | ' in {line!r}")
    return KeyPoint(text=text.strip(), keywords=tuple(k.strip() for k in keywords.split(",") if k.strip()))


class BankQuestion(BaseModel):
    """A question of the bank with its wordings by language; `competency` is a stable name.

    `anchors` say in English what an answer worth 0, 1, 2, 3, 4 and 5 sounds like, for whoever rates it
    (behaviourally anchored rating scales: Smith and Kendall 1963, doi:10.1037/h0047060).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    area: str
    competency: str
    difficulty: Difficulty
    kind: QuestionKind
    anchors: tuple[str, ...] = Field(min_length=ANCHORS, max_length=ANCHORS)
    wordings: Mapping[str, Wording]

    def planned(self, language: str) -> PlannedQuestion:
        """The question in `language`, or in English where it has no such wording.

        The competency is named as a person reads it. A technical answer in another language is full of
        English terms, so the English keywords count there too.
        """
        wanted, language = language, language if language in self.wordings else FALLBACK_LANGUAGE
        wording = self.wordings[language]
        key_points = wording.key_points
        if language != FALLBACK_LANGUAGE and self.kind is not QuestionKind.BEHAVIOURAL:
            english = self.wordings[FALLBACK_LANGUAGE].key_points
            key_points = tuple(
                KeyPoint(text=own.text, keywords=tuple(dict.fromkeys(own.keywords + other.keywords)))
                for own, other in zip(key_points, english, strict=True)
            )
        return PlannedQuestion(
            text=wording.text,
            kind=self.kind,
            competency=competency_name(self.competency, language),
            difficulty=self.difficulty,
            key_points=key_points,
            hint=wording.hint,
            language="" if language == wanted else language,
        )


def bank_languages() -> tuple[str, ...]:
    """The languages that questions are worded in."""
    return tuple(_competencies())


def competency_name(competency: str, language: str) -> str:
    """How a person reads the stable name of a competency."""
    names = _competencies()
    return names.get(language, names[FALLBACK_LANGUAGE])[competency]


def competency_of(name: str) -> str:
    """The stable name of a competency that reads `name` in some language, or `name` where none does."""
    return _by_name().get(normalised(name), name)


def shown_competency(competency: str, language: str) -> str:
    """How a person reads a competency: a stable name in their language, any other as it is."""
    known = competency in _competencies()[FALLBACK_LANGUAGE]
    return competency_name(competency, language) if known else competency


@cache
def _by_name() -> dict[str, str]:
    return {normalised(name): key for names in _competencies().values() for key, name in names.items()}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__name__) / name).read_text(encoding="utf-8"))


@cache
def _competencies() -> dict[str, dict[str, str]]:
    return _read("competencies.toml")


@cache
def load_bank() -> tuple[BankQuestion, ...]:
    """Every question, area by area. Raises `ValueError` that names the file where one is ill-formed."""
    return tuple(question for area in AREAS for question in _area(area))


def _area(area: str) -> list[BankQuestion]:
    document = _read(f"{area}.toml")
    languages = _competencies().keys()
    questions = []
    for row in document["question"]:
        wordings = {language: row.pop(language) for language in languages if language in row}
        try:
            question = BankQuestion(**{"kind": document["kind"], **row}, area=area, wordings=wordings)
            competency_name(question.competency, FALLBACK_LANGUAGE)
        except (ValueError, KeyError) as error:
            raise ValueError(f"bank/{area}.toml, question {row.get('id')!r}: {error}") from error
        questions.append(question)
    return questions


@cache
def _by_text() -> dict[str, BankQuestion]:
    return {normalised(w.text): q for q in load_bank() for w in q.wordings.values()}


def find_question(text: str) -> BankQuestion | None:
    """The question of the bank that reads `text` in any of its languages."""
    return _by_text().get(normalised(text))
