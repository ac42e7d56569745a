"""What is told of one answer: score, a few sentences, and folded below them what counted and what did not.

Every number is computed, every quotation was said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.conversations.without_ai import DECLINED, told
from bot.step import Button, Line, Rows, Say, say, t
from domain.background.preferences import FeedbackDepth
from domain.interviews.delivery import Delivery
from domain.interviews.jobs import TurnEvaluated, TurnReconsidered
from domain.interviews.models import InterviewQuestion, InterviewStatus
from domain.interviews.refining import STAR
from domain.interviews.rubric import Verdict, topic_score
from domain.interviews.sentences import pieces
from domain.services import Domain

LONGEST_FEEDBACK = 1200
LONGEST_MODEL_ANSWER = 1500
LONGEST_POINT = 200
LONGEST_QUOTE = 100  # six points with their quotes fit into a message, in emoji too
MOST_FILLERS = 4


async def feedback(event: TurnEvaluated, domain: Domain) -> Say:
    """The feedback to one answer: score or, without a judge, the key points mentioned; the rest folded."""
    turn = await domain.interviews.turn(event.question_id)
    if event.declined:
        return say(t("feedback.declined", position=turn.position))
    paragraphs = [t("feedback.late", position=turn.position)] if event.late else []
    if turn.attempt > 1:
        paragraphs.append(await _second_try(turn, domain))
    paragraphs.append(_verdict(turn))
    depth = (await domain.background.preferences()).feedback_depth
    if turn.feedback_comment:
        paragraphs.append(_comment(turn.feedback_comment, depth))
    if turn.set_aside:
        quoted = [f"“{clipped(each, LONGEST_POINT)}”" for each in turn.set_aside]
        paragraphs.append(t("feedback.set_aside", lines=quoted))
    paragraphs.extend(_folded(turn, depth))
    if turn.delivery:
        paragraphs.append(_delivery(Delivery(**turn.delivery)))
    then = "evaluate_turn_again" if event.why in DECLINED else "evaluate_turn"
    return say(*paragraphs, *told(event.why, then), buttons=_second_looks(turn))


async def reconsidered(event: TurnReconsidered, domain: Domain) -> Say:
    """What a second look at an answer has changed, verdict by verdict."""
    turn = await domain.interviews.turn(event.question_id)
    if event.declined:
        return say(t("reconsidered.declined", position=turn.position))
    before = [Verdict(verdict) for verdict in turn.verdicts_before or ()]
    score, earlier = turn.evaluation_score or 0.0, topic_score(before)
    paragraphs = [t("reconsidered.head", position=turn.position)]
    if score == earlier:
        paragraphs.append(t("reconsidered.same", score=score))
    else:
        paragraphs.append(t("reconsidered.score", before=earlier, score=score))
    if turn.feedback_comment:
        paragraphs.append(t("plain", text=clipped(turn.feedback_comment, LONGEST_FEEDBACK)))
    changed = list(_changes(turn, before))
    paragraphs.append(t("reconsidered.changed", lines=changed) if changed else t("reconsidered.unchanged"))
    session = await domain.interviews.session(turn.session_id)
    is_final = session.status is InterviewStatus.COMPLETED and not session.is_practice and turn.attempt == 1
    if is_final and session.final_score is not None and score != earlier:
        paragraphs.append(t("reconsidered.final", score=session.final_score))
    return say(*paragraphs)


def _changes(turn: InterviewQuestion, before: Sequence[Verdict]) -> Iterator[Line]:
    now = [Verdict(verdict) for verdict in turn.verdicts or ()]
    for (text, quote, verdict), was in zip(_points(turn), before, strict=False):
        if verdict is was:
            continue
        point = t("plain", text=f"{text} – “{quote}”" if quote else text)
        was_then, is_now = t(f"feedback.verdict.{was.value}"), t(f"feedback.verdict.{verdict.value}")
        yield t("reconsidered.change", point=point, before=was_then, now=is_now)
    assert len(now) == len(turn.rubric)


async def _second_try(turn: InterviewQuestion, domain: Domain) -> Line:
    first = await domain.second_looks.first_of(turn)
    if first.evaluation_score is None:
        return t("feedback.second", position=turn.position)
    return t("feedback.second_after", position=turn.position, score=first.evaluation_score)


def _verdict(turn: InterviewQuestion) -> Line:
    if turn.evaluation_score is not None:
        return t("feedback.score", score=turn.evaluation_score)
    mentioned = sum(verdict != Verdict.MISSING.value for verdict in turn.verdicts or ())
    return t("feedback.mentioned", mentioned=mentioned, of=len(turn.rubric))


def _comment(whole: str, depth: FeedbackDepth | None) -> Line:
    """What the interviewer says; for somebody who likes it brief its first sentence, the rest folded."""
    comment = clipped(whole, LONGEST_FEEDBACK)
    first = next(pieces(comment)).strip()
    if depth is not FeedbackDepth.BRIEF or first == comment.strip():
        return t("plain", text=comment)
    return t("feedback.brief", first=first, rest=comment.removeprefix(first).strip())


def _folded(turn: InterviewQuestion, depth: FeedbackDepth | None) -> Iterator[Line]:
    """What was missing and what counted, the answer as a story, a better version of it.

    For somebody who likes it full, what was missing is not folded.
    """
    if not turn.provisional:
        points = _points(turn)
        missing = [_line(*point) for point in points if point[2] is not Verdict.MET]
        counted = [_line(*point) for point in points if point[2] is Verdict.MET]
        if missing:
            is_open = depth is FeedbackDepth.FULL
            yield t("feedback.missing_open" if is_open else "feedback.missing", lines=missing)
        if counted:
            yield t("feedback.counted", lines=counted)
    if turn.star:
        yield t("feedback.star", lines=[_part(*each) for each in zip(STAR, turn.star, strict=True)])
    if turn.model_answer:
        yield t("feedback.model_answer", text=clipped(turn.model_answer, LONGEST_MODEL_ANSWER))


def _points(turn: InterviewQuestion) -> list[tuple[str, str, Verdict]]:
    """Each key point, the answer's words for it, and how far they cover it."""
    return [
        (clipped(str(point["text"]), LONGEST_POINT), clipped(quote, LONGEST_QUOTE), Verdict(verdict))
        for point, quote, verdict in zip(turn.rubric, turn.evidence or (), turn.verdicts or (), strict=False)
    ]


def _line(text: str, quote: str, verdict: Verdict) -> Line:
    if verdict is Verdict.MISSING:
        return t("feedback.point", text=text)
    key = "feedback.point_partly" if verdict is Verdict.PARTLY else "feedback.point_met"
    return t(key, text=text, quote=quote)


def _part(part: str, quote: str) -> Line:
    name = t(f"feedback.part.{part}")
    if not quote:
        return t("feedback.part_missing", part=name)
    return t("feedback.part_told", part=name, quote=clipped(quote, LONGEST_QUOTE))


def _delivery(told_how: Delivery) -> Line:
    most = sorted(told_how.fillers.items(), key=lambda filler: -filler[1])[:MOST_FILLERS]
    fillers = ", ".join(f"{word} ×{count}" for word, count in most)
    words = t("feedback.fillers", fillers=fillers) if fillers else t("feedback.no_fillers")
    if told_how.pace is None:
        return t("feedback.delivery", fillers=words)
    return t("feedback.delivery_with_pace", pace=told_how.pace, fillers=words)


def _second_looks(turn: InterviewQuestion) -> Rows:
    """A second try, and an objection where there is a judgement to object to."""
    buttons = []
    if turn.attempt == 1:
        buttons.append(Button(t("button.second_try"), f"/retry {turn.id}"))
    if turn.evaluation_score is not None:
        buttons.append(Button(t("button.disagree"), f"/disagree {turn.id}"))
    return (tuple(buttons),) if buttons else ()


def clipped(text: str, most: int) -> str:
    """A text of at most so many characters, so that a message stays within Telegram's limit."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
