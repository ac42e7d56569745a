"""A GREENROOM_HOME for tests, and real programs that share its embedded PostgreSQL."""

# ruff: noqa: ASYNC110  it watches other programs' files and processes, which set no Event

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from domain.adapters.embedded_postgres.cluster import exclusive_lock
from domain.adapters.embedded_postgres.server import server_status

PATIENCE = 60.0  # a bound for a busy machine
REPOSITORY = Path(__file__).parents[2]
SITE_PACKAGES = Path(sqlalchemy.__file__).parents[1]

# A program that shares the PostgreSQL of a home: tells the URL, and stops it when its input ends.
PROGRAM = """
import asyncio, logging, sys
from pathlib import Path
from domain.adapters.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError, server

logging.basicConfig()

async def main():
    postgres = EmbeddedPostgres(Path(sys.argv[1]), settings=dict(fsync="off"))
    try:
        print(await postgres.start(), flush=True)
    except EmbeddedPostgresError as error:
        sys.exit(str(error))
    await asyncio.to_thread(sys.stdin.read)
    await postgres.stop()

{before}
asyncio.run(main())
"""


@dataclass
class Home:
    """A GREENROOM_HOME and the programs that use it."""

    path: Path
    programs: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.path / "postgres"

    @property
    def pgdata(self) -> Path:
        return self.folder / "pgdata"

    @property
    def postmaster(self) -> int:
        return server_status(self.pgdata)[0]

    def run(self, *, user: int | None = None, before: str = "", **more: str) -> subprocess.Popen[str]:
        """Start a program that shares this home; its first line of output is the URL."""
        own: dict[str, Any] = {} if user is None else {"user": user, "group": user, "extra_groups": []}
        environment = {"PATH": os.defpath, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{SITE_PACKAGES}", **more}
        program = subprocess.Popen(
            [interpreter(user), "-c", PROGRAM.format(before=before), str(self.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            env=environment,
            **own,
        )
        self.programs.append(program)
        return program

    async def url(self, program: subprocess.Popen[str]) -> str:
        assert program.stdout is not None
        assert program.stderr is not None
        async with asyncio.timeout(PATIENCE):
            line = await asyncio.to_thread(program.stdout.readline)
        assert line, program.stderr.read()
        return line.strip()

    async def left(self) -> None:
        """Wait until no process of the server is left, which it should be within moments."""
        async with asyncio.timeout(PATIENCE):
            while not self.is_left():
                await asyncio.sleep(0.02)

    def is_left(self) -> bool:
        if not (self.folder / "server.lock").exists():
            return True
        with exclusive_lock(self.folder / "server.lock") as lock:
            listing = ["ps", "-A", "-ww", "-o", "command="]
            running = subprocess.run(listing, capture_output=True, text=True, check=True)
            return lock is not None and f"-D {self.pgdata}" not in running.stdout


def interpreter(user: int | None) -> str:
    """A Python that `user` may run: root's own is commonly in a folder of root's."""
    if user is None:
        return sys.executable
    for python in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        try:
            subprocess.run([python, "-c", ""], check=True, user=user, group=user, cwd="/")
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    pytest.skip("no Python that another user may run")


def stop(program: subprocess.Popen[str]) -> None:
    _, errors = program.communicate(timeout=PATIENCE)
    assert program.returncode == 0, errors


@contextmanager
def new_home() -> Iterator[Home]:
    memory = Path("/dev/shm")  # noqa: S108  a folder of our own in it, for speed
    parent = Path(tempfile.mkdtemp(prefix="greenroom-", dir=memory if memory.is_dir() else None))
    parent.chmod(0o755)
    home = Home(parent / "home")
    try:
        yield home
        for program in home.programs:
            program.kill()
            program.communicate()
        asyncio.run(home.left())
    finally:
        shutil.rmtree(parent)


async def ask(url: str, query: str) -> Any:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        result = await connection.execute(text(query))
        return result.scalar() if result.returns_rows else None


async def ask_until_answered(url: str, query: str) -> Any:
    """As a program does that reconnects."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await ask(url, query)
            except Exception:  # asyncpg and SQLAlchemy raise many kinds while a server is away
                await asyncio.sleep(0.02)
