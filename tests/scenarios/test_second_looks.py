"""Around the feedback: a second try, an objection, other words for a question, what code lets a model say."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground.models import Message
from bot.playground.people import Person
from tests.loopback.gemini import LoopbackGemini, Request
from tests.loopback.gemini_answers import ANSWERS
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import ANSWER, begins_interview, member

pytestmark = pytest.mark.interrupted
PART = "There was a situation that mattered, I say no more."
WHOLE = "The situation mattered to us. Which action I took: an index. The result: a number, 12."
VOICE = b"OggS" + bytes(200)


def labels(message: Message) -> list[str]:
    return [button.text for button in message.buttons]


def judging(*quotes: tuple[str, str], feedback: str = "As I said.", better: str = "") -> dict[str, Any]:
    """An evaluation with a verdict and a quote for each key point."""
    judgements = [
        {"key_point": index, "quote": quote, "verdict": verdict}
        for index, (verdict, quote) in enumerate(quotes)
    ]
    texts = {"feedback": feedback, "model_answer": better, "probe": "", "next_question": ""}
    return {"judgements": judgements, **texts}


def as_always(request: Request) -> dict[str, Any]:
    return ANSWERS["evaluate_turn"](request.material | {"system": request.system})


async def attempts(greenroom: Greenroom) -> list[tuple[int, int, int, str | None]]:
    rows = await greenroom.rows(
        "SELECT position, follow_up, attempt, answer_text FROM interview_questions"
        " ORDER BY position, follow_up, attempt"
    )
    return [(row["position"], row["follow_up"], row["attempt"], row["answer_text"]) for row in rows]


async def test_an_objection_and_a_second_try(judged: Greenroom, gemini: LoopbackGemini) -> None:
    ana = await member(judged)
    await begins_interview(ana, "Behavioural", "2")
    await ana.says(PART)
    first = await ana.hears(r"^Score: 3\.3 of 10")
    assert labels(first) == ["Second try", "I disagree"]
    assert "✓ Names the situation and why it mattered – “was a situation that mattered, I”" in first.text
    assert "Your answer as a story (STAR)\nSituation: “situation that mattered, I say”\nTask: not told" in (
        first.text
    )
    await ana.hears("^Follow-up to question 1\n\nI'd like to hear what came of it")

    await ana.taps("I disagree", on=first)
    await ana.hears("wrong with how I judged your answer to question 1")
    await ana.taps("Second try", on=first)
    await ana.hears("^Second try at question 1")
    await ana.taps("Back to where I was")
    await ana.hears("^Follow-up to question 1")
    await ana.says("/disagree x")
    await ana.hears("can't find that")

    # Only what is in the answer counts: the third point's words stand in the objection alone.
    gemini.answers(
        "evaluate_turn",
        judging(("met", "a situation"), ("partly", "I say no more"), ("met", "result was 12 minutes")),
    )
    await ana.taps("I disagree", on=first)
    await ana.hears("wrong with how I judged")
    await ana.says("My action was to say no more, and the result was 12 minutes.")
    await ana.hears("I'm looking at that answer again")
    await ana.hears("^Follow-up to question 1")
    again = await ana.hears("^A second look at question 1\n\n3.3 → 5 of 10")
    assert "Says which action they took themselves – “I say no more”: missing → touched" in again.text
    assert "number" not in again.text
    asked = gemini.requests[-1]
    assert asked.material["objection"].startswith("My action was")
    assert asked.material["verdicts"] == "0. met\n1. missing\n2. missing"
    assert "objection" not in asked.system.replace("part `objection`", "").split("# This is a second look")[0]
    await ana.taps("I disagree", on=first)
    await ana.hears("took your objection to that judgement already")
    gemini.answers("evaluate_turn", as_always)

    await ana.taps("Second try", on=first)
    second = await ana.hears("^Second try at question 1. It is for practice")
    assert labels(second) == ["Hint", "Back to where I was"]
    await ana.says(WHOLE)
    tried = await ana.hears(r"^Second try at question 1 .the first: 5 of 10.\n\nScore: 10 of 10")
    assert labels(tried) == ["I disagree"]
    await ana.hears("^Follow-up to question 1")
    await ana.taps("Second try", on=first)
    await ana.hears("had your second try at that question")
    await ana.says("skip")
    await ana.hears("^Question 2 of 2")
    await ana.says(WHOLE)
    last = await ana.hears("^Score: 10 of 10")
    await ana.hears("Final score: 7.5 of 10")

    gemini.answers("evaluate_turn", judging(("missing", ""), ("missing", ""), ("missing", "")))
    await ana.taps("I disagree", on=last)
    await ana.hears("The score can rise, stay or fall")
    await ana.says("I want more")
    await ana.hears("I'm looking at that answer again")
    lower = await ana.hears("^A second look at question 2\n\n10 → 0 of 10")
    assert "The final score of that interview is now 2.5 of 10" in lower.text
    gemini.fail("blocked", times=None, kind="evaluate_turn")
    await ana.taps("I disagree", on=tried)
    await ana.says("Look at it once more")
    await ana.hears("declined to look at your answer to question 1 again. Its first judgement stands")
    assert await attempts(judged) == [
        (1, 0, 1, PART),
        (1, 0, 2, WHOLE),
        (1, 1, 1, None),
        (2, 0, 1, WHOLE),
    ]
    rows = await judged.rows("SELECT final_score FROM interview_sessions")
    assert [row["final_score"] for row in rows] == [2.5]


async def test_a_better_version_invents_nothing(judged: Greenroom, gemini: LoopbackGemini) -> None:
    """What a model makes up is left open, what it pretends was said is not quoted, a probe has its reason."""
    ana = await member(judged)
    await begins_interview(ana, "Behavioural", "1")
    better = "At Google I led 40 engineers. The situation mattered to us, so I moved it to Kafka in 12 days."
    scripted = judging(
        ("met", "The situation mattered"),
        ("met", "I led ten people"),
        ("met", "a number, 12"),
        feedback="You said “The situation mattered to us” and “I led ten people”.",
        better=better,
    )
    resumed = {"probe_reason": "contradicts_resume", "probe": "Which team was that, and when was it?"}
    told = {"situation": "The situation mattered", "task": "I was told to", "action": "", "result": "12"}
    gemini.answers("evaluate_turn", scripted | resumed | told)
    await ana.says(WHOLE)
    heard = await ana.hears("^Score: 6.7 of 10")
    assert "You said “The situation mattered to us” and I led ten people." in heard.text
    assert (
        "At [name] I led [your figure] engineers. The situation mattered to us, so I moved it to [tool]"
        in (heard.text)
    )
    assert "in 12 days" in heard.text
    assert "Situation: “The situation mattered”\nTask: not told\nAction: not told\nResult: “12”" in heard.text
    await ana.hears("^Follow-up to question 1\n\nYour resume reads a little differently here")
    rows = await judged.rows("SELECT follow_up_reason FROM interview_questions WHERE follow_up = 1")
    assert [row["follow_up_reason"] for row in rows] == ["contradicts_resume"]
    gemini.answers("evaluate_turn", as_always)
    await ana.says(WHOLE)
    await ana.hears("^Score: 10 of 10")
    await ana.hears("Final score: 10 of 10")


async def test_how_it_was_spoken_is_told_and_not_scored(judged: Greenroom, gemini: LoopbackGemini) -> None:
    ana = await member(judged)
    await begins_interview(ana, length="2")
    gemini.answers("transcribe", {"transcript": f"You know, {WHOLE}", "hesitations": "um, uh, um"})
    await ana.speaks(VOICE, duration=10)
    await ana.hears("I understood:")
    await ana.speaks(VOICE, duration=12)
    await ana.hears("I understood:")
    await ana.says("/cancel")
    await ana.hears("takes you back")
    await ana.says("/interview")
    await ana.says("go on")
    await ana.hears("I understood:")
    await ana.says("yes")
    heard = await ana.hears("^Score: 10 of 10")
    assert "What counted" in heard.text
    assert "(no part of the score): 90 words a minute, filler words um ×2, uh ×1, you know ×1." in heard.text
    await ana.hears("^Question 2 of 2")
    await ana.speaks(VOICE, duration=30)
    await ana.hears("I understood:")
    await ana.taps("Answer again")
    await ana.hears("^Question 2 of 2")
    await ana.says(WHOLE)
    typed = await ana.hears("^Score: 10 of 10")
    assert "words a minute" not in typed.text


async def test_other_words_and_then_another_question(greenroom: Greenroom) -> None:
    """The bank has no other words for a question, so another on its subject takes the place, once."""
    ana = await member(greenroom)
    first = await begins_interview(ana, length="3")
    asked = [body(first)]
    await ana.taps("Hint")
    await ana.hears("💡|no hint")
    await ana.taps("Ask me differently")
    await ana.hears("Here is another question on the same subject in its place")
    asked.append(body(await ana.hears("^Question 1 of 3")))
    await ana.says("ask me differently")
    await ana.hears("no other way to ask this")
    await ana.taps("Ask me differently", on=first, stale=True)
    await ana.hears("belongs to an earlier message")
    await ana.hears("^Question 1 of 3")
    for number in (2, 3):
        await ana.says(ANSWER)
        await ana.hears("Key points mentioned")
        asked.append(body(await ana.hears(f"^Question {number} of 3")))
    assert len(set(asked)) == 4, "what was exchanged does not come back"
    rows = await greenroom.rows(
        "SELECT question_text, earlier_wordings::text, hint_used FROM interview_questions ORDER BY position"
    )
    assert [row["question_text"] for row in rows] == asked[1:]
    assert asked[0] in rows[0]["earlier_wordings"]
    assert not rows[0]["hint_used"]


async def test_other_words_from_the_plan(judged: Greenroom) -> None:
    ana = await member(judged)
    asked = body(await begins_interview(ana, length="1"))
    await ana.taps("Ask me differently")
    await ana.hears("in other words:")
    assert body(await ana.hears("^Question 1 of 1")) == f"In other words: {asked}"


async def test_a_second_look_while_gemini_is_away(judged: Greenroom, gemini: LoopbackGemini) -> None:
    """It waits, however long that takes, and the interview goes on."""
    ana = await member(judged)
    await begins_interview(ana, length="2")
    await ana.taps("Ask me differently")
    await ana.hears("in other words:")
    await ana.says(PART)
    first = await ana.hears("^Score: 3.3")
    await ana.taps("I disagree", on=first)
    await ana.hears("wrong with how I judged")
    gemini.fail("503", times=None, kind="evaluate_turn")
    await ana.says("Because it is enough")
    await ana.hears("looking at that answer again")
    await ana.says("/help")
    await ana.hears("What I can do")
    gemini.heal()
    await ana.hears("^A second look at question 1\n\nIt stays at 3.3 of 10")
    await ana.taps("Second try", on=first)
    await ana.hears("^Second try at question 1")
    await ana.says(WHOLE)
    await ana.hears("^Second try at question 1 .the first: 3.3 of 10")
    await ana.hears("^Follow-up to question 1")
    await ana.taps("Stop")
    await ana.hears("End the interview here")
    await ana.taps("Yes, end it")
    await ana.hears("Final score: 3.3 of 10")


async def test_in_spanish(judged: Greenroom, gemini: LoopbackGemini) -> None:
    """Everything around an answer in Spanish; the loopback Gemini itself answers in English."""
    ana = await spanish_member(judged)
    gemini.answers("transcribe", {"transcript": f"O sea, {WHOLE}", "hesitations": "eh, eh"})
    await ana.says("/interview")
    await ana.taps("Conductual")
    await ana.says("1")
    await ana.taps("Sin oferta")
    await ana.hears("^Pregunta 1 de 1")
    await ana.taps("Pregúntamelo de otra forma")
    await ana.hears("con otras palabras")
    answer = await ana.says(PART)
    heard = await ana.hears("^Puntuación: 3,3 de 10")
    assert labels(heard) == ["Segundo intento", "No estoy de acuerdo"]
    assert all(
        words in heard.text for words in ("Lo que faltó", "Lo que contó", "Situación: «", "sin contar")
    )
    await ana.hears("^Seguimiento de la pregunta 1\n\nMe gustaría saber en qué acabó")
    await ana.edits(answer, WHOLE)
    offer = await ana.hears("Ya valoré esa respuesta")
    await ana.taps("Segundo intento", on=offer)
    await ana.hears("Tu segundo intento, tal como lo tengo")
    await ana.says("sí")
    await ana.hears("^Segundo intento de la pregunta 1 .el primero: 3,3 de 10")
    await ana.taps("No estoy de acuerdo", on=heard)
    await ana.hears("Qué hay de malo")
    await ana.says("Dije más")
    await ana.hears("Vuelvo a mirar esa respuesta")
    await ana.hears("^Otra mirada a la pregunta 1\n\nSe queda en 3,3 de 10")
    await ana.speaks(VOICE, duration=10)
    await ana.hears("Entendí:")
    await ana.taps("Sí, usarla")
    spoken = await ana.hears("^Puntuación: 10 de 10")
    assert "108 palabras por minuto, muletillas eh ×2, o sea ×1" in spoken.text
    await ana.hears("Puntuación final")


async def spanish_member(greenroom: Greenroom) -> Person:
    ana = await member(greenroom)
    await ana.says("/language")
    await ana.taps("Español")
    await ana.hears("español")
    return ana


def body(question: Message | str) -> str:
    text = question if isinstance(question, str) else question.text
    return text.partition("\n")[2].strip()
