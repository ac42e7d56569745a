"""What keeps an account safe: the password once more, a new one, the sessions, further chats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from babel.dates import format_timedelta

from bot.conversations import background
from bot.conversations.details import NewEmail, done
from bot.conversations.home import Home
from bot.conversations.identifiers import identifier
from bot.conversations.linking import Code
from bot.conversations.passwords import ChosenPassword, KnownPassword, declined
from bot.conversations.waiting import Waiting
from bot.step import Button, Line, Say, Step, column, say, t
from domain.accounts.jobs import (
    ChatAdmitted,
    ChatClaimed,
    PasswordChanged,
    PasswordDeclined,
    PasswordGiven,
    PasswordVerdict,
)
from domain.accounts.passwords import Typed
from domain.accounts.sessions import OpenSession
from domain.errors import Refused
from domain.exports.service import slot
from domain.services import Domain

MOST_SESSIONS = 10
LONGEST_AGENT = 60

# ---------------------------------------------------------------- the password once more


async def sensitive(action: str, domain: Domain) -> Confirm | NewEmail | ChangePassword | Home:
    """Begin something sensitive, or ask for the password before it."""
    await domain.accounts.user()
    if not await domain.accounts.sessions.is_confirmed():
        return Confirm(action)
    return await begin(action, domain)


async def begin(action: str, domain: Domain) -> NewEmail | ChangePassword | Home:
    """What the password was asked for."""
    what, _, named = action.partition(":")
    match what:
        case "email":
            return NewEmail()
        case "password":
            return ChangePassword()
        case "chat":
            return Home().saying(await invitation(domain)).quietly()
        case "export":
            return Home().saying(await exporting(domain)).quietly()
        case "others":
            count = await domain.accounts.sessions.end_others()
            return await done(t("account.sessions.ended", count=count), domain)
        case "end":
            return Home().saying(*await _ended(UUID(named), domain)).quietly()
    return Home()


@dataclass(frozen=True)
class Confirm(KnownPassword, name="account.confirm"):
    """The password, before something sensitive is done; `action` is what."""

    action: str

    question = t("account.confirm.ask")
    way_back = "/account"

    async def given(self, password: Typed, domain: Domain) -> Confirming:
        await domain.accounts.give_password(password)
        return Confirming(self.action)

    async def without(self, domain: Domain) -> Code:
        return Code(await domain.accounts.mail_reset())


@dataclass(frozen=True)
class Confirming(Waiting, name="account.confirming"):
    action: str

    secret = True
    awaits = (PasswordGiven, PasswordDeclined)
    waits_for = ("give_password",)
    way_back = "/account"

    def back(self) -> Confirm:
        return Confirm(self.action)

    async def arrived(
        self, event: PasswordGiven | PasswordDeclined, domain: Domain
    ) -> Confirm | NewEmail | ChangePassword | Home:
        if isinstance(event, PasswordGiven):
            return await begin(self.action, domain)
        return self.back().saying(declined(event))


async def exporting(domain: Domain) -> Say:
    """Have everything packed for the person; says so, or that it is being done already."""
    export_id = await domain.exports.begin()
    if export_id is None:
        return say(t("export.already"))
    return say(t("export.packing"), slot=slot(export_id))


# ---------------------------------------------------------------- a new password


@dataclass(frozen=True)
class ChangePassword(ChosenPassword, name="account.change_password"):
    way_back = "/account"

    async def given(self, password: Typed, domain: Domain) -> ChangingPassword:
        await domain.accounts.change_password(password)
        return ChangingPassword()


@dataclass(frozen=True)
class ChangingPassword(Waiting, name="account.changing_password"):
    secret = True
    awaits = (PasswordChanged, PasswordDeclined)
    waits_for = ("change_password",)
    way_back = "/account"

    def back(self) -> ChangePassword:
        return ChangePassword()

    async def arrived(
        self, event: PasswordChanged | PasswordDeclined, domain: Domain
    ) -> ChangePassword | Home:
        if isinstance(event, PasswordChanged):
            return await done(t("account.password.done"), domain)
        if event.verdict is PasswordVerdict.USED_BEFORE:
            return self.back().saying(declined(event))
        return Home().saying(declined(event))


# ---------------------------------------------------------------- sessions


async def sessions(domain: Domain) -> Say:
    """The open sessions, each with when and where, and a button that ends it."""
    every = await domain.accounts.sessions.all()
    shown = every[:MOST_SESSIONS]
    lines = [_line(number, each, domain.who.language) for number, each in enumerate(shown, start=1)]
    rows = [
        Button(t("account.sessions.end", number=number), f"/account end {each.id}")
        for number, each in enumerate(shown, start=1)
        if not each.is_this
    ]
    if rows:
        rows.append(Button(t("account.sessions.end_others"), "/account others"))
    return say(t("account.sessions.title", lines=lines), buttons=column(*rows))


def _line(number: int, session: OpenSession, language: str) -> Line:
    place = t("account.sessions.chat", name=session.chat or t("account.sessions.unknown"))
    if session.ip_address:
        agent = (session.user_agent or "")[:LONGEST_AGENT]
        place = t("account.sessions.page", chat=place, address=session.ip_address, agent=agent)
    if session.is_this:
        return t("account.sessions.this", number=number, place=place)
    idle = -max(session.idle, timedelta(seconds=1))
    when = str(format_timedelta(idle, add_direction=True, locale=language))
    return t("account.sessions.other", number=number, place=place, when=when)


async def end(named: str, step: Step, domain: Domain) -> Step:
    """End one session of this account, without leaving what is going on unless the password is asked for."""
    session_id = identifier(named, Refused("session.gone"))
    if not await domain.accounts.sessions.is_confirmed():
        return Confirm(f"end:{session_id}")
    return step.saying(*await _ended(session_id, domain)).quietly()


async def _ended(session_id: UUID, domain: Domain) -> tuple[Line, Say]:
    await domain.accounts.sessions.end(session_id)
    return t("account.sessions.ended_one"), await sessions(domain)


# ---------------------------------------------------------------- further chats


async def invitation(domain: Domain) -> Say:
    """A link that lets one other chat ask for this account, and the same as text."""
    token = await domain.accounts.links.invite()
    typed_there = t("chats.text", text=f"/start chat_{token}")
    if not domain.bot_username:
        return say(t("chats.invitation"), typed_there)
    link = t("chats.link", url=f"https://t.me/{domain.bot_username}?start=chat_{token}")
    return say(t("chats.invitation"), link, typed_there)


def claim(event: ChatClaimed) -> Say:
    """Whether the chat that asks is to be let in."""
    yes = Button(t("chats.yes"), f"/account admit {event.link_id}")
    no = Button(t("chats.no"), f"/account refuse {event.link_id}")
    return say(t("chats.ask", name=event.name), buttons=column(yes, no))


async def answered(action: str, named: str, step: Step, domain: Domain) -> Step:
    """Let the chat in that asked, or do not."""
    link_id = identifier(named, Refused("chat_link.gone"))
    if action == "admit":
        await domain.accounts.links.admit(link_id)
        return step.saying(t("chats.admitted")).quietly()
    await domain.accounts.links.turn_away(link_id)
    return step.saying(t("chats.refused")).quietly()


async def admitted(event: ChatAdmitted, step: Step, domain: Domain) -> Step:
    """This chat is let in: it is linked from now on."""
    if not await domain.accounts.links.enter(event.link_id):
        return step.quietly()
    following = Home() if await domain.background.is_given() else background.Level()
    return following.saying(t("linking.linked"))
