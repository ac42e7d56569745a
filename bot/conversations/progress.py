"""Progress over interviews, and their reports again."""

from __future__ import annotations

from uuid import UUID

from babel.dates import format_date

from bot.conversations import debrief
from bot.conversations.identifiers import identifier
from bot.conversations.sharing import Share, ShareKind
from bot.step import Button, Command, Line, Rows, Say, Step, column, doing, photo, say, t
from domain.errors import Refused
from domain.interviews.jobs import ProgressDrawn
from domain.interviews.models import InterviewSession
from domain.interviews.progress import Progress
from domain.interviews.reports import A_PAGE
from domain.interviews.rubric import MAX_SCORE
from domain.services import Domain

START = column(Button(t("button.interview"), "/interview"))
LISTED = 10
A_STREAK = 2
FEW = 3


async def progress(command: Command, step: Step, domain: Domain) -> Step:
    """/progress: a picture over all interviews and by competency, and what it says in words."""
    if not await domain.reports.count():
        return step.saying(say(t("progress.none"), buttons=START)).quietly()
    await domain.reports.draw_progress()
    return step.saying(doing("upload_photo")).quietly()


async def drawn(event: ProgressDrawn, domain: Domain) -> tuple[Say, ...]:
    """The picture of the progress, if there is one, and its words."""
    found = await domain.reports.progress()
    sessions = (await domain.reports.page(1))[:LISTED]
    lines: list[Line | str] = [_line(each, domain.who.language) for each in reversed(sessions)]
    paragraphs = [t("progress.title", lines=lines), *_in_words(found), t("progress.history")]
    words = say(*paragraphs, buttons=START)
    return (photo("progress.png", event.picture), words) if event.picture else (words,)


def _in_words(found: Progress) -> list[Line]:
    """What the numbers say, and no more than they do."""
    lines = []
    if found.trend is not None:
        before, recent = found.trend
        lines.append(t("progress.trend", before=before, recent=recent))
    elif found.count == 1:
        lines.append(t("progress.one"))
    if found.weeks >= A_STREAK:
        lines.append(t("progress.weeks", count=found.weeks))
    if len(found.versions) > 1:
        rows = [
            t("progress.version", title=each.title, version=each.version, score=each.mean, count=each.count)
            for each in found.versions
        ]
        lines.append(t("progress.versions", lines=rows))
        if any(each.count < FEW for each in found.versions):
            lines.append(t("progress.versions_few"))
    return lines


async def history(command: Command, step: Step, domain: Domain) -> Step:
    """/history: the interviews, a page at a time, each report again behind a button."""
    pages = -(-await domain.reports.count() // A_PAGE)
    if not pages:
        return step.saying(say(t("progress.none"), buttons=START)).quietly()
    asked = int(command.argument) if command.argument.isdecimal() and len(command.argument) < 6 else 1
    page = min(max(asked, 1), pages)
    rows = column(
        *(
            Button(_title(each, domain.who.language), f"/report {each.id}")
            for each in await domain.reports.page(page)
        )
    )
    shown = say(t("history.title"), buttons=(*rows, *_turning(page, pages)))
    if pages > 1:
        shown = say(
            t("history.title"),
            t("history.page", page=page, of=pages),
            buttons=(*rows, *_turning(page, pages)),
            replaces=command.message_id if command.argument else None,
        )
    return step.saying(shown).quietly()


def _turning(page: int, pages: int) -> Rows:
    """Buttons to the newer and to the older page, as far as there are."""
    newer = (Button(t("history.newer"), f"/history {page - 1}"),) if page > 1 else ()
    older = (Button(t("history.older"), f"/history {page + 1}"),) if page < pages else ()
    return ((*newer, *older),) if newer or older else ()


async def report(command: Command, step: Step, domain: Domain) -> Step:
    """A report again, or what "share" leads to: a link to it."""
    word, _, rest = command.argument.partition(" ")
    if word == "share":
        shared = await domain.reports.debrief(_interview(rest))
        return Share(ShareKind.REPORT, shared.session.id)
    await domain.reports.draw(_interview(command.argument))
    return step.saying(doing("upload_photo")).quietly()


async def pdf(command: Command, step: Step, domain: Domain) -> Step:
    """A report as a file, with every question and answer."""
    await domain.reports.print(_interview(command.argument))
    return step.saying(doing("upload_document")).quietly()


def _interview(named: str) -> UUID:
    return identifier(named, Refused("interview.gone"))


def _day(session: InterviewSession, language: str) -> str:
    return str(format_date(session.started_at, format="medium", locale=language))


def _title(session: InterviewSession, language: str) -> Line:
    kind = t(f"interview.kind.{session.kind.value}")
    line = t("history.line", day=_day(session, language), kind=kind, count=session.question_count)
    if session.final_score is None:
        return line
    return t("history.scored", line=line, score=session.final_score)


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
