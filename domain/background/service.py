"""The background a person gave: one row, each answer changeable by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.background.models import BackgroundInformation, ExperienceLevel
from domain.errors import Refused
from domain.messaging.chats import Who

ListField = Literal["programming_languages", "software_tools"]

LONGEST_ITEM = 60
MOST_ITEMS = 40
LONGEST_NOTE = 1000
SEPARATORS = re.compile(r"[,;\n•·|]+|\s&\s|\s+(?:and|y|e|und|et)\s+", re.IGNORECASE)


def items(typed: str) -> list[str]:
    """What a typed list names: "python, go & SQL" is three things; raises `Refused` where it names none."""
    found = [" ".join(part.split()).strip(".- ")[:LONGEST_ITEM] for part in SEPARATORS.split(typed)]
    named = [each for each in found if any(character.isalnum() for character in each)]
    if not named:
        raise Refused("background.nothing_named")
    return named[:MOST_ITEMS]


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
        (await self.given()).primary_domain = items(typed)[0]

    async def pick(self, field: ListField, item: str, *, picked: bool) -> None:
        """Have an item among those picked, or not; doing so twice changes nothing."""
        given = await self.given()
        chosen: Sequence[str] = getattr(given, field)
        others = [each for each in chosen if each.casefold() != item.casefold()]
        if picked != (len(others) < len(chosen)):
            setattr(given, field, [*chosen, item][:MOST_ITEMS] if picked else others)

    async def add(self, field: ListField, typed: str, known: Sequence[str] = ()) -> None:
        """Add what a typed list names, spelled as in `known` where it is there."""
        given = await self.given()
        spelling = {each.casefold(): each for each in known}
        named = [spelling.get(each.casefold(), each) for each in items(typed)]
        chosen = dict.fromkeys([*getattr(given, field), *named])
        setattr(given, field, list(chosen)[:MOST_ITEMS])

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


def note(typed: str) -> str:
    """A free answer as it is kept; raises `Refused` where it is empty or very long."""
    words = typed.strip()
    if not words:
        raise Refused("background.nothing_named")
    if len(words) > LONGEST_NOTE:
        raise Refused("background.too_long", most=LONGEST_NOTE)
    return words
