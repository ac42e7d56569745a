"""The domain as one chat's conversation sees it, within one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts.service import Accounts
from domain.background.service import Background
from domain.calls.service import Calls
from domain.exports.service import Exports
from domain.interviews.answering import Answers
from domain.interviews.reports import Reports
from domain.interviews.second_looks import SecondLooks
from domain.interviews.service import Interviews
from domain.interviews.setup import InterviewSetup
from domain.interviews.sharing import SharedReports
from domain.messaging.chats import Who
from domain.messaging.models import Chat
from domain.personalization.practice import Practice
from domain.personalization.reminders import Reminders
from domain.personalization.service import Personalization
from domain.resumes.service import Resumes
from domain.resumes.sharing import SharedResumes
from domain.sharing import Sharing
from domain.world import World


@dataclass(frozen=True)
class Shares:
    """What links lead to, whoever has one."""

    resumes: SharedResumes
    reports: SharedReports


def shares_of(db: AsyncSession, world: World) -> Shares:
    """What links lead to, sharing `db`."""
    sharing = Sharing(db, world.clock)
    return Shares(
        resumes=SharedResumes(db, sharing, world.keyring, world.blobs), reports=SharedReports(db, sharing)
    )


@dataclass(frozen=True)
class Domain:
    """The services of this transaction. `who` is the person in the chat; an operator may see more."""

    who: Who
    accounts: Accounts
    background: Background
    resumes: Resumes
    interviews: Interviews
    answers: Answers
    second_looks: SecondLooks
    reports: Reports
    setup: InterviewSetup
    calls: Calls
    personalization: Personalization
    practice: Practice
    reminders: Reminders
    exports: Exports
    sharing: Sharing
    shares: Shares
    is_offline: bool
    is_operator: bool
    mail_route: str
    bot_username: str
    public_url: str | None


def domain_of(db: AsyncSession, chat: Chat, world: World, owner: UUID | None = None) -> Domain:
    """The services for a chat, sharing `db`; whoever opened the transaction commits it.

    `owner` is the account a job works for.
    """
    who = Who(db, chat, world.pipe, owner)
    accounts = Accounts(db, who, world.keyring, world.clock)
    background = Background(db, who)
    resumes = Resumes(db, who, accounts, world.blobs)
    interviews = Interviews(db, who, resumes, background, world.clock)
    return Domain(
        who=who,
        accounts=accounts,
        background=background,
        resumes=resumes,
        interviews=interviews,
        answers=Answers(db, who, interviews, world.clock),
        second_looks=SecondLooks(db, who, interviews),
        reports=Reports(db, who, interviews, world.clock),
        setup=InterviewSetup(db, who, resumes, interviews),
        personalization=Personalization(db, who, resumes, background, world.clock),
        practice=Practice(db, who, resumes, interviews, world.clock),
        reminders=Reminders(db, who, world.clock),
        exports=Exports(db, who, accounts),
        calls=Calls(db, world.clock),
        sharing=Sharing(db, world.clock),
        shares=shares_of(db, world),
        is_offline=world.interviewer.is_offline,
        is_operator=chat.telegram_user_id in world.operators,
        mail_route=world.mailer.route,
        bot_username=world.bot_username(),
        public_url=world.public_url,
    )


@asynccontextmanager
async def reading(world: World, chat_id: int, owner: UUID | None = None) -> AsyncIterator[Domain]:
    """A short transaction in which a job reads what it needs before it goes to the world."""
    async with world.transactions() as db:
        yield domain_of(db, await db.get_one(Chat, chat_id), world, owner)
