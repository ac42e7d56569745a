"""The course of a session on its stored plan: from which place in it a turn came, and which one is next."""

from __future__ import annotations

from collections.abc import Sequence

from domain.interviews.ladder import MIDDLING, Asked, choose
from domain.interviews.models import InterviewQuestion, InterviewSession
from domain.interviews.plan import Plan, PlannedQuestion
from domain.interviews.results import results


def plan_of(session: InterviewSession) -> Plan:
    """The plan of a session that has one."""
    return Plan.model_validate(session.plan)


def place(turn: InterviewQuestion) -> int:
    """The place of a turn's question in its plan's pool; that of what it follows, for a follow-up."""
    return turn.position - 1 if turn.plan_index is None else turn.plan_index


def planned(session: InterviewSession, turn: InterviewQuestion) -> PlannedQuestion:
    """The question as it was planned."""
    return plan_of(session).pool[place(turn)]


def following(
    session: InterviewSession, turns: Sequence[InterviewQuestion], *, foreseen: bool = False
) -> int | None:
    """The place in the plan of the question after these turns; None once all were asked.

    `foreseen`: as it will be unless the last answer moves the ladder.
    """
    firsts = [turn for turn in turns if not turn.follow_up]
    topics = results(turns).topics
    asked = [Asked(place(turn), topic.score) for turn, topic in zip(firsts, topics, strict=True)]
    if foreseen and asked:
        asked[-1] = Asked(asked[-1].index, MIDDLING)
    return choose(plan_of(session), asked, session.difficulty)
