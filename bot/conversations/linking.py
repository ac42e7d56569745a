"""Linking a chat to an account: email, code, then a name and a new password, or the known one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bot.conversations import background
from bot.conversations.choices import buttons, picked
from bot.conversations.home import Home
from bot.conversations.waiting import Waiting
from bot.step import Command, Event, Line, Say, Step, Tap, Text, column, say, t
from domain.accounts.jobs import (
    CodeChecked,
    CodeNotSent,
    CodeVerdict,
    Linked,
    PasswordChanged,
    PasswordDeclined,
    PasswordVerdict,
)
from domain.accounts.models import CodePurpose
from domain.services import Domain

AFTER_CODE: dict[str, Line | str] = {"again": t("linking.code.again"), "other": t("linking.code.other")}
FORGOT: dict[str, Line | str] = {"forgot": t("linking.password.forgot")}


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

    awaits = (CodeNotSent,)
    waits_for = ("send_code",)
    way_back = "/link"

    async def ask(self, domain: Domain) -> Say:
        email = await domain.accounts.email_of(self.code_id)
        route = t(f"linking.code.route_{domain.mail_route}")
        return say(t("linking.code.ask", email=email), route, buttons=column(*buttons(AFTER_CODE)))

    async def hear(self, event: Event, domain: Domain) -> Code | CheckingCode | Email:
        if isinstance(event, CodeNotSent):
            return Email().saying(t("linking.code.not_sent"))
        assert isinstance(event, Text | Tap)
        choice = picked(event, AFTER_CODE)
        if choice == "other":
            return Email()
        if choice == "again":
            again = await domain.accounts.mail_again(self.code_id)
            return Code(again, self.link_code_id).saying(t("linking.code.sent_again"))
        if isinstance(event, Tap):
            return self.saying(t("choose_one"))
        await domain.accounts.check_code(self.code_id, event.text)
        return CheckingCode(self.code_id, self.link_code_id)


@dataclass(frozen=True)
class CheckingCode(Waiting, name="linking.checking_code"):
    code_id: UUID
    link_code_id: UUID | None = None

    awaits = (CodeChecked,)
    waits_for = ("check_code",)
    way_back = "/link"

    def back(self) -> Code:
        return Code(self.code_id, self.link_code_id)

    async def arrived(
        self, event: CodeChecked, domain: Domain
    ) -> Name | Password | NewPassword | Code | Email:
        if event.verdict is CodeVerdict.NEW:
            return Name(self.code_id)
        if event.verdict is CodeVerdict.KNOWN:
            return Password(self.code_id).saying(t("linking.welcome_back"))
        if event.verdict is CodeVerdict.RESET:
            return NewPassword(self.code_id, self.link_code_id)
        if event.verdict is CodeVerdict.WRONG and event.left:
            wrong = t("linking.code.wrong", count=event.left)
            return self.back().saying(say(wrong, buttons=column(*buttons(AFTER_CODE)))).quietly()
        return Email().saying(t("linking.code.dead"))


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
class AccountPassword(Step, name="linking.account_password"):
    """The password of a new account."""

    code_id: UUID

    hears = (Text,)
    secret = True
    way_back = "/link"

    async def ask(self, domain: Domain) -> Say:
        return say(t("linking.password.choose"))

    async def hear(self, event: Text, domain: Domain) -> Registering:  # type: ignore[override]  # `hears` says Text
        await domain.accounts.create_account(self.code_id, event.text)
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
class Password(Step, name="linking.password"):
    """The password of a known account."""

    code_id: UUID

    secret = True
    way_back = "/link"

    async def ask(self, domain: Domain) -> Say:
        return say(t("linking.password.ask"), buttons=column(*buttons(FORGOT)))

    async def hear(self, event: Event, domain: Domain) -> SigningIn | Code | Password:
        assert isinstance(event, Text | Tap)
        if picked(event, FORGOT) == "forgot":
            email = await domain.accounts.email_of(self.code_id)
            return Code(await domain.accounts.mail_code(email, CodePurpose.RESET), self.code_id)
        if isinstance(event, Tap):
            return self.saying(t("choose_one"))
        await domain.accounts.sign_in(self.code_id, event.text)
        return SigningIn(self.code_id)


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
class NewPassword(Step, name="linking.new_password"):
    """The password that replaces a forgotten one."""

    code_id: UUID
    link_code_id: UUID | None = None

    hears = (Text,)
    secret = True
    way_back = "/link"

    async def ask(self, domain: Domain) -> Say:
        return say(t("linking.password.new"))

    async def hear(self, event: Text, domain: Domain) -> Resetting:  # type: ignore[override]  # `hears` says Text
        await domain.accounts.reset_password(self.code_id, event.text)
        return Resetting(self.code_id, self.link_code_id)


@dataclass(frozen=True)
class Resetting(Waiting, name="linking.resetting"):
    code_id: UUID
    link_code_id: UUID | None = None

    secret = True
    awaits = (PasswordChanged, PasswordDeclined)
    waits_for = ("reset_password",)
    way_back = "/link"

    def back(self) -> NewPassword:
        return NewPassword(self.code_id, self.link_code_id)

    async def arrived(
        self, event: PasswordChanged | PasswordDeclined, domain: Domain
    ) -> Password | NewPassword | Email:
        if isinstance(event, PasswordChanged):
            following = Password(self.link_code_id) if self.link_code_id else Email()
            return following.saying(t("linking.password.changed"))
        if event.verdict is PasswordVerdict.USED_BEFORE:
            return self.back().saying(declined(event))
        return Email().saying(t("linking.code.dead"))


def declined(event: PasswordDeclined) -> Line:
    """Why a password was not accepted."""
    minutes = -(-event.seconds // 60)
    return t(f"linking.password.{event.verdict.value}", count=minutes)
