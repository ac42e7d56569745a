"""`greenroom` forked off a process that has imported it already: up in a fraction of the time.

It is the same program with a memory of its own; only the imports are not repeated, which is most of what
a start costs, and its hashes are as cheap as they go. For tests that start it twenty times over.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

IMPORTED = [
    "tests.loopback.forked",
    "bot.__main__",
    "bot.app",
    "bot.program",
    "domain.adapters.gemini",
    "uvloop",
]
STDERR = 2


class Forked:
    """As much of `asyncio.subprocess.Process` as is needed."""

    def __init__(self, process: ForkServerProcess, stderr: asyncio.StreamReader) -> None:
        self._process = process
        self.stderr = stderr

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()

    async def wait(self) -> int:
        await asyncio.to_thread(self._process.join)
        assert self.returncode is not None
        return self.returncode


async def fork(command: str, home: Path, environment: Mapping[str, str]) -> Forked:
    """Run `greenroom <command>` in `home` with that environment and no other."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(command, str(home), dict(environment), theirs))
    await asyncio.to_thread(process.start)
    theirs.close()
    stderr = asyncio.StreamReader(limit=2**20)
    pipe = os.fdopen(os.dup(ours.fileno()), "rb", buffering=0)
    ours.close()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stderr), pipe)
    return Forked(process, stderr)


def _run(command: str, home: str, environment: Mapping[str, str], stderr: Connection) -> None:
    import bot.app  # what imports this module does not run the program
    from bot.__main__ import main
    from domain.accounts.passwords import PasswordHasher

    cheap = partial(PasswordHasher, memory_kib=64, iterations=1)
    vars(bot.app)["PasswordHasher"] = cheap
    os.dup2(stderr.fileno(), STDERR)
    stderr.close()
    os.chdir(home)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["greenroom", command]
    main()
