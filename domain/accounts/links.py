"""Further chats of an account: invited by one of its chats, claimed by another, confirmed by the first."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts.jobs import ChatAdmitted, ChatClaimed, ChatJoined, ChatTurnedAway, SendNotice
from domain.accounts.models import ChatLink, User
from domain.accounts.sessions import Sessions
from domain.accounts.tokens import new_token, token_hash
from domain.errors import Refused
from domain.messaging.chats import Who
from domain.ports import Clock

LINK_LIFE = timedelta(minutes=10)


class ChatLinks:
    """Each chat writes in its own transaction and tells the other one; neither waits for the other."""

    def __init__(self, db: AsyncSession, who: Who, sessions: Sessions, clock: Clock) -> None:
        self._db = db
        self._who = who
        self._sessions = sessions
        self._clock = clock

    async def invite(self) -> str:
        """A token that lets one other chat ask for this account; earlier ones of this chat are void.

        Raises `Refused("password.again")`.
        """
        user_id, now = self._who.user_id, self._clock.now()
        await self._sessions.demand_confirmed()
        await self._db.execute(
            update(ChatLink)
            .where(ChatLink.from_chat_id == self._who.chat.chat_id, ChatLink.expires_at > now)
            .values(expires_at=now)
        )
        token = new_token()
        self._db.add(
            ChatLink(
                id=uuid4(),
                token_hash=token_hash(token),
                user_id=user_id,
                from_chat_id=self._who.chat.chat_id,
                created_at=now,
                expires_at=now + LINK_LIFE,
            )
        )
        await self._db.flush()
        return token

    async def claim(self, token: str) -> bool:
        """Ask the inviting chat to let this one in.

        False where the token is unknown, too old, used, or this chat's own. Raises `Refused` with
        "link.already" where this chat has an account.
        """
        link: ChatLink | None = await self._db.scalar(
            select(ChatLink).where(ChatLink.token_hash == token_hash(token)).with_for_update()
        )
        chat = self._who.chat
        if link is None or link.claimed_by_chat_id or not self._is_live(link):
            return False
        if link.from_chat_id == chat.chat_id:
            return False
        if self._who.is_linked:
            raise Refused("link.already")
        link.claimed_by_chat_id = chat.chat_id
        claimant = self._name()
        await self._who.tell(link.from_chat_id, ChatClaimed(link.id, claimant))
        return True

    async def admit(self, link_id: UUID) -> None:
        """Let the claiming chat in; raises `Refused("chat_link.gone")`."""
        link = await self._claimed(link_id)
        link.confirmed_at = self._clock.now()
        assert link.claimed_by_chat_id is not None
        await self._who.tell(link.claimed_by_chat_id, ChatAdmitted(link.id))

    async def turn_away(self, link_id: UUID) -> None:
        """Do not let the claiming chat in; raises `Refused("chat_link.gone")`."""
        link = await self._claimed(link_id)
        link.expires_at = self._clock.now()
        assert link.claimed_by_chat_id is not None
        await self._who.tell(link.claimed_by_chat_id, ChatTurnedAway())

    async def enter(self, link_id: UUID) -> bool:
        """Sign this chat in, as the inviting one has agreed; False where it has an account by now."""
        link = await self._db.get(ChatLink, link_id, with_for_update=True)
        chat = self._who.chat
        if link is None or link.claimed_by_chat_id != chat.chat_id or link.confirmed_at is None:
            return False
        if self._who.is_linked:
            return False
        user = await self._db.get_one(User, link.user_id)
        await self._sessions.open(user)
        await self._who.schedule(SendNotice(user_id=user.id, notice="chat_linked"))
        await self._who.tell(link.from_chat_id, ChatJoined(self._name()))
        return True

    async def _claimed(self, link_id: UUID) -> ChatLink:
        link = await self._db.get(ChatLink, link_id, with_for_update=True)
        if link is None or link.user_id != self._who.user_id or not self._is_live(link):
            raise Refused("chat_link.gone")
        if link.from_chat_id != self._who.chat.chat_id or link.claimed_by_chat_id is None:
            raise Refused("chat_link.gone")
        return link

    def _is_live(self, link: ChatLink) -> bool:
        return link.confirmed_at is None and link.expires_at > self._clock.now()

    def _name(self) -> str:
        """The Telegram name of this chat's person, with the username nobody else can have."""
        name, username = self._who.telegram_name, self._who.telegram_username
        return f"{name} (@{username})" if username else name
