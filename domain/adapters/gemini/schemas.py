"""What travels: the JSON that Gemini is asked for, read leniently.

A reply that has the right shape is never an error: bounds are put in order here, since `maxItems` and
its like draw 400s from the API. The order of the fields is the order in which the model
writes them: evidence before verdicts, verdicts before prose.
"""

from __future__ import annotations

import math
from enum import StrEnum
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from domain.adapters.gemini.text import clean, one_line
from domain.interviews.plan import Difficulty, QuestionKind
from domain.interviews.rubric import Verdict

_KEPT = ("type", "enum", "items", "properties", "required")


def _line(limit: int) -> BeforeValidator:
    return BeforeValidator(lambda given: one_line(given, limit) if isinstance(given, str) else given or "")


def _prose(limit: int) -> BeforeValidator:
    return BeforeValidator(lambda given: clean(given, limit) if isinstance(given, str) else given or "")


def _finite(given: object) -> object:
    return -1 if isinstance(given, float) and not math.isfinite(given) else given


def _whole(given: object) -> object:
    given = _finite(given)
    return int(given) if isinstance(given, float) else given


def _lowered(given: object) -> object:
    return given.strip().lower() if isinstance(given, str) else given


Label = Annotated[str, _line(80)]
Line = Annotated[str, _line(300)]
Asked = Annotated[str, _line(600)]
Quote = Annotated[str, _line(600)]
Prose = Annotated[str, _prose(1500)]
LongProse = Annotated[str, _prose(3000)]
Transcript = Annotated[str, _prose(12_000)]
Number = Annotated[float, BeforeValidator(_finite)]
Whole = Annotated[int, BeforeValidator(_whole)]


class Wire(BaseModel):
    """A reply. Unknown fields are left unread."""

    model_config = ConfigDict(extra="ignore", frozen=True, json_schema_serialization_defaults_required=True)

    @classmethod
    def sound(cls, complete: dict[str, Any], last: object) -> dict[str, Any] | None:
        """What a reply that was cut off is still good for, as its fields; None: for nothing.

        `complete` are the fields that were finished, `last` is what there is of the one it ends in.
        """
        return None


class DocumentKind(StrEnum):
    RESUME = "resume"
    OTHER = "other"


class WireContact(Wire):
    name: Label
    email: Label
    phone: Label
    location: Label
    links: list[Line]


class WireExperience(Wire):
    title: Label
    employer: Label
    start: Label
    end: Label
    summary: Line


class WireEducation(Wire):
    degree: Label
    school: Label
    year: Label


class WireRead(Wire):
    """What is read off pictures, ahead of what is made of it."""

    page_text: Annotated[str, _prose(30_000)] = ""


class WireAnalysis(Wire):
    document: Annotated[DocumentKind, BeforeValidator(_lowered)]
    contact: WireContact
    experience: list[WireExperience]
    education: list[WireEducation]
    skills: list[Label]
    languages: list[Label]
    strengths: list[Line]
    gaps: list[Line]
    inferred_role: Label
    years_of_experience: Whole
    confidence: Number


class WireScan(WireAnalysis, WireRead):
    """The analysis of a scan; the fields of the last base come first."""


class WireKeyPoint(Wire):
    """`keywords` are separated by commas: one list less to nest."""

    text: Line
    keywords: Line


class WireCompetency(Wire):
    """`weight` runs from 1 to 5."""

    name: Label
    weight: Whole


class WireQuestion(Wire):
    why: Line = ""
    kind: Annotated[QuestionKind, BeforeValidator(_lowered)]
    competency: Label
    difficulty: Annotated[Difficulty, BeforeValidator(_lowered)]
    text: Asked
    fallback: Asked = ""
    key_points: list[WireKeyPoint]
    hint: Line


class WirePlan(Wire):
    competencies: list[WireCompetency] = []
    questions: list[WireQuestion]
    alternatives: list[WireQuestion] = []

    @classmethod
    def sound(cls, complete: dict[str, Any], last: object) -> dict[str, Any] | None:
        """The questions before the one it ends in, if there are any."""
        whole = last[:-1] if isinstance(last, list) else []
        if "questions" in complete:
            return {**complete, "alternatives": whole}
        are_questions = bool(whole) and isinstance(whole[0], dict) and "text" in whole[0]
        return {**complete, "questions": whole} if are_questions else None


class WireJudgement(Wire):
    key_point: Whole
    quote: Quote
    verdict: Annotated[Verdict, BeforeValidator(_lowered)]


class WireProbeReason(StrEnum):
    NONE = "none"
    VAGUE = "vague"
    NO_RESULT = "no_result"
    CONTRADICTS_RESUME = "contradicts_resume"


def _known_reason(given: object) -> object:
    return given if given in set(WireProbeReason) else WireProbeReason.NONE


class WireEvaluation(Wire):
    """What came after evaluations were first asked for may be absent: a reply is good without it."""

    judgements: list[WireJudgement]
    situation: Quote = ""
    task: Quote = ""
    action: Quote = ""
    result: Quote = ""
    feedback: Prose
    model_answer: LongProse
    probe_reason: Annotated[WireProbeReason, BeforeValidator(_known_reason)] = WireProbeReason.NONE
    probe: Asked
    next_question: Asked

    @classmethod
    def sound(cls, complete: dict[str, Any], last: object) -> dict[str, Any] | None:
        """All judgements and the feedback, with whatever else was finished."""
        if not {"judgements", "feedback"} <= complete.keys():
            return None
        return {"model_answer": "", "probe": "", "next_question": "", **complete}


class WireReport(Wire):
    summary: LongProse
    practise: list[Line]

    @classmethod
    def sound(cls, complete: dict[str, Any], last: object) -> dict[str, Any] | None:
        """The summary, with what to practise as far as it was finished."""
        if "summary" not in complete:
            return None
        return {"practise": last[:-1] if isinstance(last, list) else [], **complete}


class WireReason(Wire):
    number: Whole
    because: Line


class WireTopic(Wire):
    name: Label
    because: Line


class WireAdvice(Wire):
    reasons: list[WireReason]
    topics: list[WireTopic]


class WireTranscript(Wire):
    transcript: Transcript
    hesitations: Line = ""


class WireCheck(Wire):
    ready: Label


@cache
def wire_schema(reply: type[Wire]) -> dict[str, Any]:
    """The JSON schema of a reply as the API takes it: no references, no bounds, every field required."""
    schema = reply.model_json_schema(mode="serialization")
    plain: dict[str, Any] = _plain(schema, schema.get("$defs", {}))
    return plain


def _plain(node: Any, definitions: dict[str, Any]) -> Any:
    if "$ref" in node:
        return _plain(definitions[node["$ref"].rsplit("/", 1)[-1]], definitions)
    kept = {key: node[key] for key in _KEPT if key in node}
    if "items" in kept:
        kept["items"] = _plain(kept["items"], definitions)
    if "properties" in kept:
        kept["properties"] = {name: _plain(child, definitions) for name, child in kept["properties"].items()}
        kept["required"] = list(kept["properties"])
    return kept
