"""An HTTP server within this program's own loop, which leaves the signals to the program."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp

START_SECONDS = 10.0
CLOSE_SECONDS = 2


def at_fault(error: OSError) -> str:
    """Which setting is to be put right where an address cannot be had: HOST or PORT."""
    return "PORT" if error.errno in (errno.EADDRINUSE, errno.EACCES) else "HOST"


class Server:
    """Serves `app` while entered; `port` 0 becomes one of the system's choosing."""

    def __init__(self, app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0, **options: Any) -> None:
        self.host = host
        self.port = port
        config = uvicorn.Config(
            app,
            lifespan="on",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=CLOSE_SECONDS,
            **options,
        )
        self._server = _Server(config)
        self._socket: socket.socket | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The root, without a slash at its end."""
        return f"http://{self.host}:{self.port}"

    async def __aenter__(self) -> Self:
        """Raises OSError where the address cannot be had."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        # Only where TCP is named does asyncio let small writes go at once: an answer took 40 ms longer.
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((self.host, self.port))
            self._socket.listen(128)
        except OSError:
            self._socket.close()
            raise
        self.port = self._socket.getsockname()[1]
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]), name="web")
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
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopping = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        await self.stopping.wait()
