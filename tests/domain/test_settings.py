"""Every setting: its default, its forms, and the one line that a wrong value gets."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

import migrations
from bot.app import keyring, mailer
from bot.settings import Settings, WrongSetting, load
from domain.adapters.mail import LogMailer, SmtpMailer
from domain.calls.prices import Price
from domain.database import normalised
from tests.loopback.commands import Ended, ran, running
from tests.loopback.greenroom import KEY
from tests.loopback.outside import Outside
from tests.loopback.s3 import LoopbackS3

NAMES = tuple(name.upper() for name in Settings.model_fields)
TOKEN = "123456:ABC-canary_token"
DATABASE = "postgresql://me:canary-db@db.example:5433/greenroom"

Set = Callable[..., Settings]


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Set:
    """Load the settings of an environment that has these and no others."""
    for name in os.environ:
        if name.upper() in NAMES:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def load_with(**environment: str) -> Settings:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return load()

    return load_with


def test_everything_has_a_default(loaded: Set) -> None:
    settings = loaded()
    unset = ["telegram_bot_token", "telegram_api_url", "gemini_api_key", "gemini_base_url", "database_url"]
    unset += ["smtp_url", "encryption_keys", "public_url", "webhook_secret", "log_format"]
    assert [getattr(settings, name) for name in unset] == [None] * len(unset)
    assert (settings.host, settings.port, settings.blob_url) == ("127.0.0.1", 8080, "postgres:")
    assert (settings.log_level, settings.admin_ids, settings.shutdown_grace) == ("info", (), 20.0)
    assert settings.gemini_model.startswith("gemini-")
    assert settings.greenroom_home.is_absolute()
    assert settings.greenroom_auto_migrate


def test_an_empty_value_is_none(loaded: Set) -> None:
    assert loaded(**dict.fromkeys(NAMES, "")) == loaded()


def test_an_env_file_is_read_and_the_environment_goes_before_it(loaded: Set, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=81\nLOG_LEVEL=warning\nOTHERS_SETTING=1\n")
    settings = loaded(PORT="82")
    assert (settings.port, settings.log_level) == (82, "warning")


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        ("TELEGRAM_API_URL", "http://127.0.0.1:8081/", "http://127.0.0.1:8081"),
        ("GEMINI_BASE_URL", "https://gemini.example/v9/", "https://gemini.example/v9"),
        ("GEMINI_MODEL", "gemini-9", "gemini-9"),
        ("GEMINI_THINKING_LEVEL", "low", "low"),
        ("GEMINI_FALLBACK_MODEL", "gemini-8", "gemini-8"),
        ("GEMINI_DAILY_CALLS", "5000", 5000),
        ("GEMINI_DAILY_CALLS_PER_PERSON", "0", 0),
        ("GEMINI_PRICES", "m=0.5/2", {"m": Price(Decimal("0.5"), Decimal(2))}),
        ("MAIL_FROM", "Me <me@example.org>", "Me <me@example.org>"),
        ("PUBLIC_URL", "https://bot.example/", "https://bot.example"),
        ("HOST", "0.0.0.0", "0.0.0.0"),
        ("PORT", "0", 0),
        ("PORT", "65535", 65535),
        ("BLOB_URL", "postgres:", "postgres:"),
        ("BLOB_URL", "s3://bucket", "s3://bucket"),
        ("BLOB_URL", "s3://my.bucket-2/a/b/", "s3://my.bucket-2/a/b"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9000/", "http://127.0.0.1:9000"),
        ("AWS_REGION", "eu-west-1", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKIA", "AKIA"),
        ("ADMIN_IDS", "17", (17,)),
        ("ADMIN_IDS", "17, 18 19,", (17, 18, 19)),
        ("LOG_LEVEL", "DEBUG", "debug"),
        ("LOG_FORMAT", "json", "json"),
        ("LOG_FORMAT", "text", "text"),
        ("GREENROOM_HOME", "/srv/greenroom", Path("/srv/greenroom")),
        ("GREENROOM_AUTO_MIGRATE", "0", False),
        ("GREENROOM_AUTO_MIGRATE", "1", True),
        ("SHUTDOWN_GRACE", "2.5", 2.5),
    ],
)
def test_forms(loaded: Set, name: str, written: str, meant: object) -> None:
    assert getattr(loaded(**{name: written}), name.lower()) == meant


@pytest.mark.parametrize(
    "secret", [("TELEGRAM_BOT_TOKEN", TOKEN), ("GEMINI_API_KEY", "k"), ("WEBHOOK_SECRET", "aB_-9")]
)
def test_forms_of_secrets(loaded: Set, secret: tuple[str, str]) -> None:
    name, value = secret
    assert getattr(loaded(**{name: value}), name.lower()).get_secret_value() == value


@pytest.mark.parametrize(
    "written",
    [
        DATABASE,
        DATABASE.replace("postgresql:", "postgres:"),
        DATABASE.replace("postgresql:", "postgresql+asyncpg:"),
        f"  {DATABASE}\n",
    ],
)
def test_forms_of_the_database(loaded: Set, written: str) -> None:
    assert secret_of(loaded(DATABASE_URL=written, ENCRYPTION_KEYS=KEY), "database_url") == DATABASE


@pytest.mark.parametrize(
    "written",
    [
        f"{DATABASE}?sslmode=verify-full",
        "postgresql://me@one.example:5432,two.example:5433/greenroom",
        "postgresql://[::1]:5432/greenroom",
        "postgresql:///greenroom?host=/run/postgresql",
        "postgresql://me:p%40%2F%3F%23@db.example/greenroom",
    ],
)
def test_addresses_that_asyncpg_takes(written: str) -> None:
    assert normalised(written) == written


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("smtp://127.0.0.1:2525", SmtpMailer),
        ("smtps://user:p%40ss@mail.example", SmtpMailer),
        ("smtp+starttls://user:pass@mail.example:587", SmtpMailer),
        ("", LogMailer),
    ],
)
def test_forms_of_mail(loaded: Set, written: str, kind: type) -> None:
    assert isinstance(mailer(loaded(SMTP_URL=written)), kind)


def test_several_keys_newest_first(loaded: Set) -> None:
    older, newer = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
    sealed = keyring(loaded(ENCRYPTION_KEYS=older)).seal(b"words", "place")
    both = keyring(loaded(ENCRYPTION_KEYS=f"{newer}, {older}"))
    assert both.open(sealed, "place") == b"words"
    assert keyring(loaded(ENCRYPTION_KEYS=newer)).open(both.seal(b"more", "place"), "place") == b"more"


def test_without_keys_one_is_made_once_and_kept_to_oneself(loaded: Set, tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    settings = loaded(GREENROOM_HOME=str(home))
    sealed = keyring(settings).seal(b"words", "place")
    assert keyring(settings).open(sealed, "place") == b"words"
    (key,) = home.iterdir()
    assert (home.stat().st_mode & 0o777, key.stat().st_mode & 0o777) == (0o700, 0o600)


WRONG = [
    ("TELEGRAM_BOT_TOKEN", "canary"),
    ("TELEGRAM_BOT_TOKEN", ":canary"),
    ("TELEGRAM_BOT_TOKEN", "1:can ary"),
    ("TELEGRAM_BOT_TOKEN", "bot123:canary"),
    ("TELEGRAM_API_URL", "api.telegram.org"),
    ("GEMINI_BASE_URL", "ftp://gemini.example"),
    ("GEMINI_THINKING_LEVEL", "canary"),
    ("DATABASE_URL", "mysql://me:canary@db.example/greenroom"),
    ("DATABASE_URL", "postgresql://me:canary@db.example"),
    ("DATABASE_URL", "postgresql://me:can/ary@db.example:5432/greenroom"),
    ("DATABASE_URL", "postgresql://me:canary@db.example:many/greenroom"),
    ("DATABASE_URL", "postgresql://me:canary@[::1/greenroom"),
    ("DATABASE_URL", "postgresql://me:canary@db.example/greenroom?sslmode=canary"),
    ("SMTP_URL", "mail.example"),
    ("SMTP_URL", "http://me:canary@mail.example"),
    ("SMTP_URL", "smtp://me:can/ary@mail.example"),
    ("SMTP_URL", "smtp://me:canary@[::1"),
    ("SMTP_URL", "smtp://:canary@mail.example"),
    ("SMTP_URL", "smtp://"),
    ("ENCRYPTION_KEYS", "canary"),
    ("ENCRYPTION_KEYS", base64.b64encode(b"canary, far too short").decode()),
    ("ENCRYPTION_KEYS", f"{KEY},"),
    ("PUBLIC_URL", "bot.example"),
    ("PUBLIC_URL", "https://"),
    ("WEBHOOK_SECRET", "can ary"),
    ("WEBHOOK_SECRET", "canary/"),
    ("WEBHOOK_SECRET", "c" * 257),
    ("PORT", "canary"),
    ("PORT", "65536"),
    ("PORT", "-1"),
    ("BLOB_URL", "file:///canary"),
    ("BLOB_URL", "s3:"),
    ("BLOB_URL", "s3://Canary"),
    ("BLOB_URL", "s3://can/ary?x"),
    ("AWS_ENDPOINT_URL", "s3.canary"),
    ("ADMIN_IDS", "17,canary"),
    ("LOG_LEVEL", "loud"),
    ("LOG_FORMAT", "xml"),
    ("GREENROOM_AUTO_MIGRATE", "perhaps"),
    ("GREENROOM_HOME", "/dev/null/home"),
    ("SHUTDOWN_GRACE", "-1"),
    ("SHUTDOWN_GRACE", "soon"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_told_in_one_line_that_shows_nothing_of_it(
    loaded: Set, name: str, value: str
) -> None:
    keys = {"ENCRYPTION_KEYS": KEY} if name == "DATABASE_URL" else {}
    with pytest.raises(WrongSetting) as wrong:
        constructed(loaded(**keys, **{name: value}))
    told = str(wrong.value)
    assert told.startswith(f"{name}: ")
    assert "\n" not in told
    assert "can" not in told.removeprefix(name).replace("cannot", "")


def test_mail_needs_a_sender(loaded: Set) -> None:
    with pytest.raises(WrongSetting, match=r"^MAIL_FROM: .*not an address"):
        constructed(loaded(SMTP_URL="smtp://127.0.0.1", MAIL_FROM="Greenroom"))


def test_a_database_of_ones_own_needs_keys(loaded: Set) -> None:
    with pytest.raises(WrongSetting, match=r"^ENCRYPTION_KEYS: required"):
        loaded(DATABASE_URL=DATABASE)


def test_secrets_are_masked_wherever_settings_are_shown(loaded: Set) -> None:
    secrets = {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "GEMINI_API_KEY": "canary-gemini",
        "DATABASE_URL": DATABASE,
        "SMTP_URL": "smtp://me:canary%40smtp@mail.example",
        "ENCRYPTION_KEYS": KEY,
        "WEBHOOK_SECRET": "canary-webhook",
        "AWS_SECRET_ACCESS_KEY": "canary-aws",
        "AWS_SESSION_TOKEN": "canary-token",
    }
    settings = loaded(**secrets)
    for shown in (repr(settings), str(settings), settings.model_dump_json(), f"{settings.model_dump()}"):
        assert "canary" not in shown
        assert KEY not in shown
    assert {*secrets.values(), "canary-db", "canary%40smtp", "canary@smtp"} <= set(settings.secrets())


@given(st.text(min_size=1))
def test_any_password_goes_through_when_written_as_told(password: str) -> None:
    address = f"postgresql://me:{quote(password, safe='')}@db.example:5432/greenroom"
    assert normalised(address) == address


@given(st.text())
def test_what_is_no_address_is_told_without_being_shown(text: str) -> None:
    assert "canary" not in refusal(f"postgresql://me:canary{text}@db.example:x/greenroom")


# The program itself


async def test_serve_without_a_token(tmp_path: Path) -> None:
    told(await ran("serve", tmp_path), "TELEGRAM_BOT_TOKEN: required")


async def test_every_command_minds_the_settings(tmp_path: Path) -> None:
    told(await ran("doctor", tmp_path, PORT="many"), "PORT: ")


async def test_an_address_that_cannot_be_had(dsn: str, tmp_path: Path) -> None:
    async with Outside(dsn) as outside:
        there = {**outside.settings, "PORT": str(outside.telegram.port)}
        taken = await ran("serve", tmp_path, **there, PUBLIC_URL="https://bot.example")
        told(taken, f"PORT: 127.0.0.1:{outside.telegram.port} cannot be used: ")
        told(await ran("playground", tmp_path, **there, HOST="203.0.113.1"), "HOST: 203.0.113.1:")


async def test_a_server_that_will_not_have_us(dsn: str, tmp_path: Path) -> None:
    name = dsn.rpartition("?")[0].rpartition("/")[2]
    missing = dsn.replace(name, "elsewhere")
    told(await ran("migrate", tmp_path, DATABASE_URL=missing, ENCRYPTION_KEYS=KEY), "DATABASE_URL: ")
    stranger = dsn.replace("//greenroom@", "//stranger:canary@")
    told(await ran("migrate", tmp_path, DATABASE_URL=stranger, ENCRYPTION_KEYS=KEY), "DATABASE_URL: ")


async def test_a_schema_of_a_newer_program(dsn: str, tmp_path: Path) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await connection.close()
    told(await ran("migrate", tmp_path, DATABASE_URL=dsn, ENCRYPTION_KEYS=KEY), "DATABASE_URL: ")
    examined = await ran("doctor", tmp_path, DATABASE_URL=dsn, ENCRYPTION_KEYS=KEY)
    assert examined.code == 1
    assert "FAIL  database: " in examined.out


async def test_a_database_that_is_away_is_waited_for(tmp_path: Path) -> None:
    away = {"DATABASE_URL": "postgresql://me:canary@127.0.0.1:9/greenroom", "ENCRYPTION_KEYS": KEY}
    async with running("migrate", tmp_path, **away) as program:
        await program.logs("the database cannot be reached, trying again")
        await program.logs("the database cannot be reached, trying again", since=1)
        assert "canary" not in "".join(program.lines)


async def test_a_clean_home_needs_nothing(tmp_path: Path) -> None:
    migrated = await ran("migrate", tmp_path)
    assert (migrated.code, migrated.out, migrated.err) == (0, "The schema is up to date.\n", "")
    examined = await ran("doctor", tmp_path)
    assert (examined.code, examined.err) == (0, "")
    assert [line[:4] for line in examined.out.splitlines()] == ["ok  "] * 6
    assert f"schema {migrations.head()}" in examined.out


async def test_a_doctor_who_reaches_everything(dsn: str, tmp_path: Path) -> None:
    async with Outside(dsn, smtp_password="p@ss") as outside, LoopbackS3("files") as s3:
        files = {name.upper(): value for name, value in s3.settings("s3://files/x").items()}
        examined = await ran("doctor", tmp_path, **outside.settings, **files)
    assert not s3.objects
    assert "s3://files/x takes, gives and deletes" in examined.out
    assert (examined.code, examined.err) == (0, "")
    assert [line[:4] for line in examined.out.splitlines()] == ["ok  "] * 6
    assert "p@ss" not in examined.out


async def test_a_doctor_tells_each_failure_in_its_line(dsn: str, tmp_path: Path) -> None:
    async with Outside(dsn) as outside, LoopbackS3() as s3:
        outside.gemini.fail("400-key", times=None)
        files = {name.upper(): value for name, value in s3.settings("s3://canaries/x").items()}
        wrong: dict[str, Any] = {
            "TELEGRAM_BOT_TOKEN": "2:canary",
            "SMTP_URL": "smtp://me:canary@127.0.0.1:9",
            "DATABASE_URL": "postgresql://me:canary@127.0.0.1:9/greenroom",
            "ENCRYPTION_KEYS": "canary",
        }
        examined = await ran("doctor", tmp_path, **{**outside.settings, **files, **wrong})
    assert examined.code == 1
    assert [line[:4] for line in examined.out.splitlines()] == ["FAIL"] * 6
    assert "s3://canaries/x cannot be used: there is no such bucket" in examined.out
    assert "ENCRYPTION_KEYS: " in examined.out
    assert "TELEGRAM_BOT_TOKEN is refused" in examined.out
    assert "canary" not in examined.out + examined.err
    assert "Traceback" not in examined.out + examined.err


def told(ended: Ended, line: str) -> None:
    """One line on standard error that begins so, and exit code 2."""
    assert ended.code == 2, ended.err
    lines = [each for each in ended.err.splitlines() if not each.startswith("{")]
    assert len(lines) == 1, ended.err
    assert lines[0].startswith(f"greenroom: {line}"), ended.err
    assert "canary" not in ended.err
    assert "Traceback" not in ended.err


def refusal(address: str) -> str:
    """What is told of an address of a database; nothing where it will do."""
    try:
        normalised(address)
    except ValueError as error:
        return str(error)
    return ""


def constructed(settings: Settings) -> None:
    """What a start makes of settings before it reaches for anything."""
    keyring(settings)
    mailer(settings)


def secret_of(settings: Settings, name: str) -> str:
    value: str = getattr(settings, name).get_secret_value()
    return value
