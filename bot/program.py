"""The running parts of one process, and how they stop."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot import reminders, upkeep
from bot.app import Connections
from bot.conversations.arrivals import arrived
from bot.conversations.choices import picked
from bot.conversations.commands import COMMANDS, menus
from bot.conversations.home import Home
from bot.conversations.linking import ended
from bot.conversations.resume import sent
from bot.conversations.second_look import edited
from bot.conversations.sharing import sheet
from bot.engine import Engine
from bot.inbox import InboxConsumer
from bot.jobs import JobConsumer
from bot.outbox import OutboxConsumer, Pace
from bot.pages.password import PasswordForm, offer
from bot.pages.shared import SharedPage
from bot.polling import Poller
from bot.settings import Settings
from bot.texts import FALLBACK
from bot.web import Health, webhook
from bot.worker import Consumer
from domain.errors import Unavailable
from domain.messaging.parcel import Parcels

log = logging.getLogger(__name__)

UPDATES_AT_ONCE = 4  # each holds a connection of the pool for its one transaction
JOBS_AT_ONCE = 128
MESSAGES_AT_ONCE = 32
LONGEST_PAUSE = 30.0


class Program:
    """Consumers always; receiving and upkeep where it serves."""

    def __init__(self, connections: Connections, *, receives: bool, pace: Pace | None = None) -> None:
        self._settings = connections.settings
        self._world = connections.world
        self._telegram = connections.telegram
        self._liveness = connections.liveness
        self._receives = receives
        self._pace = pace or Pace()
        self._secret = webhook_secret(connections.settings)
        url = connections.settings.public_url
        page = offer(url, self._world.clock) if url else None
        self._engine = Engine(self._world, COMMANDS, sent, edited, arrived, ended, Home(), picked, page)
        self._consumers = self._consumers_of(self._engine)

    def web(self) -> Starlette:
        """Health, metrics, and where PUBLIC_URL is set the webhook and the pages."""
        routes: list[BaseRoute] = [*Health(self._world.transactions).routes()]
        url = self._settings.public_url
        if self._receives and url:
            routes.append(webhook(self._secret, self._telegram, self._world.transactions, self._world.pipe))
            routes.extend(PasswordForm(self._world, self._engine, url, self._telegram.init_data_key).routes())
            routes.extend(SharedPage(self._world, sheet).routes())
        return Starlette(routes=routes)

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until told to stop, then finish what is in hand; a part that fails is a bug and is raised."""
        stop = asyncio.create_task(stopping.wait(), name="stop")
        receiving = _started(self._receiving())
        consuming = _started(each.run() for each in self._consumers)
        living = _started([self._liveness.run()])
        try:
            parts = [stop, *receiving, *consuming, *living]
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
        finally:
            await _cancelled([stop, *receiving])
            await self._drain()
            await _cancelled(consuming)
            await _cancelled(living)

    async def _drain(self) -> None:
        """Let the inbox and the jobs end first, since what they do is still to be sent."""
        *working, sending = self._consumers
        try:
            async with asyncio.timeout(self._settings.shutdown_grace):
                for consumer in working:
                    consumer.stop()
                    await consumer.drain()
                await sending.idle()
                sending.stop()
                await sending.drain()
        except TimeoutError:
            log.warning("not all was finished in time; what is left goes on elsewhere or at the next start")

    def _consumers_of(self, engine: Engine) -> list[Consumer[Any]]:
        world, liveness = self._world, self._liveness
        return [
            InboxConsumer(world.transactions, liveness, world.pipe, engine, UPDATES_AT_ONCE),
            JobConsumer(world, liveness, engine, JOBS_AT_ONCE),
            OutboxConsumer(
                world.transactions,
                liveness,
                world.pipe,
                self._telegram,
                Parcels(world),
                MESSAGES_AT_ONCE,
                self._pace,
            ),
        ]

    def _receiving(self) -> list[Coroutine[Any, Any, None]]:
        if not self._receives:
            return [self._be_introduced()]
        pruned = upkeep.rules(self._settings)
        return [
            self._receive(),
            upkeep.run(self._world.transactions, self._liveness, pruned),
            upkeep.clear(self._world.blobs, self._liveness, upkeep.CLEAR_SECONDS),
            reminders.run(self._world),
        ]

    async def _receive(self) -> None:
        """Introduce the bot, however long Telegram takes to answer; then poll, or have Telegram call."""
        await self._insist(self._introduce)
        url = self._settings.public_url
        if url is not None:
            await self._insist(lambda: self._telegram.start_webhook(f"{url}/telegram", self._secret))
            log.info("webhook set")
            await asyncio.Event().wait()
        await self._insist(self._telegram.start_polling)
        log.info("polling")
        await Poller(self._telegram, self._world.transactions, self._world.pipe, self._liveness).run()

    async def _be_introduced(self) -> None:
        """Who only works has to know the bot's name too, for links that lead to it."""
        await self._insist(self._learn_name)
        await asyncio.Event().wait()

    async def _learn_name(self) -> None:
        await self._telegram.introduce()

    async def _introduce(self) -> None:
        await self._telegram.introduce()
        try:
            await self._telegram.publish_commands(menus(), FALLBACK)
        except Unavailable:
            log.warning("the menu of commands could not be set")

    async def _insist(self, call: Callable[[], Awaitable[None]]) -> None:
        pause = 1.0
        while True:
            try:
                return await call()
            except Unavailable as error:
                if error.reason == "telegram.token":
                    log.error("Telegram refuses TELEGRAM_BOT_TOKEN, trying again", extra={"seconds": pause})
                else:
                    log.warning(
                        "Telegram cannot be reached, trying again",
                        extra={"reason": error.reason, "seconds": pause},
                    )
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)


def webhook_secret(settings: Settings) -> str:
    """The operator's, or one that is new with every start."""
    given = settings.webhook_secret
    return given.get_secret_value() if given else secrets.token_urlsafe(32)


def _started(parts: Iterable[Coroutine[Any, Any, None]]) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(part) for part in parts]


async def _cancelled(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel and wait; what they raise has been looked at by then."""
    waiting = list(tasks)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
