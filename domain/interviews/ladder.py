"""The adaptive ladder: how hard the next question should be, and which one of the plan it is.

Pure. Code chooses, not the model: two good answers in a row lead a rung up, a weak one leads
down, and every planned competency is visited.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from domain.interviews.plan import Difficulty, Plan, PlannedQuestion, ProbeReason
from domain.interviews.rubric import MAX_SCORE, Verdict

GOOD = 7.0
WEAK = 4.0
MIDDLING = (GOOD + WEAK) / 2
GOOD_ANSWERS_UP = 2
MANY_MENTIONED = 0.75  # of the key points
MOST_PROBES = 2  # follow-ups of one question
RUNGS = tuple(Difficulty)


@dataclass(frozen=True)
class Asked:
    """A question that was asked, by its place in the plan's pool, and what its topic moves the ladder by.

    That is the score from 0 to 10, or `by_mentions` where nobody has judged yet; None, as of a question that
    was skipped, moves nothing.
    """

    index: int
    score: float | None = None


def rung(start: Difficulty, scores: Iterable[float | None]) -> Difficulty:
    """The rung that answers with these scores, in order, have led to from `start`."""
    height, good = RUNGS.index(start), 0
    for score in scores:
        if score is None:
            continue
        good = good + 1 if score >= GOOD else 0
        if score < WEAK:
            height = max(0, height - 1)
        elif good == GOOD_ANSWERS_UP:
            height, good = min(len(RUNGS) - 1, height + 1), 0
    return RUNGS[height]


def by_mentions(mentioned: int, key_points: int) -> float:
    """What an unjudged answer moves the ladder by, given how many key points the keyword check found in it.

    Only its ends are trusted: nothing found leads down, nearly all up, as weak and good answers do. It is
    kept nowhere and shown to nobody: a keyword check is no score.
    """
    if mentioned == 0:
        return 0.0
    return MAX_SCORE if mentioned >= MANY_MENTIONED * key_points else MIDDLING


def is_worth_probing(verdicts: Iterable[str], reason: ProbeReason | None) -> bool:
    """Whether an answer leaves something open: a key point, or what the resume says otherwise."""
    is_open = any(verdict != Verdict.MET.value for verdict in verdicts)
    return is_open or reason is ProbeReason.CONTRADICTS_RESUME


def choose(
    plan: Plan,
    asked: Sequence[Asked],
    fixed: Difficulty | None = None,
    replaced: Set[int] = frozenset(),
) -> int | None:
    """The place in the plan's pool of the question to ask next; None once as many as planned were asked.

    Each competency comes as often as the plan says. Among what is left the rung decides, then that the
    competency changes, then the plan's order. While nothing moves the ladder the plan's order holds.
    `fixed` is the one difficulty that the candidate chose; `replaced` are places of questions that they had
    exchanged for others.
    """
    if len(asked) >= len(plan.questions):
        return None
    scores = [each.score for each in asked]
    if fixed is None and not any(score is not None for score in scores):
        return min(_left(plan, asked, replaced))
    wanted = RUNGS.index(fixed or rung(plan.questions[0].difficulty, scores))
    visits = Counter(_topic(plan.pool[each.index]) for each in asked)
    order = list(dict.fromkeys(map(_topic, plan.questions)))
    last = plan.pool[asked[-1].index].competency if asked else None

    def cost(index: int) -> tuple[int, bool, int, int, int]:
        question = plan.pool[index]
        topic = _topic(question)
        distance = abs(RUNGS.index(question.difficulty) - wanted)
        return distance, question.competency == last, visits[topic], order.index(topic), index

    return min(_left(plan, asked, replaced), key=cost)


def _topic(question: PlannedQuestion) -> tuple[str, str]:
    return question.kind.value, question.competency


def _left(plan: Plan, asked: Sequence[Asked], replaced: Set[int]) -> list[int]:
    """What may still be asked without another topic losing its place."""
    gone = {each.index for each in asked}
    places = Counter(map(_topic, plan.questions))
    places.subtract(_topic(plan.pool[index]) for index in gone)
    return [
        index
        for index, question in enumerate(plan.pool)
        if index not in gone | replaced and places[_topic(question)] > 0
    ]
