"""A question of an interview as it is shown: where it stands, what it says, what may be done with it."""

from __future__ import annotations

from bot.conversations.choices import buttons
from bot.step import Line, Say, grid, say, t
from domain.background.preferences import AnswerBy
from domain.interviews import course
from domain.interviews.models import InterviewQuestion, InterviewSession
from domain.services import Domain

ON_FOLLOW_UP: dict[str, Line | str] = {
    "hint": t("interview.hint"),
    "skip": t("interview.skip"),
    "stop": t("interview.stop_button"),
}
ON_QUESTION: dict[str, Line | str] = {**ON_FOLLOW_UP, "differently": t("interview.differently")}
ON_SECOND_TRY: dict[str, Line | str] = {"hint": t("interview.hint"), "back": t("interview.second.back")}
# One question by itself is left at once: there is no report to ask about.
ON_PRACTICE: dict[str, Line | str] = {"hint": t("interview.hint"), "skip": t("interview.skip")}


async def shown(turn: InterviewQuestion, session: InterviewSession, domain: Domain) -> Say:
    """The question with its head and buttons."""
    asked = t("plain", text=turn.question_text)
    invited = (t("interview.by_voice"),) if await _likes_to_speak(domain) else ()
    keyboard = grid(buttons(_choices(turn, session)), 3)
    return say(*_head(turn, session), asked, *invited, buttons=keyboard)


async def hint(turn: InterviewQuestion, domain: Domain) -> Say:
    """What helps with a question without answering it, and why it is asked."""
    words = await domain.interviews.hint(turn.id)
    why = course.why(await domain.interviews.session(turn.session_id), turn)
    told = t("interview.hint_is", hint=words) if words else t("interview.no_hint")
    return say(told, *([t("interview.why", why=why)] if why else []))


async def _likes_to_speak(domain: Domain) -> bool:
    """Whether the person chose to answer by voice, and somebody is there to listen."""
    preferred = await domain.background.preferences()
    return preferred.answer_by is AnswerBy.VOICE and not domain.is_offline


def _choices(turn: InterviewQuestion, session: InterviewSession) -> dict[str, Line | str]:
    if turn.attempt > 1:
        return ON_SECOND_TRY
    if session.is_practice:
        return ON_PRACTICE
    return ON_FOLLOW_UP if turn.follow_up else ON_QUESTION


def _head(turn: InterviewQuestion, session: InterviewSession) -> tuple[Line, ...]:
    if turn.attempt > 1:
        return (t("interview.second.head", position=turn.position),)
    if session.is_practice:
        return (t("practice.question"),)
    if not turn.follow_up:
        return (t("interview.question", position=turn.position, of=session.question_count),)
    head = t("interview.follow_up", position=turn.position)
    if turn.follow_up_reason is None:
        return (head,)
    return (head, t(f"interview.follow_up_because.{turn.follow_up_reason.value}"))
