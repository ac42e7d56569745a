"""Resumes: a file sent at any time, the cards, versions, deleting."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bot.conversations import cards
from bot.conversations.choices import buttons, picked, yes_or_no
from bot.conversations.home import Home
from bot.conversations.sharing import Share, ShareKind
from bot.step import Button, Command, Event, File, Line, Say, Step, Tap, Text, column, say, t
from domain.errors import Refused
from domain.resumes.jobs import ResumeAnalysed, ResumeRead, ResumeRejected
from domain.resumes.models import Resume
from domain.services import Domain

SURE = yes_or_no("resume.delete")


async def resume(command: Command, step: Step, domain: Domain) -> Step:
    """/resume: the newest resume's card, or how to send one; behind buttons, what to do with one."""
    resumes = await domain.resumes.all()
    action, _, named = command.argument.partition(" ")
    if action and named:
        return await _act(action, identifier(named), step, domain)
    if not resumes:
        return step.saying(t("resume.send")).quietly()
    if not domain.is_offline:
        for each in resumes:
            await domain.resumes.have_read_again(each.id)
    newest, *others = [await cards.resume_card(each.id, domain) for each in resumes[:3]]
    return step.saying(*reversed(others), newest, t("resume.send_another")).quietly()


async def _act(action: str, resume_id: UUID, step: Step, domain: Domain) -> Step:
    if action == "delete":
        await domain.resumes.one(resume_id)
        return Delete(resume_id)
    if action == "share":
        await domain.resumes.one(resume_id)
        return Share(ShareKind.RESUME, resume_id)
    if action == "versions":
        return step.saying(await versions(resume_id, domain)).quietly()
    if action == "version":
        earlier = await earlier_resume(resume_id, domain)
        if earlier is None:
            raise Refused("resume.placed")
        return await Place(resume_id, earlier.id).place("version", domain)
    return Home()


def identifier(text: str) -> UUID:
    """An id from behind a button; raises `Refused("resume.gone")` for anything else."""
    try:
        return UUID(text)
    except ValueError:
        raise Refused("resume.gone") from None


async def versions(resume_id: UUID, domain: Domain) -> Say:
    """The versions of a resume, newest first."""
    lines: list[Line | str] = [
        t("resume.versions.line", version=each.version, name=each.file_name, skills=len(each.skills or ()))
        for each in await domain.resumes.versions(resume_id)
    ]
    return say(t("resume.versions.title", lines=lines))


async def sent(file: File, step: Step, domain: Domain) -> Step:
    """A file at any time: taken at once, read while the chat goes on."""
    if step.secret:
        return step.saying(t("resume.not_now")).quietly()
    resume_id = await domain.resumes.receive(file.file_id, file.name, file.size)
    return step.saying(say(t("resume.received", name=file.name), slot=cards.slot(resume_id))).quietly()


async def was_read(event: ResumeRead, step: Step, domain: Domain) -> Step:
    """The text is there; the progress message says so."""
    read = await domain.resumes.one(event.resume_id)
    words = t("resume.reading", name=read.file_name, seconds=round(event.seconds, 1))
    return step.saying(say(words, slot=cards.slot(read.id))).quietly()


async def was_rejected(event: ResumeRejected, step: Step, domain: Domain) -> Step:
    """The file could not be used; the progress message says why."""
    why = t(f"refused.{event.reason}", **dict(event.details))
    return step.saying(say(why, slot=cards.slot(event.resume_id))).quietly()


async def was_analysed(event: ResumeAnalysed, step: Step, domain: Domain) -> Step:
    """The summary card, and the question where the resume belongs if there are others."""
    card = await cards.resume_card(event.resume_id, domain, event.why)
    if event.again:
        return step.saying(t("resume.again"), card).quietly()
    done = await cards.resume_done(event.resume_id, domain)
    earlier = await earlier_resume(event.resume_id, domain) if event.needs_place else None
    if earlier is None:
        return step.saying(done, card).quietly()
    if isinstance(step, Home):
        return Place(event.resume_id, earlier.id).saying(done, card)
    version = Button(t("resume.place.version", title=earlier.title), f"/resume version {event.resume_id}")
    return step.saying(done, card, say(t("resume.place.ask_later"), buttons=column(version))).quietly()


async def earlier_resume(resume_id: UUID, domain: Domain) -> Resume | None:
    """The newest other resume, of which this one may be a version."""
    others = [each for each in await domain.resumes.all() if each.id != resume_id]
    return others[0] if others else None


@dataclass(frozen=True)
class Place(Step, name="resume.place"):
    """Where a further resume belongs: a new version of the last one, or another resume."""

    resume_id: UUID
    earlier_id: UUID

    way_back = "/resume"

    async def ask(self, domain: Domain) -> Say:
        return say(t("resume.place.ask"), buttons=column(*buttons(await self._options(domain))))

    async def hear(self, event: Event, domain: Domain) -> Place | Home:
        assert isinstance(event, Text | Tap)
        choice = picked(event, await self._options(domain))
        return self.saying(t("choose_one")) if choice is None else await self.place(choice, domain)

    async def place(self, choice: str, domain: Domain) -> Home:
        """Make it so."""
        if choice == "version":
            await domain.resumes.make_version(self.resume_id, self.earlier_id)
        return Home().saying(t(f"resume.place.done_{choice}"))

    async def _options(self, domain: Domain) -> dict[str, Line | str]:
        earlier = await domain.resumes.one(self.earlier_id)
        version = t("resume.place.version", title=earlier.title)
        return {"version": version, "another": t("resume.place.another")}


@dataclass(frozen=True)
class Delete(Step, name="resume.delete"):
    resume_id: UUID

    way_back = "/resume"

    async def ask(self, domain: Domain) -> Say:
        doomed = await domain.resumes.one(self.resume_id)
        return say(t("resume.delete.ask", title=doomed.title), buttons=column(*buttons(SURE)))

    async def hear(self, event: Event, domain: Domain) -> Delete | Home:
        assert isinstance(event, Text | Tap)
        choice = picked(event, SURE)
        if choice is None:
            return self.saying(t("choose_one"))
        if choice == "no":
            return Home().saying(t("resume.delete.kept"))
        await domain.resumes.delete(self.resume_id)
        return Home().saying(t("resume.delete.done"))
