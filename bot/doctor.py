"""`greenroom doctor`: what is set, what answers; one line each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import uuid4

from sqlalchemy import text

import migrations
from bot.app import database, keyring, mailer, objects
from bot.settings import IN_DATABASE, Settings, WrongSetting
from bot.telegram import Telegram
from domain.adapters.mail import SmtpMailer
from domain.database import engine_for, transactions
from domain.errors import Refused, Unavailable

UNUSABLE = {
    "denied": "the AWS_… credentials may not put, get or delete there",
    "bucket": "there is no such bucket",
    "gone": "what was put there was gone at once",
    "unreachable": "no answer (see AWS_ENDPOINT_URL and AWS_REGION)",
}
Check = Callable[[Settings], Awaitable[str]]


class Ailing(Exception):
    """A check failed; the message says how."""


async def examine(settings: Settings) -> int:
    """Run every check; 1 if one fails."""
    failed = 0
    for name, check in CHECKS.items():
        try:
            finding, mark = await check(settings), "ok  "
        except (Ailing, WrongSetting) as ailing:
            finding, mark, failed = str(ailing), "FAIL", 1
        print(f"{mark}  {name}: {finding}")  # noqa: T201  # the command line's own voice
    return failed


async def keys(settings: Settings) -> str:
    keyring(settings)
    return "usable" if settings.encryption_keys else f"kept in {settings.greenroom_home}"


async def reach_database(settings: Settings) -> str:
    async with database(settings) as dsn:
        engine = engine_for(dsn, pool_size=1)
        try:
            async with transactions(engine)() as db:
                version = await db.scalar(text("SHOW server_version"))
                revision = await migrations.current(db)
        except Exception as error:
            raise Ailing(f"cannot be reached ({type(error).__name__})") from error
        finally:
            await engine.dispose()
    where = "PostgreSQL" if settings.database_url else "embedded PostgreSQL"
    if revision not in (None, migrations.head()):
        raise Ailing(f"{where} {version}, schema {revision}, this program has {migrations.head()}")
    return f"{where} {version}, schema {revision or 'not yet made (greenroom migrate)'}"


async def reach_telegram(settings: Settings) -> str:
    if settings.telegram_bot_token is None:
        return "no TELEGRAM_BOT_TOKEN: the playground is served"
    telegram = Telegram(settings.telegram_bot_token.get_secret_value(), settings.telegram_api_url)
    try:
        return f"@{await telegram.introduce()}"
    except Unavailable as error:
        wrong = "TELEGRAM_BOT_TOKEN is refused" if error.reason == "telegram.token" else "cannot be reached"
        raise Ailing(wrong) from error
    finally:
        await telegram.close()


async def reach_gemini(settings: Settings) -> str:
    if settings.gemini_api_key is None:
        return "no GEMINI_API_KEY: the offline interviewer serves"
    from domain.adapters.gemini import GeminiInterviewer  # heavy, and only needed here

    models = [name for name in (settings.gemini_model, settings.gemini_fallback_model) if name]
    for model in models:
        gemini = GeminiInterviewer(
            settings.gemini_api_key.get_secret_value(), model, settings.gemini_base_url
        )
        try:
            await gemini.check()
        except (Unavailable, Refused) as error:
            raise Ailing(f"{model} does not answer ({error.reason})") from error
        finally:
            await gemini.close()
    return f"{' and '.join(models)} answer{'s' if len(models) == 1 else ''}"


async def reach_mail(settings: Settings) -> str:
    letters = mailer(settings)
    if not isinstance(letters, SmtpMailer):
        return "no SMTP_URL: codes are shown in the playground, or written to the log"
    try:
        await letters.check()
    except Unavailable as error:
        raise Ailing(f"the SMTP server does not take us ({error.reason})") from error
    return "the SMTP server takes us"


async def reach_files(settings: Settings) -> str:
    if settings.blob_url == IN_DATABASE:
        return "kept in the database"
    store, key, content = objects(settings, settings.blob_url), f"doctor/{uuid4()}", b"is this kept?"
    try:
        await store.put(key, content)
        found = await store.get(key)
        await store.delete(key)
    except (Unavailable, Refused) as error:
        why = error.reason.rpartition(".")[2]
        raise Ailing(f"{settings.blob_url} cannot be used: {UNUSABLE.get(why, why)}") from error
    if found != content:
        raise Ailing(f"{settings.blob_url} gives back something else than was put there")
    return f"{settings.blob_url} takes, gives and deletes"


CHECKS: dict[str, Check] = {
    "keys": keys,
    "database": reach_database,
    "files": reach_files,
    "Telegram": reach_telegram,
    "Gemini": reach_gemini,
    "mail": reach_mail,
}
