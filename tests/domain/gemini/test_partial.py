"""Replies that were cut off: what is sound of them is used, and nothing else ever is."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from google.genai import types
from hypothesis import given
from hypothesis import strategies as st

from domain.adapters.gemini import GeminiInterviewer
from domain.adapters.gemini.replies import Reading, Reply, read
from domain.adapters.gemini.schemas import (
    WireAnalysis,
    WireEvaluation,
    WirePlan,
    WireReport,
    WireTranscript,
)
from domain.interviews.rubric import Verdict
from tests.domain.gemini.test_policy import TURN, Time, asking
from tests.loopback.gemini import LoopbackGemini, Request

EVALUATION: dict[str, Any] = {
    "judgements": [
        {"key_point": 0, "quote": "users left", "verdict": "met"},
        {"key_point": 1, "quote": "", "verdict": "missing"},
    ],
    "feedback": 'You said "users left".',
    "model_answer": "I would add [the number].",
    "probe": "How much faster did it become?",
    "next_question": "",
}
QUESTION = {
    "kind": "technical",
    "competency": "databases",
    "difficulty": "easy",
    "text": "What does an index do?",
    "key_points": [{"text": "Says what it costs", "keywords": "write, space"}],
    "hint": "Think of a book.",
}


def cut(text: str, reply: type[Reply]) -> Reading[Reply]:
    """What is read of a reply that ends here for want of tokens."""
    content = types.Content(role="model", parts=[types.Part(text=text)])
    candidate = types.Candidate(content=content, finish_reason=types.FinishReason.MAX_TOKENS)
    return read(types.GenerateContentResponse(candidates=[candidate]), reply)


@given(at=st.integers(0, len(json.dumps(EVALUATION))))
def test_wherever_an_evaluation_ends_its_judgements_are_all_there_or_it_is_no_use(at: int) -> None:
    found = cut(json.dumps(EVALUATION)[:at], WireEvaluation)

    assert found.outcome == "cut"
    is_sound = at >= json.dumps(EVALUATION).index('"model_answer"') + len('"model_answer": "')
    assert (found.reply is not None) is is_sound
    if found.reply is not None:
        assert [each.verdict for each in found.reply.judgements] == [Verdict.MET, Verdict.MISSING]
        assert found.reply.feedback == EVALUATION["feedback"]
        assert found.reply.model_answer in ("", EVALUATION["model_answer"])
        assert found.reply.probe in ("", EVALUATION["probe"])


def test_judgements_that_come_after_the_feedback_and_are_cut_are_no_use() -> None:
    turned = json.dumps({"feedback": "Good.", "judgements": EVALUATION["judgements"]})

    assert cut(turned[:-20], WireEvaluation).reply is None


def test_of_a_plan_the_whole_questions_are_kept() -> None:
    three = json.dumps({"questions": [QUESTION, {**QUESTION, "text": "What is a join?"}, QUESTION]})

    found = cut(three[:-40], WirePlan).reply

    assert found is not None
    assert [question.text for question in found.questions] == ["What does an index do?", "What is a join?"]
    assert cut(json.dumps({"questions": [QUESTION]})[:-40], WirePlan).reply is None


def test_of_a_report_the_summary_is_kept_and_what_was_finished_of_the_rest() -> None:
    whole = json.dumps({"summary": "You know indexes.", "practise": ["Name numbers.", "Be short."]})

    found = cut(whole[:-5], WireReport).reply

    assert found is not None
    assert (found.summary, found.practise) == ("You know indexes.", ["Name numbers."])
    assert cut(whole[:20], WireReport).reply is None


@pytest.mark.parametrize("reply", [WireAnalysis, WireTranscript])
def test_half_a_resume_and_half_a_transcript_are_no_use(reply: type[Any]) -> None:
    text = '{"transcript": "I would", "document": "resume", "skills": ["Python'

    assert cut(text, reply).reply is None


@pytest.fixture
async def interviewer(gemini: LoopbackGemini) -> AsyncIterator[GeminiInterviewer]:
    made = asking(gemini, Time())
    yield made
    await made.close()


async def test_a_sound_part_is_used_where_the_second_try_fails_in_another_way(
    gemini: LoopbackGemini, interviewer: GeminiInterviewer
) -> None:
    gemini.fail("max_tokens_late", times=1)
    gemini.fail("503", times=None)

    evaluation = await interviewer.evaluate_turn(TURN)

    assert [judgement.key_point for judgement in evaluation.judgements] == [0, 1]
    assert evaluation.feedback
    assert evaluation.evaluated_by == "loopback"


async def test_more_room_brings_the_whole_reply(
    gemini: LoopbackGemini, interviewer: GeminiInterviewer
) -> None:
    def answer(request: Request) -> dict[str, object]:
        return EVALUATION

    gemini.answers("evaluate_turn", answer)
    gemini.fail("max_tokens_late", times=1)

    evaluation = await interviewer.evaluate_turn(TURN)

    assert evaluation.model_answer == EVALUATION["model_answer"]
    assert len(gemini.requests) == 2
