"""The real command line as a process of its own: what it says, how it ends."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.loopback.processes import PATIENCE, Replica

GREENROOM = Path(sys.executable).with_name("greenroom")


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


async def ran(command: str, home: Path, **settings: str) -> Ended:
    """Run a command to its end, in `home`, which holds no `.env`."""
    process = await asyncio.create_subprocess_exec(
        *(GREENROOM, command),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        cwd=home,
        env=environment(home, settings),
    )
    try:
        async with asyncio.timeout(PATIENCE):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


@asynccontextmanager
async def running(command: str, home: Path, **settings: str) -> AsyncIterator[Replica]:
    """A command that goes on; ended by force where the test has not ended it.

    Its standard output stands in `home` as `stdout`.
    """
    with (home / "stdout").open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *(GREENROOM, command),
            stdin=DEVNULL,
            stdout=out,
            stderr=PIPE,
            cwd=home,
            env=environment(home, settings),
            limit=2**20,
        )
    program = Replica(process, int(settings.get("PORT", 0)), time.monotonic())
    program.listen()
    try:
        yield program
    finally:
        if program.is_running:
            program.kill()
        await program.exit_code()


async def stopped(program: Replica) -> int:
    """The exit code after SIGTERM."""
    program.terminate()
    return await program.exit_code()


def environment(home: Path, settings: dict[str, str]) -> dict[str, str]:
    """Nothing of this process's own settings, which are the developer's."""
    passed = {name: os.environ[name] for name in ("PATH", "PG_BIN") if name in os.environ}
    return {"GREENROOM_HOME": str(home), "LOG_FORMAT": "json", **passed, **settings}
