"""A local Telegram per test, with the real `telegram.Bot` speaking to it and a person in it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.playground.local import LocalTelegram
from bot.playground.people import Person
from tests.loopback.ports import free_port

WITHOUT_TLS = {"verify": False}
"""Loopback is plain HTTP, and reading the authorities' certificates takes longer than most of the tests."""


class ManualClock:
    """Seconds since 1970 that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def telegram(clock: ManualClock) -> AsyncIterator[LocalTelegram]:
    serving = LocalTelegram(port=free_port(), clock=clock, retry_delay=lambda attempt: 0.01 * attempt)
    async with serving as telegram:
        yield telegram


@pytest.fixture
async def bot(telegram: LocalTelegram) -> AsyncIterator[Bot]:
    async with bot_of(telegram) as bot:
        yield bot


def bot_of(telegram: LocalTelegram) -> Bot:
    return Bot(
        telegram.token,
        base_url=telegram.base_url,
        base_file_url=telegram.base_file_url,
        request=HTTPXRequest(connection_pool_size=20, httpx_kwargs=WITHOUT_TLS),
        get_updates_request=HTTPXRequest(connection_pool_size=4, httpx_kwargs=WITHOUT_TLS),
    )


@pytest.fixture
async def ann(telegram: LocalTelegram) -> Person:
    """Somebody who started the bot; the update of it is confirmed."""
    person = telegram.person("Ann", username="ann_lee")
    await person.says("/start")
    telegram.playground.updates.forget_all()
    return person
