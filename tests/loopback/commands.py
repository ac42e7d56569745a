"""The real command line as a process of its own: what it says, how it ends."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

GREENROOM = Path(sys.executable).with_name("greenroom")
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
PATIENCE = 60.0  # bounds a test on a busy machine; nothing is measured by it


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


@dataclass
class Running:
    """A command that runs; `lines` is what it has written so far, standard output and error alike."""

    process: Process
    lines: list[str] = field(default_factory=list)
    _told: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def output(self) -> str:
        return "".join(self.lines)

    async def writes(self, pattern: str, times: int = 1) -> str:
        """The line that matches, waited for; of several the one number `times`."""

        def found() -> list[str]:
            return [line for line in self.lines if re.search(pattern, line)]

        try:
            async with asyncio.timeout(PATIENCE), self._told:
                await self._told.wait_for(lambda: len(found()) >= times)
        except TimeoutError:
            raise AssertionError(f"did not write {pattern!r}:\n{self.output}") from None
        return found()[times - 1]

    async def stops(self) -> int:
        """The exit code after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()

    async def listen(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            async with self._told:
                self.lines.append(line.decode(errors="replace"))
                self._told.notify_all()


def environment(home: Path, **settings: str) -> dict[str, str]:
    """Nothing of this process's own settings, which are the developer's."""
    passed = {name: os.environ[name] for name in ("PATH", "PG_BIN") if name in os.environ}
    return {"GREENROOM_HOME": str(home), "LOG_FORMAT": "json", **passed, **settings}


async def ran(command: str, home: Path, **settings: str) -> Ended:
    """Run a command to its end, in `home`, which holds no `.env`."""
    process = await _started(command, home, settings)
    try:
        async with asyncio.timeout(PATIENCE):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return Ended(process.returncode or 0, out.decode(), err.decode())


@asynccontextmanager
async def running(command: str, home: Path, **settings: str) -> AsyncIterator[Running]:
    """A command that goes on; ended by force where the test has not stopped it."""
    process = await _started(command, home, settings)
    assert process.stdout is not None
    assert process.stderr is not None
    program = Running(process)
    listening = [asyncio.create_task(program.listen(each)) for each in (process.stdout, process.stderr)]
    try:
        yield program
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await asyncio.gather(*listening)


async def _started(command: str, home: Path, settings: dict[str, str]) -> Process:
    return await asyncio.create_subprocess_exec(
        GREENROOM, command, stdout=PIPE, stderr=PIPE, cwd=home, env=environment(home, **settings)
    )
