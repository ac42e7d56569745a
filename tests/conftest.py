"""What the tests share: a real PostgreSQL, a database for each test, and the whole program in process."""

from __future__ import annotations

import asyncio
import gc
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg
import certifi
import pytest
from hypothesis import HealthCheck, settings

import migrations
from domain.adapters.embedded_postgres import EmbeddedPostgres
from domain.database import normalised
from tests.loopback.greenroom import Greenroom

# What fails is a change's doing and not chance's, and no example is too slow on a busy machine. With
# `--hypothesis-profile=default` the examples are new ones each time.
settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same")
SHARED = Path(__file__).parent.parent.parent / "shared"
# Autovacuum runs as the server's owner, and would keep a test's database from being dropped.
FAST = {"fsync": "off", "full_page_writes": "off", "max_connections": "200", "autovacuum": "off"}


def pytest_collection_finish() -> None:
    """Take what was collected out of what the garbage collector looks through: it lives to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def few_certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every HTTP client loads all root certificates: half of what a start costs, and no use on loopback."""
    end = "-----END CERTIFICATE-----\n"
    path = tmp_path_factory.mktemp("tls") / "one.pem"
    first = Path(certifi.where()).read_text(encoding="utf-8").partition(end)[0]
    path.write_text(first + end, encoding="utf-8")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SSL_CERT_FILE", str(path))
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of corpora; where it is absent its tests skip, but never in CI."""
    if not SHARED.is_dir():
        if os.environ.get("CI"):
            pytest.fail("../shared is missing in CI")
        pytest.skip("../shared, with the corpora, is not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server of this test session with a migrated database to copy."""
    in_memory = Path("/dev/shm")  # noqa: S108  # a file system in memory, where there is one
    home = Path(tempfile.mkdtemp(prefix="gr-", dir=in_memory if in_memory.is_dir() else None))
    server = EmbeddedPostgres(home, settings=FAST)
    with asyncio.Runner() as runner:
        dsn = normalised(runner.run(server.start()))
        runner.run(migrations.upgrade(dsn))
        yield dsn
        runner.run(server.stop())
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
async def dsn(postgres: str) -> AsyncIterator[str]:
    """The address of a migrated database of this test alone."""
    name = f"test_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(postgres.replace("/greenroom?", "/postgres?"))
    try:
        # Its files are copied: nothing of ours outlives a crash, and the log would hold every page once more.
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE greenroom STRATEGY file_copy")
        yield postgres.replace("/greenroom?", f"/{quote(name)}?")
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


@pytest.fixture
async def greenroom(dsn: str, tmp_path: Path) -> AsyncIterator[Greenroom]:
    """The whole program without a Gemini key, talking to a local Telegram over HTTP."""
    async with Greenroom(dsn, tmp_path) as running:
        yield running
