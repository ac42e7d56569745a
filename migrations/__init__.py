"""The schema's history, and the two questions the program asks of it: bring it up to date, is it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util.exc import CommandError
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

HERE = Path(__file__).parent
LOCK = 0x6772_6D69  # "grmi": held by the program that migrates


def configuration(dsn: str) -> Config:
    """Alembic's configuration for the database at `dsn`."""
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
    try:
        await asyncio.to_thread(command.upgrade, configuration(dsn), revision)
    except CommandError as error:
        if isinstance(error.__cause__, ResolutionError):
            raise UnknownRevision(error.__cause__.argument) from error
        raise


async def downgrade(dsn: str, revision: str) -> None:
    """Take the schema back to `revision`."""
    await asyncio.to_thread(command.downgrade, configuration(dsn), revision)


def head() -> str:
    """The newest revision this program knows."""
    revision = ScriptDirectory(str(HERE)).get_current_head()
    assert revision is not None
    return revision


async def current(db: AsyncSession) -> str | None:
    """The revision the database is at; None before the first migration."""
    try:
        async with db.begin_nested():
            revision: str | None = await db.scalar(text("SELECT version_num FROM alembic_version"))
            return revision
    except ProgrammingError:
        return None
