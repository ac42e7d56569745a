"""Chats, and the person in one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import String, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import Refused
from domain.messaging.happenings import Happening
from domain.messaging.job import Job
from domain.messaging.models import Chat, JobRow
from domain.messaging.pipe import JOBS, Pipe
from domain.messaging.queue import wake
from domain.messaging.telling import Tell, TellOwner, described

WAITING = "waiting"


async def locked_chat(
    db: AsyncSession,
    chat_id: int,
    *,
    user_id: int,
    name: str = "",
    username: str | None = None,
    language: str = "en",
) -> Chat:
    """The chat's row, locked until the transaction ends; made on a chat's first word."""
    made = insert(Chat).values(
        chat_id=chat_id, telegram_user_id=user_id, telegram_name=name, language=language
    )
    await db.execute(made.on_conflict_do_nothing())
    chat = await known_chat(db, chat_id)
    assert chat is not None
    if name and chat.telegram_name != name:
        chat.telegram_name = name
    if name and chat.telegram_username != username:
        chat.telegram_username = username
    return chat


async def known_chat(db: AsyncSession, chat_id: int) -> Chat | None:
    """The chat's row, locked until the transaction ends; None for a chat that never spoke."""
    chat: Chat | None = await db.scalar(select(Chat).where(Chat.chat_id == chat_id).with_for_update())
    return chat


class Who:
    """The person in the chat, as far as is known, and what may be asked of the world on their behalf."""

    def __init__(self, db: AsyncSession, chat: Chat, pipe: Pipe, owner: UUID | None = None) -> None:
        self._db = db
        self._pipe = pipe
        self._owner = owner
        self.chat = chat

    @property
    def is_linked(self) -> bool:
        return self.chat.user_id is not None

    @property
    def user_id(self) -> UUID:
        """The account spoken for; raises `Refused("link.first")` where there is none.

        It is the chat's, but for a job that goes on for its owner while the chat has signed out.
        """
        owner = self._owner or self.chat.user_id
        if owner is None:
            raise Refused("link.first")
        return owner

    @property
    def language(self) -> str:
        return self.chat.language

    def speaks(self, language: str) -> None:
        """From now on the bot speaks `language` in this chat."""
        self.chat.language = language

    @property
    def telegram_name(self) -> str:
        return self.chat.telegram_name

    @property
    def telegram_username(self) -> str | None:
        return self.chat.telegram_username

    # What waits while the chat's session has ended

    def waits_with(self, step: dict[str, Any]) -> None:
        """Keep the step to go on with."""
        self.chat.memo = {**self.chat.memo, WAITING: step}

    def goes_on(self) -> dict[str, Any] | None:
        """The step that was kept, which is kept no longer."""
        kept: dict[str, Any] | None = self.chat.memo.get(WAITING)
        self.chat.memo = {key: value for key, value in self.chat.memo.items() if key != WAITING}
        return kept

    @property
    def has_waiting(self) -> bool:
        """Whether a step is kept to go on with."""
        return WAITING in self.chat.memo

    async def hold(self, happening: Happening) -> None:
        """Tell this chat of it once its session is open again."""
        job = TellOwner(user_id=self.user_id, **described(happening))
        await self.schedule(job, after=TellOwner.held_seconds)

    async def release(self) -> None:
        """Have told what was held, in the order it came."""
        held = self._held()
        await self._db.execute(
            update(JobRow)
            .where(*held)
            .values(run_at=func.clock_timestamp())
            .execution_options(synchronize_session=False)
        )
        await wake(self._db, JOBS.name)

    async def forget(self) -> None:
        """What was held and kept is not told any more: the chat has let go of its account."""
        self.goes_on()
        await self._db.execute(
            delete(JobRow).where(*self._held()).execution_options(synchronize_session=False)
        )

    async def forget_everywhere(self) -> None:
        """The same in every chat of the account."""
        chats = select(Chat.chat_id).where(Chat.user_id == self.user_id)
        held = (JobRow.kind == TellOwner.name, JobRow.done_at.is_(None), JobRow.chat_id.in_(chats))
        await self._db.execute(delete(JobRow).where(*held).execution_options(synchronize_session=False))
        self.goes_on()
        await self._db.execute(
            update(Chat)
            .where(Chat.user_id == self.user_id, Chat.chat_id != self.chat.chat_id)
            .values(memo=Chat.memo.op("-")(literal(WAITING, String)))
            .execution_options(synchronize_session=False)
        )

    def _held(self) -> tuple[Any, ...]:
        return (
            JobRow.chat_id == self.chat.chat_id,
            JobRow.kind == TellOwner.name,
            JobRow.done_at.is_(None),
            JobRow.worker_id.is_(None),
        )

    async def tell(self, chat_id: int, happening: Happening) -> None:
        """Have another chat hear of something."""
        await self._pipe.schedule(self._db, Tell(**described(happening)), chat_id)

    async def schedule(self, job: Job, *, after: float = 0.0) -> None:
        """Have a job done; what comes of it returns to this chat."""
        await self._pipe.schedule(self._db, job, self.chat.chat_id, after=after)
