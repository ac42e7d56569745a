"""The files of one embedded PostgreSQL and the server that runs on them. Everything here blocks."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlencode

from domain.adapters.embedded_postgres.binaries import Binaries
from domain.adapters.embedded_postgres.errors import EmbeddedPostgresError
from domain.adapters.embedded_postgres.server import (
    Server,
    environment,
    launch_command,
    private,
    reason,
    server_status,
)

DATABASE = ROLE = "greenroom"
SOCKET_PORT = 5432
LONGEST_SOCKET_PATH = 103  # bytes; macOS's, the shorter of the two platforms
ORPHANS_MAY_TAKE = 30.0  # seconds for the processes of an earlier server to end

SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "32MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # Errors and their statements hold candidates' words, which do not belong in a log.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
}


@contextmanager
def exclusive_lock(path: Path) -> Iterator[int | None]:
    """The descriptor of the locked file, or None where somebody else holds the lock."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor if _is_locked_now(descriptor) else None
    finally:
        os.close(descriptor)


def _is_locked_now(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Cluster:
    """What `folder` holds:

    - `owner.lock`, held by the program that supervises the server
    - `server.lock`, inherited by every process of the server: free means that none of them is left
    - `pgdata`, the data directory, and `pgdata.new` while it is being made
    - `password` and, where TCP is used, `port`
    - `log`, and the Unix socket
    """

    def __init__(self, folder: Path, binaries: Binaries, settings: Mapping[str, str]) -> None:
        self._folder = folder
        self._binaries = binaries
        self._settings = settings
        self._pgdata = folder / "pgdata"
        self._socket = folder / f".s.PGSQL.{SOCKET_PORT}"
        is_short = len(os.fsencode(self._socket)) <= LONGEST_SOCKET_PATH
        # A comma in a URL's host separates hosts.
        self._uses_socket = is_short and "," not in str(self._socket)

    @property
    def owner_lock(self) -> Path:
        return self._folder / "owner.lock"

    @property
    def exists(self) -> bool:
        return self._pgdata.exists()

    def url(self) -> str:
        """Where the running server is reached."""
        if self._uses_socket:
            # Without the port, asyncpg would take the one of PGPORT.
            where = urlencode({"host": str(self._folder), "port": SOCKET_PORT}, quote_via=quote, safe="/")
            return f"postgresql+asyncpg://{ROLE}@/{DATABASE}?{where}"
        password = (self._folder / "password").read_text()
        return f"postgresql+asyncpg://{ROLE}:{password}@127.0.0.1:{self._stored_port()}/{DATABASE}"

    def create(self) -> None:
        """Make the data directory with role and database in it, all at once or not at all.

        Raises `EmbeddedPostgresError` with what initdb says.
        """
        new = self._folder / "pgdata.new"
        password = secrets.token_urlsafe(32)
        _write_private(self._folder / "password", password)
        with self._server_lock(lambda: False) as lock:
            if new.exists():
                shutil.rmtree(new)
            initdb = [self._binaries.initdb, f"--pgdata={new}"]
            settled = ["--username=postgres", "--encoding=UTF8", "--auth-local=trust", "--no-instructions"]
            settled += ["--auth-host=scram-sha-256", f"--pwfile={self._folder / 'password'}", "--no-sync"]
            self._run([*initdb, *settled, *self._binaries.locale_options], lock)
            single = [self._binaries.postgres, "--single", "-D", str(new)]
            self._run(
                [*single, *_options({"fsync": "off", "exit_on_error": "on"}), "postgres"],
                lock,
                f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'\n"
                f"CREATE DATABASE {DATABASE} OWNER {ROLE}\n",
            )
            # Once for all that was written: file by file, as it is written, takes seconds.
            if self._settings.get("fsync") != "off":
                self._run([*initdb, "--sync-only", *self._binaries.sync_options], lock)
            new.rename(self._pgdata)
            _sync_folder(self._folder)

    def launch(self, abandoned: Callable[[], bool]) -> Server:
        """Start the server on the data directory; the caller waits until it is ready.

        Must be called by a thread that lives as long as the server: the kernel counts the thread as parent.
        Raises `EmbeddedPostgresError` where the data is not for it or in use.
        """
        self._check_version()
        with self._server_lock(abandoned) as lock:
            self._remove_stale_files()
            command = [self._binaries.postgres, "-D", str(self._pgdata)]
            command += _options({**SETTINGS, **self._settings, **self._listening()})
            return Server(self._folder, self._pgdata, command, lock)

    def is_ready(self) -> bool:
        """Whether a server takes connections; for those who did not start it."""
        family, address = (
            (socket.AF_UNIX, str(self._socket))
            if self._uses_socket
            else (socket.AF_INET, ("127.0.0.1", self._stored_port()))
        )
        try:
            with socket.socket(family) as probe:
                probe.settimeout(1)
                probe.connect(address)
        except OSError:
            return False
        # Read after connecting: a server writes its status file before it listens, so this is not stale.
        return server_status(self._pgdata)[1] == "ready"

    def _listening(self) -> dict[str, str]:
        if self._uses_socket:
            folder = str(self._folder).replace('"', '""')
            return {
                "listen_addresses": "",
                "unix_socket_directories": f'"{folder}"',
                "unix_socket_permissions": "0700",
                "port": str(SOCKET_PORT),
            }
        port = self._stored_port()
        if not _is_free(port):
            with socket.create_server(("127.0.0.1", 0)) as chosen:
                port = chosen.getsockname()[1]
            _write_private(self._folder / "port", str(port))
        return {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "port": str(port)}

    def _stored_port(self) -> int:
        """The port that this home uses, or 0 before it has one."""
        with suppress(FileNotFoundError):
            return int((self._folder / "port").read_text())
        return 0

    @contextmanager
    def _server_lock(self, abandoned: Callable[[], bool]) -> Iterator[int]:
        deadline = time.monotonic() + ORPHANS_MAY_TAKE
        while time.monotonic() < deadline and not abandoned():
            with exclusive_lock(self._folder / "server.lock") as lock:
                if lock is not None:
                    yield lock
                    return
            time.sleep(0.01)
        raise EmbeddedPostgresError(
            f"a PostgreSQL of an earlier run (process {server_status(self._pgdata)[0]}) still works "
            f"on {self._pgdata}: end it with kill -INT"
        )

    def _check_version(self) -> None:
        try:
            version = (self._pgdata / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise EmbeddedPostgresError(f"{self._pgdata} is no data directory of PostgreSQL") from None
        if version != str(self._binaries.major):
            raise EmbeddedPostgresError(
                f"{self._pgdata} was made by PostgreSQL {version} and {self._binaries.folder} holds "
                f"{self._binaries.major}: point PG_BIN at the bin folder of PostgreSQL {version} (pg_dump "
                "there, then restore into a new GREENROOM_HOME, to move on)"
            )

    def _remove_stale_files(self) -> None:
        """Take away what a killed server left: its process id may be another program's by now."""
        pid, _ = server_status(self._pgdata)
        is_alive = pid != 0 and _is_alive(pid)
        if is_alive and _works_in(pid, self._pgdata):
            raise EmbeddedPostgresError(
                f"process {pid}, not started by Greenroom, runs PostgreSQL on {self._pgdata}: stop that first"
            )
        # With a dead process's id it stays, for postgres looks for that one's shared memory.
        if is_alive or pid == 0:
            (self._pgdata / "postmaster.pid").unlink(missing_ok=True)
        self._socket.unlink(missing_ok=True)
        self._socket.with_name(f"{self._socket.name}.lock").unlink(missing_ok=True)

    def _run(self, command: Sequence[str], lock: int, text: str = "") -> None:
        result = subprocess.run(  # noqa: S603  our own binaries, no shell
            launch_command(self._folder, command),
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            pass_fds=[lock],
            env=environment(),
            cwd="/",
            start_new_session=True,
            check=False,
        )
        if result.returncode != 0:
            raise EmbeddedPostgresError(
                f"PostgreSQL could not set up {self._pgdata}: {reason(result.stderr or result.stdout)}"
            )


def _options(settings: Mapping[str, str]) -> list[str]:
    return [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with open(new, "x", opener=private) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_free(port: int) -> bool:
    if port == 0:
        return False
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _works_in(pid: int, pgdata: Path) -> bool:
    """Whether that process is a postgres on `pgdata`."""
    if sys.platform == "linux":
        with suppress(OSError):
            return os.path.samefile(f"/proc/{pid}/cwd", pgdata)
        return False
    else:  # noqa: RET505  mypy takes what follows a return as unreachable on the other platform
        ps = ["/bin/ps", "-o", "command=", "-p", str(pid)]
        answer = subprocess.run(ps, capture_output=True, text=True, check=False)  # noqa: S603  no shell
        return str(pgdata) in answer.stdout
