"""What the turns of a session come to: computed here, whoever judged them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean

from domain.interviews.models import InterviewQuestion, TurnStatus
from domain.interviews.rubric import CREDIT, Verdict, best_of, topic_score


@dataclass(frozen=True)
class Topic:
    """A question with its follow-ups. `score` is None where nobody but the keyword check has judged.

    `mentioned` of `key_points` were found in the answers. A `declined` one will not be judged any more.
    """

    position: int
    competency: str
    question: str
    answered: bool
    score: float | None
    mentioned: int
    key_points: int
    declined: bool = False


@dataclass(frozen=True)
class Results:
    """The numbers of a report. `final_score` is the mean of the topics that were judged."""

    topics: tuple[Topic, ...]

    @property
    def answered(self) -> tuple[Topic, ...]:
        return tuple(topic for topic in self.topics if topic.answered)

    @property
    def final_score(self) -> float | None:
        return mean(topic.score for topic in self.answered)

    @property
    def provisional(self) -> bool:
        """Whether an answer still waits for a judgement."""
        return any(topic.score is None and not topic.declined for topic in self.answered)

    @property
    def judged(self) -> int:
        """How many answered questions have a score."""
        return sum(topic.score is not None for topic in self.answered)

    def by_competency(self) -> dict[str, tuple[float | None, int, int]]:
        """Per competency: mean score, key points mentioned, key points there were."""
        found: dict[str, list[Topic]] = {}
        for topic in self.answered:
            found.setdefault(topic.competency, []).append(topic)
        return {
            competency: (
                mean(topic.score for topic in topics),
                sum(topic.mentioned for topic in topics),
                sum(topic.key_points for topic in topics),
            )
            for competency, topics in found.items()
        }


def mean(scores: Iterable[float | None]) -> float | None:
    """The mean of the scores that are there, to one decimal; None of none."""
    there = [score for score in scores if score is not None]
    return round(fmean(there), 1) if there else None


def results(turns: Sequence[InterviewQuestion]) -> Results:
    """The results of the turns of one session, in order."""
    topics = groupby(turns, key=lambda turn: turn.position)
    return Results(tuple(_topic(position, list(group)) for position, group in topics))


def _topic(position: int, turns: Sequence[InterviewQuestion]) -> Topic:
    judged = [turn for turn in turns if turn.status is TurnStatus.EVALUATED and turn.verdicts is not None]
    counted = [turn for turn in judged if not turn.declined] or judged
    verdicts = best_of(*([Verdict(each) for each in turn.verdicts or []] for turn in counted))
    scored = bool(counted) and not any(turn.provisional for turn in counted)
    return Topic(
        position=position,
        competency=turns[0].competency,
        question=turns[0].question_text,
        answered=any(turn.answer_text is not None for turn in turns),
        score=topic_score(verdicts) if scored else None,
        mentioned=sum(CREDIT[verdict] > 0 for verdict in verdicts),
        key_points=len(turns[0].rubric),
        declined=bool(judged) and all(turn.declined for turn in judged),
    )
