"""The course of a session on its stored plan: from which place in it a turn came, and which one is next."""

from __future__ import annotations

from collections.abc import Sequence

from domain.interviews.ladder import MIDDLING, Asked, by_mentions, choose
from domain.interviews.models import InterviewQuestion, InterviewSession
from domain.interviews.plan import Difficulty, Plan, PlannedQuestion
from domain.interviews.probing import reads
from domain.interviews.results import Topic, results
from domain.interviews.rubric import normalised


def plan_of(session: InterviewSession) -> Plan:
    """The plan of a session that has one."""
    return Plan.model_validate(session.plan)


def place(turn: InterviewQuestion) -> int:
    """The place of a turn's question in its plan's pool; that of what it follows, for a follow-up."""
    return turn.position - 1 if turn.plan_index is None else turn.plan_index


def planned(session: InterviewSession, turn: InterviewQuestion) -> PlannedQuestion:
    """The question as it was planned."""
    return plan_of(session).pool[place(turn)]


def why(session: InterviewSession, turn: InterviewQuestion) -> str:
    """What a question is asked for, in the interview's language; "" of a follow-up, which says so itself."""
    return planned(session, turn).why if session.plan and not turn.follow_up else ""


def put(turn: InterviewQuestion, question: PlannedQuestion, index: int, wording: str = "") -> None:
    """Have a turn put a question of the plan, in this wording where there is one."""
    turn.plan_index = index
    turn.kind = question.kind
    turn.competency = question.competency[:100]
    turn.difficulty = question.difficulty
    turn.question_text = wording or question.text
    turn.hint = question.hint
    turn.rubric = [point.model_dump(mode="json") for point in question.key_points]


def other_wording(session: InterviewSession, turn: InterviewQuestion) -> str:
    """The question of a turn in words not yet used for it; "" where there are none.

    One that only has something before or after it, as the interviewer joins it to an answer, is no other.
    """
    question = planned(session, turn)
    used = [normalised(text) for text in (turn.question_text, *turn.earlier_wordings)]
    others = (text for text in (question.fallback, question.text) if normalised(text))
    return next((text for text in others if not any(normalised(text) in each for each in used)), "")


def other_question(
    session: InterviewSession, turns: Sequence[InterviewQuestion], turn: InterviewQuestion
) -> int | None:
    """The place in the plan of another question on the subject of a turn, about as hard, not put so far."""
    pool, here = plan_of(session).pool, planned(session, turn)
    gone = {place(each) for each in turns} | replaced(session, turns)
    if replaced(session, [turn]):
        return None
    left = [
        index
        for index, each in enumerate(pool)
        if index not in gone and (each.kind, each.competency) == (here.kind, here.competency)
    ]
    rungs = list(Difficulty)
    level = rungs.index(here.difficulty)
    return min(left, key=lambda i: (abs(rungs.index(pool[i].difficulty) - level), i), default=None)


def replaced(session: InterviewSession, turns: Sequence[InterviewQuestion]) -> set[int]:
    """The places in the plan of questions that candidates had exchanged for others."""
    used = [normalised(text) for turn in turns for text in turn.earlier_wordings]
    now = {place(turn) for turn in turns}
    return {
        index
        for index, question in enumerate(plan_of(session).pool if used else ())
        if index not in now and any(normalised(question.text) in each for each in used)
    }


def other_language(session: InterviewSession) -> str:
    """The language of planned questions that are not in the interview's; "" where all are."""
    languages = (each.language for each in plan_of(session).questions)
    return next((each for each in languages if each not in ("", session.language)), "")


def following(
    session: InterviewSession, turns: Sequence[InterviewQuestion], *, foreseen: bool = False
) -> int | None:
    """The place in the plan of the question after these turns; None once all were asked.

    `foreseen`: as it will be unless the last answer moves the ladder.
    """
    firsts = [turn for turn in turns if not turn.follow_up]
    topics = results(turns).topics
    asked = [
        Asked(place(turn), _moves(session, turn, topic)) for turn, topic in zip(firsts, topics, strict=True)
    ]
    if foreseen and asked:
        asked[-1] = Asked(asked[-1].index, MIDDLING)
    return choose(plan_of(session), asked, session.difficulty, replaced(session, turns))


def _moves(session: InterviewSession, turn: InterviewQuestion, topic: Topic) -> float | None:
    """What a question moves the ladder by; None where its answer is in a language the rules do not read."""
    if topic.score is not None or turn.verdicts is None:
        return topic.score
    language = planned(session, turn).language or session.language
    is_read = reads(turn.answer_text or "", language)
    return by_mentions(topic.mentioned, topic.key_points) if is_read else None
