"""`greenroom serve` as operators run it: a process of its own, pointed at servers on loopback."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest

import migrations
from bot.playground.local import LocalTelegram
from bot.playground.people import Person
from bot.web import SECRET_HEADER
from tests.loopback.candidates import PATIENCE, Candidate, prove_nothing_lost
from tests.loopback.commands import ran, running, stopped
from tests.loopback.databases import empty_database
from tests.loopback.documents import docx
from tests.loopback.greenroom import links
from tests.loopback.outside import Outside
from tests.loopback.ports import free_port
from tests.loopback.processes import POLLING, Replica

SECRET = "a-webhook_secret"


@pytest.fixture
async def outside(dsn: str) -> AsyncIterator[Outside]:
    async with Outside(dsn) as servers:
        yield servers


async def test_over_polling(outside: Outside, tmp_path: Path) -> None:
    async with running("serve", tmp_path, **outside.settings) as program:
        await program.logs(POLLING)
        await from_start_to_report(outside)
        assert await stopped(program) == 0
        assert_quiet(program)
    assert (tmp_path / "stdout").read_text() == ""


async def test_over_a_webhook(outside: Outside, tmp_path: Path) -> None:
    port = free_port()
    settings = outside.settings | {"PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    async with running("serve", tmp_path, **settings, WEBHOOK_SECRET=SECRET) as program:
        await program.logs("webhook set")
        await from_start_to_report(outside, questions=1)
        assert not [call for call in outside.telegram.calls if call.method.lower() == "getupdates"]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
            await only_telegram_is_let_in(client, outside)
        assert await stopped(program) == 0
        assert_quiet(program)


async def only_telegram_is_let_in(client: httpx.AsyncClient, outside: Outside) -> None:
    """A request without the secret, or that is no update, is refused and leaves nothing behind."""
    mallory = outside.telegram.person("Mallory")
    await mallory.says("/help")
    await mallory.hears("/interview", PATIENCE)
    update = {"update_id": 9_000_001, "message": said_by(mallory, "/start")}
    for headers in ({}, {SECRET_HEADER: ""}, {SECRET_HEADER: "guess"}, {SECRET_HEADER: f"{SECRET}x"}):
        answer = await client.post("/telegram", json=update, headers=headers)
        assert answer.status_code == 403
    for content in (
        b"",
        b"[]",
        b"{}",
        b"null",
        b"\xff",
        b'{"update_id": "1"}',
        b'{"update_id": 1, "message": 2}',
    ):
        answer = await client.post("/telegram", content=content, headers={SECRET_HEADER: SECRET})
        assert answer.status_code == 400, content
    large = b'{"update_id": 1, "x": "' + b"x" * 2**20 + b'"}'
    assert (await client.post("/telegram", content=large, headers={SECRET_HEADER: SECRET})).status_code == 413
    assert (await client.get("/telegram")).status_code == 405
    assert not await asked(outside.dsn, "SELECT 1 FROM inbox WHERE update_id IN (1, 9000001)")
    for _ in range(2):  # Telegram gives an update again whose answer it did not get
        answer = await client.post("/telegram", json=update, headers={SECRET_HEADER: SECRET})
        assert answer.status_code == 200
    await mallory.hears("Welcome", PATIENCE)
    await mallory.says("/help")
    await mallory.hears("/interview", PATIENCE)
    assert len([each for each in mallory.bot_messages if "Welcome" in each.text]) == 1


async def test_a_schema_to_come_and_health(outside: Outside, postgres: str, tmp_path: Path) -> None:
    async with empty_database(postgres) as dsn:
        settings = outside.settings | {"DATABASE_URL": dsn}
        async with running("serve", tmp_path, **settings) as program:
            await program.logs("the schema is not up to date: waiting for `greenroom migrate`")
            migrated = await ran("migrate", tmp_path, **settings)
            assert migrated.code == 0, migrated.err
            port = (await program.logs("web side"))["port"]
            await program.logs(POLLING)
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
                await its_health(dsn, client)
                await an_outage(dsn, outside, program, client)
            assert await stopped(program) == 0


async def its_health(dsn: str, client: httpx.AsyncClient) -> None:
    assert await status(client, "/healthz") == 200
    assert await status(client, "/readyz") == 200
    metrics = await client.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert "greenroom_" in metrics.text
    assert await status(client, "/telegram") == 404
    await asked(dsn, MIGRATED, "0000")
    assert await status(client, "/readyz") == 503
    await asked(dsn, MIGRATED, migrations.head())
    assert await status(client, "/readyz") == 200
    await asked(dsn, STUCK)
    assert await status(client, "/readyz") == 503
    await asked(dsn, "DELETE FROM inbox")
    assert await status(client, "/readyz") == 200


MIGRATED = "UPDATE alembic_version SET version_num = $1"
STUCK = """
    INSERT INTO inbox (update_id, run_at, worker_id)
    VALUES (1, now() - interval '5 minutes', (SELECT max(id) FROM workers))
"""


async def an_outage(dsn: str, outside: Outside, program: Replica, client: httpx.AsyncClient) -> None:
    """Alive but not ready while the database is away, and what was said meanwhile is answered afterwards."""
    server = dsn.replace(f"/{database_of(dsn)}?", "/postgres?")
    closed = f"ALTER DATABASE {database_of(dsn)} WITH ALLOW_CONNECTIONS"
    await asked(server, f"{closed} false")
    assert await asked(server, DISCONNECT, database_of(dsn))
    assert await status(client, "/readyz") == 503
    assert await status(client, "/healthz") == 200
    ana = outside.telegram.person("Ana")
    await ana.says("/start")
    await program.logs("updates wait for the database")
    assert outside.telegram.playground.updates.pending
    await asked(server, f"{closed} true")
    await ana.hears("Welcome", PATIENCE)
    assert await status(client, "/readyz") == 200


DISCONNECT = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1"


async def test_a_wrong_token_is_told_and_tried_again(outside: Outside, tmp_path: Path) -> None:
    refusing = "Telegram refuses TELEGRAM_BOT_TOKEN, trying again"
    wrong = outside.settings | {"TELEGRAM_BOT_TOKEN": "2:canary-token"}
    async with running("serve", tmp_path, **wrong) as program:
        first = await program.logs(refusing)
        second = await program.logs(refusing, since=program.events().index(refusing) + 1)
        assert (first["seconds"], second["seconds"]) == (1.0, 2.0)
        assert await stopped(program) == 0
        assert_quiet(program)
        assert "canary" not in "".join(program.lines)


async def test_telegram_that_is_away_is_served_once_it_is_there(outside: Outside, tmp_path: Path) -> None:
    port = free_port()
    elsewhere = outside.settings | {"TELEGRAM_API_URL": f"http://127.0.0.1:{port}"}
    async with running("serve", tmp_path, **elsewhere) as program:
        await program.logs("Telegram cannot be reached, trying again")
        async with LocalTelegram(outside.token, port=port) as telegram:
            telegram.faults.garbage("deleteWebhook")
            await program.logs(POLLING)
            ana = telegram.person("Ana")
            await ana.says("/start")
            await ana.hears("Welcome", PATIENCE)
            assert await stopped(program) == 0
        assert_quiet(program)


async def test_two_copies_on_one_port(outside: Outside, tmp_path: Path) -> None:
    settings = outside.settings | {"PORT": str(free_port())}
    async with running("serve", tmp_path, **settings) as first:
        await first.logs(POLLING)
        async with running("serve", tmp_path, **settings) as second:
            await second.logs("the port is taken: no web side here")
            await second.logs(POLLING)
            ana = outside.telegram.person("Ana")
            for _ in range(3):
                await ana.says("/help")
                await ana.hears("/interview", PATIENCE)
            assert await stopped(first) == 0
            await ana.says("/start")
            await ana.hears("Welcome", PATIENCE)
            assert await stopped(second) == 0
    assert "polling failed" not in first.events() + second.events()
    assert len([each for each in ana.bot_messages if "/interview" in each.text]) == 3


async def from_start_to_report(outside: Outside, questions: int = 2) -> None:
    """The main job with Gemini: link, resume, interview, report."""
    ana = outside.telegram.person("Ana")
    await links(ana, "ana@example.org")
    await ana.sends(docx(), "cv.docx")
    await ana.hears("Skills", PATIENCE)
    candidate = Candidate(ana)
    await candidate.rehearses(questions)
    await prove_nothing_lost(outside.dsn, [candidate])
    assert "Score: " in ana.transcript()
    counted = {kind: outside.gemini.count(kind) for kind in ("analyse_resume", "plan", "report")}
    assert counted == {"analyse_resume": 1, "plan": 1, "report": 1}
    assert outside.gemini.count("evaluate_turn") == len(candidate.answers)


def assert_quiet(program: Replica) -> None:
    """Every line is a record, and none tells of an error of ours."""
    records = [json.loads(line) for line in program.lines]
    assert not [record for record in records if "exception" in record]


def said_by(person: Person, text: str) -> dict[str, object]:
    return {
        "message_id": 1,
        "date": 0,
        "chat": {"id": person.id, "type": "private", "first_name": "Mallory"},
        "from": {"id": person.id, "is_bot": False, "first_name": "Mallory", "language_code": "en"},
        "text": text,
        "entities": [{"type": "bot_command", "offset": 0, "length": len(text)}],
    }


async def status(client: httpx.AsyncClient, path: str) -> int:
    return (await client.get(path)).status_code


async def asked(dsn: str, query: str, *arguments: object) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query, *arguments)
    finally:
        await connection.close()


def database_of(dsn: str) -> str:
    return dsn.partition("?")[0].rpartition("/")[2]
