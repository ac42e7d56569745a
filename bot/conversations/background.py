"""The background questions: one at a time, several picks where several make sense."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from bot.conversations.background_offers import (
    DOMAINS,
    LEVELS,
    LONGEST_SHOWN,
    form_keyboard,
    listed,
    mark,
    tapped,
    tick,
)
from bot.conversations.choices import buttons, picked
from bot.conversations.feedback import clipped
from bot.conversations.home import Home
from bot.step import Button, Command, Event, Line, Rows, Say, Step, Tap, Text, grid, say, t
from domain.background.answers import distinct
from domain.background.forms import Form
from domain.background.levels import level_named, level_of
from domain.background.models import BackgroundInformation, ExperienceLevel
from domain.background.service import OTHER_KIND, ListField
from domain.background.vocabulary import domain_of, offered, programming_languages, software_tools
from domain.services import Domain

SKIP: dict[str, Line | str] = {"skip": t("button.skip")}
DONE: dict[str, Line | str] = {"done": t("button.done")}
RIGHT: dict[str, Line | str] = {"resume": t("background.from_resume.yes")}


async def background(command: Command, step: Step, domain: Domain) -> Step:
    """/background: the questions, or the card of answers where they were given."""
    return Card() if await domain.background.is_given() else Level()


@dataclass(frozen=True)
class Asked(Step):
    """One of the questions, whose answer is kept in `column`; asked `alone` it leads back to the card."""

    alone: bool = False

    way_back: ClassVar[str] = "/background"
    column: ClassVar[str]

    async def onwards(self, domain: Domain) -> Asked | Card:
        """The next question that has no answer yet; after the last one the card, and the profile follows."""
        if not self.alone:
            later = QUESTIONS[QUESTIONS.index(type(self)) + 1 :]
            if following := await first_unanswered(later, domain):
                return following
        await domain.personalization.refresh()
        return Card()


async def first_unanswered(questions: Sequence[type[Asked]], domain: Domain) -> Asked | None:
    """The first of the questions that has no answer yet."""
    given = await domain.background.given()
    return next((question() for question in questions if not is_answered(question, given)), None)


def is_answered(question: type[Asked], given: BackgroundInformation) -> bool:
    return bool(getattr(given, question.column))


async def skills_of_resume(domain: Domain) -> list[str]:
    """The skills of the person's newest resume."""
    return [skill for resume in (await domain.resumes.all())[:1] for skill in resume.skills or ()]


def typed(event: Text | Tap) -> str:
    """The words of an answer; a tap that chose nothing has none."""
    return event.text if isinstance(event, Text) else ""


@dataclass(frozen=True)
class Level(Asked, name="background.level"):
    column = "experience_level"

    async def ask(self, domain: Domain) -> Say:
        suggested = await self._suggested(domain)
        from_resume = (t("background.from_resume.ask", items=LEVELS[suggested]),) if suggested else ()
        right = (tuple(buttons(RIGHT)),) if suggested else ()
        return say(*from_resume, t("background.level.ask"), buttons=(*right, *grid(buttons(LEVELS), 2)))

    async def hear(self, event: Event, domain: Domain) -> Asked | Card:
        assert isinstance(event, Text | Tap)
        suggested = await self._suggested(domain)
        level = picked(event, LEVELS | (RIGHT if suggested else {})) or level_named(typed(event))
        if level is None:
            return self.saying(t("choose_one"))
        await domain.background.set_level(ExperienceLevel(suggested if level == "resume" else level))
        return await self.onwards(domain)

    async def _suggested(self, domain: Domain) -> str:
        """The level that the years on the resume make, where none was answered yet."""
        if is_answered(type(self), await domain.background.given()):
            return ""
        resumes = await domain.resumes.all()
        years = resumes[0].years_of_experience if resumes else None
        return "" if years is None else level_of(years).value


@dataclass(frozen=True)
class PrimaryDomain(Asked, name="background.domain"):
    column = "primary_domain"

    async def ask(self, domain: Domain) -> Say:
        suggested = await self._suggested(domain)
        from_resume = (t("background.from_resume.ask", items=DOMAINS[suggested]),) if suggested else ()
        right = (tuple(buttons(RIGHT)),) if suggested else ()
        rows = (*right, *grid(buttons(DOMAINS), 2), tuple(buttons(SKIP)))
        return say(*from_resume, t("background.domain.ask"), buttons=rows)

    async def hear(self, event: Event, domain: Domain) -> Asked | Card:
        assert isinstance(event, Text | Tap)
        suggested = await self._suggested(domain)
        choice = picked(event, DOMAINS | SKIP | (RIGHT if suggested else {}))
        if choice is None and isinstance(event, Tap):
            return self.saying(t("choose_one"))
        if choice != "skip":
            await domain.background.set_domain(suggested if choice == "resume" else choice or typed(event))
        return await self.onwards(domain)

    async def _suggested(self, domain: Domain) -> str:
        """The domain that the resume speaks of, where none was answered yet."""
        if is_answered(type(self), await domain.background.given()):
            return ""
        resumes = await domain.resumes.all()
        if not resumes:
            return ""
        return domain_of(resumes[0].inferred_role or "", resumes[0].skills or ()) or ""


@dataclass(frozen=True)
class Several(Asked):
    """A question whose answers are picked one by one on a keyboard that is edited in place, or typed.

    `moved` says that something typed was of the other kind and kept there, so that is asked about still.
    """

    moved: bool = False

    field: ClassVar[ListField]
    kind: ClassVar[str]
    prompt: ClassVar[str]

    def of_resume(self, skills: Sequence[str]) -> list[str]:
        """Those of a resume's skills that answer the question."""
        raise NotImplementedError

    async def ask(self, domain: Domain) -> Say:
        suggested = await self._suggested(domain)
        from_resume = (t("background.from_resume.ask", items=", ".join(suggested)),) if suggested else ()
        return say(*from_resume, t(self.prompt), buttons=await self._keyboard(domain))

    async def hear(self, event: Event, domain: Domain) -> Self | Asked | Card:
        assert isinstance(event, Text | Tap)
        suggested = await self._suggested(domain)
        choice = picked(event, DONE | SKIP | (RIGHT if suggested else {}))
        if choice == "resume":
            await domain.background.add(self.field, ", ".join(suggested))
            return (await self.onwards(domain)).saying(t("background.noted", items=", ".join(suggested)))
        if choice is not None:
            return await self.onwards(domain)
        if isinstance(event, Tap):
            return await self._toggled(event, domain)
        moved = await domain.background.add(self.field, event.text)
        chosen = await self._chosen(domain)
        noted = [t("background.added", items=", ".join(chosen))] if chosen else []
        if moved:
            noted.append(t(f"background.moved.{OTHER_KIND[self.field]}", items=", ".join(moved)))
        after = replace(self, moved=self.moved or bool(moved))
        return after.saying(say(*noted, buttons=await self._keyboard(domain))).quietly()

    async def onwards(self, domain: Domain) -> Asked | Card:
        """The tools are asked for, though some were named already where they did not belong."""
        following = await super().onwards(domain)
        return Tools() if self.moved and isinstance(self, Languages) and not self.alone else following

    async def _toggled(self, tap: Tap, domain: Domain) -> Self:
        marked = {mark(item): item for item in await self._offered(domain)}
        item = marked.get(tap.choice[1:])
        if item is not None:
            await domain.background.pick(self.field, item, picked=tap.choice.startswith("+"))
        keyboard = await self._keyboard(domain)
        return self.saying(say(t(self.prompt), buttons=keyboard, replaces=tap.message_id)).quietly()

    async def _chosen(self, domain: Domain) -> list[str]:
        return list(getattr(await domain.background.given(), self.field))

    async def _suggested(self, domain: Domain) -> list[str]:
        """What the resume says, where nothing was answered yet."""
        if await self._chosen(domain):
            return []
        return self.of_resume(await skills_of_resume(domain))

    async def _offered(self, domain: Domain) -> list[str]:
        given = await domain.background.given()
        usual = offered(self.kind, given.primary_domain)
        from_resume = self.of_resume(await skills_of_resume(domain))
        return distinct([*from_resume, *usual, *await self._chosen(domain)])

    async def _keyboard(self, domain: Domain) -> Rows:
        chosen = {each.casefold() for each in await self._chosen(domain)}
        ticks = dict(tick(item, item, item.casefold() in chosen) for item in await self._offered(domain))
        right = (tuple(buttons(RIGHT)),) if await self._suggested(domain) else ()
        return (*right, *grid(buttons(ticks), 3), tuple(buttons(DONE if chosen else SKIP)))


@dataclass(frozen=True)
class Languages(Several, name="background.languages"):
    column = field = "programming_languages"
    kind = "languages"
    prompt = "background.languages.ask"

    def of_resume(self, skills: Sequence[str]) -> list[str]:
        return programming_languages(skills)


@dataclass(frozen=True)
class Tools(Several, name="background.tools"):
    column = field = "software_tools"
    kind = "tools"
    prompt = "background.tools.ask"

    def of_resume(self, skills: Sequence[str]) -> list[str]:
        return software_tools(skills)


@dataclass(frozen=True)
class Filled(Asked):
    """A question with several points, each ticked on one keyboard that is edited in place, or all typed."""

    form: ClassVar[Form]
    prompt: ClassVar[str]

    async def ask(self, domain: Domain) -> Say:
        return say(t(self.prompt), buttons=await self._keyboard(domain))

    async def hear(self, event: Event, domain: Domain) -> Self | Asked | Card:
        assert isinstance(event, Text | Tap)
        if picked(event, DONE | SKIP) is not None:
            return await self.onwards(domain)
        if isinstance(event, Tap):
            return await self._toggled(event, domain)
        found = await domain.background.describe(self.form, event.text)
        noted = t("background.noted", items=listed(found, domain.who.language))
        return (await self.onwards(domain)).saying(noted)

    async def _toggled(self, tap: Tap, domain: Domain) -> Self:
        value = tapped(tap.choice, self.form, await domain.background.answers(self.form))
        if value is not None:
            picked = tap.choice.startswith("+")
            await domain.background.toggle(self.form, value.key, value.value, picked=picked)
        keyboard = await self._keyboard(domain)
        return self.saying(say(t(self.prompt), buttons=keyboard, replaces=tap.message_id)).quietly()

    async def _keyboard(self, domain: Domain) -> Rows:
        answers = await domain.background.answers(self.form)
        end = tuple(buttons(DONE if answers else SKIP))
        keyboard = form_keyboard(self.form, answers, domain.who.language, is_offline=domain.is_offline)
        return (*keyboard, end)


@dataclass(frozen=True)
class Hardware(Filled, name="background.hardware"):
    column = form = "hardware_setup"
    prompt = "background.hardware.ask"


@dataclass(frozen=True)
class Preferences(Filled, name="background.preferences"):
    column = form = "technical_preferences"
    prompt = "background.preferences.ask"

    async def onwards(self, domain: Domain) -> Asked | Card:
        """A reminder that is on comes at the time of day that was chosen for practice."""
        at = (await domain.background.preferences()).daily_practice_time
        reminder = await domain.reminders.wanted()
        if at and reminder and reminder.due_at and reminder.time_of_day != at:
            await domain.reminders.switch_on(at, reminder.time_zone)
        return await super().onwards(domain)


CHANGES: dict[str, type[Asked]] = {
    "level": Level,
    "domain": PrimaryDomain,
    "languages": Languages,
    "tools": Tools,
    "hardware": Hardware,
    "preferences": Preferences,
}
QUESTIONS = tuple(CHANGES.values())
REMIND = Button(t("background.remind"), "/reminders")
REST: dict[str, Line | str] = {"rest": t("background.rest")}
CHANGE: dict[str, Line | str] = {name: t(f"background.change.{name}") for name in CHANGES}


@dataclass(frozen=True)
class Card(Step, name="background.card"):
    """All answers, each changeable by itself."""

    way_back = "/background"

    async def ask(self, domain: Domain) -> Say:
        is_complete = await first_unanswered(QUESTIONS, domain) is None
        rest = () if is_complete else (tuple(buttons(REST)),)
        remind = ((REMIND,),) if await may_be_reminded(domain) else ()
        return say(await answers_card(domain), buttons=(*rest, *remind, *grid(buttons(CHANGE | DONE), 2)))

    async def hear(self, event: Event, domain: Domain) -> Asked | Home | Card:
        assert isinstance(event, Text | Tap)
        choice = picked(event, CHANGE | DONE | REST)
        if choice is None:
            return self.saying(t("choose_one"))
        if choice == "rest":
            return await first_unanswered(QUESTIONS, domain) or self
        return Home() if choice == "done" else CHANGES[choice](alone=True)


async def may_be_reminded(domain: Domain) -> bool:
    """Whether the person said when they practise, and reminders have never been asked for."""
    at = (await domain.background.preferences()).daily_practice_time
    return at is not None and await domain.reminders.wanted() is None


async def answers_card(domain: Domain) -> Line:
    """What the person told of themselves."""
    given, language = await domain.background.given(), domain.who.language
    none = t("background.none")
    level = given.experience_level.value if given.experience_level else ""
    return t(
        "background.card",
        level=LEVELS.get(level, none),
        domain=DOMAINS.get(given.primary_domain or "", given.primary_domain or none),
        languages=clipped(", ".join(given.programming_languages), LONGEST_SHOWN) or none,
        tools=clipped(", ".join(given.software_tools), LONGEST_SHOWN) or none,
        hardware=listed(given.hardware_setup, language) or none,
        preferences=listed(given.technical_preferences, language) or none,
    )
