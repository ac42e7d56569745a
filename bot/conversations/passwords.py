"""Asking for a password, known or new: typed in the chat, which deletes it, or on a page of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from bot.conversations.choices import buttons, picked
from bot.step import Button, Event, Line, PasswordTyped, Say, Step, Tap, Text, column, say, t, typed
from domain.accounts.jobs import PasswordDeclined
from domain.accounts.passwords import Typed
from domain.services import Domain

FORGOT: dict[str, Line | str] = {"forgot": t("linking.password.forgot")}


class KnownPassword(Step):
    """Asks for the password of an account; `instead` is the one choice that goes without."""

    secret = True
    question: ClassVar[Line]
    instead: ClassVar[Mapping[str, Line | str]] = FORGOT
    commands: ClassVar[tuple[Button, ...]] = ()

    async def ask(self, domain: Domain) -> Say:
        return say(self.question, buttons=column(*buttons(self.instead), *self.commands))

    async def hear(self, event: Event, domain: Domain) -> Step:
        assert isinstance(event, Text | Tap | PasswordTyped)
        if not isinstance(event, PasswordTyped) and picked(event, self.instead) is not None:
            return await self.without(domain)
        if isinstance(event, Tap):
            return self.saying(t("choose_one"))
        return await self.given(typed(event), domain)

    async def given(self, password: Typed, domain: Domain) -> Step:
        """The step that waits while the password is checked."""
        raise NotImplementedError

    async def without(self, domain: Domain) -> Step:
        """The step that `instead` leads to: where it is forgotten, the code for a new one."""
        raise NotImplementedError


class ChosenPassword(Step):
    """Asks for a new password."""

    hears = (Text,)
    secret = True
    chooses_password = True
    question: ClassVar[Line] = t("linking.password.new")

    async def ask(self, domain: Domain) -> Say:
        return say(self.question)

    async def hear(self, event: Event, domain: Domain) -> Step:
        assert isinstance(event, Text | PasswordTyped)
        return await self.given(typed(event), domain)

    async def given(self, password: Typed, domain: Domain) -> Step:
        """The step that waits while the password is checked and stored."""
        raise NotImplementedError


def declined(event: PasswordDeclined) -> Line:
    """Why a password was not accepted."""
    minutes = -(-event.seconds // 60)
    return t(f"linking.password.{event.verdict.value}", count=minutes)
