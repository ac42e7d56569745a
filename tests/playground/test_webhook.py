"""The webhook: its secret, its order and its stubbornness."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, WebhookInfo
from telegram.error import BadRequest

from bot.playground.local import LocalTelegram
from bot.playground.people import Person
from bot.playground.serve import LoopbackServer
from tests.loopback.ports import free_port

PATIENCE = 60.0  # a bound for a busy machine


class Hook:
    """A bot's webhook that answers as told.

    A text of `refused_until` is refused until the other text was taken; nothing is taken while it is shut.
    """

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []
        self.refused_until: dict[str, str] = {}
        self.open = asyncio.Event()
        self.open.set()
        self.now = self.most = 0

    async def take(self, request: Request) -> Response:
        update = await request.json()
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        text = update.get("message", {}).get("text", "tap")
        if text in self.refused_until and self.refused_until[text] not in self.texts():
            return Response(status_code=500)
        self.now += 1
        self.most = max(self.most, self.now)
        await self.open.wait()
        self.now -= 1
        self.taken.append(update)
        return Response()

    def texts(self) -> list[str]:
        return [update.get("message", {}).get("text", "tap") for update in self.taken]

    async def has_taken(self, count: int) -> None:
        await eventually(lambda: len(self.taken) >= count)


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  # a test looks at what came
            await asyncio.sleep(0.01)


async def has_said(bot: Bot, what: Callable[[WebhookInfo], bool]) -> None:
    """The hook has an update before Telegram has its answer: what Telegram says of it comes later."""
    async with asyncio.timeout(PATIENCE):
        while not what(await bot.get_webhook_info()):  # noqa: ASYNC110  # Telegram tells nobody
            await asyncio.sleep(0.01)


def nothing_pending(webhook: WebhookInfo) -> bool:
    return webhook.pending_update_count == 0


@pytest.fixture
async def hook() -> Hook:
    return Hook()


@pytest.fixture
async def hook_url(hook: Hook) -> AsyncIterator[str]:
    async with LoopbackServer(Starlette(routes=[Route("/telegram", hook.take, methods=["POST"])])) as server:
        yield f"{server.url}/telegram"


async def test_updates_come_with_the_secret(bot: Bot, ann: Person, hook: Hook, hook_url: str) -> None:
    await ann.says("before the webhook")
    await bot.set_webhook(hook_url, secret_token="s3cret_-", max_connections=5, allowed_updates=["message"])
    await ann.says("after")
    await hook.has_taken(2)
    assert hook.texts() == ["before the webhook", "after"]
    assert set(hook.secrets) == {"s3cret_-"}
    await has_said(bot, nothing_pending)
    info = await bot.get_webhook_info()
    assert (info.url, info.max_connections) == (hook_url, 5)
    assert info.allowed_updates == ("message",)


async def test_a_refused_update_is_repeated_and_holds_up_its_own_chat_only(
    bot: Bot, ann: Person, telegram: LocalTelegram, hook: Hook, hook_url: str
) -> None:
    ben = telegram.person("Ben")
    refusal = "Wrong response from the webhook: 500 Internal Server Error"
    hook.refused_until["a1"] = "b2"
    await bot.set_webhook(hook_url)
    for text in ("a1", "a2"):
        await ann.says(text)
    await has_said(bot, lambda webhook: webhook.last_error_message == refusal)
    for text in ("b1", "b2"):
        await ben.says(text)
    await hook.has_taken(4)
    assert hook.texts() == ["b1", "b2", "a1", "a2"]


async def test_a_tap_may_overtake_a_text(bot: Bot, ann: Person, hook: Hook, hook_url: str) -> None:
    await bot.send_message(
        ann.id, "x", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("b", callback_data="b")]])
    )
    hook.refused_until["slow text"] = "tap"
    await ann.says("slow text")
    await ann.taps("b")
    await bot.set_webhook(hook_url)
    await hook.has_taken(2)
    assert hook.texts() == ["tap", "slow text"]


async def test_as_many_at_once_as_allowed(
    bot: Bot, telegram: LocalTelegram, hook: Hook, hook_url: str
) -> None:
    hook.open.clear()
    for number in range(9):
        await telegram.person(f"Person {number}").says("hello")
    await bot.set_webhook(hook_url, max_connections=3)
    await eventually(lambda: hook.now == 3)
    await asyncio.sleep(0.05)  # in which a fourth would come, were it let
    hook.open.set()
    await hook.has_taken(9)
    assert hook.most == 3


async def test_a_webhook_that_is_down_gets_everything_later(
    bot: Bot, ann: Person, telegram: LocalTelegram, hook: Hook
) -> None:
    port = free_port()
    await bot.set_webhook(f"http://127.0.0.1:{port}/telegram")
    await ann.says("a")
    await ann.says("b")
    await has_said(bot, lambda webhook: webhook.last_error_message == "Connection refused")
    app = Starlette(routes=[Route("/telegram", hook.take, methods=["POST"])])
    async with LoopbackServer(app, port=port):
        await hook.has_taken(2)
        assert hook.texts() == ["a", "b"]
        await has_said(bot, nothing_pending)
        telegram.faults.redeliver(1)
        await hook.has_taken(3)
        assert hook.taken[2] == hook.taken[1]


@pytest.mark.parametrize(
    ("url", "secret", "refusal"),
    [
        ("http://example.org/hook", None, "An HTTPS URL must be provided for webhook"),
        ("https://", None, "URL host is empty"),
        ("https://example.org", "not allowed!", "Secret token contains unallowed characters"),
    ],
)
async def test_webhooks_that_are_refused(bot: Bot, url: str, secret: str | None, refusal: str) -> None:
    with pytest.raises(BadRequest, match=f"(?i){refusal}"):
        await bot.set_webhook(url, secret_token=secret)
    assert (await bot.get_webhook_info()).url == ""
