"""The background a person gave: one row, each answer changeable by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import time
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.background import hardware, preferences
from domain.background.answers import MOST_ITEMS, distinct, items, note
from domain.background.forms import Answers, Form, merged, toggled
from domain.background.models import BackgroundInformation, ExperienceLevel
from domain.background.preferences import Preferences, preferences_of
from domain.background.schema import Column, checked
from domain.background.vocabulary import domain_named, programming_languages, software_tools
from domain.messaging.chats import Who

ListField = Literal["programming_languages", "software_tools"]

LONGEST_DOMAIN = 100
OTHER_KIND: Mapping[ListField, ListField] = {
    "programming_languages": "software_tools",
    "software_tools": "programming_languages",
}
KNOWN: Mapping[ListField, Callable[[Iterable[str]], list[str]]] = {
    "programming_languages": programming_languages,
    "software_tools": software_tools,
}
UNDERSTOOD: Mapping[Form, Callable[[str], Answers]] = {
    "hardware_setup": hardware.understood,
    "technical_preferences": preferences.understood,
}


class Background:
    """What a chat's conversation asks of the background."""

    def __init__(self, db: AsyncSession, who: Who) -> None:
        self._db = db
        self._who = who

    async def given(self) -> BackgroundInformation:
        """The person's background, begun with the first question."""
        user_id = self._who.user_id
        begun = insert(BackgroundInformation).values(user_id=user_id)
        await self._db.execute(begun.on_conflict_do_nothing())
        found = await self._db.scalar(
            select(BackgroundInformation).where(BackgroundInformation.user_id == user_id)
        )
        assert found is not None
        return found

    async def is_given(self) -> bool:
        """Whether at least the level, which cannot be skipped, was answered."""
        return (await self.given()).experience_level is not None

    async def set_level(self, level: ExperienceLevel) -> None:
        (await self.given()).experience_level = level

    async def set_domain(self, typed: str) -> None:
        """Keep a domain, by the vocabulary's name where it has one; raises `Refused` as a note does."""
        words = " ".join(note(typed, LONGEST_DOMAIN).split())
        (await self.given()).primary_domain = domain_named(words) or words

    async def pick(self, field: ListField, item: str, *, picked: bool) -> None:
        """Have an item among those picked, or not; doing so twice changes nothing."""
        given = await self.given()
        chosen: Sequence[str] = getattr(given, field)
        others = [each for each in chosen if each.casefold() != item.casefold()]
        if picked != (len(others) < len(chosen)):
            await self._keep(field, [*chosen, item][:MOST_ITEMS] if picked else others)

    async def add(self, field: ListField, typed: str) -> list[str]:
        """Add what a typed list names; raises `Refused` where it names nothing.

        A tool among the languages is kept with the tools, a language among the tools with the languages:
        those are returned.
        """
        named, other = items(typed), OTHER_KIND[field]
        moved = KNOWN[other](named)
        given = await self.given()
        kept = [each for each in named if each not in moved]
        await self._keep(field, distinct([*getattr(given, field), *kept])[:MOST_ITEMS])
        await self._keep(other, distinct([*getattr(given, other), *moved])[:MOST_ITEMS])
        return moved

    async def describe(self, form: Form, typed: str) -> Answers:
        """Take what typed words say of hardware or preferences; what was understood, by key.

        Raises `Refused` where they say nothing or are too long.
        """
        found = UNDERSTOOD[form](typed)
        await self._keep(form, merged(form, await self.answers(form), found))
        return found

    async def toggle(self, form: Form, key: str, value: str | int, *, picked: bool) -> None:
        """Have a value of a form picked, or not; doing so twice changes nothing."""
        await self._keep(form, toggled(form, await self.answers(form), key, value, picked=picked))

    async def answers(self, form: Form) -> Answers:
        """What is known of hardware or preferences."""
        return dict(getattr(await self.given(), form))

    async def preferences(self) -> Preferences:
        """How the person wants to rehearse."""
        return preferences_of((await self.given()).technical_preferences)

    async def practises_at(self, at: time) -> None:
        """Keep the time of day that was chosen for practice."""
        await self.toggle("technical_preferences", "daily_practice_time", at.strftime("%H:%M"), picked=True)

    async def _keep(self, column: Column, value: Any) -> None:
        given = await self.given()
        if getattr(given, column) != value:
            setattr(given, column, checked(column, value))

    async def summary(self) -> dict[str, Any]:
        """What was answered, for an interviewer; nothing that was skipped."""
        given = await self.given()
        answered = {
            "experience_level": given.experience_level.value if given.experience_level else None,
            "primary_domain": given.primary_domain,
            "programming_languages": given.programming_languages,
            "software_tools": given.software_tools,
            "hardware_setup": given.hardware_setup,
            "technical_preferences": preferences_of(given.technical_preferences).notes,
        }
        return {name: value for name, value in answered.items() if value}
