"""The jobs of accounts, done: codes are mailed, passwords hashed and checked."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts.jobs import (
    AccountErased,
    ChangePassword,
    CheckCode,
    CodeChecked,
    CodeNotSent,
    CreateAccount,
    EraseAccount,
    GivePassword,
    Linked,
    PasswordChanged,
    PasswordDeclined,
    PasswordGiven,
    PasswordVerdict,
    ResetPassword,
    SendCode,
    SendNotice,
    SignIn,
    WithPassword,
)
from domain.accounts.letters import letter
from domain.accounts.models import EmailCode, User
from domain.accounts.service import Accounts, former_passwords
from domain.errors import Refused
from domain.messaging.happenings import Happening
from domain.messaging.job import Finish, performs
from domain.messaging.models import Chat
from domain.services import Domain
from domain.world import World

EXPIRED = PasswordDeclined(PasswordVerdict.EXPIRED)


@performs(SendCode)
async def send_code(job: SendCode, world: World, chat_id: int) -> Finish | None:
    async with world.transactions() as db:
        code = await db.get(EmailCode, job.code_id)
        chat = await db.get(Chat, chat_id)
    if code is None or chat is None or code.voided_at is not None:
        return None
    digits = job.code.get_secret_value()
    phc = await world.hasher.hash(digits)
    try:
        await world.mailer.send(letter("code", chat.language, to=code.email, code=digits))
    except Refused:
        return _tell(CodeNotSent(job.code_id))

    async def finish(domain: Domain) -> None:
        await domain.accounts.codes.store(job.code_id, phc)

    return finish


@performs(CheckCode)
async def check_code(job: CheckCode, world: World, chat_id: int) -> Finish:
    async with world.transactions() as db:
        code = await db.get(EmailCode, job.code_id)
    right = bool(code and code.code_hash) and await world.hasher.verify(job.typed, code.code_hash)  # type: ignore[union-attr, arg-type]  # the first operand says so

    async def finish(domain: Domain) -> Happening:
        verdict, left = await domain.accounts.judge_code(job.code_id, right=right)
        return CodeChecked(job.code_id, verdict, left)

    return finish


@performs(CreateAccount)
async def create_account(job: CreateAccount, world: World, chat_id: int) -> Finish:
    phc = await world.hasher.hash(job.password.get_secret_value())

    async def finish(domain: Domain) -> Happening:
        if domain.who.is_linked or await domain.accounts.codes.confirmed_email(job.code_id) is None:
            return EXPIRED
        user = await domain.accounts.add_user(job.code_id, phc, job.seen)
        return Linked(is_new=True) if user else PasswordDeclined(PasswordVerdict.EMAIL_TAKEN)

    return finish


@performs(SignIn)
async def sign_in(job: SignIn, world: World, chat_id: int) -> Finish:
    async with world.transactions() as db:
        code = await db.get(EmailCode, job.code_id)
        user = await _user_by_email(db, code.email) if code else None
    if user is None:
        return _tell(EXPIRED)
    checked = await Checked.of(job, user, world)

    async def finish(domain: Domain) -> Happening:
        accounts = domain.accounts
        email = await accounts.codes.confirmed_email(job.code_id)
        known = await accounts.user_of(email) if email else None
        if known is None or domain.who.is_linked:
            return EXPIRED
        if declined := await checked.declined(known, accounts):
            return declined
        await accounts.sessions.open(known, job.seen)
        await domain.who.schedule(SendNotice(user_id=known.id, notice="chat_linked"))
        return Linked(is_new=False)

    return finish


@performs(GivePassword)
async def give_password(job: GivePassword, world: World, chat_id: int) -> Finish:
    async with world.transactions() as db:
        user = await db.get(User, job.user_id)
    if user is None:
        return _tell(EXPIRED)
    checked = await Checked.of(job, user, world)

    async def finish(domain: Domain) -> Happening:
        if domain.who.chat.user_id != job.user_id:
            return EXPIRED
        known = await domain.accounts.locked_user()
        if declined := await checked.declined(known, domain.accounts):
            return declined
        await domain.accounts.sessions.confirm(known, job.seen)
        return PasswordGiven()

    return finish


@performs(ChangePassword)
async def change_password(job: ChangePassword, world: World, chat_id: int) -> Finish:
    phc = await _new_password(job, world, job.user_id)
    if phc is None:
        return _tell(PasswordDeclined(PasswordVerdict.USED_BEFORE))

    async def finish(domain: Domain) -> Happening:
        if domain.who.chat.user_id != job.user_id or not await domain.accounts.sessions.is_open():
            return EXPIRED
        await domain.accounts.replace_password(await domain.accounts.locked_user(), phc, job.seen)
        return PasswordChanged()

    return finish


@performs(ResetPassword)
async def reset_password(job: ResetPassword, world: World, chat_id: int) -> Finish:
    async with world.transactions() as db:
        code = await db.get(EmailCode, job.code_id)
        user = await _user_by_email(db, code.email) if code else None
    phc = await _new_password(job, world, user.id) if user else None
    if user and phc is None:
        return _tell(PasswordDeclined(PasswordVerdict.USED_BEFORE))

    async def finish(domain: Domain) -> Happening:
        right = await domain.accounts.reset_right(job.code_id)
        if right is None or phc is None:
            return EXPIRED
        await domain.accounts.reset(right, phc)
        return PasswordChanged()

    return finish


@performs(EraseAccount)
async def erase_account(job: EraseAccount, world: World, chat_id: int) -> Finish:
    async with world.transactions() as db:
        user = await db.get(User, job.user_id)
    if user is None:
        return _tell(EXPIRED)
    checked = await Checked.of(job, user, world)

    async def finish(domain: Domain) -> Happening:
        accounts = domain.accounts
        if domain.who.chat.user_id != job.user_id:
            return EXPIRED
        if declined := await checked.declined(await accounts.locked_user(), accounts):
            return declined
        await domain.resumes.erase_files()
        await accounts.erase_now()
        return AccountErased()

    return finish


@performs(SendNotice)
async def send_notice(job: SendNotice, world: World, chat_id: int) -> None:
    async with world.transactions() as db:
        user = await db.get(User, job.user_id)
        chat = await db.get(Chat, chat_id)
    if user is not None:
        to = job.to or user.email
        await world.mailer.send(letter(job.notice, chat.language if chat else "en", to=to))


class Checked:
    """A password that was held against the hash of an account, before any row of it was locked."""

    def __init__(self, job: WithPassword, judged: str, right: bool, fresh: str | None) -> None:
        self._job = job
        self._judged = judged
        self._right = right
        self._fresh = fresh

    @classmethod
    async def of(cls, job: WithPassword, user: User, world: World) -> Checked:
        """Check it, and hash it anew where today's parameters ask for that."""
        password, judged = job.password.get_secret_value(), user.hashed_password
        right = await world.hasher.verify(password, judged)
        fresh = await world.hasher.hash(password) if right and world.hasher.needs_rehash(judged) else None
        return cls(job, judged, right, fresh)

    async def declined(self, user: User, accounts: Accounts) -> PasswordDeclined | None:
        """Count the try at the account, whose row is locked; why it is not let in, None where it is."""
        if user.hashed_password != self._judged:
            return EXPIRED
        if seconds := await accounts.attempts.locked_for(user.id):
            return PasswordDeclined(PasswordVerdict.LOCKED, seconds)
        await accounts.attempts.count(user, right=self._right, ip_address=self._job.ip_address)
        if self._right:
            user.hashed_password = self._fresh or self._judged
            return None
        seconds = await accounts.attempts.locked_for(user.id)
        verdict = PasswordVerdict.LOCKED if seconds else PasswordVerdict.WRONG
        return PasswordDeclined(verdict, seconds)


async def _new_password(job: WithPassword, world: World, user_id: UUID) -> str | None:
    """The hash of a new password; None where it is one of the last five."""
    async with world.transactions() as db:
        former = await former_passwords(db, user_id)
    password = job.password.get_secret_value()
    for each in former:
        if await world.hasher.verify(password, each):
            return None
    return await world.hasher.hash(password)


async def _user_by_email(db: AsyncSession, email: str) -> User | None:
    found: User | None = await db.scalar(select(User).where(User.email == email))
    return found


def _tell(happening: Happening) -> Finish:
    async def finish(domain: Domain) -> Happening:
        return happening

    return finish
