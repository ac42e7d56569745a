"""The program without its loops: a real database, engine and jobs that move only when a test says so.

For what takes thousands of tries, at a time of the test's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from bot.app import connections
from bot.conversations.linking import Code
from bot.jobs import JobConsumer
from bot.program import Program
from bot.settings import Settings
from bot.step import Command, Event, Step, Tap, Text, stored
from domain.accounts.codes import CODE_LIFE
from domain.accounts.models import CodePurpose, EmailCode
from domain.accounts.passwords import PasswordHasher
from domain.adapters.mail import CallbackMailer
from domain.messaging.chats import known_chat, locked_chat
from domain.messaging.happenings import Happening
from domain.messaging.job import PERFORMERS, Job
from domain.messaging.models import Chat, Outbox
from domain.messaging.pipe import JOBS
from domain.ports import FileSource, Mail
from domain.services import domain_of
from domain.world import World
from tests.loopback.greenroom import KEY, PASSWORD

WORKER = 1  # whose claims nobody takes over, since no program runs
AT_ONCE = 100
TOKEN = "1:stepwise"
DUE = "SELECT FROM jobs WHERE done_at IS NULL AND run_at <= now() LIMIT 1"  # most say no: a cheap question


@dataclass
class Clock:
    """`domain.ports.Clock` that stands until it is moved."""

    time: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.time

    def passes(self, **time: float) -> None:
        self.time += timedelta(**time)


class Stepwise:
    """Chats by their number. `hears` advances one, `works` does its jobs, `said` is what came of it."""

    def __init__(
        self, program: Program, world: World, clock: Clock, mails: list[Mail], connection: Any
    ) -> None:
        self._connection = connection
        self.world = world
        self.clock = clock
        self.mails = mails
        self.engine = program._engine
        self.routes = program.web().routes
        self.liveness = program._liveness
        self._jobs = JobConsumer(world, self.liveness, self.engine, AT_ONCE)

    async def hears(self, chat_id: int, *events: Event | str, at: Step | None = None) -> list[str]:
        """Let a chat hear events, one transaction each, do the work that comes of it; what was said.

        With `at` it stands at that step whenever it hears one.
        """
        await self.lets_hear(chat_id, *events, at=at)
        return await self.said(chat_id)

    async def lets_hear(self, chat_id: int, *events: Event | str, at: Step | None = None) -> None:
        """Let a chat hear events, and leave what was said to be asked for."""
        for event in events:
            async with self.world.transactions.begin() as db:
                chat = await locked_chat(db, chat_id, user_id=chat_id, name=f"P{chat_id}")
                chat.step = stored(at) if at else chat.step
                await self.engine.advance(db, chat, self._event(event, chat))
            await self.works()

    def _event(self, event: Event | str, chat: Chat) -> Event:
        """Typed text; "/name argument" is a command and "[value]" a tap on a button of the last question."""
        if not isinstance(event, str):
            return event
        if event.startswith("/"):
            name, _, argument = event[1:].partition(" ")
            return Command(name, argument, 1)
        if tapped := re.fullmatch(r"\[(.+)\]", event):
            return Tap(tapped[1], chat.turn, 1)
        return Text(event, 1)

    async def works(self) -> None:
        """Do every job that may run now, and those that come of them."""
        while await self.rows(DUE):
            async with self.world.transactions.begin() as db:
                rows = await JOBS.claim(db, WORKER, AT_ONCE)
            if not rows:
                return
            for row in rows:
                await self._jobs.handle(row)

    async def performs(self, job: Job, chat_id: int) -> Happening | None:
        """Do a job for a chat without any queue, and nothing with what comes of it."""
        finish = await PERFORMERS[job.name](job, self.world, chat_id)
        if finish is None:
            return None
        async with self.world.transactions.begin() as db:
            chat = await known_chat(db, chat_id)
            assert chat is not None
            return await finish(domain_of(db, chat, self.world))

    async def said(self, chat_id: int) -> list[str]:
        """What the chat was told since the last time, buttons left out."""
        return [content["text"] for content in await self.sent(chat_id) if "text" in content]

    async def sent(self, chat_id: int) -> list[dict[str, Any]]:
        """Everything that went to the chat since the last time, as it stands in the outbox."""
        rows = sorted(await self.rows("DELETE FROM outbox WHERE chat_id = $1 RETURNING id, payload", chat_id))
        sealed = (Outbox(chat_id=chat_id, payload=payload) for _, payload in rows)
        return [json.loads(self.world.pipe.open(each)) for each in sealed]

    def code(self, email: str) -> str:
        """The digits of the newest mail to an address."""
        found = (re.search(r"\b\d{6}\b", mail.text) for mail in reversed(self.mails) if mail.to == email)
        return next(each.group() for each in found if each)

    async def links(self, chat_id: int, email: str, password: str = PASSWORD) -> list[str]:
        """Link a new account."""
        await self.hears(chat_id, "/link", email)
        return await self.hears(chat_id, self.code(email), f"Person {chat_id}", password)

    async def asked_for_codes(
        self, chat_ids: Iterable[int], email_of: Callable[[int], str], code: str
    ) -> None:
        """New chats, each of which types the code that was mailed to its address just now."""
        phc, now = await self.world.hasher.hash(code), self.clock.now()
        async with self.world.transactions.begin() as db:
            for chat_id in chat_ids:
                step = stored(Code(code_id_of(chat_id)))
                db.add(Chat(chat_id=chat_id, telegram_user_id=chat_id, step=step))
                db.add(
                    EmailCode(
                        id=code_id_of(chat_id),
                        chat_id=chat_id,
                        telegram_user_id=chat_id,
                        email=email_of(chat_id),
                        purpose=CodePurpose.LINK,
                        code_hash=phc,
                        created_at=now,
                        expires_at=now + CODE_LIFE,
                    )
                )

    async def rows(self, query: str, *arguments: object) -> Sequence[Any]:
        """What the database says."""
        return list(await self._connection.fetch(query, *arguments))


def code_id_of(chat_id: int) -> UUID:
    """The id of the code of a chat of `asked_for_codes`."""
    return UUID(int=chat_id)


@asynccontextmanager
async def stepwise(
    dsn: str,
    home: Path,
    *,
    hasher: PasswordHasher | None = None,
    files: FileSource | None = None,
    **settings: Any,
) -> AsyncIterator[Stepwise]:
    """The program on a migrated database, with hashing as cheap as it goes unless a `hasher` is given.

    `files` holds what is sent to it; without, no file can be fetched.
    """
    mails: list[Mail] = []
    clock = Clock()
    hashing = hasher or PasswordHasher(memory_kib=64, iterations=1)
    async with connections(
        Settings(_env_file=None, database_url=dsn, encryption_keys=KEY, greenroom_home=home, **settings),
        token=TOKEN,
        api_url="http://127.0.0.1:9",  # nothing is sent
        letters=CallbackMailer(mails.append),
        migrate=False,
        hasher=hashing,
    ) as connected:
        world = replace(connected.world, clock=clock, files=files or connected.world.files)
        program = Program(replace(connected, world=world), receives=True)
        connection = await asyncpg.connect(dsn)
        try:
            yield Stepwise(program, world, clock, mails, connection)
        finally:
            await connection.close()
