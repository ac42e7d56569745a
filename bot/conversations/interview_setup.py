"""Setting an interview up in a few taps: which resume, what kind, how long, and what else can be set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar
from uuid import UUID

from babel.dates import format_date

from bot.conversations.choices import buttons, picked
from bot.conversations.identifiers import identified
from bot.conversations.interview import (
    InInterview,
    Planning,
    Underway,
    taken_up,
)
from bot.conversations.interview_job import ChooseJob
from bot.step import Command, Event, Line, Say, Step, Tap, Text, column, grid, say, t
from bot.texts import label
from domain.errors import Refused
from domain.interviews import languages
from domain.interviews.models import InterviewSession
from domain.interviews.plan import (
    DEFAULT_SETTINGS,
    MAX_QUESTIONS,
    MIN_QUESTIONS,
    Difficulty,
    InterviewKind,
    InterviewSettings,
)
from domain.interviews.roles import ROLES
from domain.services import Domain

KINDS: dict[str, Line | str] = {kind.value: t(f"interview.kind.{kind.value}") for kind in InterviewKind}
LENGTHS: dict[str, Line | str] = {str(n): t("interview.length.button", count=n) for n in (3, 5, 8)}
UNFINISHED: dict[str, Line | str] = {"on": t("interview.unfinished.on"), "new": t("interview.unfinished.new")}
AGAIN: dict[str, Line | str] = {"again": t("interview.set.again")}
AT_ONCE: dict[str, Line | str] = {"at_once": t("interview.set.at_once")}
MORE: dict[str, Line | str] = {"more": t("interview.set.more")}
SETTINGS: dict[str, Line | str] = {
    "role": t("interview.set.change_role"),
    "difficulty": t("interview.set.change_difficulty"),
    "language": t("interview.set.change_language"),
    "done": t("button.done"),
}
DIFFICULTIES: dict[str, Line | str] = {
    "adaptive": t("interview.difficulty.adaptive"),
    **{each.value: t(f"interview.difficulty.{each.value}") for each in Difficulty},
}
FROM_RESUME: dict[str, Line | str] = {"resume": t("interview.role.from_resume")}
ROLE_NAMES: dict[str, Line | str] = {role: t(f"role.{role}") for role in ROLES}
AT_ONCE_KIND = InterviewKind.MIXED
AT_ONCE_COUNT = 5


async def interview(command: Command, step: Step, domain: Domain) -> Step:
    """/interview: an unfinished one first, else the set-up of a new one, on the resume behind the button."""
    if isinstance(step, InInterview) and domain.who.is_linked:
        return step
    waiting = await domain.interviews.unfinished()
    if waiting is not None:
        return Unfinished(waiting.id)
    wanted = identified(command.argument)
    if wanted is not None:
        return ChooseKind((await domain.resumes.one(wanted)).id)
    return await set_up(domain)


async def set_up(domain: Domain) -> ChooseResume | ChooseKind:
    """Which resume, where there are several."""
    resumes = await domain.resumes.all()
    if len(resumes) > 1:
        return ChooseResume()
    return ChooseKind(resumes[0].id if resumes else None)


async def summary(
    kind: InterviewKind, count: int, role: str, settings: InterviewSettings, domain: Domain
) -> Line:
    """An interview's settings on one line."""
    return t(
        "interview.set.line",
        kind=KINDS[kind.value],
        length=t("interview.length.button", count=count),
        role=role or t("interview.role.none"),
        difficulty=difficulty_name(settings.difficulty),
        language=await language_name(settings, domain),
    )


async def language_name(settings: InterviewSettings, domain: Domain) -> str:
    """What the language of an interview is called in the one we speak."""
    return languages.name_of(await domain.interviews.language(settings), domain.who.language)


def difficulty_name(difficulty: Difficulty | None) -> Line:
    """How hard the questions are to be."""
    return t(f"interview.difficulty.{difficulty.value if difficulty else 'adaptive'}")


async def settings_of(session: InterviewSession, domain: Domain) -> Line:
    """The settings of an interview that was begun."""
    settings = InterviewSettings(session.target_role, session.difficulty, session.language)
    return await summary(session.kind, session.question_count, session.target_role or "", settings, domain)


async def last_time(domain: Domain) -> Line | None:
    """The settings of the last interview; None where there was none."""
    last = await domain.setup.last()
    if last is None:
        return None
    line = await settings_of(last, domain)
    return t("interview.set.last_job" if last.job_description else "interview.set.last", line=line)


@dataclass(frozen=True)
class Unfinished(Step, name="interview.unfinished"):
    session_id: UUID

    way_back = "/interview"

    async def ask(self, domain: Domain) -> Say:
        session = await domain.interviews.session(self.session_id)
        day = format_date(session.started_at, format="medium", locale=domain.who.language)
        line = await settings_of(session, domain)
        begun = t("interview.unfinished.begun", line=line, day=str(day))
        return say(t("interview.unfinished.ask"), begun, buttons=column(*buttons(UNFINISHED)))

    async def hear(self, event: Event, domain: Domain) -> Underway | Unfinished | ChooseResume | ChooseKind:
        assert isinstance(event, Text | Tap)
        choice = picked(event, UNFINISHED)
        if choice is None:
            return self.saying(t("choose_one"))
        if choice == "on":
            return await taken_up(await domain.interviews.session(self.session_id), domain)
        await domain.interviews.abandon(self.session_id)
        return await set_up(domain)


@dataclass(frozen=True)
class ChooseResume(Step, name="interview.resume"):
    way_back = "/interview"

    async def ask(self, domain: Domain) -> Say:
        last = await last_time(domain)
        choices = column(*buttons(await self._options(domain)))
        return say(t("interview.resume.ask"), *([last] if last else []), buttons=choices)

    async def hear(self, event: Event, domain: Domain) -> ChooseResume | ChooseKind | Planning:
        assert isinstance(event, Text | Tap)
        choice = picked(event, await self._options(domain))
        if choice is None:
            return self.saying(t("choose_one"))
        if choice == "again":
            return Planning(await domain.setup.begin_again())
        return ChooseKind(None if choice == "none" else (await domain.resumes.one(UUID(choice))).id)

    async def _options(self, domain: Domain) -> dict[str, Line | str]:
        titles: dict[str, Line | str] = {str(each.id): each.title for each in await domain.resumes.all()}
        shortest = AGAIN if await domain.setup.last() else {}
        return {**titles, "none": t("interview.resume.none"), **shortest}


@dataclass(frozen=True)
class ChooseKind(Step, name="interview.kind"):
    """The first question of the set-up, and the shortest way: one tap begins as last time, or at once."""

    resume_id: UUID | None = None
    settings: InterviewSettings = DEFAULT_SETTINGS

    way_back = "/interview"

    async def ask(self, domain: Domain) -> Say:
        bare = () if self.resume_id else (t("interview.no_resume"),)
        last = await last_time(domain) if self.settings == DEFAULT_SETTINGS else None
        kind, count = await self._at_once(domain)
        role = await domain.setup.role(self.resume_id, self.settings)
        line = await summary(kind, count, role, self.settings, domain)
        shortest = column(*buttons((AGAIN if last else AT_ONCE) | MORE))
        choices = (*grid(buttons(KINDS), 2), *shortest)
        return say(t("interview.kind.ask"), *bare, last or t("interview.set.now", line=line), buttons=choices)

    async def hear(self, event: Event, domain: Domain) -> ChooseKind | ChooseLength | Settings | Planning:
        assert isinstance(event, Text | Tap)
        shortest = AGAIN if self.settings == DEFAULT_SETTINGS and await domain.setup.last() else AT_ONCE
        choice = picked(event, KINDS | shortest | MORE)
        if choice is None:
            return self.saying(t("choose_one"))
        if choice == "more":
            return Settings(self.resume_id, self.settings)
        if choice == "again":
            return Planning(await domain.setup.begin_again())
        if choice == "at_once":
            kind, count = await self._at_once(domain)
            return Planning(
                await domain.interviews.begin(self.resume_id, kind, count, settings=self.settings)
            )
        return ChooseLength(self.resume_id, InterviewKind(choice), self.settings)

    async def _at_once(self, domain: Domain) -> tuple[InterviewKind, int]:
        """Kind and length of an interview that begins with nothing more chosen."""
        last = await domain.setup.last()
        return (last.kind, last.question_count) if last else (AT_ONCE_KIND, AT_ONCE_COUNT)


@dataclass(frozen=True)
class ChooseLength(Step, name="interview.length"):
    resume_id: UUID | None
    kind: InterviewKind
    settings: InterviewSettings = DEFAULT_SETTINGS

    way_back = "/interview"

    async def ask(self, domain: Domain) -> Say:
        return say(t("interview.length.ask"), buttons=(tuple(buttons(LENGTHS)),))

    async def hear(self, event: Event, domain: Domain) -> ChooseJob:
        assert isinstance(event, Text | Tap)
        said = event.choice if isinstance(event, Tap) else event.text.strip().split(" ")[0]
        if not (said.isdecimal() and len(said) < 4 and MIN_QUESTIONS <= int(said) <= MAX_QUESTIONS):
            raise Refused("interview.count", least=MIN_QUESTIONS, most=MAX_QUESTIONS)
        return ChooseJob(self.resume_id, self.kind, int(said), self.settings)


# What need not be set


@dataclass(frozen=True)
class Set(Step):
    """A part of the settings, on the way to an interview on this resume."""

    resume_id: UUID | None = None
    settings: InterviewSettings = DEFAULT_SETTINGS

    way_back: ClassVar[str] = "/interview"


@dataclass(frozen=True)
class Settings(Set, name="interview.settings"):
    """Role, difficulty and language, each changeable by itself."""

    async def ask(self, domain: Domain) -> Say:
        language = await domain.interviews.language(self.settings)
        card = t(
            "interview.set.card",
            role=await domain.setup.role(self.resume_id, self.settings) or t("interview.role.none"),
            difficulty=difficulty_name(self.settings.difficulty),
            language=languages.name_of(language, domain.who.language),
        )
        return say(card, buttons=column(*buttons(SETTINGS)))

    async def hear(
        self, event: Event, domain: Domain
    ) -> Settings | SetRole | SetDifficulty | SetLanguage | ChooseKind:
        assert isinstance(event, Text | Tap)
        match picked(event, SETTINGS):
            case "role":
                return SetRole(self.resume_id, self.settings)
            case "difficulty":
                return SetDifficulty(self.resume_id, self.settings)
            case "language":
                return SetLanguage(self.resume_id, self.settings)
            case "done":
                return ChooseKind(self.resume_id, self.settings)
            case _:
                return self.saying(t("choose_one"))


@dataclass(frozen=True)
class SetRole(Set, name="interview.role"):
    """Which role the interview aims at: one of the packs, the resume's, or any that is typed."""

    async def ask(self, domain: Domain) -> Say:
        choices = (*grid(buttons(ROLE_NAMES), 2), *column(*buttons(FROM_RESUME if self.resume_id else {})))
        return say(t("interview.role.ask"), buttons=choices)

    async def hear(self, event: Event, domain: Domain) -> SetRole | Settings:
        assert isinstance(event, Text | Tap)
        choice = picked(event, ROLE_NAMES | FROM_RESUME)
        if choice is None and isinstance(event, Tap):
            return self.saying(t("choose_one"))
        role = None
        if choice in ROLE_NAMES:
            role = label(ROLE_NAMES[choice], domain.who.language)
        elif choice is None and isinstance(event, Text):
            role = domain.setup.typed_role(event.text)
        return Settings(self.resume_id, replace(self.settings, role=role))


@dataclass(frozen=True)
class SetDifficulty(Set, name="interview.difficulty"):
    async def ask(self, domain: Domain) -> Say:
        without = (t("interview.difficulty.offline"),) if domain.is_offline else ()
        return say(t("interview.difficulty.ask"), *without, buttons=grid(buttons(DIFFICULTIES), 2))

    async def hear(self, event: Event, domain: Domain) -> SetDifficulty | Settings:
        assert isinstance(event, Text | Tap)
        choice = picked(event, DIFFICULTIES)
        if choice is None:
            return self.saying(t("choose_one"))
        difficulty = None if choice == "adaptive" else Difficulty(choice)
        return Settings(self.resume_id, replace(self.settings, difficulty=difficulty))


@dataclass(frozen=True)
class SetLanguage(Set, name="interview.language"):
    """The language of questions and feedback, which need not be the one the bot speaks."""

    async def ask(self, domain: Domain) -> Say:
        without = (t("interview.language.offline"),) if domain.is_offline else ()
        return say(t("interview.language.ask"), *without, buttons=grid(buttons(self._options(domain)), 2))

    async def hear(self, event: Event, domain: Domain) -> SetLanguage | Settings:
        assert isinstance(event, Text | Tap)
        choice = picked(event, self._options(domain))
        if choice is None and isinstance(event, Text):
            choice = domain.setup.typed_language(event.text, is_offline=domain.is_offline)
        if choice is None:
            return self.saying(t("choose_one"))
        return Settings(self.resume_id, replace(self.settings, language=choice))

    def _options(self, domain: Domain) -> dict[str, Line | str]:
        offered = languages.offered(is_offline=domain.is_offline)
        return {code: languages.SPOKEN[code] for code in offered}
