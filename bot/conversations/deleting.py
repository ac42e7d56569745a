"""Deleting resumes: one version, one resume with all of its versions, or all of them; asked about first."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bot.conversations.choices import buttons, picked, yes_or_no
from bot.conversations.home import Home
from bot.step import Event, Line, Say, Step, Tap, Text, column, say, t
from domain.services import Domain

SURE = yes_or_no("resume.delete")
SURE_ALL = yes_or_no("resume.delete_all")


@dataclass(frozen=True)
class Delete(Step, name="resume.delete"):
    """One version, or the resume with all of them."""

    resume_id: UUID

    way_back = "/resume"

    async def ask(self, domain: Domain) -> Say:
        doomed = await domain.resumes.one(self.resume_id)
        options = await self._options(domain)
        return say(t("resume.delete.ask", title=doomed.title), buttons=column(*buttons(options)))

    async def hear(self, event: Event, domain: Domain) -> Delete | Home:
        assert isinstance(event, Text | Tap)
        if not await domain.resumes.is_there(self.resume_id):
            return Home().saying(t("refused.resume.gone"))
        match picked(event, await self._options(domain)):
            case "no":
                return Home().saying(t("resume.delete.kept"))
            case "yes":
                await domain.resumes.delete(self.resume_id)
            case "all":
                await domain.resumes.delete_versions(self.resume_id)
            case _:
                return self.saying(t("choose_one"))
        return Home().saying(t("resume.delete.done"))

    async def _options(self, domain: Domain) -> dict[str, Line | str]:
        chain = await domain.resumes.versions(self.resume_id)
        if len(chain) == 1:
            return SURE
        this = next(each for each in chain if each.id == self.resume_id)
        return {
            "yes": t("resume.delete.version", version=this.version),
            "all": t("resume.delete.versions", count=len(chain)),
            "no": t("resume.delete.no"),
        }


@dataclass(frozen=True)
class DeleteAll(Step, name="resume.delete_all"):
    """Every resume there is."""

    way_back = "/resume"

    async def ask(self, domain: Domain) -> Say:
        return say(t("resume.delete_all.ask"), buttons=column(*buttons(SURE_ALL)))

    async def hear(self, event: Event, domain: Domain) -> DeleteAll | Home:
        assert isinstance(event, Text | Tap)
        choice = picked(event, SURE_ALL)
        if choice is None:
            return self.saying(t("choose_one"))
        if choice == "no":
            return Home().saying(t("resume.delete.kept"))
        await domain.resumes.delete_all()
        return Home().saying(t("resume.delete_all.done"))
