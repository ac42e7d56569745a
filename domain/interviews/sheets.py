"""Debriefs and progress as sheets to be printed: every number is worded here, in the reader's language."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from domain.interviews import course
from domain.interviews.debrief import Debrief, Moment
from domain.interviews.models import InterviewQuestion, TurnStatus
from domain.interviews.progress import ENOUGH_FOR_A_TREND, Point, Progress, Standing
from domain.interviews.rubric import MAX_SCORE, Verdict
from domain.interviews.sheet_words import language_of, sheet_words
from domain.ports import Sheet

MOST_COMPETENCIES = 8
MOST_POINTS = 24
NO_SCORE = "–"


class Wording:
    """The words, numbers and days of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.words = sheet_words(language)

    def say(self, name: str, **details: object) -> str:
        return self.words[name].format_map({key: isolated(value) for key, value in details.items()})

    def number(self, value: float) -> str:
        return str(format_decimal(value, format="0.0", locale=self.language))

    def change(self, value: float) -> str:
        """A difference with its sign; what rounds to nothing is "±0"."""
        return f"{'+' if value > 0 else '−'}{self.number(abs(value))}" if round(value, 1) else "±0"

    def day(self, value: Any, form: str = "medium") -> str:
        return str(format_date(value, format=form, locale=self.language))

    def kind(self, kind: str) -> str:
        return self.words.get(f"kind_{kind}") or self.words["kind_mixed"]


def isolated(value: object) -> object:
    """A name from right to left set apart (UAX #9), so that it does not reorder the words around it."""
    if isinstance(value, str) and any(unicodedata.bidirectional(each) in ("R", "AL") for each in value):
        return f"\u2068{value}\u2069"
    return value


def report_picture(debrief: Debrief, chat_language: str) -> Sheet:
    """The picture that goes with a report: score, competencies, how they stood before."""
    wording = Wording(language_of(chat_language))
    rows = _competencies(debrief, wording)
    legend = _legend(debrief, wording)
    if len(rows) > MOST_COMPETENCIES:
        legend.append(wording.say("more_competencies", count=len(rows) - MOST_COMPETENCIES))
    content = _head(debrief, wording) | {"competencies": rows[:MOST_COMPETENCIES], "legend": legend}
    return Sheet("report_picture", content)


def report_document(debrief: Debrief, transcript: Sequence[InterviewQuestion], chat_language: str) -> Sheet:
    """The whole report with every question and answer, in the interview's language where we have it."""
    wording = Wording(language_of(debrief.session.language, chat_language))
    moments = [
        _moment(moment, name, wording)
        for name, moment in (("best", debrief.best), ("weakest", debrief.weakest))
        if moment is not None
    ]
    content = _head(debrief, wording) | {
        "summary": debrief.session.feedback_summary or "",
        "facts": _facts(debrief, wording),
        "competencies": _competencies(debrief, wording),
        "legend": _legend(debrief, wording),
        "moments": moments,
        "practise": [str(each) for each in debrief.session.practise],
        "turns": [_turn(turn, course.why(debrief.session, turn), wording) for turn in transcript],
    }
    return Sheet("report", content)


def _head(debrief: Debrief, wording: Wording) -> dict[str, Any]:
    session, found = debrief.session, debrief.results
    note = ""
    if session.final_score is None:
        mentioned = sum(topic.mentioned for topic in found.answered)
        of = sum(topic.key_points for topic in found.answered)
        note = wording.say("mentioned", mentioned=mentioned, of=of)
    elif found.judged < len(found.answered):
        name = "so_far" if found.provisional else "judged_partly"
        note = wording.say(name, judged=found.judged, answered=len(found.answered))
    unscored = session.final_score is None
    return {
        "language": wording.language,
        "words": {name.replace("_", "-"): text for name, text in wording.words.items()},
        "head": wording.say("head", day=wording.day(session.started_at, "long")),
        "title": wording.kind(session.kind.value),
        "role": session.target_role or "",
        "score": NO_SCORE if session.final_score is None else wording.number(session.final_score),
        "score-of": wording.say("unscored" if unscored else "of_ten"),
        "score-note": note,
        "competencies-title": wording.say("competencies"),
    }


def _competencies(debrief: Debrief, wording: Wording) -> list[dict[str, Any]]:
    rows = []
    for name, (score, mentioned, points) in debrief.results.by_competency().items():
        before = debrief.earlier.before(name)
        share = mentioned / points if points else 0.0
        rows.append(
            {
                "name": name,
                "value": f"{mentioned}/{points}" if score is None else wording.number(score),
                "share": share if score is None else score / MAX_SCORE,
                "judged": score is not None,
                "before": None if score is None or before is None else before / MAX_SCORE,
                "note": "",
            }
        )
    return rows


def _legend(debrief: Debrief, wording: Wording) -> list[str]:
    scores = debrief.results.by_competency()
    has_before = any(
        score is not None and debrief.earlier.before(name) is not None
        for name, (score, _, _) in scores.items()
    )
    has_unjudged = any(score is None for score, _, _ in scores.values())
    legend = [wording.say("legend_before")] if has_before else []
    return [*legend, wording.say("legend_mentioned")] if has_unjudged else legend


def _facts(debrief: Debrief, wording: Wording) -> list[str]:
    session, before = debrief.session, debrief.earlier
    answered = len(debrief.results.answered)
    lines = [wording.say("answered", answered=answered, of=session.question_count)]
    if debrief.hints:
        lines.append(wording.say("hints", count=debrief.hints))
    if session.final_score is not None and before.last is not None:
        change = wording.change(session.final_score - before.last)
        last, now = wording.number(before.last), wording.number(session.final_score)
        lines.append(wording.say("compared_last", last=last, now=now, change=change))
    if session.final_score is not None and before.count > 1 and before.mean is not None:
        lines.append(wording.say("compared_mean", count=before.count, mean=wording.number(before.mean)))
    return lines


def _moment(moment: Moment, name: str, wording: Wording) -> dict[str, Any]:
    score = wording.number(moment.score)
    title = wording.say(name, position=moment.position, competency=moment.competency, score=score)
    missing = wording.say("missing", points="; ".join(moment.missing)) if moment.missing else ""
    return {
        "title": title,
        "question": moment.question,
        "quote": f"“{moment.quote}”" if moment.quote else "",
        "note": missing if name == "weakest" else "",
    }


def _turn(turn: InterviewQuestion, why: str, wording: Wording) -> dict[str, Any]:
    head = wording.say("question", position=turn.position, competency=turn.competency)
    if turn.follow_up:
        head = wording.say("follow_up", position=turn.position)
    if turn.attempt > 1:
        head = wording.say("second_try", position=turn.position)
    notes = [wording.say("why", why=why)] if why and turn.attempt == 1 else []
    notes += [wording.say("worded_before", question=each) for each in turn.earlier_wordings]
    if turn.hint_used and turn.hint:
        notes.append(wording.say("hint_taken", hint=turn.hint))
    if turn.answer_text is None:
        notes.append(wording.say("skipped"))
    is_unjudged = turn.answer_text is not None and turn.evaluation_score is None
    if is_unjudged:
        notes.append(wording.say("unjudged"))
    score = turn.evaluation_score
    return {
        "head": head,
        "score": "" if score is None else f"{wording.number(score)} {wording.say('of_ten')}",
        "question": turn.question_text,
        "notes": notes,
        "answer": turn.answer_text or "",
        "points-title": wording.say("points_mentioned" if is_unjudged else "points"),
        "points": _points(turn, wording) if turn.status is TurnStatus.EVALUATED else [],
        "feedback": turn.feedback_comment or "",
        "objection": turn.objection or "",
        "model-answer": turn.model_answer or "",
    }


def _points(turn: InterviewQuestion, wording: Wording) -> list[dict[str, str]]:
    judged = {Verdict.MET: ("✓", "met"), Verdict.PARTLY: ("~", "partly"), Verdict.MISSING: ("–", "lacking")}
    named = {Verdict.MET: ("✓", "named"), Verdict.PARTLY: ("✓", "named"), Verdict.MISSING: ("–", "unnamed")}
    marks = named if turn.evaluation_score is None else judged
    evidence: Sequence[Any] = turn.evidence or [""] * len(turn.rubric)
    rows = []
    for point, verdict, quote in zip(turn.rubric, turn.verdicts or (), evidence, strict=False):
        mark, name = marks[Verdict(verdict)]
        shown = f"“{quote}”" if quote and turn.evaluation_score is not None else ""
        rows.append({"mark": mark, "text": str(point["text"]), "verdict": wording.say(name), "quote": shown})
    return rows


def progress_picture(progress: Progress, chat_language: str) -> Sheet:
    """Scores over the interviews and by competency; few interviews are said to be few."""
    wording = Wording(language_of(chat_language))
    points, count = progress.points[-MOST_POINTS:], progress.count
    subtitle = wording.say("progress_count", count=count)
    if count > len(points):
        subtitle = wording.say("progress_shown", count=count, shown=len(points))
    standings = progress.standings[:MOST_COMPETENCIES]
    compared = any(each.before is not None for each in standings)
    content = {
        "language": wording.language,
        "words": {"undrawable": wording.say("undrawable", count="{count}")},
        "title": wording.say("progress"),
        "subtitle": subtitle,
        "points": [_point(each, wording) for each in points],
        "legend": _progress_legend(progress, wording),
        "competencies-title": wording.say("competencies"),
        "competencies": [_standing(each, wording) for each in standings],
        "competencies-legend": [wording.say("legend_standing")] if compared else [],
    }
    return Sheet("progress_picture", content)


def _point(point: Point, wording: Wording) -> dict[str, Any]:
    """One interview as a point of the curve."""
    return {
        "day": wording.day(point.at, "short"),
        "score": point.score,
        "value": "" if point.score is None else wording.number(point.score),
        "provisional": point.provisional,
    }


def _standing(standing: Standing, wording: Wording) -> dict[str, Any]:
    """One competency as a bar, with what it was before."""
    before = standing.before
    note = wording.say("standing_once")
    if before is not None:
        change = wording.change(standing.recent - before)
        note = wording.say("standing", times=standing.times, before=wording.number(before), change=change)
    return {
        "name": standing.name,
        "value": wording.number(standing.recent),
        "share": standing.recent / MAX_SCORE,
        "judged": True,
        "before": None if before is None else before / MAX_SCORE,
        "note": note,
    }


def _progress_legend(progress: Progress, wording: Wording) -> list[str]:
    shown = progress.points[-MOST_POINTS:]
    lines = []
    if progress.count == 1:
        lines.append(wording.say("progress_one"))
    elif len(progress.scored) < ENOUGH_FOR_A_TREND:
        lines.append(wording.say("progress_few"))
    if any(point.provisional and point.score is not None for point in shown):
        lines.append(wording.say("legend_hollow"))
    if any(point.score is None for point in shown):
        lines.append(wording.say("legend_cross"))
    return lines
