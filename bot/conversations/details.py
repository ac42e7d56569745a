"""What an account shows of its person: name, picture, email."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bot.conversations import cards
from bot.conversations.choices import buttons, picked
from bot.conversations.home import Home
from bot.conversations.linking import after_code, code_question, meant_email
from bot.conversations.waiting import Waiting
from bot.step import Event, Line, Say, Step, Tap, Text, column, say, t
from domain.accounts.jobs import CodeChecked, CodeNotSent, CodeVerdict
from domain.services import Domain

TELEGRAM_PICTURE: dict[str, Line | str] = {"telegram": t("account.picture.telegram")}
NO_PICTURE: dict[str, Line | str] = {"none": t("account.picture.none")}
PICTURES = TELEGRAM_PICTURE | NO_PICTURE


async def done(words: Line, domain: Domain) -> Home:
    """Home, with what was changed and the card that shows it."""
    return Home().saying(words, await cards.account_card(domain)).quietly()


@dataclass(frozen=True)
class Name(Step, name="account.name"):
    way_back = "/account"

    async def ask(self, domain: Domain) -> Say:
        return say(t("account.name.ask"), buttons=column(*buttons(self._options(domain))))

    async def hear(self, event: Event, domain: Domain) -> Name | Home:
        assert isinstance(event, Text | Tap)
        if picked(event, self._options(domain)) == "telegram":
            await domain.accounts.rename(domain.who.telegram_name)
        elif isinstance(event, Tap):
            return self.saying(t("choose_one"))
        else:
            await domain.accounts.rename(event.text)
        return await done(t("account.name.done"), domain)

    def _options(self, domain: Domain) -> dict[str, Line | str]:
        return {"telegram": domain.who.telegram_name} if domain.who.telegram_name else {}


@dataclass(frozen=True)
class Picture(Step, name="account.picture"):
    way_back = "/account"

    async def ask(self, domain: Domain) -> Say:
        return say(t("account.picture.ask"), buttons=column(*buttons(self._options(domain))))

    async def hear(self, event: Event, domain: Domain) -> Picture | Home:
        assert isinstance(event, Text | Tap)
        choice = picked(event, PICTURES)
        if choice == "telegram":
            await domain.accounts.show_telegram_picture()
        elif choice == "none":
            await domain.accounts.show_nothing()
        elif isinstance(event, Tap):
            return self.saying(t("choose_one"))
        else:
            await domain.accounts.show(event.text)
        return await done(t("account.picture.done"), domain)

    def _options(self, domain: Domain) -> dict[str, Line | str]:
        return PICTURES if domain.who.telegram_username else NO_PICTURE


@dataclass(frozen=True)
class NewEmail(Step, name="account.new_email"):
    hears = (Text,)
    way_back = "/account"

    async def ask(self, domain: Domain) -> Say:
        return say(t("account.email.ask"))

    async def hear(self, event: Text, domain: Domain) -> EmailCode:  # type: ignore[override]  # `hears` says Text
        return EmailCode(await domain.accounts.mail_new_email(event.text))


@dataclass(frozen=True)
class EmailCode(Step, name="account.email_code"):
    """The code that was mailed to the new address."""

    code_id: UUID

    awaits = (CodeNotSent,)
    waits_for = ("send_code",)
    way_back = "/account"

    async def ask(self, domain: Domain) -> Say:
        return await code_question(self.code_id, await after_code(self.code_id, domain), domain)

    async def hear(self, event: Event, domain: Domain) -> EmailCode | CheckingEmail | NewEmail:
        if isinstance(event, CodeNotSent):
            return NewEmail().saying(t("linking.code.not_sent"))
        assert isinstance(event, Text | Tap)
        choice = picked(event, await after_code(self.code_id, domain))
        if choice == "other":
            return NewEmail()
        if choice == "meant":
            return EmailCode(await domain.accounts.mail_new_email(await meant_email(self.code_id, domain)))
        if choice == "again":
            sent_again = await domain.accounts.codes.mail_again(self.code_id)
            return EmailCode(sent_again).saying(t("linking.code.sent_again"))
        if isinstance(event, Tap):
            return self.saying(t("choose_one"))
        await domain.accounts.codes.check(self.code_id, event.text)
        return CheckingEmail(self.code_id)


@dataclass(frozen=True)
class CheckingEmail(Waiting, name="account.checking_email"):
    code_id: UUID

    awaits = (CodeChecked,)
    waits_for = ("check_code",)
    way_back = "/account"

    def back(self) -> EmailCode:
        return EmailCode(self.code_id)

    async def arrived(self, event: CodeChecked, domain: Domain) -> Home | EmailCode | NewEmail:
        if event.verdict is CodeVerdict.CHANGED:
            return await done(t("account.email.done"), domain)
        if event.verdict is CodeVerdict.TAKEN:
            return NewEmail().saying(t("linking.password.email_taken"))
        if event.verdict is CodeVerdict.WRONG and event.left:
            options = await after_code(self.code_id, domain)
            wrong = say(t("linking.code.wrong", count=event.left), buttons=column(*buttons(options)))
            return self.back().saying(wrong).quietly()
        return NewEmail().saying(t("linking.code.dead"))
