"""The main job: from /start to a report, in chat, over real HTTP."""

from __future__ import annotations

from pathlib import Path

from tests.loopback.greenroom import Greenroom

ANSWER = (
    "In my last team a nightly load failed for weeks. My task was to make it reliable. I measured where it"
    " broke, rewrote the slow query with an index, added retries and monitoring, and agreed on alerts. As a"
    " result failures fell from nine a month to none and the load took 12 minutes instead of 90."
)


async def test_from_start_to_report_offline(greenroom: Greenroom, shared: Path) -> None:
    candidate = await greenroom.linked("Ana")
    await candidate.sends(shared / "corpus/resumes/files/libreoffice/CV.pdf")
    await candidate.hears("Reading it")
    await candidate.hears("analysed in")
    await candidate.hears("Skills")
    await candidate.taps("Start interview")
    await candidate.hears("What kind")
    await candidate.taps("Technical")
    await candidate.hears("How many")
    await candidate.taps("3")
    await candidate.hears("job description")
    await candidate.taps("Without")
    for number in (1, 2, 3):
        await candidate.hears(f"^Question {number} of 3")
        await candidate.says(ANSWER)
        await candidate.hears("Key points mentioned")
    report = await candidate.hears("Final score")
    assert "not a score" in report.text
    answers = await greenroom.rows("SELECT answer_text FROM interview_questions ORDER BY position")
    assert [row["answer_text"] for row in answers] == [ANSWER] * 3
