"""A local Telegram that serves for as long as it is entered, as tests want it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from bot.playground.app import build_app
from bot.playground.bot_api import ApiCall, BotApi
from bot.playground.delivery import telegram_delay
from bot.playground.faults import Faults
from bot.playground.people import Person
from bot.playground.serve import LoopbackServer
from bot.playground.state import Playground


class LocalTelegram:
    """A Bot API server of its own on loopback.

    async with LocalTelegram() as telegram:
        bot = Bot(telegram.token, base_url=telegram.base_url, base_file_url=telegram.base_file_url)
        ann = telegram.person("Ann")
        await ann.says("/start")
    """

    def __init__(
        self,
        token: str = "1:test",  # noqa: S107  # names a bot on loopback, guards nothing
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        control: bool = True,
        clock: Callable[[], float] = time.time,
        retry_delay: Callable[[int], float] = telegram_delay,
        playground: Playground | None = None,
    ) -> None:
        self.token = token
        self.playground = playground or Playground(clock=clock)
        self.app = build_app(self.playground, token=token, control=control, retry_delay=retry_delay)
        self._server = LoopbackServer(self.app, host=host, port=port)

    @property
    def url(self) -> str:
        """The root, as `TELEGRAM_API_URL` wants it."""
        return self._server.url

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def base_url(self) -> str:
        """As python-telegram-bot's `Bot` wants it."""
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        return f"{self.url}/file/bot"

    @property
    def faults(self) -> Faults:
        faults: Faults = self.app.state.faults
        return faults

    @property
    def calls(self) -> deque[ApiCall]:
        """Every Bot API call answered so far, oldest first."""
        api: BotApi = self.app.state.api
        return api.calls

    def person(
        self, first_name: str = "Ann", last_name: str = "", username: str = "", language_code: str = "en"
    ) -> Person:
        """Somebody new with Telegram on their phone."""
        chat = self.playground.add_person(first_name, last_name, username, language_code)
        return Person(self.playground, chat)

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.playground.close()
        await self._server.__aexit__(kind, error, trace)
