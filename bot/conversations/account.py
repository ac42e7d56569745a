"""The account: what it is, its language, signing out, erasing it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversations import cards, details, safety
from bot.conversations.choices import buttons, picked
from bot.conversations.home import Home
from bot.conversations.passwords import KnownPassword, declined
from bot.conversations.waiting import Waiting
from bot.step import Command, Event, Line, Say, Step, Tap, Text, column, say, t
from domain.accounts.jobs import AccountErased, PasswordDeclined, PasswordVerdict
from domain.accounts.passwords import Typed
from domain.services import Domain

SPOKEN: dict[str, Line | str] = {"en": "English", "es": "Español"}
KEEP: dict[str, Line | str] = {"keep": t("account.erase.keep")}


async def account(command: Command, step: Step, domain: Domain) -> Step:
    """/account: the card of the account; behind its buttons, what can be changed."""
    await domain.accounts.user()
    action, _, named = command.argument.partition(" ")
    match action:
        case "name":
            return details.Name()
        case "picture":
            return details.Picture()
        case "email" | "password" | "chat" | "others":
            return await safety.sensitive(action, domain)
        case "sessions":
            return step.saying(await safety.sessions(domain)).quietly()
        case "end":
            return await safety.end(named, step, domain)
        case "admit" | "refuse":
            return await safety.answered(action, named, step, domain)
    return step.saying(await cards.account_card(domain)).quietly()


async def logout(command: Command, step: Step, domain: Domain) -> Step:
    """/logout: end this chat's session; what was told stays with the account."""
    await domain.accounts.user()
    await domain.accounts.sessions.sign_out()
    return Home().saying(t("account.signed_out"))


async def language(command: Command, step: Step, domain: Domain) -> Step:
    """/language: choose, or name one at once (`/language es`)."""
    if command.argument in SPOKEN:
        domain.who.speaks(command.argument)
        return Home().saying(t("language.done"))
    return Language()


@dataclass(frozen=True)
class Language(Step, name="account.language"):
    needs_session = False

    async def ask(self, domain: Domain) -> Say:
        return say(t("language.ask"), buttons=column(*buttons(SPOKEN)))

    async def hear(self, event: Event, domain: Domain) -> Language | Home:
        assert isinstance(event, Text | Tap)
        choice = picked(event, SPOKEN)
        if choice is None:
            return self.saying(t("choose_one"))
        domain.who.speaks(choice)
        return Home().saying(t("language.done"))


async def erase(command: Command, step: Step, domain: Domain) -> Step:
    """/delete: erase everything, after the password was given once more."""
    await domain.accounts.user()
    return Erase()


@dataclass(frozen=True)
class Erase(KnownPassword, name="account.erase"):
    question = t("account.erase.ask")
    instead = KEEP
    way_back = "/account"

    async def given(self, password: Typed, domain: Domain) -> Erasing:
        await domain.accounts.erase(password)
        return Erasing()

    async def without(self, domain: Domain) -> Home:
        return Home().saying(t("account.erase.kept"))


@dataclass(frozen=True)
class Erasing(Waiting, name="account.erasing"):
    secret = True
    awaits = (AccountErased, PasswordDeclined)
    waits_for = ("erase_account",)

    def back(self) -> Erase:
        return Erase()

    async def arrived(self, event: AccountErased | PasswordDeclined, domain: Domain) -> Home | Erase:
        if isinstance(event, AccountErased):
            return Home().saying(t("account.erase.done"))
        if event.verdict is PasswordVerdict.LOCKED:
            return self.back().saying(t("account.erase.locked", count=-(-event.seconds // 60)))
        return self.back().saying(declined(event))
