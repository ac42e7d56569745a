"""The postgres of a cluster as a child of this program. Everything here blocks."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

LAUNCH = Path(__file__).with_name("launch.py")
LONGEST_LOG = 1_000_000  # bytes kept when a server starts

# The kernel signals a parent's death on Linux only; elsewhere a child of the launcher watches a pipe.
KERNEL_SIGNALS_DEATH = sys.platform == "linux"


class Server:
    """A running postgres, child of the thread that made it; holds `lock` with all its children."""

    def __init__(self, folder: Path, pgdata: Path, command: Sequence[str], lock: int) -> None:
        self._pgdata = pgdata
        self._log = folder / "log"
        self._life: int | None = None
        inherited, watched = [lock], -1
        if not KERNEL_SIGNALS_DEATH:
            watched, self._life = os.pipe()
            inherited.append(watched)
        if self._log.exists() and self._log.stat().st_size > LONGEST_LOG:
            self._log.replace(folder / "log.old")
        with open(self._log, "ab", opener=private) as output:
            self._log_start = output.tell()
            # In a session of its own: Ctrl-C at the terminal is for the program, which then stops postgres.
            self._child = subprocess.Popen(  # noqa: S603  our own binaries, no shell
                launch_command(folder, command, watched),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=inherited,
                env=environment(),
                cwd="/",
                start_new_session=True,
            )
        if watched >= 0:
            os.close(watched)

    @property
    def is_running(self) -> bool:
        return self._child.poll() is None

    @property
    def is_ready(self) -> bool:
        return server_status(self._pgdata) == (self._child.pid, "ready")

    @property
    def last_words(self) -> str:
        """Why it ended, as far as that can be told."""
        if (status := self._child.poll()) is not None and status < 0:
            return f"killed by {signal.Signals(-status).name}"
        with self._log.open("rb") as log:
            log.seek(self._log_start)
            return reason(log.read(LONGEST_LOG).decode(errors="replace"))

    def stop(self) -> None:
        """Fast shutdown; harder means only where that does not end."""
        for means, patience in ((signal.SIGINT, 15), (signal.SIGQUIT, 6), (signal.SIGKILL, 6)):
            with suppress(subprocess.TimeoutExpired):
                self._child.send_signal(means)
                self._child.wait(patience)
                break
        if self._life is not None:
            os.close(self._life)
            self._life = None


def launch_command(folder: Path, command: Sequence[str], life: int = -1) -> list[str]:
    python = [sys.executable, "-I", "-S", str(LAUNCH)]
    return [*python, str(os.getpid()), str(life), str(folder), *command]


def server_status(pgdata: Path) -> tuple[int, str]:
    """Process id and status ("starting", "ready", "stopping") of the server as its own file tells."""
    with suppress(OSError, ValueError, IndexError):
        lines = (pgdata / "postmaster.pid").read_text(errors="replace").splitlines()
        return int(lines[0]), lines[7].strip() if len(lines) > 7 else "starting"
    return 0, ""


def reason(output: str) -> str:
    """The line of PostgreSQL's output that tells what went wrong."""
    # What clients were told while it started or stopped is no reason.
    told = "the database system is|terminating connection"
    if telling := re.search(rf"(?:FATAL|PANIC|error): +(?!{told})(.+)", output):
        return telling[1].strip()
    lines = output.split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def environment() -> dict[str, str]:
    """Little: what libpq and postgres read (PG…) would change the server, and secrets are none of its."""
    passed = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    return {"LC_ALL": "C"} | {name: os.environ[name] for name in passed if name in os.environ}


def private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
