"""Setting an interview up in a few taps: which resume, what kind, how long, what job it is for."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bot.conversations.choices import buttons, picked
from bot.conversations.interview import (
    Evaluating,
    InInterview,
    Planning,
    Question,
    Reporting,
    Transcript,
    taken_up,
)
from bot.step import Command, Event, Line, Say, Step, Tap, Text, column, say, t
from domain.errors import Refused
from domain.interviews.plan import MAX_QUESTIONS, MIN_QUESTIONS, InterviewKind
from domain.services import Domain

KINDS: dict[str, Line | str] = {kind.value: t(f"interview.kind.{kind.value}") for kind in InterviewKind}
LENGTHS: dict[str, Line | str] = {str(n): t("interview.length.button", count=n) for n in (3, 5, 8)}
NO_JOB: dict[str, Line | str] = {"without": t("interview.job.without")}
ALSO_NO_JOB: dict[str, Line | str] = {
    "skip": t("button.skip"),
    "no": "No",
    "none": t("interview.resume.none"),
}
UNFINISHED: dict[str, Line | str] = {"on": t("interview.unfinished.on"), "new": t("interview.unfinished.new")}


async def interview(command: Command, step: Step, domain: Domain) -> Step:
    """/interview: an unfinished one first, else the set-up of a new one."""
    if isinstance(step, InInterview) and domain.who.is_linked:
        return step
    waiting = await domain.interviews.unfinished()
    if waiting is not None:
        return Unfinished(waiting.id)
    return await set_up(domain)


async def set_up(domain: Domain) -> ChooseResume | ChooseKind:
    """Which resume, where there are several."""
    resumes = await domain.resumes.all()
    if len(resumes) > 1:
        return ChooseResume()
    return ChooseKind(resumes[0].id if resumes else None)


@dataclass(frozen=True)
class Unfinished(Step, name="interview.unfinished"):
    session_id: UUID

    way_back = "/interview"

    async def ask(self, domain: Domain) -> Say:
        return say(t("interview.unfinished.ask"), buttons=column(*buttons(UNFINISHED)))

    async def hear(
        self, event: Event, domain: Domain
    ) -> Unfinished | Planning | Question | Evaluating | Transcript | Reporting | ChooseResume | ChooseKind:
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
        return say(t("interview.resume.ask"), buttons=column(*buttons(await self._options(domain))))

    async def hear(self, event: Event, domain: Domain) -> ChooseResume | ChooseKind:
        assert isinstance(event, Text | Tap)
        choice = picked(event, await self._options(domain))
        if choice is None:
            return self.saying(t("choose_one"))
        return ChooseKind(None if choice == "none" else (await domain.resumes.one(UUID(choice))).id)

    async def _options(self, domain: Domain) -> dict[str, Line | str]:
        titles: dict[str, Line | str] = {str(each.id): each.title for each in await domain.resumes.all()}
        return {**titles, "none": t("interview.resume.none")}


@dataclass(frozen=True)
class ChooseKind(Step, name="interview.kind"):
    resume_id: UUID | None = None

    way_back = "/interview"

    async def ask(self, domain: Domain) -> Say:
        bare = () if self.resume_id else (t("interview.no_resume"),)
        return say(t("interview.kind.ask"), *bare, buttons=column(*buttons(KINDS)))

    async def hear(self, event: Event, domain: Domain) -> ChooseKind | ChooseLength:
        assert isinstance(event, Text | Tap)
        choice = picked(event, KINDS)
        if choice is None:
            return self.saying(t("choose_one"))
        return ChooseLength(self.resume_id, InterviewKind(choice))


@dataclass(frozen=True)
class ChooseLength(Step, name="interview.length"):
    resume_id: UUID | None
    kind: InterviewKind

    way_back = "/interview"

    async def ask(self, domain: Domain) -> Say:
        return say(t("interview.length.ask"), buttons=(tuple(buttons(LENGTHS)),))

    async def hear(self, event: Event, domain: Domain) -> ChooseJob:
        assert isinstance(event, Text | Tap)
        said = event.choice if isinstance(event, Tap) else event.text.strip().split(" ")[0]
        if not (said.isdecimal() and len(said) < 4 and MIN_QUESTIONS <= int(said) <= MAX_QUESTIONS):
            raise Refused("interview.count", least=MIN_QUESTIONS, most=MAX_QUESTIONS)
        return ChooseJob(self.resume_id, self.kind, int(said))


@dataclass(frozen=True)
class ChooseJob(Step, name="interview.job"):
    resume_id: UUID | None
    kind: InterviewKind
    count: int

    way_back = "/interview"

    async def ask(self, domain: Domain) -> Say:
        return say(t("interview.job.ask"), buttons=column(*buttons(NO_JOB)))

    async def hear(self, event: Event, domain: Domain) -> ChooseJob | Planning:
        assert isinstance(event, Text | Tap)
        choice = picked(event, NO_JOB | ALSO_NO_JOB)
        if choice is None and isinstance(event, Tap):
            return self.saying(t("choose_one"))
        job = event.text if choice is None and isinstance(event, Text) else None
        return Planning(await domain.interviews.begin(self.resume_id, self.kind, self.count, job))
