"""What is left of interviews: reports with picture and PDF, the history, progress; practice is apart."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from bot.playground.models import Message
from bot.playground.people import Person
from tests.loopback.gemini import LoopbackGemini
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import ANSWER, begins_interview, member

pytestmark = pytest.mark.interrupted
# The loopback Gemini finds all three key points in the first, and one in the second.
WHOLE = (
    "The situation mattered to us. Which action I took: an index <b>& retries</b>. The result: a number, 12."
)
PART = "There was a situation that mattered, и люди, 我不再多说."
MANY = """
    INSERT INTO interview_sessions
        (id, user_id, kind, question_count, language, status, final_score, started_at)
    SELECT gen_random_uuid(), user_id, 'technical', 3, 'en', 'completed', 4 + n % 5,
        now() - n * interval '7 days'
    FROM chats, generate_series(1, 20) AS n
"""


@pytest.fixture
async def judged(dsn: str, tmp_path: Path) -> AsyncIterator[Greenroom]:
    """The whole program with a Gemini."""
    async with (
        LoopbackGemini() as gemini,
        Greenroom(dsn, tmp_path, gemini_api_key="a-key", gemini_base_url=gemini.url) as running,
    ):
        yield running


def labels(message: Message) -> list[str]:
    return [button.text for button in message.buttons]


async def receives_picture(person: Person, name: str) -> None:
    """The next picture has this name, is as wide as it should be, and is not blank."""
    drawn = (await person.receives("photo")).file
    assert drawn is not None
    assert drawn.name == name
    assert drawn.width == 1080
    assert 600 < drawn.height < 4000
    colours = Image.open(BytesIO(drawn.content)).convert("RGB").getcolors(1 << 24)
    assert colours is not None
    assert len(colours) > 50


async def words_of_pdf(person: Person) -> str:
    """The words of the next PDF, white space made one."""
    printed = (await person.receives("document", r"^greenroom-\d{4}-\d\d-\d\d-technical\.pdf$")).file
    assert printed is not None
    pages = PdfReader(BytesIO(printed.content)).pages
    return one_line(" ".join(page.extract_text() for page in pages))


def one_line(text: str) -> str:
    return " ".join(text.split())


async def rehearses(person: Person, *answers: str) -> list[str]:
    """An interview with these answers, "skip" being one; follow-ups get no more. The questions asked."""
    question = await begins_interview(person, length=str(len(answers)))
    asked, last = [question.text], question.text
    await person.says(answers[0])
    while True:
        heard = await person.hears(r"^Question \d|^Follow-up|I'm writing your report")
        if heard.edit_date or heard.text == last:
            continue  # its keyboard went, or it came twice
        last = heard.text
        if last.startswith("I'm writing"):
            return asked
        is_next = heard.text.startswith("Question")
        asked.extend([heard.text] if is_next else [])
        await person.says(answers[len(asked) - 1] if is_next else "I say no more.")


async def test_reports_without_an_ai(greenroom: Greenroom) -> None:
    """Picture, words and PDF of one interview, again from the history."""
    ana = await member(greenroom)
    await ana.says("/progress")
    assert labels(await ana.hears("No finished interview yet")) == ["Start an interview"]
    asked = await rehearses(ana, ANSWER, "skip", f"{ANSWER} 🙂 <And> #the *end*.")
    await receives_picture(ana, "report.png")
    report = await ana.hears("^Final score: none yet")
    assert labels(report) == ["PDF", "Again", "Progress", "Share"]
    assert "Questions answered: 2 of 3" in report.text
    assert "Best moment" not in report.text, "nobody has judged"

    await ana.taps("PDF", on=report)
    words = await words_of_pdf(ana)
    for question in asked:
        assert one_line(question.partition("\n")[2]) in words
    assert words.count(ANSWER) == 2
    assert "<And> #the *end*." in words, "what is typed is never markup"
    assert "Left out." in words
    assert "keyword check, not a score" in words

    await ana.says("/history")
    history = await ana.hears("Which report")
    assert len(labels(history)) == 1
    await ana.taps(labels(history)[0])
    await receives_picture(ana, "report.png")
    again = await ana.hears("^Final score: none yet")
    assert again.text == report.text
    await ana.taps("Progress", on=again)
    await receives_picture(ana, "progress.png")
    assert "One interview is a start" in (await ana.hears("Your interviews")).text


async def test_reports_of_judged_interviews(judged: Greenroom) -> None:
    """Moments in the person's own words, one interview beside the other; practice is no interview."""
    ana = await member(judged)
    await rehearses(ana, PART, WHOLE)
    first = await ana.hears("^Final score: 6.7 of 10")
    assert re.search(r"Best moment, question 2 \(10\)", first.text)
    weakest = first.text.partition("Weakest moment, question 1 (3.3)")[2]
    assert PART in weakest
    assert "What was missing:\n• " in weakest
    assert "Compared" not in first.text
    await rehearses(ana, WHOLE)
    second = await ana.hears("^Final score: 10 of 10")
    assert "Compared with your interview before: 6.7 → 10, up by 3.3." in second.text
    assert "moment" not in second.text, "one question stands beside no other"

    await ana.says("/practice")
    await ana.hears("^One question")
    await ana.says(PART)
    await ana.hears("^Score: 3.3")
    await ana.says("/progress")
    await receives_picture(ana, "progress.png")
    progress = await ana.hears("Your interviews")
    assert progress.text.count("Technical") == 2
    assert "6.7 – Technical" in progress.text
    await ana.taps("PDF", on=first)
    words = await words_of_pdf(ana)
    assert one_line(WHOLE) in words
    assert "I say no more." in words or "Follow-up" not in words
    assert "Weakest moment: question 1" in words


async def test_a_report_is_shared_as_its_owner_was_told(judged: Greenroom) -> None:
    """Numbers and summary to whoever has the link, the person's words only if they say so; taken back."""
    ana, bo = await member(judged), judged.candidate("Bo")
    await rehearses(ana, PART, WHOLE)
    report = await ana.hears("^Final score: 6.7 of 10")
    await ana.taps("Share", on=report)
    asked = await ana.hears("your answers stay yours")
    assert "☐ The best and the weakest moment, with my words" in labels(asked)
    await ana.taps("7 days")
    made = await ana.hears("^✓ Technical interview, .* is shared until")
    token = made.text.partition("?start=")[2].split()[0]
    await bo.says(f"/start {token}")
    shown = await bo.hears("^Technical interview, ")
    assert "Final score: 6.7 of 10" in shown.text
    assert "You answered " in shown.text
    assert "A report of a rehearsal with Greenroom, shared by the candidate until" in shown.text
    for private in ("Ana", PART, "moment", "What to practise", "Compared"):
        assert private not in shown.text
    await ana.taps("Share", on=report)
    await ana.hears("opened once")
    await ana.taps("☐ The best")
    await ana.hears("It is shared until")
    await bo.says(f"/start {token}")
    assert PART in (await bo.hears("^Technical interview, ")).text
    await ana.taps("Stop sharing")
    await ana.hears("Nobody can open it any more")
    await bo.says(f"/start {token}")
    await bo.hears("That link is unknown or has expired")


async def test_many_interviews(greenroom: Greenroom) -> None:
    """The history is read a page at a time, in one message; the progress sees the weeks and the trend."""
    ana = await member(greenroom)
    await greenroom.rows(MANY)
    await ana.says("/history")
    newest = await ana.hears("Page 1 of 3")
    assert labels(newest)[-1] == "Older »"
    assert len(labels(newest)) == 9
    await ana.taps("Older")
    middle = await ana.hears("Page 2 of 3")
    assert middle.message_id == newest.message_id
    assert labels(middle)[-2:] == ["« Newer", "Older »"]
    assert not set(labels(newest)[:8]) & set(labels(middle)[:8])
    await ana.taps("Older")
    last = await ana.hears("Page 3 of 3")
    assert labels(last)[-1] == "« Newer"
    assert len(labels(last)) == 5
    await ana.says("/history 99")
    await ana.hears("Page 3 of 3")
    await ana.says("/progress")
    await receives_picture(ana, "progress.png")
    progress = await ana.hears("Your last three: \\S+ on average. Those before: \\S+")
    assert "You have rehearsed in 20 weeks in a row" in progress.text


async def test_a_report_without_a_picture(greenroom: Greenroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be drawn the words come all the same, and the PDF is refused for now."""
    monkeypatch.setattr("domain.adapters.press._PROGRAM", ("-c", "raise SystemExit(1)"))
    monkeypatch.setattr("domain.interviews.jobs.PrintReport.patience", 0.0)
    ana = await member(greenroom)
    await rehearses(ana, ANSWER)
    report = await ana.hears("^Final score: none yet")
    assert all(message.file is None for message in ana.bot_messages)
    await ana.taps("PDF", on=report)
    await ana.hears("couldn't print the report just now")
