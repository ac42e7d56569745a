"""Accounts: linking a chat, signing in and out, the keys of a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from uuid import UUID, uuid4

from pydantic import SecretStr
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts.addresses import address
from domain.accounts.jobs import (
    CheckCode,
    CodeVerdict,
    CreateAccount,
    EraseAccount,
    ResetPassword,
    SendCode,
    SendNotice,
    SignIn,
)
from domain.accounts.models import (
    CodePurpose,
    EmailCode,
    LoginAttempt,
    PasswordHistory,
    PasswordResetToken,
    PersonKey,
    TokenBlacklist,
    User,
    UserSession,
)
from domain.accounts.passwords import check_policy
from domain.accounts.tokens import new_code, new_token, token_hash
from domain.errors import Refused
from domain.messaging.chats import Who
from domain.messaging.models import Chat
from domain.ports import Clock, Keyring
from domain.ports import PersonKey as Key

CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
CODE_PAUSE = timedelta(minutes=1)
RESET_LIFE = timedelta(minutes=15)
SESSION_LIFE = timedelta(days=30)
REMEMBERED_PASSWORDS = 5
FREE_TRIES = 5
FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(hours=1)
LONGEST_NAME = 100


class Accounts:
    """What a chat's conversation asks of accounts."""

    def __init__(self, db: AsyncSession, who: Who, keyring: Keyring, clock: Clock) -> None:
        self._db = db
        self._who = who
        self._keyring = keyring
        self._clock = clock

    # Codes

    async def mail_code(self, typed: str, purpose: CodePurpose = CodePurpose.LINK) -> UUID:
        """Mail a code to an address; an earlier one of this chat is void from now on.

        Within a minute the one that was mailed before stands, as long as it may still be tried. Raises
        `Refused` with "email.invalid", or "code.too_soon" where it may not.
        """
        email = address(typed)
        fresh = await self._fresh_code(email, purpose)
        if fresh is None:
            return await self._mail_code(email, purpose)
        if fresh.voided_at or fresh.confirmed_at or fresh.tries >= CODE_TRIES:
            raise self._too_soon(fresh)
        return fresh.id

    async def mail_again(self, code_id: UUID) -> UUID:
        """Mail another code to the same address; raises `Refused("code.too_soon")` within a minute."""
        code = await self._code(code_id)
        if fresh := await self._fresh_code(code.email, code.purpose):
            raise self._too_soon(fresh)
        return await self._mail_code(code.email, code.purpose)

    async def _fresh_code(self, email: str, purpose: CodePurpose) -> EmailCode | None:
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

    async def _mail_code(self, email: str, purpose: CodePurpose) -> UUID:
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
            email=email,
            purpose=purpose,
            created_at=now,
            expires_at=now + CODE_LIFE,
        )
        self._db.add(code)
        await self._db.flush()
        await self._who.schedule(SendCode(code_id=code.id, code=SecretStr(new_code())))
        return code.id

    async def email_of(self, code_id: UUID) -> str:
        """The address a code was mailed to."""
        return (await self._code(code_id)).email

    async def store_code(self, code_id: UUID, phc: str) -> None:
        """Keep the hash of a code that has been mailed."""
        (await self._code(code_id)).code_hash = phc

    async def check_code(self, code_id: UUID, typed: str) -> None:
        """Have typed digits checked; raises `Refused("code.format")` where they are not six."""
        digits = "".join(each for each in typed if each.isdecimal())
        if len(digits) != 6 or len(typed.strip()) > 12:
            raise Refused("code.format")
        await self._who.schedule(CheckCode(code_id=code_id, typed=digits))

    async def live_code(self, code_id: UUID) -> EmailCode | None:
        """The code, if it may still be tried from this chat by this Telegram user."""
        code = await self._db.get(EmailCode, code_id, with_for_update=True)
        chat = self._who.chat
        alive = (
            code is not None
            and code.chat_id == chat.chat_id
            and code.telegram_user_id == chat.telegram_user_id
            and code.voided_at is None
            and code.confirmed_at is None
            and code.code_hash is not None
            and code.tries < CODE_TRIES
            and code.expires_at > self._clock.now()
        )
        return code if alive else None

    async def judge_code(self, code_id: UUID, right: bool) -> tuple[CodeVerdict, int]:
        """Count a try; what it opens, and how many are left."""
        code = await self.live_code(code_id)
        if code is None:
            return CodeVerdict.DEAD, 0
        code.tries += 1
        if not right:
            return CodeVerdict.WRONG, CODE_TRIES - code.tries
        code.confirmed_at = self._clock.now()
        if code.purpose is CodePurpose.RESET:
            await self._grant_reset(code)
            return CodeVerdict.RESET, 0
        known = await self._user_by_email(code.email)
        return (CodeVerdict.KNOWN if known else CodeVerdict.NEW), 0

    async def confirmed_email(self, code_id: UUID) -> str | None:
        """The address this chat has proved to read within the last ten minutes of the code's life."""
        code = await self._db.get(EmailCode, code_id)
        if code is None or code.chat_id != self._who.chat.chat_id or code.confirmed_at is None:
            return None
        return code.email if code.confirmed_at + RESET_LIFE > self._clock.now() else None

    # Passwords

    async def name_new_account(self, code_id: UUID, typed: str) -> None:
        """Keep the name of the account to be; raises `Refused` where it is empty or too long."""
        name = " ".join(typed.split())
        if not name:
            raise Refused("name.empty")
        if len(name) > LONGEST_NAME:
            raise Refused("name.too_long", most=LONGEST_NAME)
        (await self._code(code_id)).full_name = name

    async def create_account(self, code_id: UUID, password: str) -> None:
        """Have the account made; raises `Refused("password.…")` with the reason."""
        code = await self._code(code_id)
        check_policy(password, email=code.email, name=code.full_name or "")
        await self._who.schedule(CreateAccount(code_id=code_id, password=SecretStr(password)))

    async def sign_in(self, code_id: UUID, password: str) -> None:
        """Have the password of the known account checked."""
        await self._who.schedule(SignIn(code_id=code_id, password=SecretStr(password)))

    async def reset_password(self, code_id: UUID, password: str) -> None:
        """Have a new password set; raises `Refused("password.…")` with the reason."""
        check_policy(password, email=await self.email_of(code_id))
        await self._who.schedule(ResetPassword(code_id=code_id, password=SecretStr(password)))

    async def erase(self, password: str) -> None:
        """Have the person erased, if the password is theirs."""
        await self._who.schedule(EraseAccount(user_id=self._who.user_id, password=SecretStr(password)))

    # Linking

    async def add_user(self, code_id: UUID, password_phc: str) -> User | None:
        """Make the account and link this chat; None where somebody else took the address meanwhile."""
        code = await self._code(code_id)
        if await self._user_by_email(code.email) is not None:
            return None
        now = self._clock.now()
        user = User(
            id=uuid4(),
            email=code.email,
            full_name=code.full_name or self._who.telegram_name,
            hashed_password=password_phc,
            is_email_verified=True,
        )
        self._db.add(user)
        await self._db.flush()
        wrapped = self._keyring.wrap(self._keyring.new_person_key(), user.id)
        self._db.add(PersonKey(user_id=user.id, wrapped_key=wrapped))
        self._db.add(PasswordHistory(user_id=user.id, password_hash=password_phc))
        await self.open_session(user, now)
        return user

    async def open_session(self, user: User, now: datetime) -> None:
        """Sign the chat in; only the hash of the session's token is stored."""
        session = UserSession(
            id=uuid4(),
            user_id=user.id,
            session_id=str(uuid4()),
            session_token=token_hash(new_token()),
            created_at=now,
            expires_at=now + SESSION_LIFE,
            session_data={"chat_id": self._who.chat.chat_id},
        )
        user.last_login_at = now
        self._db.add(session)
        await self._db.flush()
        self._who.chat.user_id = user.id
        self._who.chat.session_id = session.id

    async def sign_out(self) -> None:
        """End this chat's session and let go of the account."""
        chat = self._who.chat
        session = await self._db.get(UserSession, chat.session_id) if chat.session_id else None
        if session is not None and session.is_active:
            session.is_active = False
            self._db.add(
                TokenBlacklist(
                    token_id=session.session_id,
                    user_id=session.user_id,
                    expires_at=session.expires_at,
                    reason="signed out",
                )
            )
        chat.user_id = chat.session_id = None

    async def user(self) -> User:
        """The account of this chat."""
        return await self._db.get_one(User, self._who.user_id)

    async def user_of(self, email: str) -> User | None:
        """The account with this address, locked."""
        return await self._user_by_email(email)

    async def sessions(self) -> int:
        """How many sessions of this account are open."""
        found = await self._db.scalar(
            select(func.count())
            .select_from(UserSession)
            .where(UserSession.user_id == self._who.user_id, UserSession.is_active)
            .where(UserSession.expires_at > self._clock.now())
        )
        return found or 0

    # Attempts

    async def locked_for(self, user_id: UUID) -> int:
        """Seconds until the account takes a password again; 0 where it does now."""
        until = await self._db.scalar(
            select(func.max(LoginAttempt.locked_until)).where(LoginAttempt.user_id == user_id)
        )
        return max(0, ceil((until - self._clock.now()).total_seconds())) if until else 0

    async def count_attempt(self, user: User, right: bool) -> None:
        """Record a try at the password; from the fifth wrong one in a row on, each doubles the wait."""
        now = self._clock.now()
        locked_until = None
        if right:
            await self._db.execute(
                update(LoginAttempt).where(LoginAttempt.user_id == user.id).values(locked_until=None)
            )
        else:
            wrong = await self._wrong_in_a_row(user.id) + 1
            if wrong >= FREE_TRIES:
                locked_until = now + min(FIRST_LOCK * 2 ** (wrong - FREE_TRIES), LONGEST_LOCK)
        self._db.add(LoginAttempt(user_id=user.id, success=right, locked_until=locked_until, created_at=now))
        await self._db.flush()

    async def _wrong_in_a_row(self, user_id: UUID) -> int:
        last_right = (
            select(func.max(LoginAttempt.created_at))
            .where(LoginAttempt.user_id == user_id, LoginAttempt.success)
            .scalar_subquery()
        )
        wrong = await self._db.scalar(
            select(func.count())
            .select_from(LoginAttempt)
            .where(LoginAttempt.user_id == user_id, ~LoginAttempt.success)
            .where(LoginAttempt.created_at > func.coalesce(last_right, text("'-infinity'::timestamptz")))
        )
        return min(wrong or 0, 30)

    # Resets

    async def _grant_reset(self, code: EmailCode) -> None:
        user = await self._user_by_email(code.email)
        if user is None:
            return
        now = self._clock.now()
        self._db.add(
            PasswordResetToken(
                token=token_hash(str(code.id)), user_id=user.id, created_at=now, expires_at=now + RESET_LIFE
            )
        )
        await self._db.flush()

    async def reset_right(self, code_id: UUID) -> PasswordResetToken | None:
        """The right to reset that a code has won, locked; None where it is used or too old."""
        token = await self._db.get(PasswordResetToken, token_hash(str(code_id)), with_for_update=True)
        return token if token and not token.used and token.expires_at > self._clock.now() else None

    async def set_password(self, right: PasswordResetToken, phc: str) -> None:
        """Use up a right to reset: the new password holds, and every session of the account ends."""
        right.used = True
        user = await self._db.get_one(User, right.user_id)
        user.hashed_password = phc
        self._db.add(PasswordHistory(user_id=user.id, password_hash=phc))
        await self._db.flush()
        kept = (
            select(PasswordHistory.id)
            .where(PasswordHistory.user_id == user.id)
            .order_by(PasswordHistory.created_at.desc(), PasswordHistory.id)
            .limit(REMEMBERED_PASSWORDS)
        )
        await self._db.execute(
            delete(PasswordHistory).where(PasswordHistory.user_id == user.id, PasswordHistory.id.not_in(kept))
        )
        await self._db.execute(
            update(UserSession).where(UserSession.user_id == user.id).values(is_active=False)
        )
        await self._db.execute(
            update(Chat).where(Chat.user_id == user.id).values(user_id=None, session_id=None)
        )
        await self._db.execute(
            update(LoginAttempt).where(LoginAttempt.user_id == user.id).values(locked_until=None)
        )
        await self._who.schedule(SendNotice(user_id=user.id, notice="password_reset"))

    async def erase_now(self) -> None:
        """Delete the person's rows, the key of their files with them."""
        await self._db.execute(delete(User).where(User.id == self._who.user_id))
        self._who.chat.user_id = self._who.chat.session_id = None

    # Keys

    async def key(self) -> Key:
        """The key that seals this person's files and texts."""
        row = await self._db.get_one(PersonKey, self._who.user_id)
        return self._keyring.unwrap(row.wrapped_key, row.user_id)

    async def _code(self, code_id: UUID) -> EmailCode:
        code = await self._db.get(EmailCode, code_id)
        if code is None or code.chat_id != self._who.chat.chat_id:
            raise Refused("code.gone")
        return code

    async def _user_by_email(self, email: str) -> User | None:
        found: User | None = await self._db.scalar(select(User).where(User.email == email).with_for_update())
        return found


async def former_passwords(db: AsyncSession, user_id: UUID) -> list[str]:
    """The hashes a new password may not match, newest first."""
    return list(
        await db.scalars(
            select(PasswordHistory.password_hash)
            .where(PasswordHistory.user_id == user_id, PasswordHistory.is_active)
            .order_by(PasswordHistory.created_at.desc())
            .limit(REMEMBERED_PASSWORDS)
        )
    )
