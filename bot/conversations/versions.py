"""The versions of a resume: which there are, what changed, how interviews went; title and description."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from babel.dates import format_date

from bot.conversations import cards
from bot.conversations.choices import buttons, picked
from bot.conversations.home import Home
from bot.step import Button, Event, Line, Say, Step, Tap, Text, column, say, t
from domain.resumes.models import Resume
from domain.resumes.versions import Changes, changes
from domain.services import Domain

MOST_COMPARED = 3  # pairs of versions, newest first
MOST_NAMED = 12
TITLE: dict[str, Line | str] = {
    "description": t("resume.edit.to_description"),
    "keep": t("resume.edit.keep"),
}
DESCRIPTION: dict[str, Line | str] = {
    "none": t("resume.edit.no_description"),
    "keep": t("resume.edit.keep"),
}


async def versions(resume_id: UUID, domain: Domain) -> Say:
    """The versions of a resume, newest first, with what changed between them."""
    chain = await domain.resumes.versions(resume_id)
    went = await domain.interviews.with_resumes([each.id for each in chain])
    lines: list[Line | str] = [_version(each, went.get(each.id), domain) for each in chain]
    told = [
        difference(older, newer, changes(cards.analysis_of(older), cards.analysis_of(newer)))
        for newer, older in list(pairwise(chain))[:MOST_COMPARED]
    ]
    rows = tuple(
        (
            Button(t("resume.versions.show", version=each.version), f"/resume show {each.id}"),
            Button(t("resume.versions.file", version=each.version), f"/resume file {each.id}"),
        )
        for each in chain[: cards.MOST_SHOWN]
    )
    return say(t("resume.versions.title", lines=lines), *told, buttons=rows)


def _version(resume: Resume, went: tuple[int, float | None] | None, domain: Domain) -> Line:
    day = str(format_date(resume.created_at, format="medium", locale=domain.who.language))
    skills = len(resume.skills or ())
    line = t("resume.versions.line", version=resume.version, name=resume.file_name, day=day, skills=skills)
    if went is None:
        return line
    count, score = went
    if score is None:
        return t("resume.versions.rehearsed", line=line, count=count)
    return t("resume.versions.scored", line=line, count=count, score=score)


def difference(older: Resume, newer: Resume, found: Changes) -> Line:
    """What changed, in plain words."""
    lists: Sequence[tuple[str, tuple[str, ...]]] = (
        ("skills_gained", found.skills.gained),
        ("skills_lost", found.skills.lost),
        ("employers_gained", found.employers.gained),
        ("employers_lost", found.employers.lost),
        ("sections_gained", found.sections.gained),
        ("sections_lost", found.sections.lost),
    )
    lines: list[Line | str] = []
    if found.role:
        lines.append(t("resume.changes.role", before=found.role[0], after=found.role[1]))
    if found.years:
        lines.append(t("resume.changes.years", before=found.years[0], after=found.years[1]))
    lines += [t(f"resume.changes.{name}", items=_listed(items)) for name, items in lists if items]
    if not lines:
        lines.append(t("resume.changes.none"))
    if found.read_otherwise:
        lines.append(t("resume.changes.read_otherwise"))
    return t("resume.changes.title", older=older.version, newer=newer.version, lines=lines)


def _listed(items: tuple[str, ...]) -> str:
    rest = len(items) - MOST_NAMED
    return ", ".join(items[:MOST_NAMED]) + (f" (+{rest})" if rest > 0 else "")


@dataclass(frozen=True)
class Title(Step, name="resume.title"):
    """Another title for a resume, in all of its versions."""

    resume_id: UUID

    way_back = "/resume"

    async def ask(self, domain: Domain) -> Say:
        resume = await domain.resumes.one(self.resume_id)
        return say(t("resume.edit.title", title=resume.title), buttons=column(*buttons(TITLE)))

    async def hear(self, event: Event, domain: Domain) -> Title | Description | Home:
        assert isinstance(event, Text | Tap)
        choice = picked(event, TITLE)
        if choice == "description":
            return Description(self.resume_id)
        if choice == "keep" or not await domain.resumes.is_there(self.resume_id):
            return Home()
        if isinstance(event, Tap):
            return self.saying(t("choose_one"))
        await domain.resumes.rename(self.resume_id, event.text)
        card = await cards.resume_card(self.resume_id, domain)
        return Home().saying(t("resume.edit.done"), card).quietly()


@dataclass(frozen=True)
class Description(Step, name="resume.description"):
    """A line about what a version is for."""

    resume_id: UUID

    way_back = "/resume"

    async def ask(self, domain: Domain) -> Say:
        resume = await domain.resumes.one(self.resume_id)
        known = t("resume.edit.known", text=resume.description) if resume.description else None
        paragraphs = (t("resume.edit.description"), known) if known else (t("resume.edit.description"),)
        return say(*paragraphs, buttons=column(*buttons(DESCRIPTION)))

    async def hear(self, event: Event, domain: Domain) -> Description | Home:
        assert isinstance(event, Text | Tap)
        choice = picked(event, DESCRIPTION)
        if choice == "keep" or not await domain.resumes.is_there(self.resume_id):
            return Home()
        if choice == "none":
            await domain.resumes.describe(self.resume_id, "")
        elif isinstance(event, Text):
            await domain.resumes.describe(self.resume_id, event.text)
        else:
            return self.saying(t("choose_one"))
        card = await cards.resume_card(self.resume_id, domain)
        return Home().saying(t("resume.edit.done"), card).quietly()
