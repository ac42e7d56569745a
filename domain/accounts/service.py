"""Accounts: the person, what a confirmed code opens, the keys of a person."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts.addresses import picture, telegram_picture
from domain.accounts.attempts import Attempts
from domain.accounts.codes import CONFIRMED_LIFE, Codes
from domain.accounts.jobs import (
    ChangePassword,
    CodeVerdict,
    CreateAccount,
    EraseAccount,
    GivePassword,
    ResetPassword,
    SendNotice,
    SignIn,
    carrying,
)
from domain.accounts.links import ChatLinks
from domain.accounts.models import (
    CodePurpose,
    EmailCode,
    PasswordHistory,
    PasswordResetToken,
    PersonKey,
    User,
)
from domain.accounts.passwords import Seen, Typed, check_policy
from domain.accounts.sessions import Sessions
from domain.accounts.tokens import token_hash
from domain.errors import Refused
from domain.messaging.chats import Who
from domain.ports import Clock, Keyring
from domain.ports import PersonKey as Key

REMEMBERED_PASSWORDS = 5
LONGEST_NAME = 100


class Accounts:
    """What a chat's conversation asks of accounts."""

    def __init__(self, db: AsyncSession, who: Who, keyring: Keyring, clock: Clock) -> None:
        self._db = db
        self._who = who
        self._keyring = keyring
        self._clock = clock
        self.codes = Codes(db, who, clock)
        self.attempts = Attempts(db, who, clock)
        self.sessions = Sessions(db, who, clock)
        self.links = ChatLinks(db, who, self.sessions, clock)

    # The person

    async def user(self) -> User:
        """The account of this chat."""
        return await self._db.get_one(User, self._who.user_id)

    async def locked_user(self) -> User:
        """The same, locked."""
        return await self._db.get_one(User, self._who.user_id, with_for_update=True)

    async def user_of(self, email: str) -> User | None:
        """The account with this address, locked."""
        found: User | None = await self._db.scalar(select(User).where(User.email == email).with_for_update())
        return found

    async def rename(self, typed: str) -> None:
        """Change the name; raises `Refused` with "name.empty" or "name.too_long"."""
        (await self.user()).full_name = _name(typed)

    async def show(self, url: str) -> None:
        """Have the picture at an address stand for the person; raises `Refused("picture.invalid")`."""
        (await self.user()).avatar_url = picture(url)

    async def show_telegram_picture(self) -> None:
        """Have the public picture of the Telegram profile stand for the person.

        Raises `Refused("picture.no_username")` where it has no public address.
        """
        if self._who.telegram_username is None:
            raise Refused("picture.no_username")
        (await self.user()).avatar_url = telegram_picture(self._who.telegram_username)

    async def show_nothing(self) -> None:
        """Take the picture away."""
        (await self.user()).avatar_url = None

    # Codes

    async def mail_code(self, typed: str) -> UUID:
        """Mail a code that links this chat; raises what `Codes.mail` raises."""
        return await self.codes.mail(typed, CodePurpose.LINK)

    async def mail_reset(self, code_id: UUID | None = None) -> UUID:
        """Mail a code that resets the password, to the address of an earlier code or of the account."""
        email = await self.codes.email_of(code_id) if code_id else (await self.user()).email
        return await self.codes.mail(email, CodePurpose.RESET)

    async def mail_new_email(self, typed: str) -> UUID:
        """Mail a code to the address that shall replace the account's.

        Raises `Refused` with "email.same" or "password.again", and what `Codes.mail` raises.
        """
        user = await self.user()
        await self.sessions.demand_confirmed()
        if user.is_email_verified and typed.strip().lower() == user.email:
            raise Refused("email.same")
        return await self.codes.mail(typed, CodePurpose.EMAIL, user.id)

    async def judge_code(self, code_id: UUID, *, right: bool) -> tuple[CodeVerdict, int]:
        """Count a try at a code; what it opens, and how many tries are left."""
        code = await self.codes.try_once(code_id, right=right)
        if code is None:
            return CodeVerdict.DEAD, 0
        if not right:
            return CodeVerdict.WRONG, self.codes.tries_left(code)
        if code.purpose is CodePurpose.RESET:
            await self._grant_reset(code)
            return CodeVerdict.RESET, 0
        if code.purpose is CodePurpose.EMAIL:
            return await self._change_email(code), 0
        known = await self.user_of(code.email)
        return (CodeVerdict.KNOWN if known else CodeVerdict.NEW), 0

    async def _change_email(self, code: EmailCode) -> CodeVerdict:
        """The confirmed address replaces the account's, whose owner is told at the old one."""
        if code.user_id is None or code.user_id != self._who.chat.user_id:
            return CodeVerdict.DEAD
        taken = await self.user_of(code.email)
        if taken is not None and taken.id != code.user_id:
            return CodeVerdict.TAKEN
        user = await self.locked_user()
        if user.email != code.email:
            await self._who.schedule(SendNotice(user_id=user.id, notice="email_changed", to=user.email))
        user.email = code.email
        user.is_email_verified = True
        await self._void_resets(user.id)
        await self._db.flush()
        return CodeVerdict.CHANGED

    # Passwords

    async def name_new_account(self, code_id: UUID, typed: str) -> None:
        """Keep the name of the account to be; raises `Refused` with "name.empty" or "name.too_long"."""
        (await self.codes.one(code_id)).full_name = _name(typed)

    async def create_account(self, code_id: UUID, typed: Typed) -> None:
        """Have the account made; raises `Refused("password.…")` with the reason."""
        code = await self.codes.one(code_id)
        check_policy(typed.password, email=code.email, name=code.full_name or "")
        await self._who.schedule(CreateAccount(code_id=code_id, **carrying(typed)))

    async def sign_in(self, code_id: UUID, typed: Typed) -> None:
        """Have the password of the known account checked."""
        await self._who.schedule(SignIn(code_id=code_id, **carrying(typed)))

    async def give_password(self, typed: Typed) -> None:
        """Have the password of this chat's account checked: its session goes on, or begins anew."""
        await self._who.schedule(GivePassword(user_id=self._who.user_id, **carrying(typed)))

    async def change_password(self, typed: Typed) -> None:
        """Have a new password set; raises `Refused("password.…")` with the reason."""
        user = await self.user()
        await self.sessions.demand_confirmed()
        check_policy(typed.password, email=user.email, name=user.full_name)
        await self._who.schedule(ChangePassword(user_id=user.id, **carrying(typed)))

    async def reset_password(self, code_id: UUID, typed: Typed) -> None:
        """Have a new password set; raises `Refused("password.…")` with the reason."""
        check_policy(typed.password, email=await self.codes.email_of(code_id))
        await self._who.schedule(ResetPassword(code_id=code_id, **carrying(typed)))

    async def erase(self, typed: Typed) -> None:
        """Have the person erased, if the password is theirs."""
        await self._who.schedule(EraseAccount(user_id=self._who.user_id, **carrying(typed)))

    # What jobs finish

    async def add_user(self, code_id: UUID, password_phc: str, seen: Seen | None = None) -> User | None:
        """Make the account and link this chat; None where somebody else took the address meanwhile."""
        code = await self.codes.one(code_id)
        if await self.user_of(code.email) is not None:
            return None
        username = self._who.telegram_username
        user = User(
            id=uuid4(),
            email=code.email,
            full_name=code.full_name or self._who.telegram_name,
            avatar_url=telegram_picture(username) if username else None,
            hashed_password=password_phc,
            is_email_verified=True,
        )
        self._db.add(user)
        await self._db.flush()
        wrapped = self._keyring.wrap(self._keyring.new_person_key(), user.id)
        self._db.add(PersonKey(user_id=user.id, wrapped_key=wrapped))
        self._db.add(PasswordHistory(user_id=user.id, password_hash=password_phc))
        await self.sessions.open(user, seen or Seen())
        return user

    async def reset_right(self, code_id: UUID) -> PasswordResetToken | None:
        """The right to reset that a code has won, locked; None where it is used or too old."""
        token = await self._db.get(PasswordResetToken, token_hash(str(code_id)), with_for_update=True)
        return token if token and not token.used and token.expires_at > self._clock.now() else None

    async def reset(self, right: PasswordResetToken, phc: str) -> None:
        """Use up a right to reset: the new password holds, and every session of the account ends."""
        right.used = True
        user = await self._db.get_one(User, right.user_id, with_for_update=True)
        await self._keep_password(user, phc)
        await self.sessions.end_all(user.id, "password reset")
        await self.attempts.unlock(user.id)
        await self._who.schedule(SendNotice(user_id=user.id, notice="password_reset"))

    async def replace_password(self, user: User, phc: str, seen: Seen) -> None:
        """A new password holds from now on, and every session but this chat's ends."""
        await self._keep_password(user, phc)
        await self._void_resets(user.id)
        await self.sessions.confirm(user, seen)
        await self.sessions.end_others("password changed")
        await self._who.schedule(SendNotice(user_id=user.id, notice="password_changed"))

    async def erase_now(self) -> None:
        """Delete the person's rows, the key of their files with them."""
        user_id = self._who.user_id
        await self._who.forget_everywhere()
        await self._db.execute(delete(User).where(User.id == user_id))
        self._who.chat.user_id = self._who.chat.session_id = None

    async def _keep_password(self, user: User, phc: str) -> None:
        """Set the hash of a password, and remember it among the last five."""
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

    async def _grant_reset(self, code: EmailCode) -> None:
        user = await self.user_of(code.email)
        if user is None:
            return
        now = self._clock.now()
        self._db.add(
            PasswordResetToken(
                token=token_hash(str(code.id)),
                user_id=user.id,
                created_at=now,
                expires_at=now + CONFIRMED_LIFE,
            )
        )
        await self._db.flush()

    async def _void_resets(self, user_id: UUID) -> None:
        await self._db.execute(
            update(PasswordResetToken).where(PasswordResetToken.user_id == user_id).values(used=True)
        )

    # Keys

    async def key(self) -> Key:
        """The key that seals this person's files and texts."""
        row = await self._db.get_one(PersonKey, self._who.user_id)
        return self._keyring.unwrap(row.wrapped_key, row.user_id)


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


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not name:
        raise Refused("name.empty")
    if len(name) > LONGEST_NAME:
        raise Refused("name.too_long", most=LONGEST_NAME)
    return name
