"""A way to the database that a test can cut, close, or make lose what the server answered."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from tests.loopback.ports import free_port

CHUNK = 2**16


class DatabaseProxy:
    """Listens on loopback and forwards to the server of `dsn`; `self.dsn` leads through it.

    async with DatabaseProxy(dsn) as proxy:
        await proxy.closes()  # everything is cut and nothing is let in
        await proxy.opens()
        proxy.lose_answers(1)  # the next COMMIT is done, but nobody hears of it; `lost` counts them
    """

    def __init__(self, dsn: str) -> None:
        self._target = urlsplit(dsn)
        self._server: asyncio.Server | None = None
        self._port = free_port()
        self._open: set[asyncio.StreamWriter] = set()
        self._to_lose = self._to_spare = 0
        self.lost = 0

    @property
    def dsn(self) -> str:
        user, name = self._target.username or "", self._target.path
        return f"postgresql://{user}@127.0.0.1:{self._port}{name}"

    async def __aenter__(self) -> Self:
        await self.opens()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.closes()

    async def opens(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)

    async def closes(self) -> None:
        """The database cannot be reached, and who was connected is cut off."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()

    def cut(self) -> None:
        """Cut every connection; new ones are let in."""
        for writer in self._open:
            writer.transport.abort()

    def lose_answers(self, count: int, *, after: int = 0) -> None:
        """After so many others let `count` COMMITs be done and cut their connections before the answer."""
        self._to_lose, self._to_spare = count, after

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        options = parse_qs(self._target.query)
        socket = f"{options['host'][0]}/.s.PGSQL.{options['port'][0]}"
        ends = {writer}
        self._open.add(writer)  # at once: it may be cut while the server is being reached
        try:
            server_reader, server_writer = await asyncio.open_unix_connection(socket)
            ends.add(server_writer)
            self._open.add(server_writer)
            async with asyncio.TaskGroup() as both:
                connection = _Connection(self)
                both.create_task(connection.ask(reader, server_writer))
                both.create_task(connection.answer(server_reader, writer))
        except* (OSError, _Over):
            pass
        finally:
            self._open -= ends
            for end in ends:
                end.transport.abort()

    def loses(self) -> bool:
        """Whether the answer to this COMMIT is to be lost."""
        if self._to_lose == 0:
            return False
        if self._to_spare:
            self._to_spare -= 1
            return False
        self._to_lose -= 1
        self.lost += 1
        return True


class _Over(Exception):
    """One side has closed."""


class _Connection:
    def __init__(self, proxy: DatabaseProxy) -> None:
        self._proxy = proxy
        self._is_deaf = False

    async def ask(self, client: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        while asked := await client.read(CHUNK):
            if b"COMMIT;" in asked and self._proxy.loses():
                self._is_deaf = True
            server.write(asked)
            await server.drain()
        raise _Over

    async def answer(self, server: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        while answered := await server.read(CHUNK):
            if self._is_deaf:
                break
            client.write(answered)
            with suppress(ConnectionResetError):
                await client.drain()
        raise _Over
