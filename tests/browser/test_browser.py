"""The main job as a person does it: `greenroom playground`, a browser, a real resume, a report."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from tests.loopback.ports import free_port

CHROMIUM = shutil.which("chromium") or ""
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
START_SECONDS = 60
PATIENCE_MS = 30_000
PASSWORD = "four tall herons wade"
ANSWERS = (
    "We were told to hide a data leak from customers until the quarter closed. I raised it with legal and"
    " my manager, and proposed an honest notice instead. In the end it cost us 2 deals, and no account left.",
    "I name roles first: I lead, one person writes the timeline, one keeps the status page and management"
    " informed every 15 minutes. Then we roll back the last deploy before anybody looks for the cause.",
    "Nobody owned the nightly import, and its failures cost support 30 hours a month. I brought three teams"
    " together to agree on a format, wrote the validator myself, and handed it to an owner with an alert.",
)
# Where to keep a picture of the chat; the one in the README was made with it.
PICTURE = os.environ.get("GREENROOM_SCREENSHOT")

pytestmark = pytest.mark.skipif(
    not CHROMIUM and not os.environ.get("CI"),
    reason="Chromium is not installed (Debian: apt-get install chromium)",
)


@pytest.fixture
async def playground(tmp_path: Path) -> AsyncIterator[str]:
    """The address of `greenroom playground`, started in a clean home with a clean environment."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PORT": str(free_port())}
    environment["GREENROOM_HOME"] = str(tmp_path / "greenroom")
    program = Path(sys.executable).with_name("greenroom")
    process = await asyncio.create_subprocess_exec(
        program, "playground", cwd=tmp_path, env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            invitation = (await process.stdout.readline()).decode()
        yield re.search(r"http://\S+", invitation).group()  # type: ignore[union-attr]  # a failure is an error
    finally:
        process.terminate()
        async with asyncio.timeout(START_SECONDS):
            await process.wait()
    assert process.returncode == 0


@pytest.fixture
async def page(playground: str) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS.split())
        page = await browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-GB")
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        await page.goto(playground)
        yield page
        await browser.close()


def said(page: Page, words: str | re.Pattern[str]) -> Locator:
    """The newest message of the bot with these words."""
    return page.locator("[data-testid=message][data-from=bot]").filter(has_text=words).last


async def say(page: Page, words: str) -> None:
    await page.get_by_test_id("composer").fill(words)
    await page.get_by_test_id("send").click()


async def tap(page: Page, label: str, after: str | re.Pattern[str]) -> None:
    """Tap a button once the bot has asked."""
    await expect(said(page, after)).to_be_visible()
    await page.get_by_test_id("keyboard-button").filter(has_text=label).last.click()


async def test_from_start_to_report(page: Page, shared: Path) -> None:
    await page.get_by_test_id("start").click()
    await tap(page, "Link my account", "Welcome")
    await expect(said(page, "email address")).to_be_visible()
    await say(page, "ana@example.org")
    mail = page.get_by_test_id("mail").first
    await expect(mail).to_contain_text(re.compile(r"\b\d{6}\b"))
    code = re.search(r"\b\d{6}\b", await mail.inner_text())
    assert code is not None
    await say(page, code.group())
    await expect(said(page, "What name")).to_be_visible()
    await say(page, "Ana")
    await expect(said(page, "choose a password")).to_be_visible()
    await say(page, PASSWORD)
    await expect(said(page, "linked")).to_be_visible()
    await expect(page.get_by_text(PASSWORD)).to_have_count(0)
    await tap(page, "Advanced", "How experienced")
    await tap(page, "Data", "Which domain")
    await tap(page, "Python", "programming languages")
    await tap(page, "Done", "programming languages")
    await tap(page, "Skip", "software tools")
    await tap(page, "Skip", "hardware")
    await tap(page, "Skip", "preferences")
    await tap(page, "Done", "Your background")

    resume = shared / "corpus/resumes/files/offlinecv/tests~fixtures~pdfs~latex~awesome-cv-resume.pdf"
    await page.get_by_test_id("attach").set_input_files(resume)
    await tap(page, "Start interview", "Skills:")
    await tap(page, "Mixed", "What kind")
    await tap(page, "3", "How many")
    await tap(page, "Without", "job description")
    for number, answer in enumerate(ANSWERS, start=1):
        await expect(said(page, f"Question {number} of 3")).to_be_visible()
        await say(page, answer)
        feedback = page.locator("[data-from=bot]").filter(has_text="Key points mentioned")
        await expect(
            feedback.nth(number - 1)
        ).to_be_visible()  # the report, which comes soon after, says so too
        if number == 2 and PICTURE:
            await expect(said(page, "Question 3 of 3")).to_be_visible()
            await page.wait_for_timeout(500)  # until the bubbles have faded in
            await page.screenshot(path=PICTURE)
    await expect(said(page, "Final score")).to_be_visible()
    await expect(said(page, "What to practise")).to_be_visible()
    if PICTURE:
        await page.screenshot(path=str(Path(PICTURE).with_name("report.png")))
