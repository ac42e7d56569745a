"""How somebody gets on over their interviews, told no better than the numbers are (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from domain.interviews.debrief import key
from domain.interviews.models import InterviewSession
from domain.interviews.results import Results, mean

RECENT = 3
ENOUGH_FOR_A_TREND = 4


@dataclass(frozen=True)
class Point:
    """One interview. `score` is None where nobody but the keyword check has judged it."""

    at: datetime
    score: float | None
    provisional: bool


@dataclass(frozen=True)
class Standing:
    """A competency: the mean of the last few interviews that scored it, and of those before them.

    `times` counts the interviews that scored it; `before` is None where there are no others.
    """

    name: str
    times: int
    recent: float
    before: float | None


@dataclass(frozen=True)
class VersionScore:
    """What the interviews with one version of a resume came to."""

    title: str
    version: int
    count: int
    mean: float


@dataclass(frozen=True)
class Progress:
    """`count` are all interviews, `points` the last of them, oldest first.

    `weeks` are weeks in a row, this one or the last included.
    """

    count: int
    points: tuple[Point, ...]
    standings: tuple[Standing, ...]
    versions: tuple[VersionScore, ...]
    weeks: int

    @property
    def scored(self) -> tuple[Point, ...]:
        return tuple(point for point in self.points if point.score is not None)

    @property
    def trend(self) -> tuple[float, float] | None:
        """The mean of the scores before the last few, and of those; None where they are too few to tell."""
        scores = [point.score for point in self.scored]
        if len(scores) < ENOUGH_FOR_A_TREND:
            return None
        before, recent = mean(scores[:-RECENT]), mean(scores[-RECENT:])
        assert before is not None
        assert recent is not None
        return before, recent


def standings(rehearsed: Sequence[tuple[InterviewSession, Results]]) -> tuple[Standing, ...]:
    """Competencies of sessions given oldest first; those rehearsed most come first, under their last name."""
    names: dict[str, str] = {}
    scores: dict[str, list[float]] = {}
    for _, numbers in rehearsed:
        for name, (score, _, _) in numbers.by_competency().items():
            if score is not None:
                names[key(name)] = name
                scores.setdefault(key(name), []).append(score)
    found = []
    for each, told in scores.items():
        first = max(1, len(told) - RECENT) if len(told) > 1 else 0
        recent, before = mean(told[first:]), mean(told[:first])
        assert recent is not None
        found.append(Standing(names[each], len(told), recent, before))
    return tuple(sorted(found, key=lambda each: (-each.times, each.name.casefold())))


def weeks_in_a_row(days: Iterable[date], today: date) -> int:
    """How many weeks in a row, the current or the last one included, have at least one of these days."""
    mondays = {each - timedelta(days=each.weekday()) for each in days}
    week = today - timedelta(days=today.weekday())
    if week not in mondays:
        week -= timedelta(days=7)
    count = 0
    while week in mondays:
        count += 1
        week -= timedelta(days=7)
    return count


def version_scores(
    sessions: Sequence[InterviewSession], resumes: Sequence[tuple[UUID, str, int]]
) -> tuple[VersionScore, ...]:
    """The mean score with each resume that was rehearsed with, given their ids, titles and versions."""
    found = []
    for resume_id, title, version in resumes:
        scores = [each.final_score for each in sessions if each.resume_id == resume_id]
        score = mean(scores)
        if score is not None:
            count = sum(each is not None for each in scores)
            found.append(VersionScore(title, version, count, score))
    return tuple(found)


def progress(
    rehearsed: Sequence[tuple[InterviewSession, Results]],
    resumes: Sequence[tuple[UUID, str, int]],
    days: Sequence[date],
    today: date,
) -> Progress:
    """The progress over completed sessions, given oldest first; `days` are those of all there ever were."""
    sessions = [session for session, _ in rehearsed]
    return Progress(
        count=len(days),
        points=tuple(
            Point(session.started_at, session.final_score, numbers.provisional)
            for session, numbers in rehearsed
        ),
        standings=standings(rehearsed),
        versions=version_scores(sessions, resumes),
        weeks=weeks_in_a_row(days, today),
    )
