"""What is told of an answer and of an interview: feedback, report, progress. Every number is computed."""

from __future__ import annotations

from uuid import UUID

from bot.conversations.without_ai import DECLINED, told
from bot.step import Button, Line, Say, say, t
from domain.interviews.jobs import TurnEvaluated
from domain.interviews.models import InterviewQuestion, InterviewSession
from domain.interviews.results import Results
from domain.interviews.rubric import MAX_SCORE, Verdict
from domain.services import Domain

LONGEST_FEEDBACK = 1200
LONGEST_MODEL_ANSWER = 1500
LONGEST_POINT = 200
BAR = 10
AGAIN = Button(t("button.again"), "/interview")
PROGRESS = Button(t("button.progress"), "/progress")


async def feedback(event: TurnEvaluated, domain: Domain) -> Say:
    """The feedback to one answer: score or, without a judge, the key points mentioned; the rest folded."""
    turn = await domain.interviews.turn(event.question_id)
    if event.declined:
        return say(t("feedback.declined", position=turn.position))
    paragraphs = [t("feedback.late", position=turn.position)] if event.late else []
    paragraphs.append(_verdict(turn))
    paragraphs.append(t("plain", text=clipped(turn.feedback_comment or "", LONGEST_FEEDBACK)))
    missing = [
        f"• {clipped(str(point['text']), LONGEST_POINT)}"
        for point, verdict in zip(turn.rubric, turn.verdicts or (), strict=False)
        if verdict != Verdict.MET.value
    ]
    if missing and not turn.provisional:
        paragraphs.append(t("feedback.missing", lines=missing))
    if turn.model_answer:
        paragraphs.append(t("feedback.model_answer", text=clipped(turn.model_answer, LONGEST_MODEL_ANSWER)))
    then = "evaluate_turn_again" if event.why in DECLINED else "evaluate_turn"
    return say(*paragraphs, *told(event.why, then))


def _verdict(turn: InterviewQuestion) -> Line:
    if turn.evaluation_score is not None:
        return t("feedback.score", score=turn.evaluation_score)
    mentioned = sum(verdict != Verdict.MISSING.value for verdict in turn.verdicts or ())
    return t("feedback.mentioned", mentioned=mentioned, of=len(turn.rubric))


async def report(session_id: UUID, domain: Domain, why: str = "") -> Say:
    """The report of a session, from what is stored; `why` is why the AI took no part in writing it."""
    session = await domain.interviews.session(session_id)
    found = await domain.interviews.results(session_id)
    counts = t("report.answered", answered=len(found.answered), of=session.question_count)
    paragraphs = [
        _head(session, found),
        counts,
        t("plain", text=clipped(session.feedback_summary or "", LONGEST_FEEDBACK)),
    ]
    lines = [_competency(name, *numbers) for name, numbers in found.by_competency().items()]
    if lines:
        paragraphs.append(t("report.competencies", lines=lines))
    if session.practise:
        practise = [f"• {clipped(each, LONGEST_POINT)}" for each in session.practise[:3]]
        paragraphs.append(t("report.practise", lines=practise))
    if found.provisional and not domain.is_offline:
        paragraphs.append(t("report.provisional"))
    paragraphs.extend(told(why, "report"))
    return say(*paragraphs, buttons=((AGAIN, PROGRESS),))


def _head(session: InterviewSession, found: Results) -> Line:
    if session.final_score is None:
        mentioned = sum(topic.mentioned for topic in found.answered)
        return t("report.no_score", mentioned=mentioned, of=sum(topic.key_points for topic in found.answered))
    if not found.provisional:
        return t("report.score", score=session.final_score)
    judged = sum(topic.score is not None for topic in found.answered)
    return t("report.score_so_far", score=session.final_score, judged=judged, answered=len(found.answered))


def _competency(name: str, score: float | None, mentioned: int, points: int) -> Line:
    if score is not None:
        return t("report.competency", bar=bar(score / MAX_SCORE), score=score, name=name)
    share = mentioned / points if points else 0.0
    return t("report.competency_mentioned", bar=bar(share), mentioned=mentioned, of=points, name=name)


def bar(share: float) -> str:
    """A bar of ten blocks for a share from 0 to 1."""
    full = round(BAR * share)
    return "█" * full + "░" * (BAR - full)


def clipped(text: str, most: int) -> str:
    """A text of at most so many characters, so that a message stays within Telegram's limit."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
