"""The composition root: the only place that constructs clients."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

import domain.accounts.work
import domain.exports.work
import domain.interviews.printing
import domain.interviews.reconsidering
import domain.interviews.transcribing
import domain.interviews.work
import domain.personalization.work
import domain.resumes.work
import migrations
from bot.settings import IN_DATABASE, Settings, WrongSetting
from bot.telegram import Telegram
from bot.worker import is_database_away
from domain.accounts.passwords import PasswordHasher
from domain.adapters.blobs import Blobs, Objects
from domain.adapters.crypto import Keyring
from domain.adapters.documents import SandboxedReader
from domain.adapters.mail import LogMailer, SmtpMailer
from domain.adapters.offline import OfflineInterviewer
from domain.adapters.places import ChildPlaces
from domain.adapters.press import Press
from domain.calls.breaker import BreakersInDatabase, BreakerStore
from domain.calls.ledger import Ledger, LedgerInDatabase
from domain.calls.prices import Prices
from domain.database import Transactions, engine_for, normalised, transactions
from domain.interviews.guard import GuardedInterviewer
from domain.messaging.liveness import Liveness
from domain.messaging.pipe import Pipe
from domain.ports import Clock, Interviewer, Mailer
from domain.world import World

log = logging.getLogger(__name__)

# Their jobs register on import.
WORK = (
    domain.accounts.work,
    domain.exports.work,
    domain.interviews.printing,
    domain.interviews.reconsidering,
    domain.interviews.transcribing,
    domain.interviews.work,
    domain.personalization.work,
    domain.resumes.work,
)
LONGEST_PAUSE = 30.0
KEY_FILE = "encryption.key"
# What operators get wrong, by SQLSTATE (PostgreSQL, Appendix A).
REFUSALS = {
    "28000": "the server does not let this user in",
    "28P01": "the server refuses the password",
    "3D000": "the server has no database of that name",
    "42501": "this user may not change the schema (GRANT CREATE ON SCHEMA public TO …)",
}


class SystemClock:
    """`domain.ports.Clock` of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True)
class Connections:
    """What every part of a program shares."""

    settings: Settings
    dsn: str
    world: World
    telegram: Telegram
    liveness: Liveness


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[str]:
    """The address of the database: the operator's, or the embedded one for as long as this is open."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    # Its supervisor is no part of a program that has a database of its own.
    from domain.adapters.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError

    try:
        async with EmbeddedPostgres(settings.greenroom_home) as url:
            yield normalised(url)
    except EmbeddedPostgresError as error:
        raise WrongSetting("GREENROOM_HOME", str(error)) from error


class ToldToStop(Exception):
    """The program was told to stop before it was up."""


async def prepare_schema(dsn: str, *, migrate: bool, stopping: asyncio.Event | None = None) -> None:
    """Bring the schema up to date, or wait until somebody has; a database that is away is waited for.

    Raises `ToldToStop` where `stopping` is set meanwhile.
    """
    pause = 1.0
    stopping = stopping or asyncio.Event()
    engine = engine_for(dsn, pool_size=1)
    try:
        while True:
            try:
                if await _is_current(engine):
                    return
                if migrate:
                    await migrations.upgrade(dsn)
                    continue
                log.warning("the schema is not up to date: waiting for `greenroom migrate`")
            except migrations.UnknownRevision as error:
                raise WrongSetting("DATABASE_URL", f"its schema is newer than ours: {error}") from error
            except Exception as error:
                _raise_refusal(error)
                if not is_database_away(error):
                    raise
                log.warning(
                    "the database cannot be reached, trying again",
                    extra={"error": type(error).__name__, "seconds": pause},
                )
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await stopping.wait()
                raise ToldToStop
            pause = min(pause * 2, LONGEST_PAUSE)
    finally:
        await engine.dispose()


async def _is_current(engine: AsyncEngine) -> bool:
    """Whether the schema is the one this program knows."""
    async with transactions(engine)() as db:
        await db.execute(text("SELECT 1"))
        return await migrations.current(db) == migrations.head()


def _raise_refusal(error: Exception) -> None:
    """Raise `WrongSetting` where waiting does not help: the server is there and will not have us."""
    refusal = REFUSALS.get(str(getattr(getattr(error, "orig", None), "sqlstate", "")))
    if refusal is not None:
        raise WrongSetting("DATABASE_URL", refusal) from error


def keyring(settings: Settings) -> Keyring:
    """The operator's keys, or the one made once beside the embedded database."""
    keys, home = settings.encryption_keys, settings.greenroom_home
    try:
        if keys is not None:
            return Keyring.parse(keys.get_secret_value())
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Keyring.load_or_create(home / KEY_FILE)
    except (ValueError, OSError) as error:
        raise WrongSetting("ENCRYPTION_KEYS" if keys else "GREENROOM_HOME", str(error)) from error


def mailer(settings: Settings) -> Mailer:
    """Real mail where SMTP is set; else the operator finds mails in the log, and the bot says so."""
    if settings.smtp_url is None:
        return LogMailer()
    try:
        return SmtpMailer(settings.smtp_url.get_secret_value(), settings.mail_from)
    except ValueError as error:
        setting, _, reason = str(error).partition(" ")
        raise WrongSetting(setting, reason) from error


def blobs(settings: Settings, reached: Transactions) -> Blobs:
    """Where files live: new ones where it is set, earlier ones where they were put."""
    reach = cache(partial(objects, settings))
    if settings.blob_url == IN_DATABASE:
        return Blobs(reached, None, reach)
    reach(settings.blob_url)  # so that what is wrong about it is told at the start
    return Blobs(reached, settings.blob_url, reach)


def objects(settings: Settings, place: str) -> Objects:
    """The store of bytes at `s3://bucket/prefix`; raises `WrongSetting`."""
    # Its client is loaded only where files live, or lived, outside the database.
    from domain.adapters.s3 import S3Objects

    secrets = {"secret_access_key": settings.aws_secret_access_key, "token": settings.aws_session_token}
    words = {
        "access_key_id": settings.aws_access_key_id,
        "region": settings.aws_region,
        "endpoint": settings.aws_endpoint_url,
        **{name: secret.get_secret_value() for name, secret in secrets.items() if secret},
    }
    try:
        return S3Objects(place, **{name: word for name, word in words.items() if word})
    except Exception as error:
        raise WrongSetting("BLOB_URL", f"no client can be made for it ({type(error).__name__})") from error


def ledger(settings: Settings, reached: Transactions, clock: Clock) -> LedgerInDatabase:
    """What calls of Gemini are written into and held against, within the operator's limits."""
    return LedgerInDatabase(
        reached,
        clock,
        Prices(settings.gemini_prices),
        daily_calls=settings.gemini_daily_calls,
        daily_calls_per_person=settings.gemini_daily_calls_per_person,
    )


@asynccontextmanager
async def interviewer(
    settings: Settings, offline: Interviewer, calls: Ledger, breakers: BreakerStore, clock: Clock
) -> AsyncIterator[Interviewer]:
    """Gemini, within bounds, where a key is set, else the offline interviewer."""
    if settings.gemini_api_key is None:
        yield offline
        return
    # The SDK takes 20 MB and a second to import: only where it is used.
    from domain.adapters.gemini import GeminiInterviewer

    gemini = GeminiInterviewer(
        settings.gemini_api_key.get_secret_value(),
        settings.gemini_model,
        settings.gemini_base_url,
        fallback_model=settings.gemini_fallback_model,
        thinking_level=settings.gemini_thinking_level,
        ledger=calls,
        breakers=breakers,
        now=clock.now,
    )
    try:
        yield GuardedInterviewer(gemini)
    finally:
        await gemini.close()


@asynccontextmanager
async def connections(
    settings: Settings,
    *,
    token: str,
    api_url: str | None,
    letters: Mailer,
    migrate: bool,
    stopping: asyncio.Event | None = None,
    hasher: PasswordHasher | None = None,
) -> AsyncIterator[Connections]:
    """Everything constructed, the schema up to date; closed in reverse order.

    Raises `ToldToStop` where `stopping` is set before that.
    """
    keys = keyring(settings)
    async with AsyncExitStack() as stack:
        dsn = await stack.enter_async_context(database(settings))
        await prepare_schema(dsn, migrate=migrate, stopping=stopping)
        engine = engine_for(dsn)
        stack.push_async_callback(engine.dispose)
        offline = GuardedInterviewer(OfflineInterviewer())
        clock, reached = SystemClock(), transactions(engine)
        counted, breakers = ledger(settings, reached, clock), BreakersInDatabase(reached)
        reader, hasher = SandboxedReader(), hasher or PasswordHasher()
        stack.push_async_callback(reader.close)
        stack.callback(hasher.close)
        telegram = Telegram(token, api_url)
        stack.push_async_callback(telegram.close)
        world = World(
            transactions=reached,
            pipe=Pipe(keys),
            keyring=keys,
            hasher=hasher,
            interviewer=await stack.enter_async_context(
                interviewer(settings, offline, counted, breakers, clock)
            ),
            offline=offline,
            reader=reader,
            press=Press(),
            mailer=letters,
            files=telegram,
            blobs=blobs(settings, reached),
            places=ChildPlaces(),
            clock=clock,
            operators=frozenset(settings.admin_ids),
            bot_username=telegram.username,
            public_url=settings.public_url,
        )
        yield Connections(settings, dsn, world, telegram, Liveness(dsn))
