"""Steps that wait for a job."""

from __future__ import annotations

from typing import Any, Self

from bot.step import Event, Step, t
from domain.messaging.happenings import Happening
from domain.services import Domain


class Waiting(Step):
    """A moment in which a job is at work; what is typed meanwhile is answered, not lost on the job."""

    async def ask(self, domain: Domain) -> None:
        return None

    async def arrived(self, event: Any, domain: Domain) -> Step:
        """The step that follows what the job brought about."""
        raise NotImplementedError

    async def hear(self, event: Event, domain: Domain) -> Step:
        if isinstance(event, Happening):
            return await self.arrived(event, domain)
        return self.still()

    def still(self) -> Self:
        """This moment goes on, and says so."""
        return self.saying(t("waiting")).quietly()
