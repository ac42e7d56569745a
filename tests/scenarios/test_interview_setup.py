"""Setting an interview up: in one tap, in detail, with a job description from a file, and a week later."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from bot.playground.models import Message
from domain.adapters.gemini.policy import Policy
from tests.loopback.documents import docx, paragraph
from tests.loopback.gemini import LoopbackGemini, Request
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import ANSWER, begins_interview, member, resume_pdf

pytestmark = pytest.mark.interrupted
SETTINGS = """
    SELECT kind, question_count, target_role, difficulty, language, job_description, status
    FROM interview_sessions ORDER BY started_at
"""
A_WEEK_PASSES = """
    DO $$ DECLARE moment record; BEGIN
        FOR moment IN SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = 'public' AND data_type = 'timestamp with time zone'
        LOOP
            EXECUTE format('UPDATE %I SET %I = %I - interval ''7 days''',
                           moment.table_name, moment.column_name, moment.column_name);
        END LOOP;
    END $$
"""
JOB = "We look for a Rust engineer who keeps payments safe, and who writes things down."


def labels(message: Message) -> list[str]:
    return [button.text for button in message.buttons]


async def settings(greenroom: Greenroom) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in await greenroom.rows(SETTINGS)]


async def test_one_tap_and_every_setting(greenroom: Greenroom) -> None:
    """First at once; then everything is changed, by taps and in words; then the same again in one tap."""
    ana = await member(greenroom)
    await ana.sends(resume_pdf(), "cv.pdf")
    await ana.hears("^Skills: ")
    await ana.says("/interview")
    card = await ana.hears("What kind of interview")
    assert labels(card) == [
        "Behavioural", "Technical", "Mixed", "System design", "Start right away", "Role, difficulty, language"
    ]  # fmt: skip
    assert "start right away: Mixed · 5 questions · Senior Backend Engineer · Adaptive · English" in card.text
    await ana.taps("Start right away")
    await ana.hears("^Question 1 of 5")
    await ana.taps("Stop")
    await ana.hears("answered nothing")

    await ana.says("/interview")
    card = await ana.hears("Last time: Mixed · 5 questions · Senior Backend Engineer · Adaptive · English")
    assert "Same as last time" in labels(card)
    await ana.taps("Role, difficulty, language")
    await ana.hears("Your interview\nRole: Senior Backend Engineer\nDifficulty: Adaptive\nLanguage: English")
    await ana.says("something else")
    await ana.hears("tap one of the buttons")
    await ana.taps("Change role")
    offered = await ana.hears("Which role")
    assert {"QA engineer", "Product manager", "The one in my resume"} <= set(labels(offered))
    for typed, answer in (("?", "Please type a role"), ("x" * 101, "at most 100 characters")):
        await ana.says(typed)
        await ana.hears(answer)
    await ana.says("Rust <engineer>")
    await ana.hears("Role: Rust <engineer>")
    await ana.taps("Change role")
    await ana.hears("Which role")
    await ana.taps("The one in my resume")
    await ana.hears("Role: Senior Backend Engineer")
    await ana.taps("Change role")
    await ana.hears("Which role")
    await ana.taps("QA engineer")
    await ana.hears("Role: QA engineer")
    await ana.taps("Change difficulty")
    await ana.hears("two good ones lead up")
    await ana.says("hard")
    await ana.hears("Difficulty: Hard")
    await ana.taps("Change language")
    spoken = await ana.hears("a bank of my own, which exists in these languages only")
    assert labels(spoken) == ["English", "Español"]
    await ana.says("русский")
    await ana.hears("Without an AI I have no questions in that language")
    await ana.says("Klingon")
    await ana.hears("tap one of the buttons")
    await ana.says("Spanish")
    await ana.hears("Language: Spanish")
    await ana.taps("Done")
    card = await ana.hears("What kind")
    assert "Or start right away: Mixed · 5 questions · QA engineer · Hard · Spanish" in card.text
    await ana.taps("System design")
    await ana.hears("How many")
    await ana.says("2")
    await ana.hears("job description")
    await ana.says(JOB)
    question = await ana.hears("^Question 1 of 2")
    assert re.search(r"[¿áéíóúñ]", question.text), "the interview is in Spanish, its frame in English"
    await ana.says(ANSWER)
    await ana.hears("Key points mentioned")
    await ana.says("/cancel")
    await ana.hears("takes you back")
    await ana.says("/interview")
    waiting = await ana.hears("You have an unfinished interview")
    assert "System design · 2 questions · QA engineer · Hard · Spanish, begun on " in waiting.text
    await ana.taps("Start a new one")
    line = "System design · 2 questions · QA engineer · Hard · Spanish, with a job description"
    await ana.hears(f"Last time: {line}")
    await ana.says("same as last time")
    again = await ana.hears("^Question 1 of 2")
    assert again.text != question.text

    chosen = ("system_design", 2, "QA engineer", "hard", "es", JOB)
    assert await settings(greenroom) == [
        ("mixed", 5, "Senior Backend Engineer", None, "en", None, "abandoned"),
        (*chosen, "abandoned"),
        (*chosen, "active"),
    ]
    turns = await greenroom.rows("SELECT difficulty FROM interview_questions q WHERE plan_index IS NOT NULL")
    assert {row["difficulty"] for row in turns[1:]} == {"hard"}


async def test_the_same_again_with_several_resumes_takes_the_newest_version(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await ana.sends(resume_pdf(), "cv.pdf")
    await ana.hears("^Skills: ")
    await begins_interview(ana, length="1")
    await ana.taps("Skip")
    await ana.hears("answered nothing")
    for choice in ("New version", "Another resume"):
        await ana.sends(resume_pdf(), f"{choice}.pdf")
        await ana.hears("new version of your resume, or another")
        await ana.taps(choice)
        await ana.hears("Kept as")
    await ana.says("/interview")
    which = await ana.hears("Which resume shall I interview you on")
    assert "Last time: Technical · 1 question" in which.text
    await ana.taps("Same as last time")
    await ana.hears("^Question 1 of 1")
    rows = await greenroom.rows(
        "SELECT version FROM interview_sessions s JOIN resumes r ON r.id = s.resume_id ORDER BY s.started_at"
    )
    assert [row["version"] for row in rows] == [1, 2]


async def test_a_job_description_as_a_file(greenroom: Greenroom) -> None:
    """Read in the sandbox like a resume; what cannot be read is told."""
    ana = await member(greenroom)
    await ana.says("/interview")
    await ana.taps("Technical")
    await ana.hears("How many")
    await ana.says("1")
    await ana.hears("Paste its text or send it as a file")
    await ana.sends(b"\x00\x01nothing", "job.pdf")
    await ana.hears("reading the job description")
    await ana.hears("could not take a text out of that file")
    await ana.hears("Is there a job description")
    await ana.sends(docx(paragraph(JOB)), "job.docx")
    await ana.hears(r"Read job.docx as the job description .15 words")
    await ana.hears("^Question 1 of 1")
    assert (await settings(greenroom))[-1][5] == JOB
    assert await greenroom.rows("SELECT 1 FROM resumes") == []

    await ana.says("/cancel")
    await ana.says("/interview")
    await ana.taps("Start a new one")
    await ana.taps("Technical")
    await ana.says("1")
    await ana.hears("job description")
    await greenroom.stops()
    await ana.sends(docx(paragraph(JOB)), "job.docx")
    await ana.says("/cancel")
    greenroom.start()
    await ana.hears("takes you back")
    await ana.hears_nothing("Question|as the job description")
    assert len(await settings(greenroom)) == 1, "an interview that was left before it began does not begin"


async def test_an_interview_that_was_left_waits_for_a_week(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    question = await begins_interview(ana)
    await ana.says(ANSWER)
    await ana.hears("Key points mentioned")
    second = await ana.hears("^Question 2 of 3")
    await greenroom.stops()
    await greenroom.rows(A_WEEK_PASSES)
    greenroom.start()
    await ana.says("/interview")
    assert (await ana.hears("^Question 2 of 3")).text == second.text
    await ana.says("/start")
    home = await ana.hears("Hello Ana")
    assert labels(home)[0] == "Continue my interview"
    await ana.says("/interview")
    await ana.hears("You have an unfinished interview")
    await ana.taps("Go on")
    assert (await ana.hears("^Question 2 of 3")).text == second.text
    for _ in range(2):
        await ana.says(ANSWER)
        await ana.hears("Key points mentioned")
    await ana.hears("Final score")
    assert question.text != second.text


# ---------------------------------------------------------------- with a Gemini


@pytest.fixture
async def gemini() -> AsyncIterator[LoopbackGemini]:
    async with LoopbackGemini() as served:
        yield served


RUSSIAN = {
    "competencies": [{"name": "Базы данных", "weight": 5}],
    "questions": [
        {
            "why": "В вакансии много работы с данными.",
            "kind": "technical",
            "competency": "Базы данных",
            "difficulty": difficulty,
            "text": text,
            "fallback": "",
            "key_points": [{"text": "Называет индекс", "keywords": "индекс, ключ"}],
            "hint": "Вспомните один случай.",
        }
        for difficulty, text in (
            ("easy", "Как вы ускорили бы медленный запрос?"),
            ("medium", "Чем опасна блокировка таблицы под нагрузкой?"),
        )
    ],
    "alternatives": [],
}


def judged(request: Request) -> dict[str, object]:
    return {
        "judgements": [{"key_point": 0, "quote": "добавил индекс", "verdict": "met"}],
        "feedback": "Вы сказали «добавил индекс»: хорошо, но не хватает результата.",
        "model_answer": "Я добавил индекс, и запрос стал выполняться за [время].",
        "probe": "",
        "next_question": "",
    }


async def test_an_interview_in_russian_under_an_english_frame(
    dsn: str, tmp_path: Path, gemini: LoopbackGemini, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Questions, feedback and report are in Russian; with the AI away it is said what the bank can do."""
    monkeypatch.setattr("domain.adapters.gemini.client.Policy", partial(Policy, backoff=0.0))
    gemini.answers("plan", RUSSIAN)
    gemini.answers("evaluate_turn", judged)
    gemini.answers("report", {"summary": "Вы знаете индексы.", "practise": ["Называйте результат."]})
    async with Greenroom(dsn, tmp_path, gemini_api_key="a-key", gemini_base_url=gemini.url) as greenroom:
        ana = await member(greenroom)
        await ana.says("/interview")
        await ana.taps("Role, difficulty, language")
        await ana.taps("Change language")
        spoken = await ana.hears("In which language shall I interview you")
        assert "Русский" in labels(spoken)
        await ana.says("русский")
        await ana.hears("Language: Russian")
        await ana.taps("Done")
        await ana.hears("What kind")
        await ana.taps("Technical")
        await ana.hears("How many")
        await ana.says("2")
        await ana.hears("job description")
        await ana.taps("Without")
        await ana.hears("^Question 1 of 2\n\nКак вы ускорили бы медленный запрос?")
        await ana.says("Я добавил индекс на дату.")
        feedback = await ana.hears("^Score: 10 of 10")
        assert "Вы сказали «добавил индекс»" in feedback.text
        await ana.hears("^Question 2 of 2")
        await ana.says("Я добавил индекс и следил за блокировками.")
        report = await ana.hears("Final score: 10 of 10")
        assert "Вы знаете индексы." in report.text
        assert "Базы данных" in report.text
        assert all("in Russian" in request.system for request in gemini.requests)
        plan = json.loads((await greenroom.rows("SELECT plan FROM interview_sessions"))[0]["plan"])
        assert plan["competencies"] == [{"name": "Базы данных", "weight": 1.0}]
        assert plan["questions"][0]["why"] == "В вакансии много работы с данными."

        gemini.fail("503", times=None, kind="plan")
        await ana.taps("Again")
        await ana.taps("Same as last time")
        told = await ana.hears("The interview was to be in Russian, but my own questions")
        assert "those come in English. You may answer in the language you like" in told.text
        await ana.hears("^Question 1 of 2")
