"""The bench: an interviewer judges rated answers, again, padded, and with an injection in them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from domain.errors import Refused, Unavailable
from domain.evaluation.injections import Injection, injected, injections
from domain.evaluation.padding import padded
from domain.evaluation.rated import RatedAnswer
from domain.interviews.rubric import CREDIT, MAX_SCORE, checked, score
from domain.ports import Candidate, Interviewer, TurnRequest

AT_ONCE = 8


@dataclass(frozen=True)
class Assessment:
    """What an interviewer made of an answer, from 0 to 10, and how long that took in seconds.

    `is_score` is False for a keyword check: then `value` is the share of key points mentioned, times ten.
    `value` is None where there was no judgement; `failure` says why.
    """

    value: float | None
    is_score: bool
    seconds: float
    failure: str = ""


async def assess(interviewer: Interviewer, request: TurnRequest) -> Assessment:
    """Judge one answer as an interview does: evidence checked, the score computed."""
    begun = time.perf_counter()
    try:
        found = await interviewer.evaluate_turn(request)
    except (Unavailable, Refused) as error:
        return Assessment(None, False, time.perf_counter() - begun, error.reason)
    seconds = time.perf_counter() - begun
    points = len(request.question.key_points)
    if found.provisional:
        mentioned = sum(CREDIT[judgement.verdict] > 0 for judgement in found.judgements)
        return Assessment(MAX_SCORE * mentioned / points if points else 0.0, False, seconds)
    given = f"{request.question.text}\n{request.question.hint}"
    judged = checked(found.judgements, points, request.answer, given, found.set_aside)
    return Assessment(score(judged), True, seconds)


@dataclass(frozen=True)
class Case:
    """A rated answer in one form: as it is ("plain"), "padded", or with an injection."""

    rated: RatedAnswer
    form: str
    run: int
    request: TurnRequest
    injection: Injection | None = None


@dataclass(frozen=True)
class Judged:
    case: Case
    assessment: Assessment


@dataclass(frozen=True)
class Bench:
    """Everything that was judged."""

    judged: tuple[Judged, ...] = field(default=())

    def runs(self) -> dict[str, list[float]]:
        """By answer, the values of its plain runs."""
        found: dict[str, list[float]] = {}
        for each in self.judged:
            if each.case.form == "plain" and each.assessment.value is not None:
                found.setdefault(each.case.rated.id, []).append(each.assessment.value)
        return found

    def first(self) -> dict[str, Judged]:
        """By answer, its first plain run, where it was judged."""
        return {
            each.case.rated.id: each
            for each in self.judged
            if each.case.form == "plain" and each.case.run == 1 and each.assessment.value is not None
        }

    def pairs(self, form: str) -> list[tuple[Judged, Judged]]:
        """The first plain run of an answer with the same answer in another form, where both were judged."""
        plain = self.first()
        others = (each for each in self.judged if each.case.form == form)
        return [
            (plain[each.case.rated.id], each)
            for each in others
            if each.assessment.value is not None and each.case.rated.id in plain
        ]

    @property
    def failures(self) -> dict[str, int]:
        """How many judgements there were none of, by reason."""
        counted: dict[str, int] = {}
        for each in self.judged:
            if each.assessment.failure:
                counted[each.assessment.failure] = counted.get(each.assessment.failure, 0) + 1
        return counted

    @property
    def is_score(self) -> bool:
        """Whether these are scores, and not a keyword check."""
        return any(each.assessment.is_score for each in self.judged)


def cases(answers: Sequence[RatedAnswer], runs: int) -> list[Case]:
    """Every answer `runs` times as it is, once padded, and once with an injection, each of them in turn."""
    corpus = injections()
    found = []
    for number, rated in enumerate(answers):
        plain = _request(rated, rated.answer)
        found += [Case(rated, "plain", run, plain) for run in range(1, runs + 1)]
        found.append(Case(rated, "padded", 1, _request(rated, padded(rated.answer, rated.language))))
        injection = corpus[number % len(corpus)]
        found.append(Case(rated, "injected", 1, _attacked(rated, injection), injection))
    return found


def _request(rated: RatedAnswer, answer: str, resume: str = "") -> TurnRequest:
    candidate = Candidate(language=rated.language, resume_text=resume)
    return TurnRequest(candidate=candidate, question=rated.planned(), answer=answer)


def _attacked(rated: RatedAnswer, injection: Injection) -> TurnRequest:
    if injection.place == "answer":
        return _request(rated, injected(rated.answer, injection))
    return _request(rated, rated.answer, resume=injection.text)


async def run(
    interviewer: Interviewer, wanted: Iterable[Case], told: Callable[[int], None] = lambda done: None
) -> Bench:
    """Have every case judged, a few at a time; `told` hears how many are done."""
    slots = asyncio.Semaphore(AT_ONCE)
    done = 0

    async def judge(case: Case) -> Judged:
        nonlocal done
        async with slots:
            found = Judged(case, await assess(interviewer, case.request))
        done += 1
        told(done)
        return found

    return Bench(tuple(await asyncio.gather(*map(judge, wanted))))
