"""Databases of a test alone, beside the migrated one that the fixture `dsn` gives."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg


@asynccontextmanager
async def empty_database(postgres: str) -> AsyncIterator[str]:
    """The address of a new database on the server at `postgres`, with nothing in it."""
    name = f"empty_{secrets.token_hex(6)}"
    server, _, options = postgres.partition("?")
    server = server.rpartition("/")[0]
    admin = await asyncpg.connect(f"{server}/postgres?{options}")
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        yield f"{server}/{name}?{options}"
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()
