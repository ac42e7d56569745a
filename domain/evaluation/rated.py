"""Rated answers: what people thought of them, to hold an interviewer against. Our own set is `rated/`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from typing import Annotated
from xml.etree import ElementTree

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from domain.interviews.plan import Difficulty, PlannedQuestion, QuestionKind
from domain.interviews.rubric import MAX_SCORE, KeyPoint, Verdict

MOST_KEY_POINTS = 8
SHORTEST_ANSWER = 5  # words: SAF holds many "No submission."
_STATEMENTS = re.compile(r"\n\s*\n|\n\s*[-•*]\s*|\n(?=\s*\d+[.)]\s)|(?<=[.!?;])\s+(?=[A-Z¿¡\d])|\n")
_BULLET = re.compile(r"^\s*(?:[-•*]|\d+[.)]|\(?[a-z]\))\s*")


class IllFormed(ValueError):
    """A data set that cannot be read: which file and line, and what is wrong there."""


def _point(given: object) -> object:
    return {"text": given} if isinstance(given, str) else given


class RatedAnswer(BaseModel):
    """One answer and the score a person gave it, from `scale[0]` to `scale[1]`.

    The rubric is in `key_points`; where there is only a `reference` answer, its statements are taken for
    key points. `verdicts` and `quotes`, one for each key point, and `why` tell how the score came about;
    `level` is the quality that was aimed at, from 1 to 5.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = ""
    language: str = "en"
    question: str = Field(min_length=1)
    key_points: tuple[Annotated[KeyPoint, BeforeValidator(_point)], ...] = ()
    reference: str = ""
    answer: str
    score: float
    scale: tuple[float, float]
    level: int | None = None
    verdicts: tuple[Verdict, ...] = ()
    quotes: tuple[str, ...] = ()
    why: str = ""

    @model_validator(mode="after")
    def _is_rated(self) -> RatedAnswer:
        low, high = self.scale
        if not low < high or not low <= self.score <= high:
            raise ValueError("the score must lie within the scale, and the scale go up")
        if not self.key_points and not self.reference.strip():
            raise ValueError("key_points or a reference is needed")
        return self

    @property
    def human(self) -> float:
        """The person's score, from 0 to 10."""
        low, high = self.scale
        return MAX_SCORE * (self.score - low) / (high - low)

    def planned(self) -> PlannedQuestion:
        """The question as an interview would ask it."""
        return PlannedQuestion(
            text=self.question,
            kind=QuestionKind.TECHNICAL,
            competency="rated answer",
            difficulty=Difficulty.MEDIUM,
            key_points=self.key_points or statements(self.reference),
        )


def statements(reference: str) -> tuple[KeyPoint, ...]:
    """The statements of a reference answer as key points: a rough rubric, one per sentence or list item."""
    texts = (_BULLET.sub("", each).strip() for each in _STATEMENTS.split(reference.strip()))
    worded = [" ".join(text.split()) for text in texts if len(text.split()) > 2]
    if not worded:
        worded = [" ".join(reference.split())]
    return tuple(KeyPoint(text=text[:300]) for text in worded[:MOST_KEY_POINTS])


def read_jsonl(lines: Iterable[str], name: str = "data") -> tuple[RatedAnswer, ...]:
    """The answers of a JSONL file; empty lines are skipped. Raises `IllFormed`, which names the line."""
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            answer = RatedAnswer.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "line"
            raise IllFormed(f"{name}, line {number}: {where}: {first['msg']}") from None
        found.append(answer.model_copy(update={"id": answer.id or f"{name}:{number}"}))
    if not found:
        raise IllFormed(f"{name}: holds no rated answer")
    return tuple(found)


def read_file(path: Path) -> tuple[RatedAnswer, ...]:
    """The answers of a JSONL file. Raises `IllFormed`, also where it cannot be read."""
    try:
        return read_jsonl(path.read_text(encoding="utf-8").split("\n"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise IllFormed(f"{path}: {getattr(error, 'strerror', None) or 'is not UTF-8'}") from None


def ours() -> tuple[RatedAnswer, ...]:
    """The set that ships with the program: our own writing, rated by the rubric, each with the reason."""
    text = (files(__package__) / "rated" / "greenroom.jsonl").read_text(encoding="utf-8")
    return read_jsonl(text.split("\n"), "greenroom")


def read_saf(folder: Path) -> tuple[RatedAnswer, ...]:
    """The public Short Answer Feedback set (Filighera et al. 2022): XML files with scores from 0 to 1.

    Answers of fewer than five words are left out. Raises `IllFormed` where the folder holds no such file.
    """
    found: list[RatedAnswer] = []
    for path in sorted(folder.rglob("*.xml")):
        try:
            root = ElementTree.parse(path).getroot()  # noqa: S314  # the operator's own file, and expat is bounded
            found.extend(_saf_answers(root, path.stem))
        except (ElementTree.ParseError, AttributeError, TypeError, ValueError) as error:
            raise IllFormed(f"{path}: is not in the SAF format ({type(error).__name__})") from None
    if not found:
        raise IllFormed(f"{folder}: holds no SAF file")
    return tuple(found)


def _saf_answers(root: ElementTree.Element, name: str) -> list[RatedAnswer]:
    question = _text(root.find("questionText"))
    reference = "\n\n".join(_text(each) for each in root.iter("referenceAnswer"))
    answers = []
    for given in root.iter("studentAnswer"):
        answer = _text(given.find("response"))
        if len(answer.split()) < SHORTEST_ANSWER:
            continue
        answers.append(
            RatedAnswer(
                id=f"{name}/{given.get('id')}",
                question=question,
                reference=reference,
                answer=answer,
                score=float(_text(given.find("score"))),
                scale=(0, 1),
            )
        )
    return answers


def _text(element: ElementTree.Element | None) -> str:
    if element is None:
        raise TypeError("an element is missing")
    return "".join(element.itertext()).strip()


def by_question(answers: Sequence[RatedAnswer]) -> dict[str, list[RatedAnswer]]:
    """The answers of each question, in the order of the set."""
    found: dict[str, list[RatedAnswer]] = {}
    for answer in answers:
        found.setdefault(answer.question, []).append(answer)
    return found


def limited(answers: Sequence[RatedAnswer], most: int | None) -> tuple[RatedAnswer, ...]:
    """At most so many answers, spread evenly over the questions."""
    if most is None or most >= len(answers):
        return tuple(answers)
    rounds = zip_longest(*by_question(answers).values())
    return tuple([answer for each in rounds for answer in each if answer is not None][:most])
