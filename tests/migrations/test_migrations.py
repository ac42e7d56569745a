"""The schema: as the models say, as the seeds say, up and down, by several programs at once, on 15 too."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic.script import ScriptDirectory

import migrations
from domain.adapters.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from domain.adapters.embedded_postgres.binaries import find_binaries
from domain.database import engine_for, normalised
from domain.models import Base
from tests.loopback.candidates import PATIENCE, Candidate
from tests.loopback.catalogue import Schema, schema_of
from tests.loopback.commands import ran
from tests.loopback.databases import empty_database
from tests.loopback.documents import docx
from tests.loopback.greenroom import KEY, Greenroom

POSTGRESQL_15 = ("/usr/lib/postgresql/15/bin", "/usr/local/bin", "/usr/local/pgsql/bin", "/usr/bin")


@pytest.fixture
async def empty(postgres: str) -> AsyncIterator[str]:
    """The address of a database without a schema."""
    async with empty_database(postgres) as address:
        yield address


@pytest.fixture(scope="module")
def postgres_15() -> Iterator[str]:
    """A server of the oldest PostgreSQL that is tested."""
    home = Path(tempfile.mkdtemp(prefix="gr15-"))
    with pytest.MonkeyPatch.context() as environment, asyncio.Runner() as runner:
        environment.setenv("PG_BIN", folder_of_15())
        server = EmbeddedPostgres(home, settings={"fsync": "off"})
        yield normalised(runner.run(server.start()))
        runner.run(server.stop())
    shutil.rmtree(home, ignore_errors=True)


def folder_of_15() -> str:
    """PostgreSQL 15's programs; skips where there are none."""
    for folder in (os.environ.get("PG_BIN"), *POSTGRESQL_15):
        with pytest.MonkeyPatch.context() as environment:
            if folder is None:
                continue
            environment.setenv("PG_BIN", folder)
            try:
                if find_binaries().major == 15:
                    return folder
            except EmbeddedPostgresError:
                continue
    pytest.skip("no PostgreSQL 15 on this machine (apt-get install postgresql-15)")


# Up and down


def test_the_head_is_alembics_head() -> None:
    """It is read from the names of the files, so that a program with nothing to migrate needs no Alembic."""
    assert ScriptDirectory(str(migrations.HERE)).get_heads() == [migrations.head()]


async def test_up_down_and_up_again(empty: str) -> None:
    for _ in range(2):
        await migrations.upgrade(empty)
        upgraded = await schema_of(empty)
        await migrations.upgrade(empty)
        assert await schema_of(empty) == upgraded
        await migrations.downgrade(empty, "base")
        left = await schema_of(empty)
        assert not left.tables
        assert left.others == [{"what": "relation", "name": "alembic_version"}]


async def test_the_migrations_make_what_the_models_say(empty: str, dsn: str) -> None:
    await assert_models_and_migrations_agree(created=empty, migrated=dsn)


async def test_the_same_on_postgresql_15(postgres_15: str) -> None:
    async with empty_database(postgres_15) as created, empty_database(postgres_15) as migrated:
        await migrations.upgrade(migrated)
        await assert_models_and_migrations_agree(created, migrated)
        await migrations.downgrade(migrated, "base")
        assert not (await schema_of(migrated)).tables


async def test_the_main_job_on_postgresql_15(postgres_15: str, tmp_path: Path) -> None:
    async with empty_database(postgres_15) as dsn:
        await migrations.upgrade(dsn)
        async with Greenroom(dsn, tmp_path) as greenroom:
            ana = await greenroom.linked("Ana", background=False)
            await ana.says("/cancel")
            await ana.sends(docx(), "cv.docx")
            await ana.hears("Skills", PATIENCE)
            candidate = Candidate(ana)
            await candidate.rehearses(1)
            answers = await greenroom.rows("SELECT answer_text FROM interview_questions ORDER BY follow_up")
            assert [row["answer_text"] for row in answers] == candidate.answers
            (version,) = await greenroom.rows("SHOW server_version_num")
            assert version["server_version_num"].startswith("15")


async def assert_models_and_migrations_agree(created: str, migrated: str) -> None:
    engine = engine_for(created, pool_size=1)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()
    models, history = await schema_of(created), await schema_of(migrated)
    assert history.columns == models.columns
    assert history.constraints == models.constraints
    assert history.indexes == models.indexes
    history.others.remove({"what": "relation", "name": "alembic_version"})
    assert history.others == models.others


# Several programs at once


async def test_programs_that_migrate_at_once(empty: str, tmp_path: Path) -> None:
    settings = {"DATABASE_URL": empty, "ENCRYPTION_KEYS": KEY}
    both = await asyncio.gather(*(ran("migrate", tmp_path, **settings) for _ in range(2)))
    assert [(ended.code, ended.out, ended.err) for ended in both] == [
        (0, "The schema is up to date.\n", "")
    ] * 2
    assert "users" in (await schema_of(empty)).tables


WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


async def test_a_program_waits_for_another_that_migrates(empty: str) -> None:
    other = await asyncpg.connect(empty)
    await other.execute("SELECT pg_advisory_lock($1)", migrations.LOCK)
    upgrading = asyncio.create_task(migrations.upgrade(empty))
    async with asyncio.timeout(PATIENCE):
        while not await other.fetchval(WAITING):  # noqa: ASYNC110  # a lock of PostgreSQL sets no Event
            await asyncio.sleep(0.02)
    # Longer than its own lock_timeout would let it wait for a table.
    await asyncio.sleep(5.5)
    assert not upgrading.done()
    assert not (await schema_of(empty)).tables
    await other.execute("SELECT pg_advisory_unlock($1)", migrations.LOCK)
    await upgrading
    assert "users" in (await schema_of(empty)).tables
    await other.close()


# The tables that the project was given to begin with

TYPES = {
    "UUID": "uuid",
    "String": "character varying",
    "VARCHAR": "character varying",
    "TEXT": "text",
    "BOOLEAN": "boolean",
    "Boolean": "boolean",
    "INTEGER": "integer",
    "FLOAT": "double precision",
    "JSON": "jsonb",
    "JSONB": "jsonb",
    "TIMESTAMP": "timestamp with time zone",
    "DATETIME": "timestamp with time zone",
    "DateTime": "timestamp with time zone",
}
ENTITIES = {
    "User Account": "users",
    "Background Information": "background_information",
    "Authentication Session": "user_sessions",
    "Personalization Profile": "personalization_profiles",
}
RENAMED = {
    ("users", "name"): "full_name",
    ("users", "email_verified"): "is_email_verified",
    ("user_sessions", "last_accessed_at"): "last_activity",
}
MERGED_TYPES = {("user_sessions", "session_data"): "jsonb"}
# A chat gives no address; the other seed wants a name of everybody.
MERGED_NULLS = {
    ("user_sessions", "ip_address"): False,
    ("login_attempts", "ip_address"): False,
    ("users", "full_name"): True,
}


async def test_every_column_of_the_schema_seed(dsn: str, shared: Path) -> None:
    seed = (shared / "seeds" / "database-schema.md").read_text()
    schema, seen = await schema_of(dsn), 0
    for table, rows in re.findall(r"^### `(\w+)`\n(.*?)(?=^---|\Z)", seed, re.MULTILINE | re.DOTALL):
        for name, kind, rules in re.findall(r"^\| `(\w+)` \| (.+?) \| (.*?) \|$", rows, re.MULTILINE):
            assert_column(schema, table, name, kind, rules)
            seen += 1
    assert seen == 77


async def test_every_field_of_the_accounts_seed(dsn: str, shared: Path) -> None:
    seed = (shared / "seeds" / "data-model-auth-and-background.md").read_text()
    schema, seen = await schema_of(dsn), 0
    for entity, rows in re.findall(r"^### ([\w ]+)\n(.*?)(?=^#|\Z)", seed, re.MULTILINE | re.DOTALL):
        table = ENTITIES[entity]
        for name, kind, rules in re.findall(r"^- \*\*(\w+)\*\*: (\w+) \((.*)\)$", rows, re.MULTILINE):
            assert_column(schema, table, RENAMED.get((table, name), name), kind, rules)
            seen += 1
    assert seen == 34
    for entity, columns in re.findall(r"^- ([\w ]+): (.+)$", seed.partition("## Indexes")[2], re.MULTILINE):
        for column, is_unique in re.findall(r"(\w+)( \(unique\))?", columns):
            assert schema.is_indexed(ENTITIES[entity], column), (entity, column)
            assert not is_unique or schema.is_unique(ENTITIES[entity], column), (entity, column)


async def test_every_table_has_its_times(dsn: str) -> None:
    schema = await schema_of(dsn)
    for table in schema.tables - {"workers"}:
        for name in ("created_at", "updated_at"):
            column = schema.column(table, name)
            assert column is not None, (table, name)
            assert (column["default"], column["is_required"]) == ("now()", True)
    assert not [each for each in schema.columns if each["type"] == "timestamp without time zone"]


def assert_column(schema: Schema, table: str, name: str, kind: str, rules: str) -> None:
    """A column with the type, and each of the rules, that a seed gives it."""
    column, where = schema.column(table, name), (table, name)
    assert column is not None, where
    assert_type(schema, column, kind, rules)
    words = rules.casefold()
    if words.startswith("pk") or "primary key" in words:
        assert f"PRIMARY KEY ({name})" in schema.definitions(table, "p"), where
    if "unique" in words:
        assert schema.is_unique(table, name), where
    if reference := re.search(r"FK → `(\w+)\.id`|Foreign Key to User Account", rules):
        key = f"FOREIGN KEY ({name}) REFERENCES {reference[1] or 'users'}(id)"
        assert any(each.startswith(key) for each in schema.definitions(table, "f")), where
    if "not null" in words or "required" in words:
        assert column["is_required"] == MERGED_NULLS.get(where, True), where
    if re.search(r"\bnullable|optional\b", words):
        assert column["is_required"] == MERGED_NULLS.get(where, False), where
    if default := re.search(r"default:? `?(true|false|1|now\(\)|pending)\b", words):
        assert column["default"].replace("'pending'::character varying", "pending") == default[1], where
    if words.startswith("auto") and "login" not in words:
        assert column["default"] == "now()", where


# Photos, scans and text that is pasted into the chat are resumes too.
ADDED_CHOICES = {("resumes", "file_type"): {"jpeg", "png", "text"}}


def assert_type(schema: Schema, column: Any, kind: str, rules: str) -> None:
    where = (column["table"], column["name"])
    if choices := re.search(r"(?:ENUM\(|Enum: )([\w, ]+)", f"{kind} {rules}"):
        assert column["type"].startswith("character varying"), where
        assert schema.values(*where) == set(choices[1].split(", ")) | ADDED_CHOICES.get(where, set()), where
        return
    name, _, length = re.sub(r"\(tz\)", "", kind).partition("(")
    expected = MERGED_TYPES.get(where, TYPES[name] + (f"({length}" if length else ""))
    found = column["type"] if length or name != "String" else column["type"].partition("(")[0]
    assert found == expected, where
