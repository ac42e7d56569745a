"""The chat page in a real browser: Debian's Chromium, where it is installed."""

from __future__ import annotations

import re
import shutil
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from bot.playground.local import LocalTelegram
from bot.playground.people import Person

CHROMIUM = shutil.which("chromium") or ""
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
    " --use-fake-ui-for-media-stream --use-fake-device-for-media-stream"
)
PATIENCE_MS = 30_000  # a bound for a busy machine
pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="Chromium is not installed (Debian: apt-get install chromium)"
)


@pytest.fixture
async def page(telegram: LocalTelegram) -> AsyncIterator[Page]:
    """The page, opened by somebody new; what it complains about fails the test."""
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS.split())
        page = await browser.new_page(viewport={"width": 1280, "height": 800}, locale="es-ES")
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text))
        await page.goto(telegram.url)
        yield page
        await browser.close()
    assert [complaint for complaint in complaints if "Failed to load resource" not in complaint] == []


async def started(telegram: LocalTelegram, page: Page) -> Person:
    await page.get_by_test_id("start").click()
    await expect(page.get_by_test_id("message")).to_have_count(1)
    [chat] = telegram.playground.chats.values()
    return Person(telegram.playground, chat)


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x99" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


async def test_a_chat_on_the_page(telegram: LocalTelegram, bot: Bot, page: Page, tmp_path: Path) -> None:
    person = await started(telegram, page)
    assert person.profile.language_code == "es"
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y")]])
    quotation = "word " * 200
    text = f"<b>Well</b> &lt;img src=x&gt;?\n<blockquote expandable>{quotation}</blockquote>"
    sent = await bot.send_message(person.id, text, parse_mode="HTML", reply_markup=markup)
    question = page.locator(f'[data-message-id="{sent.message_id}"]')
    await expect(question).to_have_attribute("data-from", "bot")
    await expect(question.locator("b")).to_have_text("Well")
    await expect(question).to_contain_text("<img src=x>?")
    folded = await question.locator(".folding").bounding_box()
    await question.get_by_role("button", name="Show more").click()
    unfolded = await question.locator(".folding").bounding_box()
    assert folded
    assert unfolded
    assert unfolded["height"] > 2 * folded["height"]

    await page.get_by_test_id("keyboard-button").click()
    update = (await bot.get_updates(timeout=3))[-1]
    assert update.callback_query
    await update.callback_query.answer("Noted")
    await expect(page.locator("#toast")).to_have_text("Noted")
    await update.callback_query.edit_message_text("Chosen")
    await expect(question.locator(".words")).to_have_text("Chosen")
    await expect(page.get_by_test_id("keyboard-button")).to_have_count(0)
    await bot.send_chat_action(person.id, "typing")
    await expect(page.locator("#status")).to_have_text("typing…")
    await bot.delete_message(person.id, sent.message_id)
    await expect(question).to_have_count(0)

    await page.get_by_test_id("composer").fill("first line")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("second")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("message").last).to_contain_text("second")
    assert person.messages[-1].text == "first line\nsecond"
    telegram.playground.deliver_mail("a@example.org", "One", "1")
    telegram.playground.deliver_mail("a@example.org", "Two", "<script>2</script>")
    await expect(page.get_by_test_id("mail").first).to_contain_text("<script>2</script>")
    await expect(page.get_by_test_id("mail")).to_have_count(2)


async def test_files_and_voice_on_the_page(
    telegram: LocalTelegram, bot: Bot, page: Page, tmp_path: Path
) -> None:
    person = await started(telegram, page)
    resume = tmp_path / "resume.pdf"
    resume.write_bytes(b"%PDF-1.7 resume")
    await page.get_by_test_id("attach").set_input_files(resume)
    await expect(page.get_by_test_id("message").last).to_contain_text("resume.pdf")
    file = person.messages[-1].file
    assert file
    assert (file.kind, file.content) == ("document", b"%PDF-1.7 resume")

    await bot.send_document(person.id, b"the report", filename="report.txt")
    async with page.expect_download() as download:
        await page.get_by_text("report.txt").last.click()
    await (await download.value).save_as(tmp_path / "downloaded")
    assert (tmp_path / "downloaded").read_bytes() == b"the report"
    await bot.send_photo(person.id, png(40, 30))
    picture = page.locator(".photo img")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("async image => { await image.decode(); return image.naturalWidth }") == 40

    await page.get_by_test_id("record").click()
    await expect(page.locator("#record-time")).to_have_text(re.compile("0:0[2-9]"))
    await page.get_by_test_id("record").click()
    player = page.locator("audio")
    await expect(player).to_be_visible()
    voice = person.messages[-1].file
    assert voice
    assert (voice.kind, voice.mime_type, voice.content[:4]) == ("voice", "audio/ogg", b"OggS")
    # Chromium's own decoder is the judge of the Ogg file made of what it recorded.
    seconds = await player.evaluate(
        """audio => new Promise((resolve, reject) => {
            audio.onended = () => resolve(audio.currentTime);
            audio.onerror = () => reject(audio.error.message);
            audio.muted = true;
            audio.play().catch(reject);
        })"""
    )
    assert 0.8 < seconds < PATIENCE_MS / 1000


async def test_the_page_outlives_a_restart(telegram: LocalTelegram, page: Page) -> None:
    person = await started(telegram, page)
    await page.get_by_test_id("person-name").fill("Ben")
    await page.get_by_test_id("new-person").click()
    await expect(page.get_by_test_id("chat-list").get_by_role("button")).to_have_count(2)
    port = telegram.port
    await telegram.__aexit__(None, None, None)
    async with LocalTelegram(port=port) as restarted:
        await expect(page.get_by_test_id("start")).to_be_visible()
        await expect(page.locator("#banner")).to_be_hidden()
        assert person.id in restarted.playground.chats
        await page.get_by_test_id("start").click()
        await expect(page.get_by_test_id("message")).to_have_count(1)
        restarted.playground.deliver_mail("a@example.org", "New", "1")
        await expect(page.get_by_test_id("mail")).to_have_count(1)


async def test_the_page_on_a_phone(telegram: LocalTelegram, bot: Bot, page: Page) -> None:
    await page.set_viewport_size({"width": 360, "height": 640})
    person = await started(telegram, page)
    await bot.send_message(person.id, "x" * 500)
    await expect(page.get_by_test_id("message")).to_have_count(2)
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    await expect(page.get_by_test_id("chat-list")).to_be_hidden()
    await page.get_by_role("button", name="All chats").click()
    await expect(page.get_by_test_id("composer")).to_be_hidden()
    await page.get_by_test_id("chat-list").get_by_role("button").click()
    telegram.playground.deliver_mail("a@example.org", "Code", "123456")
    await expect(page.locator("#mail-count")).to_have_text("1")
    await page.get_by_role("button", name="Mails").click()
    await expect(page.get_by_test_id("mail")).to_be_visible()


async def test_the_page_loads_nothing_from_elsewhere(telegram: LocalTelegram, page: Page) -> None:
    requested: list[str] = []
    failed: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    response = await page.reload()
    await page.get_by_test_id("start").wait_for()
    assert response
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert requested
    assert failed == []
    assert all(url.startswith(telegram.url) for url in requested)
