"""The schema's history, and the two questions the program asks of it: bring it up to date, is it.

Alembic is imported only where there is something to migrate: a program that finds its schema up to date
does without its 11 MB.
"""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

if TYPE_CHECKING:
    from alembic.config import Config

HERE = Path(__file__).parent
LOCK = 0x6772_6D69  # "grmi": held by the program that migrates


def configuration(dsn: str) -> Config:
    """Alembic's configuration for the database at `dsn`."""
    from alembic.config import Config  # kept out of memory until there is something to migrate

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["dsn"] = dsn
    return config


class UnknownRevision(Exception):
    """The database is at a revision that this program does not have: a newer one made it."""


async def upgrade(dsn: str, revision: str = "head") -> None:
    """Bring the schema up to `revision`; of several programs that do so at once one works.

    Raises `UnknownRevision`.
    """
    from alembic import command  # kept out of memory until there is something to migrate
    from alembic.script.revision import ResolutionError
    from alembic.util.exc import CommandError

    try:
        await asyncio.to_thread(command.upgrade, configuration(dsn), revision)
    except CommandError as error:
        if isinstance(error.__cause__, ResolutionError):
            raise UnknownRevision(error.__cause__.argument) from error
        raise


async def downgrade(dsn: str, revision: str) -> None:
    """Take the schema back to `revision`."""
    from alembic import command  # kept out of memory until there is something to migrate

    await asyncio.to_thread(command.downgrade, configuration(dsn), revision)


@cache
def head() -> str:
    """The newest revision this program knows: their files are named by number."""
    return max(path.name for path in (HERE / "versions").glob("[0-9]*.py")).partition("_")[0]


async def current(db: AsyncSession) -> str | None:
    """The revision the database is at; None before the first migration."""
    try:
        async with db.begin_nested():
            revision: str | None = await db.scalar(text("SELECT version_num FROM alembic_version"))
            return revision
    except ProgrammingError:
        return None
