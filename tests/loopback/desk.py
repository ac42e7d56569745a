"""One person whose jobs are done one at a time, on a real database, with the world beside it made to fail.

No Telegram and no program: `works` claims the job that waits and lets the real consumer do it.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from html import unescape
from uuid import uuid4

from sqlalchemy import delete, select, update

from bot.app import SystemClock
from bot.conversations.arrivals import arrived
from bot.conversations.choices import picked
from bot.conversations.commands import COMMANDS
from bot.conversations.home import Home
from bot.conversations.linking import ended
from bot.conversations.resume import sent
from bot.conversations.second_look import edited
from bot.engine import Engine
from bot.jobs import JobConsumer
from bot.step import Step, stored
from domain.accounts.models import PersonKey, User
from domain.accounts.passwords import PasswordHasher
from domain.adapters.blobs import Blobs
from domain.adapters.crypto import Keyring
from domain.adapters.mail import LogMailer
from domain.adapters.offline import OfflineInterviewer
from domain.adapters.places import ChildPlaces
from domain.database import Transactions
from domain.errors import Unavailable
from domain.messaging.liveness import Liveness
from domain.messaging.models import Chat, JobRow, Outbox
from domain.messaging.pipe import JOBS, Pipe
from domain.ports import Clock, Content, Interviewer, Printed, Sheet
from domain.resumes.analysis import ExtractedText
from domain.services import Domain, domain_of
from domain.world import World

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
VOICE = b"OggS a voice note"


class Recorded:
    """`FileSource` that has one voice note, `DocumentReader` of nothing, and a `Press` that is away."""

    async def fetch(self, file_id: str) -> AsyncGenerator[bytes, None]:
        yield VOICE

    async def read(self, content: Content, file_name: str) -> ExtractedText:
        raise NotImplementedError

    async def picture(self, sheet: Sheet) -> Printed:
        raise Unavailable("press.away")

    async def document(self, sheet: Sheet) -> Printed:
        raise Unavailable("press.away")


class Desk:
    """A linked person in a chat of their own; `world` is real but for Telegram."""

    def __init__(
        self, transactions: Transactions, interviewer: Interviewer, dsn: str, clock: Clock | None = None
    ) -> None:
        keyring, recorded = Keyring.parse(KEY), Recorded()
        self.world = World(
            transactions=transactions,
            pipe=Pipe(keyring),
            keyring=keyring,
            hasher=PasswordHasher(memory_kib=64, iterations=1),
            interviewer=interviewer,
            offline=OfflineInterviewer(),
            reader=recorded,
            press=recorded,
            mailer=LogMailer(),
            files=recorded,
            blobs=Blobs(transactions),
            places=ChildPlaces(),
            clock=clock or SystemClock(),
            operators=frozenset(),
        )
        engine = Engine(self.world, COMMANDS, sent, edited, arrived, ended, Home(), picked)
        self._consumer = JobConsumer(self.world, Liveness(dsn), engine, 1)
        self.chat_id = uuid4().int % 10**12
        self.user_id = uuid4()

    async def opens(self) -> None:
        """Make the account and the chat."""
        async with self.world.transactions.begin() as db:
            user = User(
                id=self.user_id, email=f"{self.user_id}@example.org", full_name="Ana", hashed_password="-"
            )
            db.add(user)
            await db.flush()
            wrapped = self.world.keyring.wrap(self.world.keyring.new_person_key(), self.user_id)
            db.add(PersonKey(user_id=self.user_id, wrapped_key=wrapped))
            chat = Chat(chat_id=self.chat_id, telegram_user_id=self.chat_id, user_id=self.user_id)
            db.add(chat)
            await domain_of(db, chat, self.world).accounts.sessions.open(user)

    @asynccontextmanager
    async def domain(self, step: Step | None = None) -> AsyncIterator[Domain]:
        """The services in one transaction; afterwards the chat stands at `step`."""
        async with self.world.transactions.begin() as db:
            chat = await db.get_one(Chat, self.chat_id)
            yield domain_of(db, chat, self.world)
            if step is not None:
                chat.step = stored(step)

    async def stands_at(self, step: Step) -> None:
        async with self.domain(step):
            pass

    async def forgets_jobs(self, *, but: Sequence[str] = ()) -> None:
        """Take out what was scheduled, except the jobs of some names."""
        mine = (JobRow.chat_id == self.chat_id, JobRow.kind.not_in(but))
        async with self.world.transactions.begin() as db:
            await db.execute(delete(JobRow).where(*mine))

    async def works(self) -> None:
        """Do every job that may run now, once."""
        async with self.world.transactions.begin() as db:
            rows = await JOBS.claim(db, 1, 10)
        for row in rows:
            await self._consumer.handle(row)

    async def waiting(self) -> Sequence[JobRow]:
        """The jobs that are not done yet."""
        async with self.world.transactions() as db:
            mine = JobRow.chat_id == self.chat_id
            return (await db.scalars(select(JobRow).where(mine, JobRow.done_at.is_(None)))).all()

    async def time_comes(self) -> None:
        """Whatever waits for its time may run now."""
        async with self.world.transactions.begin() as db:
            mine = (JobRow.chat_id == self.chat_id, JobRow.done_at.is_(None))
            await db.execute(update(JobRow).where(*mine).values(run_at=JobRow.created_at))

    async def heard(self) -> str:
        """All that was said in the chat so far, as it reads."""
        async with self.world.transactions() as db:
            rows = await db.scalars(select(Outbox).where(Outbox.chat_id == self.chat_id).order_by(Outbox.id))
            said = [json.loads(self.world.pipe.open(row)).get("text", "") for row in rows]
        return unescape(re.sub(r"<[^>]+>", "", "\n\n".join(said)))
