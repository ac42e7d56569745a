"""A real HTTP server for an application, on a port of loopback's choosing where none is given."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

CUT = "greenroom.cut"
"""The extension under which a request's scope holds the function that cuts its connection."""
START_SECONDS = 10.0


class _CuttableProtocol(H11Protocol):
    """Lends each request the means to cut its connection, which no ASGI message can say."""

    def connection_made(self, transport: Any) -> None:  # uvicorn's own signature says asyncio.Transport
        super().connection_made(transport)
        app = self.app

        async def cuttable(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[CUT] = transport.close
            await app(scope, receive, send)

        self.app = cuttable


class LoopbackServer:
    """Serves `app` while entered; `url` has no slash at its end."""

    def __init__(self, app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.port = port
        config = uvicorn.Config(
            app,
            http=_CuttableProtocol,
            lifespan="on",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=2,
        )
        self._server = _Server(config)
        self._socket: socket.socket | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    async def __aenter__(self) -> Self:
        self._socket = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((self.host, self.port))
        self.port = self._socket.getsockname()[1]
        self._serving = asyncio.create_task(
            self._server.serve(sockets=[self._socket]), name="loopback server"
        )
        async with asyncio.timeout(START_SECONDS):
            while not self._server.started:
                if self._serving.done():
                    await self._serving
                    raise RuntimeError("the server did not start")
                await asyncio.sleep(0.005)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stopping.set()
        if self._serving is not None:
            await self._serving
        if self._socket is not None:
            self._socket.close()


class _Server(uvicorn.Server):
    """Stops at once when told, and leaves the signals of the process to whoever runs it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopping = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        await self.stopping.wait()
