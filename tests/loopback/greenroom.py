"""The whole program in process: real HTTP to a local Telegram, a real database, real steps and jobs."""

from __future__ import annotations

import asyncio
import random
import re
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar

import asyncpg

from bot.app import connections
from bot.outbox import Pace
from bot.playground.local import LocalTelegram
from bot.playground.models import CallbackQuery, Chat, Message
from bot.playground.people import TIMEOUT, Person
from bot.program import Program
from bot.serving import Server
from bot.settings import Settings
from domain.accounts.passwords import PasswordHasher
from domain.adapters.mail import CallbackMailer
from domain.messaging.liveness import Liveness
from domain.ports import Mail
from tests.loopback.ports import free_port

PASSWORD = "four tall herons wade"
UNPACED = 1_000_000.0  # a test types faster than a person, and waits for no hash as costly as a real one
Act = TypeVar("Act", Message, CallbackQuery)
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


class Greenroom:
    """One running program. `restarts` ends it and starts another on the same database and Telegram.

    With the settings of `on_the_web` it is called by Telegram and serves its pages. Where it `dies_often`
    it is killed and started again after half of what a candidate does, by chance.
    """

    dies_often: ClassVar[bool] = False

    def __init__(self, dsn: str, home: Path, **settings: Any) -> None:
        self.dsn = dsn
        self.telegram = LocalTelegram(token="1:test")
        self.settings = Settings(
            _env_file=None,
            database_url=dsn,
            encryption_keys=KEY,
            greenroom_home=home,
            greenroom_auto_migrate=False,
            shutdown_grace=5.0,
            **settings,
        )
        self._outer = AsyncExitStack()
        self._stopping = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._liveness: Liveness | None = None
        self._program: Program | None = None

    async def __aenter__(self) -> Self:
        await self._outer.enter_async_context(self.telegram)
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stops()
        await self._outer.aclose()

    @property
    def is_running(self) -> bool:
        return self._running is not None

    def start(self) -> None:
        self._stopping = asyncio.Event()
        self._running = asyncio.create_task(self._run(self._stopping))

    async def stops(self) -> None:
        """End the program as SIGTERM does; an error of the program is raised here."""
        self._stopping.set()
        if self._running is not None:
            running, self._running = self._running, None
            await running

    async def dies(self) -> None:
        """End the program as kill -9 does: nothing is finished or given back, its connections are cut.

        Only a message that is being sent is marked sent: it would come twice, which tests of faults look
        at, while a scenario tells one message from the next by its words.
        """
        running, self._running = self._running, None
        assert running is not None
        if self._program is not None:
            await self._program._consumers[-1].drain()
        if self._liveness is not None and self._liveness._connection is not None:
            self._liveness._connection.terminate()
        grace, self.settings.shutdown_grace = self.settings.shutdown_grace, 0.0
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        self.settings.shutdown_grace = grace
        self._program = self._liveness = None

    async def restarts(self) -> None:
        await self.stops()
        self.start()

    async def _run(self, stopping: asyncio.Event) -> None:
        def deliver(mail: Mail) -> None:
            self.telegram.playground.deliver_mail(mail.to, mail.subject, mail.text, mail.html)

        async with connections(
            self.settings,
            token=self.telegram.token,
            api_url=self.telegram.url,
            letters=CallbackMailer(deliver),
            migrate=False,
            hasher=PasswordHasher(memory_kib=64, iterations=1),
        ) as connected:
            self._liveness = connected.liveness
            pace = Pace(burst=UNPACED, chat_burst=UNPACED)
            program = self._program = Program(connected, receives=True, pace=pace)
            async with AsyncExitStack() as stack:
                if self.settings.public_url:
                    await stack.enter_async_context(Server(program.web(), port=self.settings.port))
                await program.run(stopping)

    async def rows(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """What the database says."""
        connection = await asyncpg.connect(self.dsn)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    def candidate(self, name: str = "Ana", language: str = "en") -> Person:
        """Somebody new."""
        person = self.telegram.person(name, language_code=language)
        return Interrupted(self, person.chat) if self.dies_often else person

    async def linked(self, name: str = "Ana", *, background: bool = True) -> Person:
        """Somebody who has linked their chat and, unless told otherwise, answered the background."""
        candidate = self.candidate(name)
        await links(candidate, f"{name.lower()}@example.org")
        if background:
            await gives_background(candidate)
        return candidate


class Interrupted(Person):
    """Somebody after half of whose acts the program dies, a moment later or less, and is started again."""

    LONGEST_MOMENT = 0.1  # seconds: in it the act may be taken, heard, and some of the answer said

    def __init__(self, greenroom: Greenroom, chat: Chat) -> None:
        super().__init__(greenroom.telegram.playground, chat)
        self._greenroom = greenroom
        self._chance = random.Random(chat.person.first_name)

    async def says(self, text: str, *, reply_to: int = 0) -> Message:
        return await self._then_it_dies(await super().says(text, reply_to=reply_to))

    async def edits(self, message: Message | int, text: str) -> Message:
        return await self._then_it_dies(await super().edits(message, text))

    async def sends(
        self,
        file: Path | str | bytes,
        name: str = "",
        *,
        caption: str = "",
        as_document: bool = False,
        album: str = "",
    ) -> Message:
        sent = await super().sends(file, name, caption=caption, as_document=as_document, album=album)
        return await self._then_it_dies(sent)

    async def speaks(self, voice: bytes, *, duration: int = 3, caption: str = "") -> Message:
        return await self._then_it_dies(await super().speaks(voice, duration=duration, caption=caption))

    async def taps(
        self, label: str, *, on: Message | None = None, stale: bool = False, timeout: float = TIMEOUT
    ) -> CallbackQuery:
        return await self._then_it_dies(await super().taps(label, on=on, stale=stale, timeout=timeout))

    async def _then_it_dies(self, act: Act) -> Act:
        await asyncio.sleep(self._chance.choice((0.0, self._chance.uniform(0.0, self.LONGEST_MOMENT))))
        if self._greenroom.is_running and self._chance.random() < 0.5:
            await self._greenroom.dies()
            self._greenroom.start()
        return act


def on_the_web() -> dict[str, Any]:
    """Settings for a program that is reached at an address of its own."""
    port = free_port()
    return {"public_url": f"http://127.0.0.1:{port}", "port": port}


async def code_from_mail(candidate: Person, email: str) -> str:
    """The six digits of the newest mail to an address."""
    mail = await candidate.gets_mail(r"\b\d{6}\b", to=email)
    found = re.search(r"\b\d{6}\b", mail.text)
    assert found is not None
    return found.group()


async def links(candidate: Person, email: str, password: str = PASSWORD) -> None:
    """Link a new account, as somebody does who follows the prompts."""
    await candidate.says("/start")
    await candidate.hears("Welcome")
    await candidate.taps("Link my account")
    await candidate.hears("email")
    await candidate.says(email)
    await candidate.hears("type the code")
    await candidate.says(await code_from_mail(candidate, email))
    await candidate.hears("What name")
    await candidate.taps(candidate.profile.first_name)
    await candidate.hears("choose a password")
    await candidate.says(password)
    await candidate.hears("linked")


async def gives_background(candidate: Person) -> None:
    """Answer the background questions, some by taps and some in words."""
    await candidate.hears("How experienced")
    await candidate.taps("Advanced")
    await candidate.hears("domain")
    await candidate.taps("Data")
    await candidate.hears("programming languages")
    await candidate.says("python & SQL")
    await candidate.hears("Python, SQL")
    await candidate.taps("Done")
    await candidate.hears("software tools")
    await candidate.taps("Skip")
    await candidate.hears("hardware")
    await candidate.says("ThinkPad, 32 GB")
    await candidate.hears("preferences")
    await candidate.says("skip")
    await candidate.hears("Your background")
    await candidate.taps("Done")
    await candidate.hears("Hello")
