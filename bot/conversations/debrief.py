"""What is told of an interview: its report. Every number is computed."""

from __future__ import annotations

from babel.dates import format_date

from bot.conversations.feedback import LONGEST_FEEDBACK, LONGEST_POINT, clipped
from bot.conversations.without_ai import told
from bot.step import Button, Line, Param, Say, document, photo, say, t
from domain.interviews.debrief import Debrief, Moment
from domain.interviews.jobs import ReportPrinted, ReportWritten
from domain.interviews.models import InterviewSession
from domain.interviews.rubric import MAX_SCORE
from domain.services import Domain

BAR = 10
AGAIN = Button(t("button.again"), "/interview")
PROGRESS = Button(t("button.progress"), "/progress")


async def report(event: ReportWritten, domain: Domain) -> tuple[Say, ...]:
    """The report of a session, from what is stored: its picture, if there is one, and its words."""
    found = await domain.reports.debrief(event.session_id)
    session = found.session
    paragraphs = [t("report.yours"), *body(found, has_moments=True), *_compared(found)]
    if event.again:
        was = t("report.was", score=event.was) if event.was is not None else t("report.was_none")
        paragraphs.insert(0, t("report.again", was=was))
    if found.hints:
        paragraphs.append(t("report.hints", count=found.hints))
    if session.practise:
        practise = [f"• {clipped(each, LONGEST_POINT)}" for each in session.practise[:3]]
        paragraphs.append(t("report.practise", lines=practise))
    if found.results.provisional and not domain.is_offline:
        paragraphs.append(t("report.provisional"))
    paragraphs.extend(told(event.why, "report"))
    pdf = Button(t("button.pdf"), f"/pdf {session.id}")
    share = Button(t("button.share"), f"/report share {session.id}")
    words = say(*paragraphs, buttons=((pdf, AGAIN, PROGRESS), (share,)))
    return (photo("report.png", event.picture), words) if event.picture else (words,)


def body(found: Debrief, *, has_moments: bool) -> list[Line]:
    """What is told of an interview to whomever: numbers, summary, competencies, and moments if wanted."""
    session, answered = found.session, found.results.answered
    paragraphs = [_head(found), t("report.answered", answered=len(answered), of=session.question_count)]
    if session.feedback_summary:
        paragraphs.append(t("plain", text=clipped(session.feedback_summary, LONGEST_FEEDBACK)))
    lines = [_competency(name, *numbers) for name, numbers in found.results.by_competency().items()]
    if lines:
        paragraphs.append(t("report.competencies", lines=lines))
    return [*paragraphs, *_moments(found)] if has_moments else paragraphs


def title(session: InterviewSession, language: str) -> Line:
    """What an interview is called: its kind and its day."""
    day = str(format_date(session.started_at, format="medium", locale=language))
    return t("report.title", kind=t(f"interview.kind.{session.kind.value}"), day=day)


def printed(event: ReportPrinted) -> Say:
    """The report as a file."""
    caption = [t("report.pdf")]
    if event.undrawable:
        caption.append(t("report.undrawable", count=event.undrawable))
    return document(event.name, event.content, *caption)


def _head(found: Debrief) -> Line:
    score, answered = found.session.final_score, found.results.answered
    if score is None:
        mentioned = sum(topic.mentioned for topic in answered)
        return t("report.no_score", mentioned=mentioned, of=sum(topic.key_points for topic in answered))
    judged = found.results.judged
    if judged == len(answered):
        return t("report.score", score=score)
    key = "report.score_so_far" if found.results.provisional else "report.score_of_some"
    return t(key, score=score, judged=judged, answered=len(answered))


def _moments(found: Debrief) -> list[Line]:
    lines = []
    if found.best is not None:
        lines.append(t("report.best", **_moment(found.best)))
    if found.weakest is not None:
        missing = [f"• {clipped(each, LONGEST_POINT)}" for each in found.weakest.missing]
        lines.append(t("report.weakest", **_moment(found.weakest), lines=missing))
    return lines


def _moment(moment: Moment) -> dict[str, Param]:
    return {
        "position": moment.position,
        "score": moment.score,
        "question": clipped(moment.question, LONGEST_POINT),
        "quote": moment.quote,
    }


def _compared(found: Debrief) -> list[Line]:
    """How it went beside the interview before, and beside all of them where there are several."""
    score, before = found.session.final_score, found.earlier
    if score is None or before.last is None or before.mean is None:
        return []
    change = round(score - before.last, 1)
    way = "report.compared.same" if not change else f"report.compared.{'up' if change > 0 else 'down'}"
    line = t(way, last=before.last, now=score, change=abs(change))
    if before.count < 2:
        return [line]
    return [t("report.compared.mean", line=line, mean=before.mean, count=before.count)]


def _competency(name: str, score: float | None, mentioned: int, points: int) -> Line:
    if score is not None:
        return t("report.competency", bar=bar(score / MAX_SCORE), score=score, name=name)
    share = mentioned / points if points else 0.0
    return t("report.competency_mentioned", bar=bar(share), mentioned=mentioned, of=points, name=name)


def bar(share: float) -> str:
    """A bar of ten blocks for a share from 0 to 1."""
    full = round(BAR * share)
    return "█" * full + "░" * (BAR - full)
