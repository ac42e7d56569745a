"""`greenroom serve` as an operator runs it: processes of their own, in a world that lives in the test."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.playground.local import LocalTelegram
from tests.loopback.forked import Forked, fork
from tests.loopback.gemini import LoopbackGemini
from tests.loopback.greenroom import KEY
from tests.loopback.ports import free_port

REPOSITORY = Path(__file__).parents[2]
PATIENCE = 60.0
POLLING = "polling"


class NotLogged(AssertionError):
    """The program did not log what was waited for; the text is what it did log."""


@dataclass
class Replica:
    """A process of `greenroom serve` and what it says on standard error."""

    running: asyncio.subprocess.Process | Forked
    port: int
    started_at: float
    lines: list[str] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _reading: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        return self.running.pid

    @property
    def is_running(self) -> bool:
        return self.running.returncode is None

    def listen(self) -> None:
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.running.stderr is not None
        async for line in self.running.stderr:
            self.lines.append(line.decode(errors="replace").rstrip())
            self._news.set()
        self._news.set()

    async def logs(self, event: str, *, since: int = 0, timeout: float = PATIENCE) -> dict[str, Any]:
        """The first record logged whose event is `event`, from the line `since` on.

        Raises `NotLogged` where there is none in time, or the program ends before.
        """
        deadline = time.monotonic() + timeout
        looked_at = since
        while True:
            self._news.clear()
            fresh, looked_at = self.lines[looked_at:], len(self.lines)
            for record in map(_record, fresh):
                if record.get("event") == event:
                    return record
            left = deadline - time.monotonic()
            if left <= 0 or (self._reading is not None and self._reading.done()):
                raise NotLogged(f"{event!r} was not logged\n" + "\n".join(self.lines[-40:]))
            try:
                async with asyncio.timeout(left):
                    await self._news.wait()
            except TimeoutError:
                continue

    def events(self) -> list[str]:
        """Every event it logged, oldest first; a line that is no record stands as it is."""
        return [str(_record(line).get("event", line)) for line in self.lines]

    def kill(self) -> None:
        """kill -9: it has no say in it."""
        self.running.kill()

    def freeze(self) -> None:
        """It hangs, as a program does whose machine is suspended."""
        self.running.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.running.send_signal(signal.SIGCONT)

    def terminate(self) -> None:
        self.running.terminate()

    async def exit_code(self, timeout: float = PATIENCE) -> int:
        """How it ended; every line it said is in `lines` then."""
        async with asyncio.timeout(timeout):
            code = await self.running.wait()
            if self._reading is not None:
                await self._reading
        return code

    def memory(self) -> tuple[int, int]:
        """The resident memory in bytes: its own, and that of all the processes it started."""
        listing = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True
        )
        table = [tuple(map(int, line.split())) for line in listing.stdout.splitlines()]
        resident = {pid: kilobytes * 1024 for pid, _, kilobytes in table}
        family, size = {self.pid}, 0
        while len(family) > size:
            size = len(family)
            family |= {pid for pid, parent, _ in table if parent in family}
        return resident[self.pid], sum(resident[pid] for pid in family - {self.pid})


def _record(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


class Installation:
    """Any number of replicas on one database, with the Telegram and the Gemini they talk to.

        async with Installation(dsn, tmp_path) as installation:
            replica = await installation.serves()
            replica.kill()

    Without `gemini` the offline interviewer serves, without `dsn` the embedded database. `settings` are
    environment variables for all replicas.
    """

    def __init__(
        self, dsn: str | None, home: Path, *, gemini: LoopbackGemini | None = None, **settings: str
    ) -> None:
        self.dsn = dsn
        self.telegram = LocalTelegram(token="123456:loopback")
        self.gemini = gemini
        self.replicas: list[Replica] = []
        self._home = home
        self._settings = settings
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.telegram)
        if self.gemini is not None:
            await self._stack.enter_async_context(self.gemini)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for replica in self.replicas:
            if replica.is_running:
                replica.kill()
            await replica.exit_code()
            if error is not None:
                print(f"--- replica {replica.pid}", *replica.lines, sep="\n")  # noqa: T201  # pytest shows it
        await self._stack.aclose()

    async def serves(self, *, forked: bool = False, **settings: str) -> Replica:
        """Start a replica and wait until it receives, or stands by to."""
        replica = await self.starts(forked=forked, **settings)
        await replica.logs(POLLING)
        return replica

    async def starts(self, *, forked: bool = False, **settings: str) -> Replica:
        """Start a replica, which may still be on its way up; `forked`, it need not import itself first."""
        port = free_port()
        environment = self._environment(port) | settings
        running = await (fork if forked else _execute)("serve", self._home, environment)
        replica = Replica(running, port, time.monotonic())
        replica.listen()
        self.replicas.append(replica)
        return replica

    def _environment(self, port: int) -> dict[str, str]:
        gemini = {}
        if self.gemini is not None:
            gemini = {"GEMINI_API_KEY": "loopback-key", "GEMINI_BASE_URL": self.gemini.url}
        return {
            "PATH": os.defpath,
            "PYTHONPATH": str(REPOSITORY),
            "TELEGRAM_BOT_TOKEN": self.telegram.token,
            "TELEGRAM_API_URL": self.telegram.url,
            **({"DATABASE_URL": self.dsn} if self.dsn else {}),
            "ENCRYPTION_KEYS": KEY,
            "GREENROOM_HOME": str(self._home),
            "LOG_FORMAT": "json",
            "SHUTDOWN_GRACE": "5",
            "PORT": str(port),
            **gemini,
            **self._settings,
        }


async def _execute(command: str, home: Path, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", command),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        cwd=home,  # where no `.env` of a developer lies
        env=environment,
        limit=2**20,
    )
