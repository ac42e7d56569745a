"""What must never be in a log, at any level, and what must."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import re
import sys
import threading
import uuid
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pydantic
import pytest
import sqlalchemy
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from telegram import Bot
from telegram.error import InvalidToken, NetworkError, TelegramError

from bot import logs
from domain.adapters.mail import LogMailer
from domain.ports import Mail

# Made up, in the form of BotFather's.
TOKEN = "7203948571:AAHcanary-bot-token_0123456789abcde"
SECRETS = [
    TOKEN,
    "canary gemini/key",
    'canary "smtp" pässword',
    "canary-database-password",
    "Y2FuYXJ5IGVuY3J5cHRpb24ga2V5IG51bWJlciAxISE=,Y2FuYXJ5IGVuY3J5cHRpb24ga2V5IG51bWJlciAyISE=",
    "canary-webhook-Xk42mmQ",
]
WORDS = "canary words of a candidate"

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Logging is the process's: every test gives it back as it found it."""
    root = logging.getLogger()
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    handlers, level = root.handlers[:], root.level
    libraries = ("telegram", "httpx", "httpcore", "httpcore.http11", "aiohttp", "sqlalchemy.engine")
    levels = {
        name: logging.getLogger(name).level for name in (*logs.OWN, *libraries, "uvicorn.error", "asyncio")
    }
    yield
    root.handlers[:], root.level = handlers, level
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    for name, former in levels.items():
        logging.getLogger(name).setLevel(former)
    logging.captureWarnings(capture=False)
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    """Configured for JSON at debug level; gives what was written since it was last asked."""
    logs.configure("debug", "json", SECRETS)

    def read() -> list[dict[str, Any]]:
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    return read


def hear_everything() -> None:
    """As if each library had been told to say all it can."""
    for name in ("telegram", "httpx", "httpcore", "httpcore.http11", "aiohttp", "sqlalchemy.engine"):
        logging.getLogger(name).setLevel(logging.DEBUG)


@asynccontextmanager
async def http_server(body: str, status: str = "200 OK") -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
        await reader.readexactly(int(length.group(1)) if length else 0)
        content = body.encode()
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def bot_at(root: str) -> Bot:
    return Bot(TOKEN, base_url=f"{root}/bot", base_file_url=f"{root}/file/bot")


def is_clean(text: str) -> bool:
    return not any(part in text for part in (*SECRETS, TOKEN.partition(":")[2], WORDS, "canary"))


# ---------------------------------------------------------------- libraries


async def test_calls_to_a_dead_server_leave_no_token(lines: Lines) -> None:
    hear_everything()
    async with http_server("") as root:
        pass
    log = logs.get_logger("bot.telegram")
    try:
        await bot_at(root).send_message(1, WORDS)
    except NetworkError as error:
        log.exception("telegram is away", method="sendMessage", error=error)
    written = lines()
    assert [line["event"] for line in written] == ["telegram is away"]
    assert "ConnectError" in written[0]["exception"]
    assert is_clean(json.dumps(written))


async def test_calls_that_are_answered_leave_neither_urls_nor_bodies(lines: Lines) -> None:
    hear_everything()
    answer = {"ok": True, "result": {"id": 1, "is_bot": True, "first_name": WORDS, "username": "canary_bot"}}
    async with http_server(json.dumps(answer)) as root:
        assert (await bot_at(root).get_me()).first_name == WORDS
        async with httpx.AsyncClient() as client:
            await client.post(f"{root}/bot{TOKEN}/sendMessage", json={"text": WORDS})
    assert lines() == []


async def test_a_body_that_ptb_reports_as_critical_is_withheld(lines: Lines) -> None:
    hear_everything()
    update = {"update_id": 1, "message": {"text": WORDS, "date": "canary", "chat": 5}}
    async with http_server(json.dumps({"ok": True, "result": [update]})) as root:
        with pytest.raises(Exception):  # noqa: B017, PT011  # what PTB makes of it is its own affair
            await bot_at(root).get_updates()
    written = lines()
    assert [(line["event"], line["level"]) for line in written] == [
        ("a library's record, withheld", "critical")
    ]
    assert written[0]["logger"] == "telegram.Bot"
    assert re.fullmatch(r"telegram\.Bot:\d+", written[0]["where"])
    assert written[0]["error"]
    assert is_clean(json.dumps(written))


async def test_a_rejected_token_is_masked_in_the_error(lines: Lines) -> None:
    async with http_server(
        '{"ok": false, "error_code": 401, "description": "Unauthorized"}', "401 No"
    ) as root:
        with pytest.raises(InvalidToken, match="canary") as caught:
            await bot_at(root).initialize()
    logs.get_logger("bot.app").error("telegram refuses the token", exc_info=caught.value)
    (line,) = lines()
    assert "***" in line["exception"]
    assert is_clean(json.dumps(line))


def test_every_library_is_withheld_but_the_few_that_are_trusted(lines: Lines) -> None:
    for name in ("telegram.Bot", "httpx", "httpcore2.http11", "aiohttp.client", "google_genai.models"):
        logging.getLogger(name).error("%s", WORDS)
        logging.getLogger(name).info("%s", WORDS)
    for name in ("sqlalchemy.engine.Engine", "asyncpg.pool", "aiosmtplib", "starlette", "a.new.library"):
        logging.getLogger(name).critical(WORDS, extra={"reason": WORDS})
        logging.getLogger(name).debug(WORDS)
    written = lines()
    assert len(written) == 10
    assert {line["event"] for line in written} == {"a library's record, withheld"}
    assert is_clean(json.dumps(written))
    logging.getLogger("uvicorn.error").info("Uvicorn running")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request", extra={"color_message": "…"})
    logging.getLogger("asyncio").error("Task was destroyed but it is pending")
    assert [line["event"] for line in lines()] == [
        "Invalid HTTP request",
        "Task was destroyed but it is pending",
    ]


def test_a_database_that_is_told_to_echo_shows_no_parameters(lines: Lines) -> None:
    engine = sqlalchemy.create_engine("sqlite://")
    logging.getLogger("sqlalchemy.engine").setLevel(logging.DEBUG)
    with engine.connect() as db:
        db.execute(sqlalchemy.text("select :words"), {"words": WORDS})
    assert lines() == []


# ---------------------------------------------------------------- fields


def test_fields_of_the_allow_list_are_written(lines: Lines) -> None:
    job_id = uuid.uuid4()
    logs.get_logger("bot.worker").info("job done", job=job_id, kind="mail", seconds=0.25, attempt=2)
    logging.getLogger("domain.messaging").info("job done", extra={"job": job_id, "kind": "mail"})
    ours, theirs = lines()
    assert ours.pop("timestamp").endswith("Z")
    assert ours == {
        "event": "job done",
        "level": "info",
        "logger": "bot.worker",
        "job": str(job_id),
        "kind": "mail",
        "seconds": 0.25,
        "attempt": 2,
    }
    assert (theirs["logger"], theirs["job"], theirs["kind"]) == ("domain.messaging", str(job_id), "mail")


def test_other_fields_are_dropped_and_only_named(lines: Lines) -> None:
    logs.get_logger("bot.worker").info("heard", answer=WORDS, text=WORDS, count=1)
    logging.getLogger("domain.interviews").warning("heard", extra={"answer": WORDS, "count": 1})
    structlog.contextvars.bind_contextvars(email=WORDS)
    logs.get_logger("bot.worker").info("heard %s", WORDS)
    written = lines()
    assert [line["dropped"] for line in written] == ["answer text", "answer", "email positional_args"]
    assert written[0]["count"] == written[1]["count"] == 1
    assert is_clean(json.dumps(written))


def test_values_with_an_inside_are_not_opened(lines: Lines) -> None:
    update: dict[str, object] = {"message": WORDS}
    logs.get_logger("bot").info("heard", kind=update, reason=[WORDS], error=ValueError, step=b"canary")
    (line,) = lines()
    assert (line["kind"], line["reason"], line["error"], line["step"]) == (
        "<dict>",
        "<list>",
        "ValueError",
        "<bytes>",
    )


def test_who_it_was_is_told_by_a_hash_that_all_replicas_share(
    lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    log = logs.get_logger("bot")
    log.info("a", chat=123456789)
    log.info("b", chat="123456789")
    log.info("c", chat=987654321)
    first, same, other = (line["chat"] for line in lines())
    assert first == same != other
    assert re.fullmatch(r"[0-9a-f]{8}", first)
    logs.configure("info", "json", reversed(SECRETS))
    log.info("a", chat=123456789)
    assert lines()[0]["chat"] == first
    logs.configure("info", "json", [*SECRETS[1:], "another token"])
    log.info("a", chat=123456789)
    assert lines()[0]["chat"] != first


def test_context_is_on_every_line(lines: Lines) -> None:
    structlog.contextvars.bind_contextvars(update_id=77)
    logs.get_logger("bot").info("a")
    logging.getLogger("domain").info("b")
    logs.get_logger("bot").bind(worker="w1").info("c")
    written = lines()
    assert [line["update_id"] for line in written] == [77, 77, 77]
    assert written[2]["worker"] == "w1"


# ---------------------------------------------------------------- secrets


@pytest.mark.parametrize("secret", [*SECRETS, *SECRETS[4].split(",")])
@pytest.mark.parametrize(
    "written_as",
    [
        str,
        repr,
        json.dumps,
        lambda secret: json.dumps({"error": secret}),
        lambda secret: httpx.URL("http://h/", params={"q": secret}),
        lambda secret: f"postgresql://greenroom:{secret}@db:5432/x",
        lambda secret: f"GET /bot{secret}/getMe",
        lambda secret: secret + secret,
    ],
)
def test_a_configured_secret_is_masked_however_it_is_written(
    lines: Lines, secret: str, written_as: Callable[[str], object]
) -> None:
    text = str(written_as(secret))
    logging.getLogger("domain").error("call of %s failed", text, extra={"reason": text})
    try:
        raise ValueError(text)
    except ValueError as error:
        logs.get_logger("bot").exception("failed", error=error)
    out = json.dumps(lines(), ensure_ascii=False)
    assert "***" in out
    for part in re.findall(r"\w{6,}", secret):
        assert part not in out


@pytest.mark.parametrize(
    "text",
    [
        "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
        "https://api/bot110201543%3AAAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getMe",
        "POST /bot1:AAHshort/sendMessage",
        "https://h/v1/models?alt=json&key=AAHquite",
        "https://h/v1?key=AAHquite",
        "AIzaAAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0",
        "smtps://bot:AAHp@ss@host:465",
    ],
)
def test_what_looks_like_a_secret_is_masked_though_nobody_configured_it(lines: Lines, text: str) -> None:
    logs.get_logger("bot").warning(f"failed at {text}", reason=text)
    out = json.dumps(lines())
    assert "AAH" not in out
    assert "***" in out


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(secret=st.text(min_size=4, max_size=60), before=st.text(max_size=20), after=st.text(max_size=20))
def test_any_secret_of_four_characters_is_masked(
    capsys: pytest.CaptureFixture[str], secret: str, before: str, after: str
) -> None:
    mask = logs._masking(frozenset({secret}))
    assert secret not in mask(f"{before}{secret}{after}").replace("***", "\0") or "*" in secret


def test_a_mask_comes_before_the_cut(lines: Lines) -> None:
    logs.get_logger("bot").info("long", reason="x" * 490 + TOKEN, kind="y" * 9000)
    (line,) = lines()
    assert line["reason"].endswith("x***")
    assert len(line["kind"]) == 500


# ---------------------------------------------------------------- errors


def test_a_traceback_shows_lines_of_code_and_no_values(lines: Lines) -> None:
    def evaluate(answer: str, token: str) -> None:
        kept = [answer, token]
        raise RuntimeError("no room") from LookupError(f"https://api/bot{token}/getMe {len(kept)}")

    try:
        evaluate(WORDS, TOKEN)
    except RuntimeError:
        logging.getLogger("domain.interviews").exception("failed")
    (line,) = lines()
    assert "in evaluate" in line["exception"]
    assert "RuntimeError: no room" in line["exception"]
    assert "LookupError: https://api/bot***/getMe 2" in line["exception"]
    assert is_clean(line["exception"].replace("test_logs", ""))


class _Form(pydantic.BaseModel):
    years: int


def _pydantic_error() -> None:
    _Form.model_validate({"years": WORDS})


def _database_error() -> None:
    with sqlalchemy.create_engine("sqlite://").connect() as db:
        db.execute(sqlalchemy.text("select :words from nowhere"), {"words": WORDS})


def _unique_violation() -> None:
    detail = f"DETAIL:  Failing row contains (7, {WORDS}\nand {WORDS}).\n[SQL: INSERT INTO x]"
    raise sqlalchemy.exc.IntegrityError("INSERT", {"a": WORDS}, Exception(f"check violated\n{detail}"))


def _wrong_argument() -> None:
    raise ValueError(f"invalid input for query argument $1: '{WORDS}' (expected int)")


@pytest.mark.parametrize("fail", [_pydantic_error, _database_error, _unique_violation, _wrong_argument])
def test_what_errors_quote_of_peoples_words_is_masked(lines: Lines, fail: Callable[[], None]) -> None:
    try:
        fail()
    except Exception as error:
        logs.get_logger("bot.worker").exception("failed", error=error)
    (line,) = lines()
    assert "***" in line["exception"]
    assert WORDS not in json.dumps(line)


def test_errors_that_nobody_caught_are_masked_too(lines: Lines) -> None:
    error = TelegramError(f"failed: {TOKEN}")
    sys.excepthook(TelegramError, error, None)

    def fail() -> None:
        raise error

    thread = threading.Thread(target=fail, name="reader")
    thread.start()
    thread.join()

    class Fragile:
        def __del__(self) -> None:
            raise error

    Fragile()
    gc.collect()
    warnings.warn(f"deprecated: {TOKEN}", UserWarning, stacklevel=1)
    written = lines()
    assert [line.get("where") for line in written] == ["main", "reader", "a finalizer", None]
    assert written[3]["logger"] == "py.warnings"
    assert is_clean(json.dumps(written))
    assert all("***" in json.dumps(line) for line in written)


def test_a_record_that_cannot_be_written_does_not_print_its_arguments(
    lines: Lines, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    ours = [each for each in root.handlers if isinstance(each, logs._StandardError)]
    monkeypatch.setattr(root, "handlers", ours)  # pytest's own handler raises
    logging.getLogger("domain.interviews").info("%d answers", WORDS)
    text = capsys.readouterr().err
    assert re.fullmatch(r"a log record could not be written: TypeError at domain\.interviews:\d+\n", text)


# ---------------------------------------------------------------- the rest


def test_the_level_holds_for_this_program(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning", "json")
    logs.get_logger("bot").info("unheard")
    logging.getLogger("domain").info("unheard")
    logging.getLogger("uvicorn.error").info("unheard")
    logs.get_logger("bot").warning("heard")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["heard"]


def test_a_second_call_replaces_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    logs.configure("info", "json")
    logs.get_logger("bot").info("once")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_text_is_one_line_an_event_and_cannot_forge_another(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "text", SECRETS)
    logs.get_logger("bot").info("heard\n2026-01-01 forged", reason=f"a\r\nforged\x1b[2J {TOKEN}", count=3)
    text = capsys.readouterr().err
    assert "\x1b[2J" not in text
    assert re.search(r"count=3\b", text)
    assert TOKEN not in text
    first, *rest = text.splitlines()
    assert "heard" in first
    assert all(line.startswith("    ") for line in rest)


def test_text_shows_tracebacks(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "text", SECRETS)
    try:
        raise ValueError(f"bad {TOKEN}")
    except ValueError:
        logs.get_logger("bot").exception("failed")
    text = capsys.readouterr().err
    assert "ValueError: bad ***" in text
    assert "Traceback (most recent call last)" in text


def test_it_is_json_where_standard_error_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    logs.get_logger("bot").info("heard")
    assert json.loads(capsys.readouterr().err)["event"] == "heard"


async def test_a_mail_without_smtp_can_be_read_in_the_log(lines: Lines) -> None:
    await LogMailer().send(Mail("alice@example.org", "Your code", "It is 123456.", "<p>It is 123456.</p>"))
    (line,) = lines()
    assert "alice@example.org" in line["event"]
    assert "It is 123456." in line["event"]


@pytest.mark.parametrize(
    ("level", "fmt", "name"), [("loud", None, "LOG_LEVEL"), ("info", "xml", "LOG_FORMAT")]
)
def test_a_wrong_setting_is_named(level: str, fmt: str | None, name: str) -> None:
    with pytest.raises(ValueError, match=rf"\A{name} [^\n]+\Z"):
        logs.configure(level, fmt)


def test_an_error_id_can_be_read_out() -> None:
    ids = {logs.new_error_id() for _ in range(500)}
    assert len(ids) == 500
    assert all(re.fullmatch(r"[2-9a-hj-km-np-tw-z]{4}-[2-9a-hj-km-np-tw-z]{2}", each) for each in ids)
