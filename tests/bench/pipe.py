"""Updates through the whole program, from Telegram and back to it, beside a bot that only echoes."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bot.playground.local import LocalTelegram
from bot.playground.people import Person
from tests.bench import Figure
from tests.loopback.greenroom import KEY

PEOPLE = 50
MESSAGES = 10
ONE_BY_ONE = 40
SECONDS = 6.0
ECHO = "a bot that echoes and keeps nothing"


async def measure(dsn: str) -> list[Figure]:
    """Throughput with many chats at once, and the wait of one person alone."""
    async with serving("echo", dsn) as telegram:
        floor = await wait(telegram), await throughput(telegram)
    async with serving("greenroom", dsn) as telegram:
        ours = await wait(telegram), await throughput(telegram)
    return [
        Figure("wait for an answer, median", ours[0] * 1000, floor[0] * 1000, "ms", ECHO),
        Figure(f"updates answered, {PEOPLE} chats at once", ours[1], floor[1], "/s", ECHO),
    ]


async def throughput(telegram: LocalTelegram) -> float:
    """Answers a second, until all are answered or `SECONDS` are over."""
    people = [telegram.person(f"P{number}") for number in range(PEOPLE)]
    began = time.perf_counter()
    for _ in range(MESSAGES):
        for person in people:
            await person.says("/help")
    with suppress(TimeoutError):
        async with asyncio.timeout(SECONDS):
            await asyncio.gather(*(hears_all(person) for person in people))
    return sum(len(person.bot_messages) for person in people) / (time.perf_counter() - began)


async def hears_all(person: Person) -> None:
    for _ in range(MESSAGES):
        await person.hears("", timeout=60)


async def wait(telegram: LocalTelegram) -> float:
    """The median number of seconds between a word and its answer."""
    person, waits = telegram.person("Ana"), list[float]()
    while len(waits) < ONE_BY_ONE and sum(waits) < SECONDS:
        began = time.perf_counter()
        await person.says("/help")
        await person.hears("", timeout=60)
        waits.append(time.perf_counter() - began)
    return statistics.median(waits)


@asynccontextmanager
async def serving(which: str, dsn: str) -> AsyncIterator[LocalTelegram]:
    """A Telegram and a bot that has answered its first word."""
    async with LocalTelegram() as telegram:
        settings = {
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "TELEGRAM_API_URL": telegram.url,
            "DATABASE_URL": dsn,
            "ENCRYPTION_KEYS": KEY,
            "GREENROOM_AUTO_MIGRATE": "0",
            "PORT": "0",
        }
        bot = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.bench.bots", which), env=os.environ | settings
        )
        try:
            first = telegram.person("First")
            await first.says("/help")
            await first.hears("", timeout=30)
            yield telegram
        finally:
            bot.kill()
            await bot.wait()
