"""Pruning: what has had its day goes, in batches, by one program at a time, on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import upkeep
from bot.settings import Settings
from domain.database import engine_for, transactions
from domain.messaging.liveness import Liveness
from domain.orm import Base

OLD, KEPT = 2500, 700  # of each table; two whole batches and a rest are to go
PATIENCE = 60.0
OWNER = "(SELECT id FROM users)"
NEW_ID = "gen_random_uuid()"
# What is inserted, and how long a row is kept after its moment. `i` counts the rows of a table.
TABLES = {
    "token_blacklist": (
        f"(id, token_id, user_id, expires_at) SELECT {NEW_ID}, {NEW_ID}, {OWNER}, at",
        "0 days",
    ),
    "user_sessions": (
        "(id, user_id, session_id, session_token, created_at, expires_at)"
        f" SELECT {NEW_ID}, {OWNER}, {NEW_ID}, 'token ' || i, at - interval '30 days', at",
        "30 days",
    ),
    "password_reset_tokens": (
        "(token, user_id, created_at, expires_at)"
        f" SELECT 'token ' || i, {OWNER}, at - interval '15 minutes', at",
        "1 day",
    ),
    "email_codes": (
        "(id, chat_id, telegram_user_id, email, purpose, expires_at)"
        f" SELECT {NEW_ID}, i, i, 'p@example.org', 'link', at",
        "1 day",
    ),
    "chat_links": (
        "(id, token_hash, user_id, from_chat_id, created_at, expires_at)"
        f" SELECT {NEW_ID}, 'token ' || i, {OWNER}, i, at - interval '10 minutes', at",
        "1 day",
    ),
    "password_pages": (
        "(id, token_hash, chat_id, turn, created_at, expires_at)"
        f" SELECT {NEW_ID}, 'token ' || i, 1, 1, at - interval '10 minutes', at",
        "1 day",
    ),
    "login_attempts": (f"(id, user_id, created_at) SELECT {NEW_ID}, {OWNER}, at", "90 days"),
    "model_calls": (
        "(kind, model, prompt_version, latency_ms, outcome, created_at) SELECT 'plan', 'm', '', 1, 'ok', at",
        "400 days",
    ),
    "inbox": ("(update_id, done_at) SELECT i, at", "3 days"),
    "jobs": ("(kind, done_at) SELECT 'send_code', at", "3 days"),
    "outbox": ("(kind, done_at) SELECT 'message', at", "3 days"),
}


@dataclass
class Replica:
    """As much of a program as prunes."""

    liveness: Liveness
    engine: AsyncEngine
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self) -> None:
        rules = upkeep.rules(Settings(_env_file=None))
        running = upkeep.run(transactions(self.engine), self.liveness, rules, every=0.05)
        self.tasks = [asyncio.create_task(self.liveness.run()), asyncio.create_task(running)]

    async def ends(self) -> None:
        for task in reversed(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@asynccontextmanager
async def replica(dsn: str) -> AsyncIterator[Replica]:
    engine = engine_for(dsn, pool_size=1)  # so that the database knows it by one backend
    program = Replica(Liveness(dsn), engine)
    try:
        yield program
    finally:
        await program.ends()
        await engine.dispose()


# The database itself writes down who deleted how many rows at once.
WATCH = """
    CREATE TABLE deletions (at serial, of text, by int, count int);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO deletions (of, by, count)
            SELECT TG_TABLE_NAME, pg_backend_pid(), count(*) FROM gone HAVING count(*) > 0;
        PERFORM pg_sleep(0.02);
        RETURN NULL;
    END $$;
"""


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """Of every table that is pruned, rows that have just had their day and rows that nearly have."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(
        "INSERT INTO users (id, email, full_name, hashed_password)"
        " VALUES (gen_random_uuid(), 'p@example.org', 'P', 'x')"
    )
    await connection.execute("INSERT INTO chats (chat_id, telegram_user_id) VALUES (1, 1)")
    await connection.execute(WATCH)
    for table, (columns, kept) in TABLES.items():
        await connection.execute(
            f"INSERT INTO {table} {columns} FROM (SELECT i, now() - interval '{kept}' + CASE WHEN i <= {OLD}"  # noqa: S608  # of this module
            " THEN interval '-1 hour' ELSE interval '1 hour' END AS at"
            f" FROM generate_series(1, {OLD + KEPT}) i) _"
        )
        await connection.execute(
            f"CREATE TRIGGER note AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone"
            " FOR EACH STATEMENT EXECUTE FUNCTION note()"
        )
    yield connection
    await connection.close()


async def counts(database: asyncpg.Connection) -> dict[str, int]:
    return {table: await database.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES}  # noqa: S608


async def eventually(check: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await check():  # noqa: ASYNC110  # another program's rows set no Event
            await asyncio.sleep(0.05)


async def is_pruned(database: asyncpg.Connection) -> bool:
    return set((await counts(database)).values()) == {KEPT}


async def test_what_has_had_its_day_goes_in_batches_by_one_program(
    dsn: str, database: asyncpg.Connection
) -> None:
    async with replica(dsn) as one, replica(dsn) as two:
        one.start()
        two.start()
        await eventually(lambda: is_pruned(database))
        await asyncio.sleep(0.3)  # some rounds more, in which nothing else may go
        assert await is_pruned(database)
    deletions = await database.fetch("SELECT * FROM deletions ORDER BY at")
    assert len({each["by"] for each in deletions}) == 1
    for table in TABLES:
        batches = [each["count"] for each in deletions if each["of"] == table]
        assert batches == [upkeep.BATCH, upkeep.BATCH, OLD - 2 * upkeep.BATCH]


async def test_an_export_that_was_never_sent(dsn: str, database: asyncpg.Connection) -> None:
    """It waits as long as a message may; its bytes go with it."""
    await database.execute(
        "INSERT INTO users (id, email, full_name, hashed_password)"
        " SELECT gen_random_uuid(), i || '@example.org', 'P', 'x' FROM generate_series(1, 2) i;"
        "INSERT INTO exports (id, user_id, chat_id, created_at)"
        " SELECT gen_random_uuid(), id, 1, now() - interval '3 days'"
        " + CASE email WHEN '1@example.org' THEN interval '-1 hour' ELSE interval '1 hour' END"
        " FROM users WHERE email ~ '^[12]';"
        "INSERT INTO export_chunks (id, export_id, archive_id, part, number, sealed)"
        " SELECT gen_random_uuid(), id, gen_random_uuid(), 1, 1, '' FROM exports"
    )

    async def is_gone() -> bool:
        left = await database.fetch(
            "SELECT email FROM users u JOIN exports e ON e.user_id = u.id"
            " JOIN export_chunks c ON c.export_id = e.id"
        )
        return [each["email"] for each in left] == ["2@example.org"]

    async with replica(dsn) as one:
        one.start()
        await eventually(is_gone)
    assert await database.fetchval("SELECT count(*) FROM export_chunks") == 1


async def test_another_goes_on_where_one_was_killed(dsn: str, database: asyncpg.Connection) -> None:
    async with replica(dsn) as one, replica(dsn) as two:
        one.start()

        async def is_half_way() -> bool:
            return bool(await database.fetchval("SELECT count(*) > 6 FROM deletions"))

        await eventually(is_half_way)
        two.start()
        await asyncio.sleep(0.1)
        for task in one.tasks:
            task.cancel()
        await asyncio.gather(*one.tasks, return_exceptions=True)
        assert not await is_pruned(database)
        await eventually(lambda: is_pruned(database))
    assert await database.fetchval("SELECT sum(count) FROM deletions") == OLD * len(TABLES)
    by = [each["by"] for each in await database.fetch("SELECT by FROM deletions ORDER BY at")]
    assert len(set(by)) == 2
    assert by == sorted(by, key=by.index), "one after the other, never in turns"


async def test_work_that_failed_and_work_that_is_open_stays(dsn: str, database: asyncpg.Connection) -> None:
    await database.execute("DELETE FROM jobs")
    await database.execute(
        "INSERT INTO jobs (kind, done_at, failed) VALUES ('x', now() - interval '9 years', true)"
    )
    await database.execute("INSERT INTO jobs (kind, created_at) VALUES ('x', now() - interval '9 years')")
    async with replica(dsn) as one:
        one.start()

        async def others_are_pruned() -> bool:
            return (await counts(database))["login_attempts"] == KEPT

        await eventually(others_are_pruned)
    assert await database.fetchval("SELECT count(*) FROM jobs") == 2


def test_every_table_whose_rows_expire_has_a_rule() -> None:
    expiring = {name for name, table in Base.metadata.tables.items() if "expires_at" in table.columns}
    assert expiring
    ruled = [rule.table.__tablename__ for rule in upkeep.rules(Settings(_env_file=None))]
    assert expiring <= set(ruled)
    assert set(ruled) == set(TABLES) | {"exports"}  # a person has one, so that it has a test of its own
    assert len(ruled) == len(set(ruled))


def test_how_long_is_a_setting() -> None:
    settings = Settings(_env_file=None, attempts_kept_days=7, sessions_kept_days=8, codes_kept_days=9)
    kept = {
        rule.table.__tablename__: [str(value) for value in rule.old.compile().params.values()]
        for rule in upkeep.rules(settings)
    }
    assert kept["login_attempts"] == ["7 days, 0:00:00"]
    assert kept["user_sessions"] == ["8 days, 0:00:00"]
    assert kept["email_codes"] == kept["password_reset_tokens"] == ["9 days, 0:00:00"]
