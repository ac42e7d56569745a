"""The background a person gave: one row, each answer changeable by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.background.answers import MOST_ITEMS, distinct, items, note
from domain.background.models import BackgroundInformation, ExperienceLevel
from domain.background.vocabulary import domain_named
from domain.messaging.chats import Who

ListField = Literal["programming_languages", "software_tools"]

LONGEST_DOMAIN = 100


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
            setattr(given, field, [*chosen, item][:MOST_ITEMS] if picked else others)

    async def add(self, field: ListField, typed: str) -> None:
        """Add what a typed list names; raises `Refused` where it names nothing."""
        given = await self.given()
        setattr(given, field, distinct([*getattr(given, field), *items(typed)])[:MOST_ITEMS])

    async def describe_hardware(self, typed: str) -> None:
        (await self.given()).hardware_setup = {"description": note(typed)}

    async def note_preferences(self, typed: str) -> None:
        (await self.given()).technical_preferences = {"notes": note(typed)}

    async def summary(self) -> dict[str, Any]:
        """What was answered, for an interviewer; nothing that was skipped."""
        given = await self.given()
        answered = {
            "experience_level": given.experience_level.value if given.experience_level else None,
            "primary_domain": given.primary_domain,
            "programming_languages": given.programming_languages,
            "software_tools": given.software_tools,
            "hardware_setup": given.hardware_setup,
            "technical_preferences": given.technical_preferences,
        }
        return {name: value for name, value in answered.items() if value}
