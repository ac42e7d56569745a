"""The jobs of accounts, done: codes are mailed, passwords hashed and checked."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts.jobs import (
    AccountErased,
    CheckCode,
    CodeChecked,
    CodeNotSent,
    CreateAccount,
    EraseAccount,
    Linked,
    PasswordChanged,
    PasswordDeclined,
    PasswordVerdict,
    ResetPassword,
    SendCode,
    SendNotice,
    SignIn,
)
from domain.accounts.letters import letter
from domain.accounts.models import EmailCode, User
from domain.accounts.service import former_passwords
from domain.errors import Refused
from domain.messaging.happenings import Happening
from domain.messaging.job import Finish, performs
from domain.messaging.models import Chat
from domain.services import Domain
from domain.world import World


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
        await domain.accounts.store_code(job.code_id, phc)

    return finish


@performs(CheckCode)
async def check_code(job: CheckCode, world: World, chat_id: int) -> Finish:
    async with world.transactions() as db:
        code = await db.get(EmailCode, job.code_id)
    right = bool(code and code.code_hash) and await world.hasher.verify(job.typed, code.code_hash)  # type: ignore[union-attr, arg-type]  # the first operand says so

    async def finish(domain: Domain) -> Happening:
        verdict, left = await domain.accounts.judge_code(job.code_id, right)
        return CodeChecked(job.code_id, verdict, left)

    return finish


@performs(CreateAccount)
async def create_account(job: CreateAccount, world: World, chat_id: int) -> Finish:
    phc = await world.hasher.hash(job.password.get_secret_value())

    async def finish(domain: Domain) -> Happening:
        if await domain.accounts.confirmed_email(job.code_id) is None:
            return PasswordDeclined(PasswordVerdict.EXPIRED)
        user = await domain.accounts.add_user(job.code_id, phc)
        return Linked(is_new=True) if user else PasswordDeclined(PasswordVerdict.EMAIL_TAKEN)

    return finish


@performs(SignIn)
async def sign_in(job: SignIn, world: World, chat_id: int) -> Finish:
    async with world.transactions() as db:
        code = await db.get(EmailCode, job.code_id)
        user = await _user_by_email(db, code.email) if code else None
    if user is None:
        return _tell(PasswordDeclined(PasswordVerdict.EXPIRED))
    password, judged = job.password.get_secret_value(), user.hashed_password
    right = await world.hasher.verify(password, judged)
    fresh = await world.hasher.hash(password) if right and world.hasher.needs_rehash(judged) else None

    async def finish(domain: Domain) -> Happening:
        accounts = domain.accounts
        email = await accounts.confirmed_email(job.code_id)
        known = await accounts.user_of(email) if email else None
        if known is None or known.hashed_password != judged:
            return PasswordDeclined(PasswordVerdict.EXPIRED)
        if seconds := await accounts.locked_for(known.id):
            return PasswordDeclined(PasswordVerdict.LOCKED, seconds)
        await accounts.count_attempt(known, right)
        if not right:
            seconds = await accounts.locked_for(known.id)
            verdict = PasswordVerdict.LOCKED if seconds else PasswordVerdict.WRONG
            return PasswordDeclined(verdict, seconds)
        if fresh:
            known.hashed_password = fresh
        await accounts.open_session(known, world.clock.now())
        await domain.who.schedule(SendNotice(user_id=known.id, notice="chat_linked"))
        return Linked(is_new=False)

    return finish


@performs(ResetPassword)
async def reset_password(job: ResetPassword, world: World, chat_id: int) -> Finish:
    password = job.password.get_secret_value()
    async with world.transactions() as db:
        code = await db.get(EmailCode, job.code_id)
        user = await _user_by_email(db, code.email) if code else None
        former = await former_passwords(db, user.id) if user else []
    for each in former:
        if await world.hasher.verify(password, each):
            return _tell(PasswordDeclined(PasswordVerdict.USED_BEFORE))
    phc = await world.hasher.hash(password)

    async def finish(domain: Domain) -> Happening:
        right = await domain.accounts.reset_right(job.code_id)
        if right is None:
            return PasswordDeclined(PasswordVerdict.EXPIRED)
        await domain.accounts.set_password(right, phc)
        return PasswordChanged()

    return finish


@performs(EraseAccount)
async def erase_account(job: EraseAccount, world: World, chat_id: int) -> Finish:
    async with world.transactions() as db:
        user = await db.get(User, job.user_id)
    if user is None:
        return _tell(PasswordDeclined(PasswordVerdict.EXPIRED))
    right = await world.hasher.verify(job.password.get_secret_value(), user.hashed_password)

    async def finish(domain: Domain) -> Happening:
        accounts = domain.accounts
        known = await accounts.user()
        if seconds := await accounts.locked_for(known.id):
            return PasswordDeclined(PasswordVerdict.LOCKED, seconds)
        await accounts.count_attempt(known, right)
        if not right:
            return PasswordDeclined(PasswordVerdict.WRONG)
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
        await world.mailer.send(letter(job.notice, chat.language if chat else "en", to=user.email))


async def _user_by_email(db: AsyncSession, email: str) -> User | None:
    found: User | None = await db.scalar(select(User).where(User.email == email))
    return found


def _tell(happening: Happening) -> Finish:
    async def finish(domain: Domain) -> Happening:
        return happening

    return finish
