"""A resume pasted into the chat as text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.resumes.pasted import is_link, looks_like_resume
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import ANSWER, LETTER, RESUME, begins_interview, member

TEXT = "\n".join(RESUME)
MORE = "Projects\n" + "Wrote a scheduler in Rust that a hundred teams use, and taught its users. " * 4


async def test_text_is_taken_for_a_resume_once_it_is_confirmed(greenroom: Greenroom) -> None:
    ana = await member(greenroom)
    await ana.says(TEXT)
    await ana.hears("That looks like a resume")
    await ana.says("hm")
    await ana.hears("tap one of the buttons")
    await ana.says(MORE)
    await ana.hears("Added to the text")
    question = await ana.hears("That looks like a resume")
    assert await greenroom.rows("SELECT FROM resumes WHERE status = 'analyzed'") == []
    await ana.taps("Yes", on=question)
    got = await ana.hears("Got your text")
    done = await ana.hears("read and analysed in")
    assert done.message_id == got.message_id
    card = await ana.hears("Skills: ")
    assert "Senior Backend Engineer" in card.text
    assert "Rust" in card.text
    await ana.taps("Yes", on=question, stale=True)
    await ana.hears("belongs to an earlier message")

    await ana.says(TEXT)
    await ana.hears("That looks like a resume")
    await ana.says("/cancel")
    await ana.hears("/resume takes you back")
    await ana.says(TEXT)
    await ana.hears("That looks like a resume")
    await ana.says("no")
    await ana.hears("forgotten that text")
    rows = await greenroom.rows("SELECT file_type, title, file_size FROM resumes")
    assert [tuple(row) for row in rows] == [("text", "Resume", len(f"{TEXT}\n{MORE}".strip()))]
    assert len(await greenroom.rows("SELECT FROM blobs")) == 1

    await ana.says("https://docs.example.com/d/1?id=2")
    await ana.hears("can't open links")
    await ana.says("\n".join(LETTER * 3))
    await ana.hears("not sure what to do")
    question = await begins_interview(ana)
    await ana.says(TEXT)  # an answer, however odd
    await ana.hears("Question 2 of 3")
    answers = await greenroom.rows("SELECT answer_text FROM interview_questions WHERE position = 1")
    assert answers[0]["answer_text"] == TEXT


def test_what_looks_like_a_resume() -> None:
    assert looks_like_resume(TEXT)
    assert not looks_like_resume(TEXT[:200])
    assert not looks_like_resume(" ".join(TEXT.split()))
    assert not looks_like_resume("\n".join([ANSWER] * 6))
    assert is_link(" https://example.com/cv.pdf ")
    assert not is_link("see https://example.com/cv.pdf")


@given(st.text(max_size=2_000))
def test_no_text_breaks_it(text: str) -> None:
    looks_like_resume(text)
