"""Sharing: a link that its owner makes and takes back, and what whoever has it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from babel.dates import format_date

from bot.conversations import cards, debrief
from bot.conversations.choices import buttons, picked
from bot.conversations.home import Home
from bot.step import Button, Event, Line, Say, Sheet, Step, Tap, Text, column, say, t
from domain.interviews.sharing import SharedReport
from domain.resumes.analysis import ResumeAnalysis
from domain.resumes.jobs import SendShared
from domain.resumes.sharing import SharedResume
from domain.services import Domain, Shares
from domain.sharing import Shareable, SharePart

DAYS: dict[str, Line | str] = {str(days): t("share.days", count=days) for days in (7, 1, 30)}
MOST_ENTRIES = 10
LONGEST_LINE = 300


class ShareKind(StrEnum):
    """What can be shared."""

    RESUME = "resume"
    REPORT = "report"


# What an owner may add to what is shown.
PARTS: dict[ShareKind, tuple[SharePart, ...]] = {
    ShareKind.RESUME: (SharePart.CONTACT, SharePart.FILE),
    ShareKind.REPORT: (SharePart.MOMENTS,),
}

# Each says what is to be, so that a tap that Telegram hands over twice changes nothing twice.
TOGGLES = {f"{how}_{part.value}": (part, how == "show") for part in SharePart for how in ("show", "hide")}


# The owner


@dataclass(frozen=True)
class Share(Step, name="share"):
    """What a link shows and for how long; where there is one, taking it back."""

    kind: ShareKind
    thing_id: UUID

    way_back = "/resume"

    async def ask(self, domain: Domain) -> Say:
        thing, title = await self._thing(domain)
        paragraphs = [t("share.title", title=title), t(f"share.shows.{self.kind.value}")]
        if domain.sharing.is_open(thing):
            until = day(thing.share_expires_at, domain)
            seen = t("share.open", day=until, count=thing.share_views)
            paragraphs.append(seen if thing.share_views else t("share.unopened", day=until))
        else:
            paragraphs.append(t("share.closed"))
        return say(*paragraphs, buttons=column(*buttons(self._options(thing, domain))))

    async def hear(self, event: Event, domain: Domain) -> Share | Home:
        assert isinstance(event, Text | Tap)
        if self.kind is ShareKind.RESUME and not await domain.resumes.is_there(self.thing_id):
            return Home().saying(t("refused.resume.gone"))
        thing, title = await self._thing(domain)
        choice = picked(event, self._options(thing, domain))
        if isinstance(event, Tap) and event.choice in TOGGLES:
            choice = event.choice
        typed = event.text.strip() if isinstance(event, Text) else ""
        if typed.isdecimal() and not domain.sharing.is_open(thing):
            choice = typed[:4]
        if choice is None:
            return self.saying(t("choose_one"))
        if choice in TOGGLES:
            await domain.sharing.show(thing, *TOGGLES[choice])
            return await self._redrawn(event, domain)
        if choice == "leave":
            return Home()
        if choice == "close":
            await domain.sharing.close(thing)
            return Home().saying(t("share.taken_back"))
        token = await domain.sharing.open(thing, int(choice))
        return Home().saying(link(token, title, day(thing.share_expires_at, domain), domain)).quietly()

    async def _thing(self, domain: Domain) -> tuple[Shareable, Line | str]:
        if self.kind is ShareKind.REPORT:
            session = (await domain.reports.debrief(self.thing_id)).session
            return session, debrief.title(session, domain.who.language)
        resume = await domain.resumes.one(self.thing_id)
        return resume, resume.title

    def _options(self, thing: Shareable, domain: Domain) -> dict[str, Line | str]:
        """How long, or an end; what more is shown; and the way out."""
        is_open = domain.sharing.is_open(thing)
        parts: dict[str, Line | str] = {
            f"hide_{part.value}" if part in thing.share_parts else f"show_{part.value}": t(
                "share.shown" if part in thing.share_parts else "share.unshown", part=_named(part)
            )
            for part in PARTS[self.kind]
        }
        if is_open:
            again = {"7": t("share.new_link"), "close": t("share.take_back")}
            return {**parts, **again, "leave": t("share.leave")}
        return {**DAYS, **parts, "leave": t("share.leave")}

    async def _redrawn(self, event: Text | Tap, domain: Domain) -> Share:
        """The same question, in place where a button of it was tapped."""
        if isinstance(event, Text):
            return self.saying()
        asked = await self.ask(domain)
        return self.saying(say(*asked.paragraphs, buttons=asked.buttons, replaces=event.message_id)).quietly()


def _named(part: SharePart) -> Line:
    return t(f"share.part.{part.value}")


def day(moment: datetime | None, domain: Domain) -> str:
    """A date as the chat's language writes it."""
    return str(format_date(moment, format="long", locale=domain.who.language)) if moment else ""


def link(token: str, title: Line | str, until: str, domain: Domain) -> Say:
    """A new link, in Telegram and, where pages are served, on the web. It is told this once."""
    ways: list[Line] = []
    if domain.bot_username:
        ways.append(t("share.link", url=f"https://t.me/{domain.bot_username}?start=share_{token}"))
    else:
        ways.append(t("share.text", text=f"/start share_{token}"))
    if domain.public_url:
        ways.append(t("share.page", url=f"{domain.public_url}/shared/{token}"))
    return say(t("share.made", title=title, day=until), *ways, t("share.once"))


# Whoever has the link


async def opened(token: str, step: Step, domain: Domain) -> Step | None:
    """A shared thing's card, without leaving what is going on; None for a token that leads nowhere."""
    viewer = domain.who.user_id if domain.who.is_linked else None
    shown = await sheet(token, domain.shares, viewer, domain.who.language)
    if shown is None:
        return None
    file = column(Button(t("share.file"), f"/start file_{token}")) if shown.file_name else ()
    return step.saying(say(shown.title, *shown.paragraphs, buttons=file)).quietly()


async def file_asked(token: str, step: Step, domain: Domain) -> Step | None:
    """Have the shared file sent; None for a token that leads to none."""
    if not await domain.shares.resumes.has_file(token):
        return None
    await domain.who.schedule(SendShared(token=token))
    return step.saying(t("resume.file.coming")).quietly()


async def sheet(token: str, shares: Shares, viewer: UUID | None, language: str) -> Sheet | None:
    """What a token shows; None where it is unknown, has expired or was taken back."""
    if resume := await shares.resumes.look(token, viewer):
        return _resume_sheet(resume, language)
    report = await shares.reports.look(token, viewer)
    return _report_sheet(report, language) if report is not None else None


def _report_sheet(shared: SharedReport, language: str) -> Sheet:
    session = shared.debrief.session
    paragraphs = debrief.body(shared.debrief, has_moments=shared.has_moments)
    until = str(format_date(session.share_expires_at, format="long", locale=language))
    return Sheet(debrief.title(session, language), (*paragraphs, t("shared.report_until", day=until)))


def _resume_sheet(shared: SharedResume, language: str) -> Sheet:
    found, contact = shared.analysis, shared.analysis.contact
    role = shared.resume.inferred_role or t("resume.card.unknown")
    title = t("shared.named", name=contact.name, role=role) if contact.name else t("shared.role", role=role)
    reached = [each for each in (contact.email, contact.phone, contact.location, *contact.links) if each]
    paragraphs = [t("shared.contact", lines=_lines(reached))] if reached else []
    paragraphs.extend(_read(shared, found))
    until = str(format_date(shared.resume.share_expires_at, format="long", locale=language))
    paragraphs.append(t("shared.until", day=until))
    return Sheet(title, tuple(paragraphs), shared.file_name)


def _read(shared: SharedResume, found: ResumeAnalysis) -> list[Line]:
    named = [skill for skill in found.skills if skill not in found.inferred_skills]
    years = cards.years(shared.resume, found)
    skills = ", ".join(named[: cards.MOST_SKILLS]) or t("resume.card.unknown")
    told = [t("shared.facts", years=years, skills=skills)]
    jobs = [
        " · ".join(part for part in (each.title, each.employer, _span(each.start, each.end)) if part)
        for each in found.experience
        if not each.inferred
    ]
    studies = [" · ".join(filter(None, (each.degree, each.school, each.year))) for each in found.education]
    if jobs:
        told.append(t("shared.experience", lines=_lines(jobs)))
    if studies:
        told.append(t("shared.education", lines=_lines(studies)))
    if found.languages:
        told.append(t("shared.languages", languages=", ".join(found.languages)))
    if found.strengths:
        told.append(t("resume.card.strengths", lines=cards.bullets(found.strengths)))
    if found.gaps:
        told.append(t("resume.card.gaps", lines=cards.bullets(found.gaps)))
    if found.method == "rules":
        told.append(t("resume.card.by_rules"))
    return told


def _span(start: str, end: str) -> str:
    return f"{start} – {end}" if start and end else start or end


def _lines(texts: list[str]) -> list[Line | str]:
    return [f"• {each[:LONGEST_LINE]}" for each in texts[:MOST_ENTRIES]]
