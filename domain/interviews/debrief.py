"""What is worth telling of a whole interview beside its numbers: moments, and how earlier ones went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from domain.interviews.models import InterviewQuestion, InterviewSession
from domain.interviews.results import Results, Topic, mean, results
from domain.interviews.rubric import MAX_SCORE, Verdict, normalised

LONGEST_QUOTE = 200
MOST_MISSING = 2


@dataclass(frozen=True)
class Moment:
    """A question that stood out. `quote` is in the candidate's own words, "" where there are none to quote.

    `missing` are the key points that the answers lacked.
    """

    position: int
    competency: str
    question: str
    score: float
    quote: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Earlier:
    """The scored interviews before this one: how many, the last one's score, the mean of all of them.

    `by_competency` holds their mean scores, by the competency's `key`.
    """

    count: int = 0
    last: float | None = None
    mean: float | None = None
    by_competency: Mapping[str, float] | None = None

    def before(self, competency: str) -> float | None:
        """The mean score of a competency in the interviews before."""
        return (self.by_competency or {}).get(key(competency))


@dataclass(frozen=True)
class Debrief:
    """A completed session with all that its report tells."""

    session: InterviewSession
    turns: Sequence[InterviewQuestion]
    results: Results
    earlier: Earlier

    @property
    def hints(self) -> int:
        return sum(turn.hint_used for turn in self.turns)

    @property
    def best(self) -> Moment | None:
        """The question answered best; None where nothing was good, or nothing stands out."""
        found = self._extremes()
        return self._moment(found[1], _evidence) if found and found[1].score else None

    @property
    def weakest(self) -> Moment | None:
        """The question answered worst; None where nothing was missing, or nothing stands out."""
        found = self._extremes()
        return self._moment(found[0], _beginning) if found and found[0].score != MAX_SCORE else None

    def _extremes(self) -> tuple[Topic, Topic] | None:
        """The worst and the best of at least two scores that differ."""
        scored = sorted(
            (topic for topic in self.results.answered if topic.score is not None),
            key=lambda topic: (topic.score, topic.position),
        )
        if not scored or scored[0].score == scored[-1].score:
            return None
        return scored[0], scored[-1]

    def _moment(self, topic: Topic, quoted: Callable[[Sequence[InterviewQuestion]], str]) -> Moment:
        turns = [turn for turn in self.turns if turn.position == topic.position]
        assert topic.score is not None
        return Moment(
            position=topic.position,
            competency=topic.competency,
            question=topic.question,
            score=topic.score,
            quote=quoted(turns) or _beginning(turns),
            missing=_missing(turns)[:MOST_MISSING],
        )


def key(competency: str) -> str:
    """A competency's name as it is compared: models write "Problem solving" and "problem-solving"."""
    return normalised(competency)


def earlier(before: Sequence[tuple[InterviewSession, Results]]) -> Earlier:
    """What the sessions before came to, given newest first."""
    scored = [session.final_score for session, _ in before if session.final_score is not None]
    found: dict[str, list[float | None]] = {}
    for _, numbers in before:
        for name, (score, _, _) in numbers.by_competency().items():
            found.setdefault(key(name), []).append(score)
    means = {name: mean(scores) for name, scores in found.items()}
    return Earlier(
        count=len(scored),
        last=scored[0] if scored else None,
        mean=mean(scored),
        by_competency={name: each for name, each in means.items() if each is not None},
    )


def _judged(turns: Sequence[InterviewQuestion]) -> list[tuple[InterviewQuestion, list[tuple[str, str, str]]]]:
    """Each judged turn with its key points: text, verdict, evidence."""
    return [
        (
            turn,
            [
                (str(point["text"]), str(verdict), str(quote or ""))
                for point, verdict, quote in zip(
                    turn.rubric, turn.verdicts or (), turn.evidence or (), strict=False
                )
            ],
        )
        for turn in turns
        if not turn.provisional
    ]


def _evidence(turns: Sequence[InterviewQuestion]) -> str:
    """The longest quote that met a key point."""
    quotes = [
        quote for _, points in _judged(turns) for _, verdict, quote in points if verdict == Verdict.MET.value
    ]
    return excerpt(max(quotes, key=len, default=""))


def _beginning(turns: Sequence[InterviewQuestion]) -> str:
    answers = [turn.answer_text for turn in turns if turn.answer_text]
    return excerpt(answers[0]) if answers else ""


def _missing(turns: Sequence[InterviewQuestion]) -> tuple[str, ...]:
    """Key points that no turn of the topic met, those that are missing altogether first."""
    best: dict[str, str] = {}
    order = [Verdict.MET.value, Verdict.PARTLY.value, Verdict.MISSING.value]
    for _, points in _judged(turns):
        for text, verdict, _ in points:
            best[text] = min(best.get(text, verdict), verdict, key=order.index)
    return tuple(
        text for wanted in reversed(order[1:]) for text, verdict in best.items() if verdict == wanted
    )


def excerpt(text: str, most: int = LONGEST_QUOTE) -> str:
    """The beginning of a text on one line, ended between two words where it is too long."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    cut = line[:most].rpartition(" ")[0] or line[: most - 1]
    return cut.rstrip(" ,;:") + " …"


def debrief(
    session: InterviewSession,
    turns: Sequence[InterviewQuestion],
    before: Sequence[tuple[InterviewSession, Results]],
) -> Debrief:
    """The debrief of a session, given its turns in order and the sessions before it, newest first."""
    return Debrief(session, turns, results(turns), earlier(before))
