"""Progress over interviews, and their reports again."""

from __future__ import annotations

from babel.dates import format_date

from bot.conversations import debrief
from bot.conversations.resume import identifier
from bot.step import Button, Command, Line, Step, column, say, t
from domain.interviews.models import InterviewSession
from domain.interviews.rubric import MAX_SCORE
from domain.services import Domain

START = column(Button(t("button.interview"), "/interview"))


async def progress(command: Command, step: Step, domain: Domain) -> Step:
    """/progress: a bar for each interview, newest last."""
    sessions = await domain.interviews.finished()
    if not sessions:
        return step.saying(say(t("progress.none"), buttons=START)).quietly()
    lines: list[Line | str] = [_line(each, domain.who.language) for each in reversed(sessions)]
    return step.saying(say(t("progress.title", lines=lines), t("progress.history"))).quietly()


async def history(command: Command, step: Step, domain: Domain) -> Step:
    """/history: the interviews, each report again behind a button."""
    sessions = await domain.interviews.finished()
    if not sessions:
        return step.saying(say(t("progress.none"), buttons=START)).quietly()
    rows = column(*(Button(_title(each, domain.who.language), f"/report {each.id}") for each in sessions))
    return step.saying(say(t("history.title"), buttons=rows)).quietly()


async def report(command: Command, step: Step, domain: Domain) -> Step:
    """A report again."""
    return step.saying(await debrief.report(identifier(command.argument), domain)).quietly()


def _day(session: InterviewSession, language: str) -> str:
    return str(format_date(session.started_at, format="medium", locale=language))


def _title(session: InterviewSession, language: str) -> Line:
    kind = t(f"interview.kind.{session.kind.value}")
    return t("history.line", day=_day(session, language), kind=kind, count=session.question_count)


def _line(session: InterviewSession, language: str) -> Line:
    day, kind = _day(session, language), t(f"interview.kind.{session.kind.value}")
    if session.final_score is None:
        return t("progress.unscored", day=day, kind=kind)
    return t(
        "progress.line",
        bar=debrief.bar(session.final_score / MAX_SCORE),
        score=session.final_score,
        day=day,
        kind=kind,
    )
