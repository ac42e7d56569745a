"""Signed-in chats: how long a session lasts, and who may end it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts.models import TokenBlacklist, User, UserSession
from domain.accounts.passwords import Seen
from domain.accounts.tokens import new_token, token_hash
from domain.errors import Refused
from domain.messaging.chats import Who
from domain.messaging.models import Chat
from domain.ports import Clock

SESSION_LIFE = timedelta(days=30)
ACTIVITY_STEP = timedelta(minutes=1)  # no finer than that, so that not every word writes the row
FRESH_PASSWORD = timedelta(minutes=10)
CONFIRMED_AT = "password_at"
LONGEST_AGENT = 255


@dataclass(frozen=True)
class OpenSession:
    """A session as its owner sees it; `chat` is the Telegram name of the chat that is signed in."""

    id: UUID
    idle: timedelta
    is_this: bool
    chat: str
    ip_address: str | None
    user_agent: str | None


class Sessions:
    """The sessions of the account of this chat; only hashes of their tokens are stored."""

    def __init__(self, db: AsyncSession, who: Who, clock: Clock) -> None:
        self._db = db
        self._who = who
        self._clock = clock

    async def open(self, user: User, seen: Seen | None = None) -> None:
        """Sign the chat in; what waited for that is told. `seen` is where a password was given for it."""
        now, chat = self._clock.now(), self._who.chat
        session = UserSession(
            id=uuid4(),
            user_id=user.id,
            session_id=str(uuid4()),
            session_token=token_hash(new_token()),
            created_at=now,
            last_activity=now,
            expires_at=now + SESSION_LIFE,
            session_data={"chat_id": chat.chat_id},
        )
        self._db.add(session)
        if seen is not None:
            self._confirm(session, seen, now)
        user.last_login_at = now
        await self._db.flush()
        chat.user_id = user.id
        chat.session_id = session.id
        await self._who.release()

    async def is_open(self) -> bool:
        """Whether this chat is signed in, noting that it is used."""
        session = await self._current()
        now = self._clock.now()
        if session is None or not session.is_active or session.expires_at <= now:
            return False
        listed = exists().where(TokenBlacklist.token_id == session.session_id)
        if await self._db.scalar(select(listed)):
            return False
        if session.last_activity + ACTIVITY_STEP < now:
            session.last_activity = now
        return True

    async def confirm(self, user: User, seen: Seen) -> None:
        """The password was given just now: the session goes on under a new token, or begins."""
        session = await self._current()
        if session is None or not await self.is_open():
            await self.open(user, seen)
            return
        session.session_token = token_hash(new_token())
        self._confirm(session, seen, self._clock.now())

    async def is_confirmed(self) -> bool:
        """Whether the password was given in this session within the last ten minutes."""
        session = await self._current()
        given = (session.session_data or {}).get(CONFIRMED_AT) if session else None
        return bool(given) and datetime.fromisoformat(str(given)) + FRESH_PASSWORD > self._clock.now()

    async def demand_confirmed(self) -> None:
        """Raises `Refused("password.again")` where the password was not given lately."""
        if not await self.is_confirmed():
            raise Refused("password.again")

    async def all(self) -> list[OpenSession]:
        """The open sessions of this account, the one in use first, then as they were used last."""
        name = func.coalesce(Chat.telegram_name, "")
        found = await self._db.execute(
            select(UserSession, name)
            .outerjoin(Chat, Chat.session_id == UserSession.id)
            .where(UserSession.user_id == self._who.user_id, *self._open())
            .order_by((UserSession.id == self._who.chat.session_id).desc(), UserSession.last_activity.desc())
        )
        return [
            OpenSession(
                each.id,
                self._clock.now() - each.last_activity,
                each.id == self._who.chat.session_id,
                chat,
                each.ip_address,
                each.user_agent,
            )
            for each, chat in found
        ]

    async def count(self) -> int:
        """How many sessions of this account are open."""
        found = await self._db.scalar(
            select(func.count())
            .select_from(UserSession)
            .where(UserSession.user_id == self._who.user_id, *self._open())
        )
        return found or 0

    async def end(self, session_id: UUID) -> None:
        """End one session of this account; raises `Refused("session.gone")` for any other."""
        session = await self._db.get(UserSession, session_id, with_for_update=True)
        if session is None or session.user_id != self._who.user_id or not session.is_active:
            raise Refused("session.gone")
        self._end(session, "ended by the owner")

    async def end_others(self, reason: str = "ended by the owner") -> int:
        """End every session of this account but this chat's; how many those were."""
        return await self.end_all(self._who.user_id, reason, but=self._who.chat.session_id)

    async def end_all(self, user_id: UUID, reason: str, *, but: UUID | None = None) -> int:
        """End every open session of an account; their chats ask for the password before they go on."""
        sessions = await self._db.scalars(
            select(UserSession)
            .where(UserSession.user_id == user_id, UserSession.is_active)
            .order_by(UserSession.id)
            .with_for_update()
        )
        ended = [each for each in sessions if each.id != but]
        for each in ended:
            self._end(each, reason)
        return len(ended)

    async def sign_out(self) -> None:
        """End this chat's session and let go of the account."""
        session = await self._current()
        if session is not None and session.is_active:
            self._end(session, "signed out")
        await self._who.forget()
        self._who.chat.user_id = self._who.chat.session_id = None

    async def _current(self) -> UserSession | None:
        session_id = self._who.chat.session_id
        return await self._db.get(UserSession, session_id) if session_id else None

    def _open(self) -> list[ColumnElement[bool]]:
        listed = exists().where(TokenBlacklist.token_id == UserSession.session_id)
        return [UserSession.is_active.is_(True), UserSession.expires_at > self._clock.now(), ~listed]

    def _end(self, session: UserSession, reason: str) -> None:
        session.is_active = False
        self._db.add(
            TokenBlacklist(
                token_id=session.session_id,
                user_id=session.user_id,
                expires_at=session.expires_at,
                reason=reason,
            )
        )

    @staticmethod
    def _confirm(session: UserSession, seen: Seen, now: datetime) -> None:
        session.session_data = {**(session.session_data or {}), CONFIRMED_AT: now.isoformat()}
        session.ip_address = seen.ip_address or session.ip_address
        session.user_agent = (seen.user_agent or session.user_agent or "")[:LONGEST_AGENT] or None
