"""One way to reach PostgreSQL: the address an operator writes, and the engine made from it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

POOL_SIZE = 8  # measured: 8 to 10 without overflow did most work per connection
CONNECT_TIMEOUT = 10.0
STUCK_TRANSACTION_MS = "30000"
HOST = re.compile(r"(\[[^]]+]|[^]:@[]*)(:\d{1,5})?")
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
EXPECTED = (
    "expected postgresql://user:password@host:port/name "
    "(signs like @ / ? # % in user and password are written %40 and so on)"
)

Transactions = async_sessionmaker[AsyncSession]


def normalised(url: str) -> str:
    """The address as asyncpg reads it.

    Accepts `postgres://`, `postgresql://` and `postgresql+asyncpg://`; raises ValueError, with a message
    that shows nothing of the address, for anything else.
    """
    address = re.sub(r"^postgres(ql)?(\+asyncpg)?://", "postgresql://", url.strip())
    try:
        parts = urlsplit(address)
    except ValueError:
        # urllib's own messages quote the address, and with it the password.
        raise ValueError(EXPECTED) from None
    hosts = parts.netloc.rpartition("@")[2].split(",")
    if parts.scheme != "postgresql" or not parts.path.strip("/") or not all(map(HOST.fullmatch, hosts)):
        raise ValueError(EXPECTED)
    if not set(SSL_MODES).issuperset(parse_qs(parts.query).get("sslmode", [])):
        raise ValueError(f"sslmode is one of {', '.join(SSL_MODES)}")
    return address


async def connect(dsn: str, **server_settings: str) -> Any:
    """A connection of its own, outside any pool (LISTEN and advisory locks live on one)."""
    return await asyncpg.connect(
        dsn, timeout=CONNECT_TIMEOUT, server_settings={"application_name": "greenroom", **server_settings}
    )


def engine_for(dsn: str, pool_size: int = POOL_SIZE) -> AsyncEngine:
    """An engine that ends a transaction left open by a program that hangs, so that others go on."""

    async def creator() -> Any:
        return await connect(dsn, idle_in_transaction_session_timeout=STUCK_TRANSACTION_MS)

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=creator,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,
        pool_pre_ping=False,
        pool_recycle=1800,
    )


def transactions(engine: AsyncEngine) -> Transactions:
    """What opens a transaction: `async with transactions.begin() as db`."""
    return async_sessionmaker(engine, expire_on_commit=False)
