"""A real PostgreSQL inside the home, for those who have set no `DATABASE_URL`.

Any number of programs share it: the first owns the server, the others connect, and one of them takes over
when the owner ends, however it ends. Nothing outside the home is touched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from domain.adapters.embedded_postgres.errors import EmbeddedPostgresError
from domain.adapters.embedded_postgres.supervisor import Supervisor

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError"]


class EmbeddedPostgres:
    """The PostgreSQL of one home, running from `start` to `stop`.

    `settings` are PostgreSQL's own (`{"fsync": "off"}`); those of the program that owns the server count.
    After a change of owner, or where the server died, open connections break and new ones to the same URL
    succeed within about a second.
    """

    def __init__(self, home: Path, *, settings: Mapping[str, str] = {}) -> None:
        self._home = home.expanduser().absolute()
        self._settings = dict(settings)
        self._supervisor: Supervisor | None = None

    async def start(self) -> str:
        """The URL, for SQLAlchemy with asyncpg, of a database that takes connections.

        Raises `EmbeddedPostgresError`.
        """
        if self._supervisor is not None:
            raise RuntimeError("already started")
        self._supervisor = Supervisor(self._home, self._settings)
        self._supervisor.start()
        try:
            return await asyncio.wrap_future(self._supervisor.ready)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop the server, if this program owns it; another that shares it starts it again."""
        if self._supervisor is None:
            return
        supervisor, self._supervisor = self._supervisor, None
        supervisor.stop()
        await asyncio.to_thread(supervisor.join)

    async def __aenter__(self) -> str:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
