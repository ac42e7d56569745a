"""Resumes: a file sent at any time, the cards, and what their buttons lead to."""

from __future__ import annotations

from uuid import UUID

from bot.conversations import cards, placing, versions
from bot.conversations.deleting import Delete, DeleteAll
from bot.conversations.home import Home
from bot.conversations.identifiers import identifier
from bot.conversations.placing import Place
from bot.conversations.sharing import Share, ShareKind
from bot.step import Button, Command, File, Say, Step, column, document, parcel, say, t
from domain.errors import Refused
from domain.resumes.jobs import (
    Original,
    OriginalFound,
    OriginalOpened,
    ResumeAnalysed,
    ResumeRead,
    ResumeRejected,
)
from domain.resumes.wording import legible
from domain.services import Domain

CARDS = 3  # of the newest resumes; the others are behind buttons


async def resume(command: Command, step: Step, domain: Domain) -> Step:
    """/resume: the newest resume's card, or how to send one; behind buttons, what to do with one."""
    resumes = await domain.resumes.all()
    action, _, named = command.argument.partition(" ")
    if (action, named) == ("delete", "all"):
        return DeleteAll() if resumes else step.saying(t("resume.send")).quietly()
    if action and named:
        return await _act(action, identifier(named, Refused("resume.gone")), step, domain)
    if not resumes:
        return step.saying(t("resume.send")).quietly()
    if not domain.is_offline:
        for each in resumes:
            await domain.resumes.have_read_again(each.id)
    newest, *others = [await cards.resume_card(each.id, domain) for each in resumes[:CARDS]]
    rows = [Button(each.title, f"/resume show {each.id}") for each in resumes[CARDS:]]
    if others or len(await domain.resumes.versions(resumes[0].id)) > 1:
        rows.append(Button(t("button.delete_all"), "/resume delete all"))
    last = say(t("resume.send_another"), buttons=column(*rows))
    return step.saying(*reversed(others), newest, last).quietly()


async def _act(action: str, resume_id: UUID, step: Step, domain: Domain) -> Step:
    """What a button under a resume asks for; raises `Refused("resume.gone")` where it is not theirs."""
    await domain.resumes.one(resume_id)
    match action:
        case "show":
            return step.saying(await cards.resume_card(resume_id, domain)).quietly()
        case "versions":
            return step.saying(await versions.versions(resume_id, domain)).quietly()
        case "file":
            await domain.resumes.send_original(resume_id)
            return step.saying(t("resume.file.coming")).quietly()
        case "share":
            return Share(ShareKind.RESUME, resume_id)
        case "edit":
            return versions.Title(resume_id)
        case "delete":
            return Delete(resume_id)
        case "place" | "version":
            return await placing.asked(action, resume_id, step, domain)
        case _:
            return Home()


async def sent(file: File, step: Step, domain: Domain) -> Step:
    """A file at any time: taken at once, read while the chat goes on."""
    if step.secret:
        return step.saying(t("resume.not_now")).quietly()
    if file.album:  # one slot, so that it is said once however many photos there are
        return step.saying(say(t("resume.album"), slot=f"album:{file.album}")).quietly()
    resume_id = await domain.resumes.receive(file.file_id, file.name, file.size)
    return step.saying(
        say(t("resume.received", name=legible(file.name)), slot=cards.slot(resume_id))
    ).quietly()


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
    earlier = await placing.earlier_resumes(event.resume_id, domain) if event.needs_place else []
    if not earlier:
        return step.saying(done, card).quietly()
    if isinstance(step, Home):
        return Place(event.resume_id, earlier[0].id).saying(done, card)
    return step.saying(done, card, placing.offer(event.resume_id, earlier)).quietly()


def original(event: OriginalFound) -> Say:
    """The file of a resume, byte for byte."""
    away = "send_original" if isinstance(event.parcel, Original) else "send_shared"
    here = t("resume.file.here", name=event.name)
    return parcel(event.name, event.parcel, here, otherwise=t(f"unavailable.{away}"))


def original_opened(event: OriginalOpened) -> Say:
    """The same, opened by an earlier program."""
    return document(event.name, event.content, t("resume.file.here", name=event.name))
