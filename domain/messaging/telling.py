"""Happenings that reach a chat by a transaction of its own: another chat's, or one that had to wait."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import TypeAdapter

from domain.messaging.happenings import Happening
from domain.messaging.job import Finish, Job, OwnedJob, performs


class Tell(Job, name="tell"):
    """Tell a chat what another one brought about; a transaction holds the row of one chat only."""

    happening: str
    content: dict[str, Any]


class TellOwner(OwnedJob, name="tell_owner"):
    """Tell a chat what came about while its session had ended, if it is still its owner's."""

    # It runs once the session is open again: until then its time has not come.
    held_seconds: ClassVar[float] = 10 * 365 * 86400.0

    happening: str
    content: dict[str, Any]


def described(happening: Happening) -> dict[str, Any]:
    """A happening as the fields of a job that tells it."""
    kind = type(happening)
    content = TypeAdapter(kind).dump_python(happening, mode="json")
    return {"happening": kind.__name__, "content": content}


def told(job: Tell | TellOwner) -> Happening:
    """The happening that a job describes; KeyError for one this program does not know."""
    kinds = {kind.__name__: kind for kind in Happening.__subclasses__()}
    happening: Happening = TypeAdapter(kinds[job.happening]).validate_python(job.content)
    return happening


@performs(Tell)
async def tell(job: Tell, world: object, chat_id: int) -> Finish:
    return _finish(job)


@performs(TellOwner)
async def tell_owner(job: TellOwner, world: object, chat_id: int) -> Finish:
    return _finish(job)


def _finish(job: Tell | TellOwner) -> Finish:
    happening = told(job)

    async def finish(domain: object) -> Happening:
        return happening

    return finish
