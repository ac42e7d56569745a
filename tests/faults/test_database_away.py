"""The database goes away and comes back: nothing is acknowledged meanwhile, nothing is lost afterwards."""

# ruff: noqa: ASYNC110  it watches Telegram, which sets no Event

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

import migrations
from domain.adapters.embedded_postgres import EmbeddedPostgres
from domain.database import normalised
from tests.loopback.candidates import Candidate, prove_nothing_lost, rehearse_during, sign_up
from tests.loopback.database_proxy import DatabaseProxy
from tests.loopback.greenroom import Greenroom
from tests.loopback.processes import POLLING, Installation
from tests.loopback.scenes import ANSWER, begins_interview, member

pytestmark = pytest.mark.usefixtures("no_bugs")

SOON = 60.0  # a bound for a busy machine
NAMES = ("Ana", "Bob", "Cleo", "Dan", "Eve")
AWAY = "the database cannot be reached, trying again"
OTHERS = "pid <> pg_backend_pid() AND datname = current_database()"
CUT_ALL = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {OTHERS}"  # noqa: S608  # constants


async def test_a_database_that_comes_after_the_program(dsn: str, tmp_path: Path) -> None:
    async with DatabaseProxy(dsn) as proxy:
        await proxy.closes()
        async with Installation(proxy.dsn, tmp_path) as installation:
            ana = installation.telegram.person("Ana")
            await ana.says("/start")
            replica = await installation.starts(forked=True)
            waiting = await replica.logs(AWAY)
            assert waiting["level"] == "warning"
            assert waiting["seconds"] == 1.0
            await replica.logs(AWAY, since=len(replica.lines))
            assert replica.is_running
            impatient = await installation.starts(forked=True)
            await impatient.logs(AWAY)
            impatient.terminate()
            assert await impatient.exit_code() == 0
            assert not [call for call in installation.telegram.calls if call.method.lower() == "getupdates"]
            await proxy.opens()
            await replica.logs(POLLING)
            await ana.hears("Welcome", SOON)


async def test_what_is_said_while_it_is_away_waits_at_telegram(dsn: str, tmp_path: Path) -> None:
    async with DatabaseProxy(dsn) as proxy, Greenroom(proxy.dsn, tmp_path) as greenroom:
        ana, bob = await member(greenroom, "Ana"), await member(greenroom, "Bob")
        await begins_interview(ana)
        await bob.says("/interview")
        await bob.hears("What kind", SOON)
        updates = greenroom.telegram.playground.updates
        await until_confirmed(greenroom)
        before = len(ana.bot_messages)
        await proxy.closes()
        answer = await ana.says(ANSWER)
        tap = await bob.taps("Technical")
        await asyncio.sleep(2.5)
        assert [update.kind for update in updates.pending] == ["message", "callback_query"]
        assert not tap.answered
        assert len(ana.bot_messages) == before
        await proxy.opens()
        await ana.hears("^Question 2 of 3", SOON)
        await bob.hears("How many", SOON)
        await until_confirmed(greenroom)
        turns = await greenroom.rows("SELECT answer_text FROM interview_questions ORDER BY position")
        assert [turn["answer_text"] for turn in turns] == [ANSWER, None]
        assert [each.text for each in ana.messages if each.text == ANSWER] == [answer.text]


async def until_confirmed(greenroom: Greenroom) -> None:
    async with asyncio.timeout(SOON):
        while greenroom.telegram.playground.updates.pending:
            await asyncio.sleep(0.02)


async def test_every_connection_is_killed_again_and_again(dsn: str, tmp_path: Path) -> None:
    chance = random.Random(3)
    killed = 0

    async def kill() -> None:
        nonlocal killed
        connection = await asyncpg.connect(dsn)
        killed += await connection.fetchval(CUT_ALL)
        await connection.close()
        await asyncio.sleep(chance.uniform(0.1, 1.5))

    async with Greenroom(dsn, tmp_path) as greenroom:
        await rehearse_while(greenroom, dsn, kill, times=4)
    assert killed >= 4


async def test_commits_whose_answer_is_lost(dsn: str, tmp_path: Path) -> None:
    """The program cannot know whether it was done; it finds out instead of doing it twice."""
    chance = random.Random(4)
    async with DatabaseProxy(dsn) as proxy, Greenroom(proxy.dsn, tmp_path) as greenroom:

        async def lose() -> None:
            lost = proxy.lost
            proxy.lose_answers(1, after=chance.randrange(12))
            while proxy.lost == lost:
                await asyncio.sleep(0.02)

        await rehearse_while(greenroom, dsn, lose, times=15)
        assert proxy.lost == 15


async def test_a_server_that_restarts(tmp_path: Path) -> None:
    """A real one, with what it says while it stops and starts."""
    async with server_of_its_own() as (server, dsn), Greenroom(dsn, tmp_path) as greenroom:

        async def restart() -> None:
            await server.stop()
            await asyncio.sleep(0.3)
            await server.start()
            await asyncio.sleep(1)

        await rehearse_while(greenroom, dsn, restart, times=2)


@asynccontextmanager
async def server_of_its_own() -> AsyncIterator[tuple[EmbeddedPostgres, str]]:
    home = Path(tempfile.mkdtemp(prefix="gr-"))  # short, as the path of a socket has to be
    server = EmbeddedPostgres(home, settings={"fsync": "off"})
    try:
        dsn = normalised(await server.start())
        await migrations.upgrade(dsn)
        yield server, dsn
    finally:
        await server.stop()
        shutil.rmtree(home, ignore_errors=True)


async def rehearse_while(
    greenroom: Greenroom, dsn: str, strike: Callable[[], Awaitable[None]], *, times: int
) -> None:
    """Five people rehearse until `strike` has come so often; what they said is stored as they said it."""
    people = [Candidate(greenroom.candidate(name)) for name in NAMES]
    await sign_up(dsn, [each.person for each in people])

    async def trouble() -> None:
        await asyncio.sleep(0.3)
        for _ in range(times):
            await strike()

    await rehearse_during(trouble(), people)
    await prove_nothing_lost(dsn, people)
