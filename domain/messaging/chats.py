"""Chats, and the person in one."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import Refused
from domain.messaging.job import Job
from domain.messaging.models import Chat
from domain.messaging.pipe import Pipe


async def locked_chat(
    db: AsyncSession, chat_id: int, *, user_id: int, name: str = "", language: str = "en"
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

    async def schedule(self, job: Job, *, after: float = 0.0) -> None:
        """Have a job done; what comes of it returns to this chat."""
        await self._pipe.schedule(self._db, job, self.chat.chat_id, after=after)
