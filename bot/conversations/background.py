"""The background questions: one at a time, several picks where several make sense."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self
from zlib import crc32

from bot.conversations.choices import buttons, picked
from bot.conversations.feedback import clipped
from bot.conversations.home import Home
from bot.step import Command, Event, Line, Rows, Say, Step, Tap, Text, column, grid, say, t
from domain.background.answers import distinct
from domain.background.models import ExperienceLevel
from domain.background.service import ListField
from domain.background.vocabulary import offered, vocabulary
from domain.services import Domain

LEVELS: dict[str, Line | str] = {
    level.value: t(f"background.level.{level.value}") for level in ExperienceLevel
}
DOMAINS: dict[str, Line | str] = {each: t(f"background.domain.{each}") for each in vocabulary()["domains"]}
LONGEST_SHOWN = 450  # of an answer on the card, so that it fits into a message in every script
SKIP: dict[str, Line | str] = {"skip": t("button.skip")}
DONE: dict[str, Line | str] = {"done": t("button.done")}


async def background(command: Command, step: Step, domain: Domain) -> Step:
    """/background: the questions, or the card of answers where they were given."""
    return Card() if await domain.background.is_given() else Level()


@dataclass(frozen=True)
class Asked(Step):
    """One of the questions; asked `alone` it leads back to the card."""

    alone: bool = False

    way_back: ClassVar[str] = "/background"

    def on(self, following: Step) -> Step:
        return Card() if self.alone else following


@dataclass(frozen=True)
class Level(Asked, name="background.level"):
    async def ask(self, domain: Domain) -> Say:
        return say(t("background.level.ask"), buttons=grid(buttons(LEVELS), 2))

    async def hear(self, event: Event, domain: Domain) -> Level | PrimaryDomain | Card:
        assert isinstance(event, Text | Tap)
        level = picked(event, LEVELS)
        if level is None:
            return self.saying(t("choose_one"))
        await domain.background.set_level(ExperienceLevel(level))
        return Card() if self.alone else PrimaryDomain()


@dataclass(frozen=True)
class PrimaryDomain(Asked, name="background.domain"):
    async def ask(self, domain: Domain) -> Say:
        rows = (*grid(buttons(DOMAINS), 2), tuple(buttons(SKIP)))
        return say(t("background.domain.ask"), buttons=rows)

    async def hear(self, event: Event, domain: Domain) -> PrimaryDomain | Languages | Card:
        assert isinstance(event, Text | Tap)
        choice = picked(event, DOMAINS | SKIP)
        if choice is None and isinstance(event, Tap):
            return self.saying(t("choose_one"))
        if choice != "skip":
            await domain.background.set_domain(choice or typed(event))
        return Card() if self.alone else Languages()


@dataclass(frozen=True)
class Several(Asked):
    """A question whose answers are picked one by one on a keyboard that is edited in place, or typed."""

    field: ClassVar[ListField]
    kind: ClassVar[str]
    prompt: ClassVar[str]

    def following(self) -> Tools | Hardware:
        raise NotImplementedError

    async def ask(self, domain: Domain) -> Say:
        return say(t(self.prompt), buttons=await self._keyboard(domain))

    async def hear(self, event: Event, domain: Domain) -> Self | Tools | Hardware | Card:
        assert isinstance(event, Text | Tap)
        choice = picked(event, DONE | SKIP)
        if choice is not None:
            return Card() if self.alone else self.following()
        if isinstance(event, Tap):
            return await self._toggled(event, domain)
        await domain.background.add(self.field, event.text)
        noted = t("background.added", items=", ".join(await self._chosen(domain)))
        return self.saying(say(noted, buttons=await self._keyboard(domain))).quietly()

    async def _toggled(self, tap: Tap, domain: Domain) -> Self:
        marked = {mark(item): item for item in await self._offered(domain)}
        item = marked.get(tap.choice[1:])
        if item is not None:
            await domain.background.pick(self.field, item, picked=tap.choice.startswith("+"))
        keyboard = await self._keyboard(domain)
        return self.saying(say(t(self.prompt), buttons=keyboard, replaces=tap.message_id)).quietly()

    async def _chosen(self, domain: Domain) -> list[str]:
        return list(getattr(await domain.background.given(), self.field))

    async def _offered(self, domain: Domain) -> tuple[str, ...]:
        usual = offered(self.kind, (await domain.background.given()).primary_domain)
        return tuple(distinct([*usual, *await self._chosen(domain)]))

    async def _keyboard(self, domain: Domain) -> Rows:
        chosen = {each.casefold() for each in await self._chosen(domain)}
        items: dict[str, Line | str] = {}
        for item in await self._offered(domain):
            is_chosen = item.casefold() in chosen
            items[f"{'-' if is_chosen else '+'}{mark(item)}"] = f"✓ {item}" if is_chosen else item
        end = buttons(DONE) if chosen else buttons(SKIP)
        return (*grid(buttons(items), 3), tuple(end))


def mark(item: str) -> str:
    """What stands for an item behind its button, however long it is and whatever is offered beside it."""
    return f"{crc32(item.casefold().encode()):08x}"


@dataclass(frozen=True)
class Languages(Several, name="background.languages"):
    field = "programming_languages"
    kind = "languages"
    prompt = "background.languages.ask"

    def following(self) -> Tools:
        return Tools()


@dataclass(frozen=True)
class Tools(Several, name="background.tools"):
    field = "software_tools"
    kind = "tools"
    prompt = "background.tools.ask"

    def following(self) -> Hardware:
        return Hardware()


@dataclass(frozen=True)
class Hardware(Asked, name="background.hardware"):
    async def ask(self, domain: Domain) -> Say:
        return say(t("background.hardware.ask"), buttons=column(*buttons(SKIP)))

    async def hear(self, event: Event, domain: Domain) -> Hardware | Preferences | Card:
        assert isinstance(event, Text | Tap)
        if picked(event, SKIP) is None:
            await domain.background.describe_hardware(typed(event))
        return Card() if self.alone else Preferences()


@dataclass(frozen=True)
class Preferences(Asked, name="background.preferences"):
    async def ask(self, domain: Domain) -> Say:
        return say(t("background.preferences.ask"), buttons=column(*buttons(SKIP)))

    async def hear(self, event: Event, domain: Domain) -> Preferences | Card:
        assert isinstance(event, Text | Tap)
        if picked(event, SKIP) is None:
            await domain.background.note_preferences(typed(event))
        return Card()


CHANGES: dict[str, Asked] = {
    "level": Level(),
    "domain": PrimaryDomain(),
    "languages": Languages(),
    "tools": Tools(),
    "hardware": Hardware(),
    "preferences": Preferences(),
}
CARD: dict[str, Line | str] = {
    **{name: t(f"background.change.{name}") for name in CHANGES},
    "done": t("button.done"),
}


@dataclass(frozen=True)
class Card(Step, name="background.card"):
    """All answers, each changeable by itself."""

    way_back = "/background"

    async def ask(self, domain: Domain) -> Say:
        given = await domain.background.given()
        none = t("background.none")
        level = t(f"background.level.{given.experience_level.value}") if given.experience_level else none
        known = given.primary_domain in DOMAINS
        area = t(f"background.domain.{given.primary_domain}") if known else given.primary_domain or none
        card = t(
            "background.card",
            level=level,
            domain=area,
            languages=clipped(", ".join(given.programming_languages), LONGEST_SHOWN) or none,
            tools=clipped(", ".join(given.software_tools), LONGEST_SHOWN) or none,
            hardware=clipped(given.hardware_setup.get("description", ""), LONGEST_SHOWN) or none,
            preferences=clipped(given.technical_preferences.get("notes", ""), LONGEST_SHOWN) or none,
        )
        return say(card, buttons=grid(buttons(CARD), 2))

    async def hear(self, event: Event, domain: Domain) -> Asked | Home | Card:
        assert isinstance(event, Text | Tap)
        choice = picked(event, CARD)
        if choice is None:
            return self.saying(t("choose_one"))
        return Home() if choice == "done" else replace(CHANGES[choice], alone=True)


def typed(event: Text | Tap) -> str:
    """The words of an answer; a tap that chose nothing has none."""
    return event.text if isinstance(event, Text) else ""
