"""Files that were kept before there were chunks are read as they are, and go back."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

import migrations
from domain.adapters.blobs import Blobs
from domain.adapters.crypto import Keyring
from domain.database import engine_for, transactions
from domain.ports import StoredBlob
from domain.resumes.originals import SealedFile
from tests.loopback.databases import empty_database

BEFORE, AFTER = "0015", "0016"
ROWS = "SELECT key, sealed, place, doomed_at FROM blobs ORDER BY key"
KEY = Keyring([secrets.token_bytes(32)]).new_person_key()


@pytest.fixture
async def earlier(postgres: str) -> AsyncIterator[str]:
    """The address of a database of the revision before."""
    async with empty_database(postgres) as address:
        await migrations.upgrade(address, BEFORE)
        yield address


async def test_there_and_back(earlier: str) -> None:
    user_id, row_id, content = uuid4(), uuid4(), secrets.token_bytes(100_000)
    sealed = KEY.seal(content, table="blobs", column="sealed", user_id=user_id, row_id=row_id, version=1)
    connection = await asyncpg.connect(earlier)
    await connection.execute("INSERT INTO blobs (key, sealed) VALUES ('here', $1)", sealed)
    await connection.execute(
        "INSERT INTO blobs (key, place, doomed_at)"
        " VALUES ('there', 's3://files', NULL), ('x', 's3://x', now())"
    )
    known = await connection.fetch(ROWS)
    await migrations.upgrade(earlier, AFTER)
    assert await connection.fetch(ROWS) == known

    engine = engine_for(earlier, pool_size=1)
    blobs = Blobs(transactions(engine))
    async with transactions(engine)() as db:
        found = await blobs.find(db, "here")
        assert await blobs.find(db, "there") == StoredBlob("there", "s3://files", 1)
    file = SealedFile("cv.pdf", len(content), found, KEY, user_id, row_id, blobs)
    assert await file.opened() == content
    await engine.dispose()

    await migrations.downgrade(earlier, BEFORE)
    assert await connection.fetch(ROWS) == known
    await connection.close()


async def test_what_an_earlier_program_could_not_read_is_not_thrown_away(earlier: str) -> None:
    await migrations.upgrade(earlier, AFTER)
    connection = await asyncpg.connect(earlier)
    await connection.execute(
        "INSERT INTO blobs (key, sealed, chunks, doomed_at)"
        " VALUES ('kept', 'x', 2, NULL), ('staged', 'x', 2, now() + interval '1 day')"
    )
    await connection.execute(
        "INSERT INTO blob_chunks (key, number, sealed) VALUES ('kept', 1, 'y'), ('staged', 1, 'y')"
    )
    with pytest.raises(Exception, match="several chunks"):
        await migrations.downgrade(earlier, BEFORE)
    assert len(await connection.fetch("SELECT FROM blob_chunks")) == 2, "all of it or nothing"
    await connection.execute("DELETE FROM blobs WHERE key = 'kept'")
    await migrations.downgrade(earlier, BEFORE)
    assert await connection.fetch(ROWS) == [], "what nobody kept goes: an earlier program would not clear it"
    await connection.close()
