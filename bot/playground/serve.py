"""The server of a local Telegram: one whose connections can be cut, as tests of faults want it."""

from __future__ import annotations

from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.serving import Server

CUT = "greenroom.cut"
"""The extension under which a request's scope holds the function that cuts its connection."""


class _CuttableProtocol(H11Protocol):
    """Lends each request the means to cut its connection, which no ASGI message can say."""

    def connection_made(self, transport: Any) -> None:  # uvicorn's own signature says asyncio.Transport
        super().connection_made(transport)
        app = self.app

        async def cuttable(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[CUT] = transport.close
            await app(scope, receive, send)

        self.app = cuttable


class LoopbackServer(Server):
    """Serves `app` while entered; `url` has no slash at its end."""

    def __init__(self, app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(app, host=host, port=port, http=_CuttableProtocol)
