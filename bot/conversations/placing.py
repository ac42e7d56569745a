"""Where a further resume belongs: a new version of an earlier one, or a resume of its own."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bot.conversations import cards
from bot.conversations.choices import buttons, picked
from bot.conversations.home import Home
from bot.conversations.versions import difference
from bot.step import Button, Event, Line, Say, Step, Tap, Text, column, say, t
from domain.errors import Refused
from domain.resumes.models import Resume
from domain.resumes.versions import changes
from domain.services import Domain

MOST_OFFERED = 4


async def asked(action: str, resume_id: UUID, step: Step, domain: Domain) -> Step:
    """A button under a resume that came while something else was going on."""
    earlier = await earlier_resumes(resume_id, domain)
    if not earlier or len(await domain.resumes.versions(resume_id)) > 1:
        raise Refused("resume.placed")
    if action == "place":
        return Place(resume_id, earlier[0].id)
    return step.saying(await made_version(resume_id, earlier[0].id, domain)).quietly()


async def earlier_resumes(resume_id: UUID, domain: Domain) -> list[Resume]:
    """The resumes sent before this one, newest first, of which it may be a version."""
    placed = await domain.resumes.one(resume_id)
    others = [each for each in await domain.resumes.all() if each.id != resume_id]
    return [each for each in others if each.created_at <= placed.created_at][:MOST_OFFERED]


def offer(resume_id: UUID, earlier: list[Resume]) -> Say:
    """The question as buttons that hold at any time, for somebody who is in the middle of something."""
    rows = [Button(t("resume.place.version", title=earlier[0].title), f"/resume version {resume_id}")]
    if len(earlier) > 1:
        rows.append(Button(t("resume.place.of_another"), f"/resume place {resume_id}"))
    return say(t("resume.place.ask_later"), buttons=column(*rows))


async def made_version(resume_id: UUID, of: UUID, domain: Domain) -> Say:
    """Make it the next version of another, and say what changed."""
    await domain.resumes.make_version(resume_id, of)
    older, newer = await domain.resumes.one(of), await domain.resumes.one(resume_id)
    found = changes(cards.analysis_of(older), cards.analysis_of(newer))
    return say(t("resume.place.done_version"), difference(older, newer, found))


@dataclass(frozen=True)
class Place(Step, name="resume.place"):
    """A new version of an earlier resume, or another resume; `earlier_id` is the one offered first."""

    resume_id: UUID
    earlier_id: UUID

    way_back = "/resume"

    async def ask(self, domain: Domain) -> Say:
        return say(t("resume.place.ask"), buttons=column(*buttons(await self._options(domain))))

    async def hear(self, event: Event, domain: Domain) -> Place | Home:
        assert isinstance(event, Text | Tap)
        if not await domain.resumes.is_there(self.resume_id):
            return Home().saying(t("refused.resume.gone"))
        choice = picked(event, await self._options(domain))
        if choice is None:
            return self.saying(t("choose_one"))
        if choice == "another":
            return Home().saying(t("resume.place.done_another"))
        of = self.earlier_id if choice == "version" else UUID(choice)
        return Home().saying(await made_version(self.resume_id, of, domain))

    async def _options(self, domain: Domain) -> dict[str, Line | str]:
        """The offered resume is "version", as it is in keyboards of earlier versions of this program."""
        earlier = await earlier_resumes(self.resume_id, domain)
        offered: dict[str, Line | str] = {
            "version" if each.id == self.earlier_id else str(each.id): t(
                "resume.place.version", title=each.title
            )
            for each in earlier
        }
        return {**offered, "another": t("resume.place.another")}
