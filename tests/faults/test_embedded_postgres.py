"""The embedded PostgreSQL under real programs that share it, are killed, and meet what others left behind."""

# ruff: noqa: ASYNC110, ASYNC220, ASYNC221, ASYNC240
# These tests watch other programs' files and processes, which set no Event; nobody else uses their loop.

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from domain.adapters.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from domain.adapters.embedded_postgres.binaries import find_binaries
from domain.adapters.embedded_postgres.server import launch_command, server_status
from tests.loopback.postgres_home import Home, ask, ask_until_answered, interpreter, new_home, stop

PATIENCE = 60.0  # a bound for a busy machine
FAST = {"fsync": "off"}
NOBODY, NAMELESS = 65534, 61234
IS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root can become another user")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc or uses seccomp")

# What Docker's default seccomp profile does to root.
FORBID_NAMESPACES = """
import errno, pyseccomp
forbid = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
forbid.add_rule(pyseccomp.ERRNO(errno.EPERM), "unshare")
forbid.load()
"""
SLEEPING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
NEVER_MADE = "import time; Path.rename = lambda *names: time.sleep(3600)"
WITHOUT_DEATH_SIGNAL = "server.KERNEL_SIGNALS_DEATH = False"


@pytest.fixture
def empty_home() -> Iterator[Home]:
    with new_home() as home:
        yield home


@pytest.fixture(scope="module")
def template() -> Iterator[Home]:
    with new_home() as home:
        first = home.run()
        assert first.stdout is not None
        assert first.stdout.readline()
        stop(first)
        yield home


@pytest.fixture
def home(template: Home, empty_home: Home) -> Home:
    """A home that was in use before, which is quicker than making one."""
    shutil.copytree(template.path, empty_home.path)
    return empty_home


@pytest.mark.parametrize(
    "user",
    [
        pytest.param(None, id="self"),
        pytest.param(NOBODY, id="nobody", marks=needs_root),
        pytest.param(NAMELESS, id="nameless", marks=[needs_root, needs_linux]),
    ],
)
async def test_data_outlives_the_program_and_stays_with_its_user(empty_home: Home, user: int | None) -> None:
    elsewhere = empty_home.path.parent / "elsewhere"
    elsewhere.mkdir(mode=0o777)
    if user is not None:
        empty_home.path.mkdir(mode=0o755)
        os.chown(empty_home.path, user, user)
    variables = {"HOME": str(elsewhere), "TMPDIR": str(elsewhere), "PGPORT": "1", "LANG": "xx_XX"}

    first = empty_home.run(user=user, **variables)
    url = await empty_home.url(first)
    assert await ask(url, "SELECT lower('ДЖЁÉ')") == "джёé"
    assert await ask(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    await ask(url, "CREATE TABLE answers AS SELECT 'kept' AS answer")
    stop(first)
    await empty_home.left()

    second = empty_home.run(user=user, **variables)
    assert await empty_home.url(second) == url
    assert await ask(url, "SELECT answer FROM answers") == "kept"
    stop(second)

    owners = {file.stat().st_uid for file in [empty_home.path, *empty_home.path.rglob("*")]}
    assert owners == {os.geteuid() if user is None else user}
    assert empty_home.path.stat().st_mode & 0o777 == (0o700 if user is None else 0o755)
    assert empty_home.folder.stat().st_mode & 0o777 == 0o700
    assert empty_home.path.parent.stat().st_mode & 0o777 == 0o755
    assert list(elsewhere.iterdir()) == []
    assert list(empty_home.path.iterdir()) == [empty_home.folder]


@needs_linux
async def test_the_server_opens_no_file_outside_the_home(home: Home) -> None:
    async with EmbeddedPostgres(home.path, settings=FAST) as url:
        await ask(url, "CREATE TABLE words AS SELECT repeat('x', 100) FROM generate_series(1, 1000)")
        family = [home.postmaster, *children_of(home.postmaster)]
        assert len(family) > 3
        opened = set(chain.from_iterable(opened_by(pid) for pid in family))
        outside = {name for name in opened if name.startswith("/") and not name.startswith(str(home.path))}
        assert {name for name in outside if not name.startswith(("/dev/", "/proc/"))} == set()
        sockets = Path("/proc/net/unix").read_text().splitlines()
        assert sum(f"{home.folder}/" in line for line in sockets) >= 1


def opened_by(pid: int) -> set[str]:
    """What a process has open; nothing where it ended while it was looked at, as the server's workers do."""
    with suppress(FileNotFoundError):
        return {os.readlink(file) for file in Path(f"/proc/{pid}/fd").iterdir()}
    return set()


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def test_postgresql_15(empty_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path("/usr/lib/postgresql/15/bin")
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    monkeypatch.setenv("PG_BIN", str(folder))
    async with EmbeddedPostgres(empty_home.path, settings=FAST) as url:
        assert (await ask(url, "SHOW server_version")).startswith("15.")
        assert await ask(url, "SELECT lower('ДЖЁÉ')") == "джёé"

    monkeypatch.delenv("PG_BIN")
    before = (empty_home.folder / "log").read_text()
    with pytest.raises(EmbeddedPostgresError, match=r"made by PostgreSQL 15 .* PG_BIN") as raised:
        await EmbeddedPostgres(empty_home.path).start()
    assert "\n" not in str(raised.value)
    assert (empty_home.folder / "log").read_text() == before, "a server that does not fit was started"


async def test_programs_share_one_server_and_inherit_it(home: Home) -> None:
    programs = [home.run() for _ in range(4)]
    urls = {await home.url(program) for program in programs}
    (url,) = urls
    await ask(url, "CREATE TABLE answers (answer int)")

    for number in range(3):
        await ask_until_answered(url, "INSERT INTO answers VALUES (1) RETURNING 1")
        before, owner = home.postmaster, parent_of(home.postmaster)
        (ending,) = [program for program in programs if program.pid == owner]
        if number == 1:
            await asyncio.to_thread(stop, ending)
        else:
            ending.kill()
        async with asyncio.timeout(PATIENCE):
            while home.postmaster in (0, before):  # which may answer until it is gone
                await asyncio.sleep(0.01)
        assert await ask_until_answered(url, "SELECT count(*) FROM answers") == number + 1

    (last,) = [program for program in programs if program.poll() is None]
    stop(last)
    assert home.is_left()


def parent_of(pid: int) -> int:
    return int(subprocess.check_output(["ps", "-o", "ppid=", "-p", str(pid)]))


async def test_a_program_that_does_not_own_the_server_goes_unnoticed(home: Home) -> None:
    url = await home.url(home.run())
    guest = home.run()
    assert await home.url(guest) == url
    before = home.postmaster
    stop(guest)
    other = home.run()
    await home.url(other)
    other.kill()
    assert await ask(url, "SELECT 1") == 1
    assert home.postmaster == before


async def test_a_killed_server_is_started_again(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    async with EmbeddedPostgres(home.path, settings=FAST) as url:
        await ask(url, "CREATE TABLE answers AS SELECT 'kept' AS answer")
        for _ in range(2):
            killed = home.postmaster
            busy = asyncio.create_task(ask(url, "SELECT pg_sleep(600)"))
            while not await ask(url, SLEEPING):
                assert not busy.done()
            os.kill(killed, signal.SIGKILL)
            assert await ask_until_answered(url, "SELECT answer FROM answers") == "kept"
            assert home.postmaster != killed
            with pytest.raises(Exception, match="connection"):
                await busy
    assert caplog.text.count("killed by SIGKILL") == 2


async def test_owner_and_server_killed_together_leave_nothing_that_hinders(home: Home) -> None:
    owner = home.run()
    url = await home.url(owner)
    await ask(url, "CREATE TABLE answers AS SELECT 'kept' AS answer")
    os.kill(owner.pid, signal.SIGSTOP)
    os.kill(home.postmaster, signal.SIGKILL)
    owner.kill()
    await home.left()
    # The number in the stale files now belongs to a program that lives: this one.
    for stale in (home.pgdata / "postmaster.pid", home.folder / ".s.PGSQL.5432.lock"):
        stale.write_text(f"{os.getpid()}\n" + "\n".join(stale.read_text().splitlines()[1:]) + "\n")

    async with EmbeddedPostgres(home.path, settings=FAST) as again:
        assert again == url
        assert await ask(again, "SELECT answer FROM answers") == "kept"

    (home.pgdata / "postmaster.pid").touch()
    async with EmbeddedPostgres(home.path, settings=FAST):
        pass


async def test_a_half_made_data_directory_is_made_anew(empty_home: Home) -> None:
    killed = empty_home.run(before=NEVER_MADE)
    async with asyncio.timeout(PATIENCE):
        while not (empty_home.folder / "pgdata.new" / "PG_VERSION").exists():
            await asyncio.sleep(0.01)
    killed.kill()
    assert not empty_home.pgdata.exists()

    async with EmbeddedPostgres(empty_home.path, settings=FAST) as url:
        assert await ask(url, "SELECT current_database()") == "greenroom"
    assert not (empty_home.folder / "pgdata.new").exists()


@needs_linux
async def test_without_the_kernels_help_a_killed_owner_still_takes_the_server_along(home: Home) -> None:
    owner = home.run(before=WITHOUT_DEATH_SIGNAL)
    url = await home.url(owner)
    assert await ask(url, "SELECT 1") == 1
    owner.kill()
    await home.left()
    stop_me = home.run(before=WITHOUT_DEATH_SIGNAL)
    await home.url(stop_me)
    stop(stop_me)


@needs_root
@needs_linux
async def test_root_in_a_container_that_forbids_namespaces(empty_home: Home) -> None:
    empty_home.path.mkdir(mode=0o700)
    confined = empty_home.run(before=FORBID_NAMESPACES)
    url = await empty_home.url(confined)
    await ask(url, "CREATE TABLE answers AS SELECT 'kept' AS answer")
    assert os.stat(f"/proc/{empty_home.postmaster}").st_uid != 0
    confined.kill()
    await empty_home.left()

    assert empty_home.path.stat().st_uid == 0
    assert empty_home.path.stat().st_mode & 0o777 == 0o700
    free = empty_home.run()
    assert await ask(await empty_home.url(free), "SELECT answer FROM answers") == "kept"
    stop(free)


@needs_root
async def test_other_users_cannot_connect(home: Home) -> None:
    async with EmbeddedPostgres(home.path, settings=FAST):
        home.path.chmod(0o755)
        address = str(home.folder / ".s.PGSQL.5432")
        code = f"import socket; socket.socket(socket.AF_UNIX).connect({address!r})"
        intruder = subprocess.run(
            [interpreter(NOBODY), "-c", code], capture_output=True, text=True, check=False, user=NOBODY
        )
        assert "PermissionError" in intruder.stderr


async def test_a_home_too_deep_for_a_socket_is_served_over_tcp(empty_home: Home) -> None:
    empty_home.path = empty_home.path / ("deep" * 25)
    async with EmbeddedPostgres(empty_home.path, settings=FAST) as url:
        address = make_url(url)
        assert (address.host, address.username, address.database) == ("127.0.0.1", "greenroom", "greenroom")
        assert await ask(url, "SELECT host(inet_server_addr())") == "127.0.0.1"
        with pytest.raises(Exception, match="password authentication failed"):
            await ask(address.set(password="wrong").render_as_string(False), "SELECT 1")
        assert (empty_home.folder / "password").stat().st_mode & 0o777 == 0o600
        guest = empty_home.run()
        assert await empty_home.url(guest) == url
        stop(guest)

    async with EmbeddedPostgres(empty_home.path, settings=FAST) as same:
        assert same == url

    with socket.create_server(("127.0.0.1", address.port or 0)):
        async with EmbeddedPostgres(empty_home.path, settings=FAST) as moved:
            assert make_url(moved).port != address.port
            assert await ask(moved, "SELECT 1") == 1


async def test_starting_does_not_block_the_event_loop_and_can_be_cancelled(empty_home: Home) -> None:
    postgres = EmbeddedPostgres(empty_home.path, settings=FAST)
    starting = asyncio.create_task(postgres.start())
    async with asyncio.timeout(PATIENCE):
        while not (empty_home.folder / "pgdata.new").exists():
            await asyncio.sleep(0.005)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert empty_home.is_left()
    async with EmbeddedPostgres(empty_home.path, settings=FAST) as url:
        assert await ask(url, "SELECT 1") == 1


async def test_a_server_started_by_hand_is_not_disturbed(home: Home) -> None:
    async with EmbeddedPostgres(home.path, settings=FAST):
        pass
    command = [find_binaries().postgres, "-D", str(home.pgdata), "-k", str(home.folder), "-h", ""]
    by_hand = subprocess.Popen(launch_command(home.folder, command), stderr=subprocess.DEVNULL)
    try:
        async with asyncio.timeout(PATIENCE):
            while server_status(home.pgdata) != (by_hand.pid, "ready"):
                await asyncio.sleep(0.01)
        with pytest.raises(EmbeddedPostgresError, match=f"process {by_hand.pid}, not started by Greenroom"):
            await EmbeddedPostgres(home.path).start()
        assert server_status(home.pgdata) == (by_hand.pid, "ready")
    finally:
        by_hand.send_signal(signal.SIGINT)
        by_hand.wait(PATIENCE)


async def test_what_cannot_work_is_told_in_one_line(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:

    async def refusal(**settings: str) -> str:
        with pytest.raises(EmbeddedPostgresError) as raised:
            await EmbeddedPostgres(empty_home.path, settings=settings).start()
        assert "\n" not in str(raised.value)
        return str(raised.value)

    monkeypatch.setenv("PG_BIN", str(empty_home.path))
    assert "point PG_BIN at" in await refusal()
    broken = empty_home.path.parent / "bin"
    broken.mkdir()
    for name in ("postgres", "initdb"):
        (broken / name).write_text("#!/bin/sh\necho cannot open libm >&2; exit 127\n")
        (broken / name).chmod(0o755)
    monkeypatch.setenv("PG_BIN", str(broken))
    assert "does not run on this machine: cannot open libm" in await refusal()
    monkeypatch.delenv("PG_BIN")

    empty_home.path.write_text("a file where the home should be")
    assert f"cannot use {empty_home.path}" in await refusal()
    empty_home.path.unlink()
    assert "unrecognized configuration parameter" in await refusal(no_such_setting="1", **FAST)
    (empty_home.pgdata / "PG_VERSION").write_text("9\n")
    assert "was made by PostgreSQL 9" in await refusal()


async def test_candidates_words_are_not_in_the_log(home: Home) -> None:
    async with EmbeddedPostgres(home.path, settings=FAST) as url:
        with pytest.raises(Exception, match="invalid input syntax"):
            await ask(url, "SELECT CAST('private words' AS integer)")
    log = (home.folder / "log").read_text()
    assert "ready to accept connections" in log
    assert "private words" not in log
