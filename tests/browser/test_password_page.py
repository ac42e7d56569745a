"""The page for typing a password as people open it: on a phone, without scripts, within Telegram."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from tests.loopback.greenroom import PASSWORD, Greenroom, on_the_web
from tests.loopback.password_pages import asked_to_choose, init_data, page_of

CHROMIUM = shutil.which("chromium") or ""
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync")
PATIENCE_MS = 30_000
PHONE = {"width": 360, "height": 640}
# Where to keep pictures of the page, for a person to look at.
PICTURES = os.environ.get("GREENROOM_SCREENSHOTS")
# As much of Telegram as a Mini App speaks to: what it is told stands in `told`.
TELEGRAM = """
    window.told = [];
    window.TelegramWebviewProxy = { postEvent: (type) => window.told.push(type) };
"""

pytestmark = pytest.mark.skipif(
    not CHROMIUM and not os.environ.get("CI"),
    reason="Chromium is not installed (Debian: apt-get install chromium)",
)


@pytest.fixture
async def served(dsn: str, tmp_path: Path) -> AsyncIterator[Greenroom]:
    async with Greenroom(dsn, tmp_path, **on_the_web()) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


async def opened(context: BrowserContext, url: str, complaints: list[str]) -> Page:
    """The page, whose every complaint, such as of what the policy forbids, is noted."""
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "422" not in message.text:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(url)
    return page


async def pictured(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(("scheme", "scripts"), [("light", True), ("dark", False)])
async def test_on_a_phone(served: Greenroom, browser: Browser, scheme: str, scripts: bool) -> None:
    ana = await asked_to_choose(served)
    complaints: list[str] = []
    context = await browser.new_context(
        viewport=PHONE,  # type: ignore[arg-type]  # its TypedDict is not exported
        color_scheme=scheme,  # type: ignore[arg-type]  # one of its literals
        java_script_enabled=scripts,
        is_mobile=True,
        has_touch=True,
    )
    url = page_of(ana)
    page = await opened(context, url, complaints)
    name = f"{scheme}-{'scripts' if scripts else 'plain'}"
    await pictured(page, f"form-{name}")
    field = page.get_by_label("Password", exact=True)
    await expect(field).to_have_attribute("type", "password")
    if scripts:
        await page.get_by_label("Show what I type").check()
        await expect(field).to_have_attribute("type", "text")
    else:
        await expect(page.get_by_label("Show what I type")).to_be_hidden()
    await field.fill("too short")
    await page.get_by_role("button", name="Send").tap()
    await expect(page.get_by_role("alert")).to_contain_text("15 characters")
    await pictured(page, f"refused-{name}")
    await expect(field).to_have_value("")
    await fits(page)
    await field.fill(PASSWORD)
    await page.get_by_role("button", name="Send").tap()
    await expect(page.get_by_role("heading")).to_have_text("Thank you")
    await pictured(page, f"taken-{name}")
    await ana.hears("linked")
    await page.goto(url)
    await expect(page.get_by_role("heading")).to_have_text("This page is not good any more")
    assert complaints == [] or all("404" in each for each in complaints), complaints


async def fits(page: Page) -> None:
    """Nothing is cut off at the side, and what is to be touched is big enough for a thumb."""
    if await page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth"):
        raise AssertionError("wider than the phone")
    for role, name in (("textbox", "Password"), ("button", "Send")):
        box = await page.get_by_role(role, name=name, exact=True).bounding_box()  # type: ignore[arg-type]  # a literal
        assert box is not None
        assert box["height"] >= 44


async def test_within_telegram(served: Greenroom, browser: Browser) -> None:
    """The page proves who opened it, also after a refusal, and has itself closed when done."""
    ana = await asked_to_choose(served)
    context = await browser.new_context(viewport=PHONE)  # type: ignore[arg-type]  # likewise
    await context.add_init_script(TELEGRAM)
    complaints: list[str] = []
    address = f"{page_of(ana)}#tgWebAppData={quote(init_data(ana.id))}&tgWebAppVersion=9.0"
    page = await opened(context, address, complaints)
    await page.get_by_label("Password", exact=True).fill("too short")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    assert await page.locator("[name=init_data]").input_value() != ""
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("heading")).to_have_text("Thank you")
    await ana.hears("linked")
    await page.wait_for_function("() => window.told.includes('web_app_close')")
    assert complaints == []


async def test_within_somebody_elses_telegram(served: Greenroom, browser: Browser) -> None:
    ana, eve = await asked_to_choose(served), served.candidate("Eve")
    context = await browser.new_context()
    page = await opened(context, f"{page_of(ana)}#tgWebAppData={quote(init_data(eve.id))}", [])
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("heading")).to_have_text("This page is not good any more")
    assert await served.rows("SELECT FROM users") == []
