"""The two bots that are compared, each a process of its own: Greenroom, and the least that can answer."""

from __future__ import annotations

import asyncio
import os
import sys

import uvloop
from telegram import Bot
from telegram.request import HTTPXRequest

import bot.__main__
from bot.settings import load
from tests.bench.pace import without_pace

IN_FLIGHT = 8  # where python-telegram-bot sends most


async def greenroom() -> None:
    """The whole program."""
    with without_pace():
        await bot.__main__.serve(load())


async def echo() -> None:
    """Polls, answers, and keeps nothing."""
    root = os.environ["TELEGRAM_API_URL"]
    requests = HTTPXRequest(connection_pool_size=64), HTTPXRequest(connection_pool_size=2, read_timeout=60)
    client = Bot(
        os.environ["TELEGRAM_BOT_TOKEN"],
        base_url=f"{root}/bot",
        request=requests[0],
        get_updates_request=requests[1],
    )
    await client.initialize()
    sends, offset = asyncio.Semaphore(IN_FLIGHT), 0

    async def answer(chat_id: int, text: str) -> None:
        async with sends:
            await client.send_message(chat_id, text)

    async with asyncio.TaskGroup() as answering:
        while True:
            for update in await client.get_updates(offset=offset, timeout=25):
                offset = update.update_id + 1
                if update.message and update.message.text:
                    answering.create_task(answer(update.message.chat_id, update.message.text))


if __name__ == "__main__":
    uvloop.run({"greenroom": greenroom, "echo": echo}[sys.argv[1]]())
