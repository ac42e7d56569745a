"""The bounds around any interviewer: what it is shown, whether it can be believed, what it may say.

Sentences that give orders to a judge (`orders`) are set aside, and the person is told which. An ordinary
answer is then judged in one call, as it is. Where an answer has weak signs of such speech (`doubts`), a decoy
stands among the key points, at a place that nobody outside knows: a judge who finds it and has words of the
answer to show for it says yes to everything, by whatever words it was brought to that. Nothing of such a
judgement counts; the answer is judged once more without what was doubtful. Sentences that recite our prompts
are never passed on.
"""

from __future__ import annotations

import asyncio
import secrets
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from domain.errors import Refused
from domain.interviews.doubts import doubtful, without
from domain.interviews.orders import FORM, signs, split, without_orders
from domain.interviews.plan import Plan, PlannedQuestion
from domain.interviews.recitals import without_prompts
from domain.interviews.rubric import KeyPoint, Verdict, is_quoted, normalised
from domain.interviews.sentences import pieces
from domain.ports import (
    Advice,
    Candidate,
    Evaluation,
    Interviewer,
    Objection,
    PastTurn,
    PlanRequest,
    RecommendRequest,
    Report,
    ReportRequest,
    Spoken,
    TurnRequest,
)
from domain.resumes.analysis import ExtractedText, ResumeAnalysis, ResumeFacts
from domain.resumes.evidence import evidence
from domain.resumes.planted import parted

JUDGED_AT_MOST = 2
FEWEST_KEY_POINTS = 2  # of a doubtful plan: a rubric of one thing may be met by anything
FALLBACK_LANGUAGE = "en"
PLACED = frozenset({"star"})  # texts that mean something by their place: an empty one keeps it

Words = TypeVar("Words", Evaluation, Report, Spoken)


class GuardedInterviewer:
    """An `Interviewer` (domain.ports) within the bounds above.

    Errors are those of the one inside, and `Refused("gemini.swayed")` for an answer whose judge says yes to
    everything. A keyword check cannot be talked to, so the offline interviewer is shown no decoy.
    """

    def __init__(self, inside: Interviewer) -> None:
        self._inside = inside

    @property
    def is_offline(self) -> bool:
        return self._inside.is_offline

    async def analyse_resume(
        self, document: ExtractedText, language: str, facts: ResumeFacts
    ) -> ResumeAnalysis:
        found = await self._inside.analyse_resume(document, language, facts)
        said = {name: _said(getattr(found, name)) for name in ("strengths", "gaps", "skills")}
        return found.model_copy(update={**said, "inferred_role": without_prompts(found.inferred_role)})

    async def read_pages(self, document: ExtractedText, language: str) -> str:
        return without_prompts(await self._inside.read_pages(document, language))

    async def plan(self, request: PlanRequest) -> Plan:
        """A question that recites our prompts, or has no sound key point, is left out."""
        # Off the event loop, here and below: a long text takes some 100 ms of computing.
        shown, is_doubtful = await asyncio.to_thread(_shown_plan, request)
        plan = await self._inside.plan(shown)
        fewest = FEWEST_KEY_POINTS if is_doubtful else 1

        def sound(questions: Sequence[PlannedQuestion]) -> tuple[PlannedQuestion, ...]:
            return tuple(kept for each in questions if (kept := _planned(each, fewest)))

        return plan.model_copy(
            update={"questions": sound(plan.questions), "alternatives": sound(plan.alternatives)}
        )

    async def evaluate_turn(self, request: TurnRequest) -> Evaluation:
        shown, set_aside, doubts = await asyncio.to_thread(_shown_turn, request)
        is_planted = _resume_of(shown.candidate) != _resume_of(request.candidate)
        if self.is_offline or not (set_aside or doubts or is_planted):
            return _passed_on(await self._inside.evaluate_turn(shown), set_aside, without_prompts)
        for decoy in _decoys(request)[:JUDGED_AT_MOST]:
            place = secrets.randbelow(len(shown.question.key_points) + 1)
            found = await self._inside.evaluate_turn(_with_decoy(shown, decoy, place))
            if not _is_found(found, place, shown.answer):
                return _passed_on(_without_place(found, place), set_aside, _without_decoy(decoy))
            set_aside += tuple(piece.strip() for piece in doubts if piece in pieces(shown.answer))
            shown = _undoubted(shown, doubts)
        raise Refused("gemini.swayed")

    async def report(self, request: ReportRequest) -> Report:
        found = await self._inside.report(await asyncio.to_thread(_shown_report, request))
        return _cleared_of(found, without_prompts)

    async def recommend(self, request: RecommendRequest) -> Advice:
        shown = replace(request, candidate=_shown(request.candidate))
        found = await self._inside.recommend(shown)
        reasons = {at: reason for at, reason in found.reasons.items() if _said([reason])}
        return Advice(reasons, tuple(each for each in found.topics if _said([each.name, each.because])))

    async def transcribe(self, voice: bytes, mime_type: str, language: str) -> Spoken:
        return _cleared_of(await self._inside.transcribe(voice, mime_type, language), without_prompts)


# What is shown


def _shown_plan(request: PlanRequest) -> tuple[PlanRequest, bool]:
    """The request without orders, and whether any of it is doubtful."""
    given = (request.candidate.resume_text, request.job_description)
    candidate, job = _shown(request.candidate), _document(request.job_description)
    shown = (candidate.resume_text, job)
    is_doubtful = shown != given or any(doubtful(text, candidate.language) for text in shown)
    return replace(request, candidate=candidate, job_description=job), is_doubtful


def _document(text: str) -> str:
    """A document without what orders a judge about: it has no reason for even one sign of that."""
    kept = parted(text).kept
    found = {piece: kinds for piece in pieces(kept) if (kinds := signs(piece))}
    if kept == text and frozenset().union(*found.values()) <= {FORM}:
        return text
    return without(tuple(found), kept)


def _shown_turn(request: TurnRequest) -> tuple[TurnRequest, tuple[str, ...], tuple[str, ...]]:
    """The request without orders, those of the answer, and what is doubtful in the rest."""
    found = split(request.answer)
    shown = replace(
        request,
        candidate=_shown(request.candidate),
        answer=found.kept,
        recent=tuple(map(_past, request.recent)),
        before=tuple(map(without_orders, request.before)),
        objection=_argued(request.objection, without_orders),
    )
    argument = shown.objection.argument if shown.objection else ""
    texts = [shown.answer, argument, *(turn.answer for turn in shown.recent), *_texts_of(shown.candidate)]
    language = request.candidate.language
    return shown, found.orders, tuple(piece for text in texts for piece in doubtful(text, language))


def _argued(objection: Objection | None, shown: Callable[[str], str]) -> Objection | None:
    return replace(objection, argument=shown(objection.argument)) if objection else None


def _shown_report(request: ReportRequest) -> ReportRequest:
    return replace(request, candidate=_shown(request.candidate), turns=tuple(map(_past, request.turns)))


def _shown(candidate: Candidate) -> Candidate:
    told = evidence(candidate.resume) if candidate.resume else ""
    return replace(
        _mapped(candidate, without_orders),
        resume_text=_document(candidate.resume_text),
        resume=candidate.resume if _document(told) == told else None,
    )


def _resume_of(candidate: Candidate) -> tuple[str, ResumeAnalysis | None]:
    return candidate.resume_text, candidate.resume


def _mapped(candidate: Candidate, shown: Callable[[str], str]) -> Candidate:
    return replace(
        candidate,
        target_role=shown(candidate.target_role),
        background={name: _value(value, shown) for name, value in candidate.background.items()},
    )


def _value(value: object, shown: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, (list, tuple)):
        return [_value(each, shown) for each in value]
    if isinstance(value, Mapping):
        return {name: _value(each, shown) for name, each in value.items()}
    return value


def _texts_of(candidate: Candidate) -> list[str]:
    texts: list[str] = []

    def noted(text: str) -> str:
        texts.append(text)
        return text

    _mapped(candidate, noted)
    return texts


def _past(turn: PastTurn) -> PastTurn:
    return replace(turn, answer=without_orders(turn.answer))


def _undoubted(request: TurnRequest, doubts: tuple[str, ...]) -> TurnRequest:
    """The request without what is doubtful in it, and without the resume: not even the score needs that."""
    return replace(
        request,
        candidate=replace(
            _mapped(request.candidate, lambda text: without(doubts, text)), resume_text="", resume=None
        ),
        answer=without(doubts, request.answer),
        recent=tuple(replace(turn, answer=without(doubts, turn.answer)) for turn in request.recent),
        objection=_argued(request.objection, lambda text: without(doubts, text)),
    )


# The decoy


def _decoys(request: TurnRequest) -> Sequence[str]:
    """The decoys in an order of chance, those first that have no word in common with question and role."""
    question = request.question
    points = " ".join(point.text for point in question.key_points)
    about = _telling(f"{question.text} {points} {request.candidate.target_role} {request.answer}")
    decoys = _known_decoys(request.candidate.language)
    shuffled = secrets.SystemRandom().sample(decoys, len(decoys))
    return sorted(shuffled, key=lambda decoy: len(_telling(decoy) & about))


@cache
def _known_decoys(language: str) -> tuple[str, ...]:
    document: dict[str, Any] = tomllib.loads((files(__package__) / "decoys.toml").read_text(encoding="utf-8"))
    return tuple(document.get(language, document[FALLBACK_LANGUAGE])["decoys"])


def _telling(text: str) -> set[str]:
    return {word for word in normalised(text).split() if len(word) > 3}


def _with_decoy(request: TurnRequest, decoy: str, place: int) -> TurnRequest:
    points = list(request.question.key_points)
    points.insert(place, KeyPoint(text=decoy))
    question = request.question.model_copy(update={"key_points": tuple(points)})
    if not request.objection:
        return replace(request, question=question)
    verdicts = list(request.objection.verdicts)
    verdicts.insert(place, Verdict.MISSING)
    return replace(request, question=question, objection=replace(request.objection, verdicts=tuple(verdicts)))


def _is_found(found: Evaluation, place: int, answer: str) -> bool:
    """Whether the judge credits the decoy with words of the answer: without, it would earn nothing anyway."""
    return any(
        each.key_point == place and each.verdict is not Verdict.MISSING and is_quoted(each.quote, answer)
        for each in found.judgements
    )


def _without_place(found: Evaluation, place: int) -> Evaluation:
    """An evaluation as if no decoy had stood at `place`."""
    return replace(
        found,
        judgements=tuple(
            each.model_copy(update={"key_point": each.key_point - (each.key_point > place)})
            for each in found.judgements
            if each.key_point != place
        ),
    )


def _without_decoy(decoy: str) -> Callable[[str], str]:
    """Takes out the sentences of a judge's words that speak of the decoy, or recite our prompts."""
    words = _telling(decoy)

    def said(text: str) -> str:
        kept = (piece for piece in pieces(text) if len(words & _telling(piece)) < 2)
        return without_prompts("".join(kept).strip())

    return said


# What may be said


def _passed_on(found: Evaluation, set_aside: tuple[str, ...], said: Callable[[str], str]) -> Evaluation:
    return replace(_cleared_of(found, said), set_aside=set_aside)


def _cleared_of(found: Words, said: Callable[[str], str]) -> Words:
    """Every text in it as `said` leaves it."""
    changed: dict[str, Any] = {}
    for field in fields(found):
        value = getattr(found, field.name)
        if isinstance(value, str):
            changed[field.name] = said(value)
        elif isinstance(value, tuple) and all(isinstance(each, str) for each in value):
            cleared = tuple(map(said, value))
            changed[field.name] = cleared if field.name in PLACED else tuple(filter(None, cleared))
    return replace(found, **changed)


def _planned(question: PlannedQuestion, fewest: int) -> PlannedQuestion | None:
    points = tuple(point for point in question.key_points if _is_sound(point))
    if len(points) < fewest or without_prompts(question.text) != question.text:
        return None
    said = {name: without_prompts(getattr(question, name)) for name in ("hint", "fallback", "why")}
    return question.model_copy(update={**said, "key_points": points})


def _is_sound(point: KeyPoint) -> bool:
    return not signs(point.text) and without_prompts(point.text) == point.text


def _said(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if without_prompts(line) == line]
