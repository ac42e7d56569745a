"""Password pages: the right to type the password that a chat is asked for, once, on a page of the web."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts.models import EmailCode, PasswordPage, User
from domain.accounts.tokens import new_token, token_hash
from domain.messaging.chats import known_chat
from domain.messaging.models import Chat
from domain.ports import Clock

PAGE_LIFE = timedelta(minutes=10)


class PasswordPages:
    """Opens pages and finds them again; a page is good while its chat still asks what it asked then."""

    def __init__(self, db: AsyncSession, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def open(self, chat: Chat) -> str:
        """The token of a new page for what the chat asks in its turn as it now stands."""
        token, now = new_token(), self._clock.now()
        self._db.add(
            PasswordPage(
                id=uuid4(),
                token_hash=token_hash(token),
                chat_id=chat.chat_id,
                turn=chat.turn,
                created_at=now,
                expires_at=now + PAGE_LIFE,
            )
        )
        await self._db.flush()
        return token

    async def chat_of(self, token: str) -> Chat | None:
        """The chat that a page is for, locked; None where it is unknown, expired, used or out of turn."""
        chat_id = await self._db.scalar(
            select(PasswordPage.chat_id).where(PasswordPage.token_hash == token_hash(token))
        )
        # The chat is locked before the page, in the order of every step, and with it all of its pages.
        chat = await known_chat(self._db, chat_id) if chat_id is not None else None
        return chat if chat is not None and await self._page(token, chat) is not None else None

    async def use(self, token: str, chat: Chat) -> None:
        """The page of a locked chat is used up."""
        page = await self._page(token, chat)
        assert page is not None
        page.used_at = self._clock.now()
        await self._db.flush()

    async def email_of(self, chat: Chat, code_id: UUID | None) -> str | None:
        """The address of the account that a chat types a password for: its own, or one it has a code for."""
        found: str | None
        if chat.user_id is not None:
            found = await self._db.scalar(select(User.email).where(User.id == chat.user_id))
        else:
            found = await self._db.scalar(
                select(EmailCode.email).where(EmailCode.id == code_id, EmailCode.chat_id == chat.chat_id)
            )
        return found

    async def _page(self, token: str, chat: Chat) -> PasswordPage | None:
        page: PasswordPage | None = await self._db.scalar(
            select(PasswordPage).where(
                PasswordPage.token_hash == token_hash(token),
                PasswordPage.turn == chat.turn,
                PasswordPage.used_at.is_(None),
                PasswordPage.expires_at > self._clock.now(),
            )
        )
        return page
