"""Sharing: a link made, opened in a chat and on a page, changed, taken back; and what strangers see."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.playground.people import Person
from tests.loopback.greenroom import Greenroom, on_the_web
from tests.loopback.scenes import member, resume_pdf

pytestmark = pytest.mark.interrupted
NAME, EMAIL, PHONE = "Ana Example", "ana@example.org", "+34 600 000 000"
UNKNOWN = "That link is unknown or has expired"
NOTHING = "This link is unknown, has expired, or was taken back"


@pytest.fixture
async def served(dsn: str, tmp_path: Path) -> AsyncIterator[Greenroom]:
    async with Greenroom(dsn, tmp_path, **on_the_web()) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    """It tries again, as a reader would, while a program that was killed starts anew."""
    patient = httpx.AsyncHTTPTransport(retries=6)
    async with httpx.AsyncClient(timeout=60.0, transport=patient) as client:
        yield client


async def asks_to_share(ana: Person) -> None:
    await ana.says("/resume")
    await ana.hears("To add another one")
    await ana.taps("Share", on=next(m for m in reversed(ana.bot_messages) if "Skills: " in m.text))


async def makes_link(ana: Person, days: str = "7 days") -> tuple[str, str]:
    """The token of a new link, and the address of its page."""
    await ana.taps(days)
    made = await ana.hears("^✓ .* is shared until")
    token = re.search(r"\?start=share_([\w-]{43})\n", made.text)
    page = re.search(r"On the web: (http\S+)", made.text)
    assert token is not None
    assert page is not None
    return token[1], page[1]


async def opens(person: Person, token: str, told: str) -> str:
    await person.says(f"/start share_{token}")
    return (await person.hears(told)).text


async def test_a_link_is_made_opened_changed_and_taken_back(
    served: Greenroom, browser: httpx.AsyncClient
) -> None:
    ana, bo = await member(served), served.candidate("Bo")
    await ana.sends(resume_pdf(), "Ana Example CV.pdf")
    card = await ana.hears("^Skills: ")
    assert [b.text for b in card.buttons] == ["Start interview", "Versions", "Share", "Edit", "Delete"]
    assert {r["is_public"] for r in await served.rows("SELECT is_public FROM resumes")} == {False}
    await ana.taps("Share", on=card)
    asked = await ana.hears("Your name, your contact details and the file stay yours")
    assert [b.text for b in asked.buttons] == [
        "7 days",
        "A day",
        "30 days",
        "☐ My name and contact details",
        "☐ The file itself",
        "Leave it as it is",
    ]
    await ana.says("91")
    await ana.hears("number of days from 1 to 90")
    await ana.says("gladly")
    await ana.hears("tap one of the buttons")
    await ana.hears("It is not shared now")
    token, page = await makes_link(ana)
    (row,) = await served.rows("SELECT *, share_expires_at - now() AS life FROM resumes")
    assert token not in str(dict(row))
    assert 6.9 < row["life"].total_seconds() / 86400 <= 7

    seen = await opens(bo, token, "A resume as Greenroom read it")
    shown = await browser.get(page)
    assert shown.status_code == 200
    for text in (seen, shown.text):
        assert "Senior Backend Engineer" in text
        assert "Backend Engineer · Example Corp · 2018 – 2024" in text
        assert "7 years" in text
        assert not [each for each in (NAME, EMAIL, PHONE, "Ana") if each in text]
    assert (await browser.get(f"{page}/file")).status_code == 404
    assert (await browser.head(page)).status_code == 200
    await browser.get(page, headers={"User-Agent": "TelegramBot (like TwitterBot)"})
    assert NAME not in await opens(ana, token, "A resume as Greenroom read it")
    assert "without an AI" in shown.text

    await asks_to_share(ana)
    opened_twice = await ana.hears("was opened 2 times")
    await ana.taps("☐ My name and contact details", on=opened_twice)
    await ana.hears("was opened 2 times")
    await ana.taps("☐ My name and contact details", on=opened_twice, stale=True)  # handed over twice
    await ana.says("The file itself")
    await ana.hears("was opened 2 times")
    assert [b.text[0] for b in ana.bot_messages[-1].buttons[:2]] == ["☑", "☑"]
    named = await opens(bo, token, "A resume as Greenroom read it")
    assert f"{NAME}, Senior Backend Engineer" in named
    assert EMAIL in named
    await bo.taps("The file")
    sent = await bo.receives("document", "Ana Example CV.pdf")
    assert sent.file is not None
    assert sent.file.content == resume_pdf()
    shown = await browser.get(page)
    assert NAME in shown.text
    assert PHONE in shown.text
    file = await browser.get(f"{page}/file")
    assert file.content == resume_pdf()
    assert file.headers["content-disposition"] == "attachment; filename*=UTF-8''Ana%20Example%20CV.pdf"
    await follows_no_policy_but_ours(shown, file)

    await ana.taps("Stop sharing")
    await ana.hears("Nobody can open it any more")
    await leads_nowhere(bo, browser, token, page)


async def follows_no_policy_but_ours(*answers: httpx.Response) -> None:
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "frame-ancestors 'none'" in policy
        assert "script" not in policy
    assert "<script" not in answers[0].text
    assert not re.findall(r"(?:src|href)=\"(?!\S+/file\")", answers[0].text)


async def leads_nowhere(bo: Person, browser: httpx.AsyncClient, token: str, page: str) -> None:
    """What is unknown, expired or taken back is answered in the same words."""
    unknown = token[:-1] + ("A" if token[-1] != "A" else "B")
    for each in (token, unknown, "x" * 50, ""):
        await opens(bo, each, UNKNOWN)
        await bo.says(f"/start file_{each}")
        await bo.hears(UNKNOWN)
    pages = [await browser.get(each) for each in (page, page.replace(token, unknown), f"{page}/file")]
    assert {answer.status_code for answer in pages} == {404}
    assert len({answer.text for answer in pages}) == 1
    assert NOTHING in pages[0].text


async def test_an_end_a_new_link_and_a_deleted_resume(served: Greenroom, browser: httpx.AsyncClient) -> None:
    ana, bo = await member(served), served.candidate("Bo", language="es")
    await ana.sends(resume_pdf(), "cv.pdf")
    await ana.hears("^Skills: ")
    await asks_to_share(ana)
    asked = await ana.hears("It is not shared now")
    token, page = await makes_link(ana, "30 days")
    await ana.taps("7 days", on=asked, stale=True)
    await ana.hears("belongs to an earlier message")
    assert "Un currículum tal como lo leyó Greenroom" in await opens(bo, token, "Habilidades: ")
    spanish = await browser.get(page, headers={"Accept-Language": "es-MX,es;q=0.9"})
    assert '<html lang="es">' in spanish.text
    assert "Formación" in spanish.text

    await asks_to_share(ana)
    await ana.hears("was opened 2 times")
    await ana.says("/cancel")
    await ana.hears("/resume takes you back")
    await asks_to_share(ana)
    await ana.hears("was opened 2 times")
    second, second_page = await makes_link(ana, "Make a new link")
    assert (await browser.get(page)).status_code == 404
    assert (await browser.get(second_page)).status_code == 200
    await served.rows("UPDATE resumes SET share_expires_at = now() - interval '1 second'")
    assert (await browser.get(second_page)).status_code == 404
    await asks_to_share(ana)
    await ana.hears("It is not shared now")
    third, third_page = await makes_link(ana, "A day")
    await ana.taps("Delete", on=next(m for m in reversed(ana.bot_messages) if "Skills: " in m.text))
    await ana.hears("for good")
    await ana.taps("Yes")
    await ana.hears("Deleted")
    assert (await browser.get(third_page)).status_code == 404
    await bo.says(f"/start share_{third}")
    await bo.hears("enlace")
    assert len({token, second, third}) == 3


async def test_a_chat_whose_session_has_ended_opens_links_as_strangers_do(served: Greenroom) -> None:
    ana, bo = await member(served), await member(served, "Bo")
    await ana.sends(resume_pdf(), "cv.pdf")
    await ana.hears("^Skills: ")
    await asks_to_share(ana)
    await ana.hears("It is not shared now")
    token, _ = await makes_link(ana)
    await served.rows("UPDATE user_sessions SET is_active = false")
    await opens(bo, token, "A resume as Greenroom read it")
    await bo.says("/resume")
    await bo.hears("type your password")
