"""Parcels: what is kept and goes with a message, named in its row and opened when it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

if TYPE_CHECKING:
    from domain.world import World

MOST_OPEN = 2  # each up to 48 MB, and sent as slowly as the line is
FIRST_KIND = "export_part"  # of rows by a program that knew no other


class Parcel(BaseModel):
    """A kind of what is sent, known in the database by `name`, which is never renamed."""

    model_config = ConfigDict(frozen=True)

    name: ClassVar[str]
    kinds: ClassVar[dict[str, type[Parcel]]] = {}

    def __init_subclass__(cls, name: str = "", **options: Any) -> None:
        super().__init_subclass__(**options)
        if name:
            cls.name = name
            Parcel.kinds[name] = cls

    def row(self) -> dict[str, Any]:
        """As a message on its way names it."""
        return {"kind": self.name, **self.model_dump(mode="json")}

    @staticmethod
    def of(row: Mapping[str, Any]) -> Parcel:
        """The parcel that `row` names; KeyError for a kind this program does not know."""
        return Parcel.kinds[row.get("kind", FIRST_KIND)].model_validate(row)

    async def let_go(self, db: AsyncSession) -> None:
        """It was sent, or never will be."""


P = TypeVar("P", bound=Parcel)

Opener: TypeAlias = "Callable[[P, World, int], AsyncGenerator[bytes, None]]"

OPENERS: dict[str, Opener[Any]] = {}


def opens(kind: type[P]) -> Callable[[Opener[P]], Opener[P]]:
    """Register what gives the pieces of this kind of parcel, given the parcel, the world and the chat's id.

    It asks anew whether the chat may have it. It raises `Refused` where that is to be told, or `Unavailable`;
    where there is nothing to be sent or told any more, there are no pieces.
    """

    def register(opener: Opener[P]) -> Opener[P]:
        OPENERS[kind.name] = opener
        return opener

    return register


class Parcels:
    """Opens parcels, a few at a time: each is in memory as a whole."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._slots = asyncio.Semaphore(MOST_OPEN)

    @property
    def is_busy(self) -> bool:
        """Whether as many are open as may be, so that another had better come later."""
        return self._slots.locked()

    @asynccontextmanager
    async def opened(self, parcel: Parcel, chat_id: int) -> AsyncIterator[BytesIO | None]:
        """A parcel as a file in memory, for as long as it is open; None where there is nothing to be sent.

        Raises as its opener does.
        """
        async with self._slots:
            file = BytesIO()
            async with aclosing(OPENERS[parcel.name](parcel, self._world, chat_id)) as pieces:
                async for piece in pieces:
                    file.write(piece)
            is_there = file.tell() > 0
            file.seek(0)
            yield file if is_there else None
