"""The local Telegram as a part of a larger application, as the program itself serves it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from bot.playground.app import build_app
from bot.playground.serve import LoopbackServer
from bot.playground.state import Playground


async def healthz(request: Request) -> Response:
    return PlainTextResponse("alive")


async def test_mounted_beside_other_routes() -> None:
    playground = Playground()
    telegram = build_app(playground, token="7:test")

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with telegram.router.lifespan_context(telegram):
            yield

    app = Starlette(routes=[Route("/healthz", healthz), Mount("/", app=telegram)], lifespan=lifespan)
    async with LoopbackServer(app) as server, httpx.AsyncClient(base_url=server.url) as http:
        assert (await http.get("/healthz")).text == "alive"
        assert (await http.get("/bot7:test/getMe")).json()["result"]["id"] == 7
        assert (await http.get("/")).headers["content-type"].startswith("text/html")
        assert (await http.get("/static/page.js")).status_code == 200
        assert (await http.get("/static/../page.py")).status_code == 404
        assert (await http.get("/", headers={"Host": "evil.example"})).status_code == 403
        assert (await http.post("/playground/chats/1/messages", json={"text": "x"})).status_code == 404
    assert playground.is_closed
