"""Linking a chat to an account: email, code, then a name and a new password, or the known one.

A chat whose session has ended gives its password once more, and goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bot.conversations import background
from bot.conversations.choices import buttons, picked
from bot.conversations.home import Home
from bot.conversations.passwords import ChosenPassword, KnownPassword, declined
from bot.conversations.waiting import Waiting
from bot.step import Button, Command, Event, Line, Say, Step, Tap, Text, column, restored, say, stored, t
from domain.accounts.addresses import meant
from domain.accounts.jobs import (
    CodeChecked,
    CodeNotSent,
    CodeVerdict,
    Linked,
    PasswordChanged,
    PasswordDeclined,
    PasswordGiven,
    PasswordVerdict,
)
from domain.accounts.models import CodePurpose
from domain.accounts.passwords import Typed
from domain.services import Domain

AGAIN: dict[str, Line | str] = {"again": t("linking.code.again")}
OTHER: dict[str, Line | str] = {"other": t("linking.code.other")}


async def link(command: Command, step: Step, domain: Domain) -> Step:
    """/link: begin, or say which account this chat has."""
    if domain.who.is_linked:
        user = await domain.accounts.user()
        return step.saying(t("linking.already", email=user.email)).quietly()
    return Email()


@dataclass(frozen=True)
class Email(Step, name="linking.email"):
    hears = (Text,)
    way_back = "/link"

    async def ask(self, domain: Domain) -> Say:
        return say(t("linking.email.ask"))

    async def hear(self, event: Text, domain: Domain) -> Code:  # type: ignore[override]  # `hears` says Text
        return Code(await domain.accounts.mail_code(event.text))


@dataclass(frozen=True)
class Code(Step, name="linking.code"):
    """`link_code_id` is the confirmed code of the sign-in that a reset interrupted."""

    code_id: UUID
    link_code_id: UUID | None = None

    needs_session = False
    awaits = (CodeNotSent,)
    waits_for = ("send_code",)
    way_back = "/link"

    async def ask(self, domain: Domain) -> Say:
        return await code_question(self.code_id, await after_code(self.code_id, domain), domain)

    async def hear(self, event: Event, domain: Domain) -> Code | CheckingCode | Email | Reenter:
        if isinstance(event, CodeNotSent):
            return again(domain).saying(t("linking.code.not_sent"))
        assert isinstance(event, Text | Tap)
        choice = picked(event, await after_code(self.code_id, domain))
        if choice == "other":
            return Email()
        if choice == "meant":
            return Code(await domain.accounts.mail_code(await meant_email(self.code_id, domain)))
        if choice == "again":
            sent_again = await domain.accounts.codes.mail_again(self.code_id)
            return Code(sent_again, self.link_code_id).saying(t("linking.code.sent_again"))
        if isinstance(event, Tap):
            return self.saying(t("choose_one"))
        await domain.accounts.codes.check(self.code_id, event.text)
        return CheckingCode(self.code_id, self.link_code_id)


@dataclass(frozen=True)
class CheckingCode(Waiting, name="linking.checking_code"):
    code_id: UUID
    link_code_id: UUID | None = None

    needs_session = False
    awaits = (CodeChecked,)
    waits_for = ("check_code",)
    way_back = "/link"

    def back(self) -> Code:
        return Code(self.code_id, self.link_code_id)

    async def arrived(
        self, event: CodeChecked, domain: Domain
    ) -> Name | Password | NewPassword | Code | Email | Reenter:
        if event.verdict is CodeVerdict.NEW:
            return Name(self.code_id)
        if event.verdict is CodeVerdict.KNOWN:
            return Password(self.code_id).saying(t("linking.welcome_back"))
        if event.verdict is CodeVerdict.RESET:
            return NewPassword(self.code_id, self.link_code_id)
        if event.verdict is CodeVerdict.WRONG and event.left:
            wrong = t("linking.code.wrong", count=event.left)
            options = await after_code(self.code_id, domain)
            return self.back().saying(say(wrong, buttons=column(*buttons(options)))).quietly()
        return again(domain).saying(t("linking.code.dead"))


async def after_code(code_id: UUID, domain: Domain) -> dict[str, Line | str]:
    """What may be done but typing the code; a reset goes to the address of the account only."""
    code = await domain.accounts.codes.one(code_id)
    if code.purpose is CodePurpose.RESET:
        return AGAIN
    better = meant(code.email)
    guess: dict[str, Line | str] = {"meant": t("linking.code.meant", email=better)} if better else {}
    return guess | AGAIN | OTHER


async def code_question(code_id: UUID, options: dict[str, Line | str], domain: Domain) -> Say:
    """Where the code went, and what may be done if it does not come."""
    email = await domain.accounts.codes.email_of(code_id)
    route = t(f"linking.code.route_{domain.mail_route}")
    return say(t("linking.code.ask", email=email), route, buttons=column(*buttons(options)))


async def meant_email(code_id: UUID, domain: Domain) -> str:
    """The address that was probably meant by the one a code was mailed to."""
    email = await domain.accounts.codes.email_of(code_id)
    return meant(email) or email


def again(domain: Domain) -> Email | Reenter:
    """Where a way that leads nowhere begins anew."""
    return Reenter() if domain.who.is_linked else Email()


@dataclass(frozen=True)
class Name(Step, name="linking.name"):
    code_id: UUID

    way_back = "/link"

    async def ask(self, domain: Domain) -> Say:
        return say(t("linking.name.ask"), buttons=column(*buttons(self._options(domain))))

    async def hear(self, event: Event, domain: Domain) -> AccountPassword | Name:
        assert isinstance(event, Text | Tap)
        if picked(event, self._options(domain)) == "telegram":
            await domain.accounts.name_new_account(self.code_id, domain.who.telegram_name)
            return AccountPassword(self.code_id)
        if isinstance(event, Tap):
            return self.saying(t("choose_one"))
        await domain.accounts.name_new_account(self.code_id, event.text)
        return AccountPassword(self.code_id)

    def _options(self, domain: Domain) -> dict[str, Line | str]:
        return {"telegram": domain.who.telegram_name} if domain.who.telegram_name else {}


@dataclass(frozen=True)
class AccountPassword(ChosenPassword, name="linking.account_password"):
    """The password of a new account."""

    code_id: UUID

    question = t("linking.password.choose")
    way_back = "/link"

    async def given(self, password: Typed, domain: Domain) -> Registering:
        await domain.accounts.create_account(self.code_id, password)
        return Registering(self.code_id)


@dataclass(frozen=True)
class Registering(Waiting, name="linking.registering"):
    code_id: UUID

    secret = True
    awaits = (Linked, PasswordDeclined)
    waits_for = ("create_account",)
    way_back = "/link"

    def back(self) -> AccountPassword:
        return AccountPassword(self.code_id)

    async def arrived(
        self, event: Linked | PasswordDeclined, domain: Domain
    ) -> background.Level | Password | Email:
        if isinstance(event, Linked):
            return background.Level().saying(t("linking.linked"))
        if event.verdict is PasswordVerdict.EMAIL_TAKEN:
            return Password(self.code_id).saying(t("linking.welcome_back"))
        return Email().saying(t("linking.code.dead"))


@dataclass(frozen=True)
class Password(KnownPassword, name="linking.password"):
    """The password of a known account."""

    code_id: UUID

    question = t("linking.password.ask")
    way_back = "/link"

    async def given(self, password: Typed, domain: Domain) -> SigningIn:
        await domain.accounts.sign_in(self.code_id, password)
        return SigningIn(self.code_id)

    async def without(self, domain: Domain) -> Code:
        return Code(await domain.accounts.mail_reset(self.code_id), self.code_id)


@dataclass(frozen=True)
class SigningIn(Waiting, name="linking.signing_in"):
    code_id: UUID

    secret = True
    awaits = (Linked, PasswordDeclined)
    waits_for = ("sign_in",)
    way_back = "/link"

    def back(self) -> Password:
        return Password(self.code_id)

    async def arrived(
        self, event: Linked | PasswordDeclined, domain: Domain
    ) -> Home | background.Level | Password | Email:
        if isinstance(event, Linked):
            if await domain.background.is_given():
                return Home().saying(t("linking.linked"))
            return background.Level().saying(t("linking.linked"))
        if event.verdict is PasswordVerdict.EXPIRED:
            return Email().saying(t("linking.code.dead"))
        return self.back().saying(declined(event))


@dataclass(frozen=True)
class NewPassword(ChosenPassword, name="linking.new_password"):
    """The password that replaces a forgotten one."""

    code_id: UUID
    link_code_id: UUID | None = None

    needs_session = False
    way_back = "/link"

    async def given(self, password: Typed, domain: Domain) -> Resetting:
        await domain.accounts.reset_password(self.code_id, password)
        return Resetting(self.code_id, self.link_code_id)


@dataclass(frozen=True)
class Resetting(Waiting, name="linking.resetting"):
    code_id: UUID
    link_code_id: UUID | None = None

    secret = True
    needs_session = False
    awaits = (PasswordChanged, PasswordDeclined)
    waits_for = ("reset_password",)
    way_back = "/link"

    def back(self) -> NewPassword:
        return NewPassword(self.code_id, self.link_code_id)

    async def arrived(
        self, event: PasswordChanged | PasswordDeclined, domain: Domain
    ) -> Password | NewPassword | Email | Reenter:
        if isinstance(event, PasswordChanged):
            following = Password(self.link_code_id) if self.link_code_id else again(domain)
            return following.saying(t("linking.password.changed"))
        if event.verdict is PasswordVerdict.USED_BEFORE:
            return self.back().saying(declined(event))
        return again(domain).saying(t("linking.code.dead"))


@dataclass(frozen=True)
class Reenter(KnownPassword, name="account.reenter"):
    """The password of the account that this chat has, after its session has ended."""

    question = t("linking.password.reenter")
    commands = (Button(t("button.logout"), "/logout"),)
    needs_session = False
    way_back = "/start"

    async def given(self, password: Typed, domain: Domain) -> Reentering:
        await domain.accounts.give_password(password)
        return Reentering()

    async def without(self, domain: Domain) -> Code:
        return Code(await domain.accounts.mail_reset())


@dataclass(frozen=True)
class Reentering(Waiting, name="account.reentering"):
    secret = True
    needs_session = False
    awaits = (PasswordGiven, PasswordDeclined)
    waits_for = ("give_password",)
    way_back = "/start"

    def back(self) -> Reenter:
        return Reenter()

    async def arrived(self, event: PasswordGiven | PasswordDeclined, domain: Domain) -> Step:
        if isinstance(event, PasswordGiven):
            return went_in(domain)
        return self.back().saying(declined(event))


async def ended(event: Event, step: Step, domain: Domain) -> Step:
    """Ask for the password before anything else; what was typed is not kept, for it may be one."""
    if step.needs_session:
        domain.who.waits_with(stored(step))
    is_lost = not isinstance(event, Command | Tap) and step.needs_session
    return Reenter().saying(t("linking.password.send_again")) if is_lost else Reenter()


def went_in(domain: Domain) -> Step:
    """The step that waited for the password, or home."""
    waiting = domain.who.goes_on()
    following = restored(waiting) if waiting else Home()
    return following.saying(t("linking.password.given"))
