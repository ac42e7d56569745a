"""Jobs: work that waits on the world, described by a frozen model whose fields are its payload."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from domain.messaging.happenings import Happening

if TYPE_CHECKING:
    from domain.services import Domain
    from domain.world import World

Finish = Callable[["Domain"], Awaitable[Happening | None]]
Perform = Callable[[Any, "World", int], Awaitable[Finish | None]]


class Job(BaseModel):
    """A kind of work, known in the database by `name`, which is never renamed.

    While the world is unavailable a job is tried again for `patience` seconds; then its performer's
    fallback, or failure, stands. What came of one that is done `in_turns` is written
    down in the turns of files, so that who has many of them done keeps nobody waiting.
    """

    model_config = ConfigDict(frozen=True)

    name: ClassVar[str]
    patience: ClassVar[float] = 3600.0
    in_turns: ClassVar[bool] = False
    kinds: ClassVar[dict[str, type[Job]]] = {}

    def __init_subclass__(cls, name: str = "", **options: Any) -> None:
        super().__init_subclass__(**options)
        if name:
            cls.name = name
            Job.kinds[name] = cls


class OwnedJob(Job):
    """Work for an account: it goes on for its owner though the chat may sign out meanwhile."""

    user_id: UUID


J = TypeVar("J", bound=Job)

Performer: TypeAlias = "Callable[[J, World, int], Awaitable[Finish | None]]"

PERFORMERS: dict[str, Perform] = {}


def performs(kind: type[J]) -> Callable[[Performer[J]], Performer[J]]:
    """Register the coroutine that does this kind of job, given the job, the world and the chat's id.

    It runs with no transaction open and may open short ones to read. What it returns is run in the one
    transaction that finishes the job; the happening that comes of it goes to the chat.
    """

    def register(perform: Performer[J]) -> Performer[J]:
        PERFORMERS[kind.name] = perform
        return perform

    return register
