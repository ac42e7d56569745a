"""What code makes of an evaluation before anybody reads it: what was not said is neither quoted nor told."""

from __future__ import annotations

from dataclasses import replace

from domain.interviews.grounding import grounded, honestly_quoted
from domain.interviews.plan import QuestionKind
from domain.interviews.rubric import is_quoted
from domain.ports import Evaluation, TurnRequest

STAR = ("situation", "task", "action", "result")


def refined(evaluation: Evaluation, request: TurnRequest, said: tuple[str, ...]) -> Evaluation:
    """An evaluation whose quotations were said and whose better version holds no invented fact.

    `said` is what the candidate told on the question; the resume, the background and the question count too.
    It computes for some milliseconds, so it is run in a thread.
    """
    if evaluation.provisional:
        return evaluation
    question, candidate = request.question, request.candidate
    points = [point.text for point in question.key_points]
    asked = [question.text, question.hint, *points]
    background = str(dict(candidate.background))
    sources = [request.answer, *said, candidate.resume_text, candidate.target_role, background, *asked]
    is_story = question.kind is QuestionKind.BEHAVIOURAL
    if not is_story:
        sources.extend(keyword for point in question.key_points for keyword in point.keywords)
    better = grounded(evaluation.model_answer, sources, candidate.language, is_story=is_story)
    quotable = [request.answer, *asked, request.objection.argument if request.objection else ""]
    return replace(evaluation, model_answer=better, feedback=honestly_quoted(evaluation.feedback, quotable))


def told_as_story(evaluation: Evaluation, answer: str) -> list[str] | None:
    """The answer's words for situation, task, action and result; None where the interviewer gave none.

    Words that the answer does not hold count as not told.
    """
    quotes = [quote if is_quoted(quote, answer) else "" for quote in evaluation.star]
    return quotes if len(quotes) == len(STAR) and any(evaluation.star) else None
