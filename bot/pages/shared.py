"""The page of what is shared: `GET /shared/<token>`, and `/file` below it where its owner shows the file.

Whoever has a token that is good for nothing learns nothing from it: unknown, expired and taken back get one
answer. The page needs no script and loads nothing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bot.pages.answering import LATER, Declined, answering, language_of
from bot.pages.html import PLAIN, Notice, headers, sheet_page
from bot.pages.pace import Visitors
from bot.step import Sheet, t
from domain.errors import Refused, Unavailable
from domain.services import Shares, shares_of
from domain.world import World

PATH = "/shared"
GONE = Notice("gone", t("page.shared_gone.title"), t("page.shared_gone.text"), 404)

OnToken = Callable[[str, Shares, UUID | None, str], Awaitable[Sheet | None]]


class SharedPage:
    """Two routes. `sheet` words what a token leads to, and counts the view."""

    def __init__(self, world: World, sheet: OnToken) -> None:
        self._world = world
        self._sheet = sheet

    def routes(self) -> list[Route]:
        path, visitors = f"{PATH}/{{token}}", Visitors()
        return [
            Route(path, answering(self.show, visitors, PLAIN), methods=["GET"]),
            Route(f"{path}/file", answering(self.file, visitors, PLAIN), methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """What is shared. Who only asks whether it is there (HEAD), or previews links, is no viewer."""
        language, token = language_of(request), request.path_params["token"]
        async with self._world.transactions() as db:
            sheet = await self._sheet(token, shares_of(db, self._world), None, language)
            if sheet is None:
                raise Declined(GONE)
            if request.method == "GET" and "bot" not in request.headers.get("user-agent", "").lower():
                await db.commit()
        return sheet_page(sheet, language, f"{token}/file")

    async def file(self, request: Request) -> Response:
        """The file as its owner sent it."""
        async with self._world.transactions() as db:
            file = await shares_of(db, self._world).resumes.file(request.path_params["token"])
        if file is None:
            raise Declined(GONE)
        pieces = file.pieces()
        try:
            first = await anext(pieces)
        except Refused as refusal:
            raise Declined(GONE) from refusal
        except Unavailable as error:
            raise Declined(LATER) from error
        named = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
        size = {"Content-Length": str(file.size), "Content-Disposition": named}
        return StreamingResponse(
            _all(first, pieces),
            media_type="application/octet-stream",
            headers={**headers(PLAIN), **size},
        )


async def _all(first: bytes, others: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    async with aclosing(others):
        yield first
        async for piece in others:
            yield piece
