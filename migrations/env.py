"""Alembic's environment: one connection, one transaction, one migrating program at a time."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from alembic import context
from sqlalchemy import Connection, text

from domain.database import engine_for, normalised
from domain.models import Base
from migrations import LOCK


def run(connection: Connection) -> None:
    # The lock comes before lock_timeout: waiting for another migration is no error.
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    connection.execute(text("SET LOCAL lock_timeout = '5s'"))
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        compare_server_default=True,
        transactional_ddl=True,
    )
    context.run_migrations()


async def online(dsn: str) -> None:
    engine = engine_for(dsn, pool_size=1)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(run)
    finally:
        await engine.dispose()


def offline() -> None:
    options: dict[str, Any] = {"dialect_name": "postgresql", "literal_binds": True}
    context.configure(target_metadata=Base.metadata, **options)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    offline()
else:
    asyncio.run(online(context.config.attributes.get("dsn") or normalised(os.environ["DATABASE_URL"])))
