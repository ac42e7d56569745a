"""Codes by mail: asked for, tried, confirmed; what one opens is decided by `Accounts`."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from pydantic import SecretStr
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts.addresses import address
from domain.accounts.jobs import CheckCode, SendCode
from domain.accounts.models import CodePurpose, EmailCode
from domain.accounts.tokens import CODE_DIGITS, new_code
from domain.errors import Refused
from domain.messaging.chats import Who
from domain.ports import Clock

CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
CODE_PAUSE = timedelta(minutes=1)
CONFIRMED_LIFE = timedelta(minutes=15)
LONGEST_TYPED = 12


class Codes:
    """The codes of one chat: one is good at a time, and only for the chat it was mailed for."""

    def __init__(self, db: AsyncSession, who: Who, clock: Clock) -> None:
        self._db = db
        self._who = who
        self._clock = clock

    async def mail(self, typed: str, purpose: CodePurpose, user_id: UUID | None = None) -> UUID:
        """Mail a code to an address; an earlier one of this chat is void from now on.

        Within a minute the one that was mailed before stands, as long as it may still be tried. Raises
        `Refused` with "email.invalid", or "code.too_soon" where it may not.
        """
        email = address(typed)
        fresh = await self._fresh(email, purpose)
        if fresh is None or fresh.user_id != user_id:
            return await self._mail(email, purpose, user_id)
        if fresh.voided_at or fresh.confirmed_at or fresh.tries >= CODE_TRIES:
            raise self._too_soon(fresh)
        return fresh.id

    async def mail_again(self, code_id: UUID) -> UUID:
        """Mail another code to the same address; raises `Refused("code.too_soon")` within a minute."""
        code = await self.one(code_id)
        if fresh := await self._fresh(code.email, code.purpose):
            raise self._too_soon(fresh)
        return await self._mail(code.email, code.purpose, code.user_id)

    async def one(self, code_id: UUID) -> EmailCode:
        """The code, if it is this chat's; raises `Refused("code.gone")`."""
        code = await self._db.get(EmailCode, code_id)
        if code is None or code.chat_id != self._who.chat.chat_id:
            raise Refused("code.gone")
        return code

    async def email_of(self, code_id: UUID) -> str:
        """The address a code was mailed to."""
        return (await self.one(code_id)).email

    async def store(self, code_id: UUID, phc: str) -> None:
        """Keep the hash of a code that has been mailed."""
        (await self.one(code_id)).code_hash = phc

    async def check(self, code_id: UUID, typed: str) -> None:
        """Have typed digits checked; raises `Refused("code.format")` where they are not six."""
        digits = "".join(each for each in typed if each.isdecimal())
        if len(digits) != CODE_DIGITS or len(typed.strip()) > LONGEST_TYPED:
            raise Refused("code.format")
        await self._who.schedule(CheckCode(code_id=code_id, typed=digits))

    async def try_once(self, code_id: UUID, *, right: bool) -> EmailCode | None:
        """Count a try at a code and confirm it where the digits were `right`.

        None where it may not be tried any more from this chat by this Telegram user.
        """
        code = await self._db.get(EmailCode, code_id, with_for_update=True)
        if code is None or not self._is_live(code):
            return None
        code.tries += 1
        if right:
            code.confirmed_at = self._clock.now()
        return code

    @staticmethod
    def tries_left(code: EmailCode) -> int:
        """How often a code may still be tried."""
        return max(0, CODE_TRIES - code.tries)

    async def confirmed_email(self, code_id: UUID) -> str | None:
        """The address this chat has proved to read within the last quarter of an hour."""
        code = await self._db.get(EmailCode, code_id)
        if code is None or code.chat_id != self._who.chat.chat_id or code.confirmed_at is None:
            return None
        return code.email if code.confirmed_at + CONFIRMED_LIFE > self._clock.now() else None

    def _is_live(self, code: EmailCode) -> bool:
        chat = self._who.chat
        return (
            (code.chat_id, code.telegram_user_id) == (chat.chat_id, chat.telegram_user_id)
            and code.voided_at is None
            and code.confirmed_at is None
            and code.code_hash is not None
            and code.tries < CODE_TRIES
            and code.expires_at > self._clock.now()
        )

    async def _fresh(self, email: str, purpose: CodePurpose) -> EmailCode | None:
        """The last code of this chat, where it went to this address within a minute."""
        latest: EmailCode | None = await self._db.scalar(
            select(EmailCode)
            .where(EmailCode.chat_id == self._who.chat.chat_id, EmailCode.purpose == purpose)
            .order_by(EmailCode.created_at.desc())
            .limit(1)
        )
        if latest and latest.email == email and latest.created_at + CODE_PAUSE > self._clock.now():
            return latest
        return None

    def _too_soon(self, fresh: EmailCode) -> Refused:
        left = fresh.created_at + CODE_PAUSE - self._clock.now()
        return Refused("code.too_soon", count=int(left.total_seconds()) + 1)

    async def _mail(self, email: str, purpose: CodePurpose, user_id: UUID | None) -> UUID:
        chat, now = self._who.chat, self._clock.now()
        await self._db.execute(
            update(EmailCode)
            .where(EmailCode.chat_id == chat.chat_id, EmailCode.voided_at.is_(None))
            .values(voided_at=now)
        )
        code = EmailCode(
            id=uuid4(),
            chat_id=chat.chat_id,
            telegram_user_id=chat.telegram_user_id,
            user_id=user_id,
            email=email,
            purpose=purpose,
            created_at=now,
            expires_at=now + CODE_LIFE,
        )
        self._db.add(code)
        await self._db.flush()
        await self._who.schedule(SendCode(code_id=code.id, code=SecretStr(new_code())))
        return code.id
