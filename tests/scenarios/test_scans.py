"""Scans and photos of resumes, read by Gemini."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from bot.playground.people import Person
from domain.adapters.gemini.client import Policy
from tests.loopback.gemini import LoopbackGemini
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import begins_interview, member, photo


@pytest.fixture
async def gemini() -> AsyncIterator[LoopbackGemini]:
    async with LoopbackGemini() as served:
        yield served


@pytest.fixture
async def greenroom(
    dsn: str, tmp_path: Path, gemini: LoopbackGemini, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Greenroom]:
    monkeypatch.setattr("domain.adapters.gemini.interviewer.Policy", partial(Policy, backoff=0.0))
    async with Greenroom(dsn, tmp_path, gemini_api_key="a-key", gemini_base_url=gemini.url) as running:
        yield running


async def test_a_photo_of_a_resume(greenroom: Greenroom, gemini: LoopbackGemini) -> None:
    """What Gemini reads on it is the resume's text from then on; while Gemini is away nothing is made up."""
    ana = await member(greenroom)
    await ana.sends(photo(), "photo.png")
    card = await ana.hears("^Skills: ")
    assert "Data Engineer" in card.text
    assert len(gemini.requests[-1].pictures) == 1
    (stored,) = await greenroom.rows("SELECT file_type, file_size FROM resumes")
    assert (stored["file_type"], stored["file_size"]) == ("png", len(photo()))
    await begins_interview(ana)
    plan = next(request for request in gemini.requests if request.kind == "plan")
    assert "Data Engineer, Example Corp, 2019 - 2024" in plan.material["resume"]
    assert not plan.pictures

    gemini.fail("503", times=None, kind="analyse_resume")
    await ana.sends(photo(), "again.png")
    await ana.hears("The AI that reads those is away just now")
    gemini.heal()
    gemini.fail("blocked", kind="analyse_resume")
    await ana.sends(photo(), "once more.png")
    await ana.hears("send the PDF or Word file it was made from")
    assert len(await greenroom.rows("SELECT FROM blobs")) == 1


async def asked_for_a_job(candidate: Person) -> None:
    await candidate.says("/interview")
    await candidate.hears("What kind")
    await candidate.taps("Technical")
    await candidate.hears("How many")
    await candidate.says("1")
    await candidate.hears("job description")


async def test_a_photo_of_a_job_description(greenroom: Greenroom, gemini: LoopbackGemini) -> None:
    ana = await member(greenroom)
    await asked_for_a_job(ana)
    gemini.fail("503", times=None, kind="read_pages")
    await ana.sends(photo(), "job.png")
    await ana.hears("the AI that reads those is away just now")
    await ana.hears("Is there a job description")
    gemini.heal()
    gemini.answers("read_pages", {"page_text": "  "})
    await ana.sends(photo(), "job.png")
    await ana.hears("could not read a job description on it")
    await ana.hears("Is there a job description")
    gemini.answers("read_pages", {"page_text": "We look for a data engineer who knows SQL."})
    await ana.sends(photo(), "job.png")
    await ana.hears(r"as the job description \(9 words\)")
    await ana.hears("^Question 1 of 1")
    (session,) = await greenroom.rows("SELECT job_description FROM interview_sessions")
    assert session["job_description"] == "We look for a data engineer who knows SQL."
    assert len(next(each for each in gemini.requests if each.kind == "read_pages").pictures) == 1


async def test_without_an_ai_a_photo_of_a_job_description_is_asked_for_as_text(
    dsn: str, tmp_path: Path
) -> None:
    async with Greenroom(dsn, tmp_path) as offline:
        ana = await member(offline)
        await asked_for_a_job(ana)
        await ana.sends(photo(), "job.png")
        await ana.hears("could not read a job description on it. Please paste it as text")
        await ana.hears("Is there a job description")
