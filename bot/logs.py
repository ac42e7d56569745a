"""Logs an operator may keep and pass on: JSON or text on standard error, without secrets or anyone's words.

Two allow-lists stand between a slip and the log. Loggers: only this program's own write freely; a few
libraries may speak (`_TRUSTED`), all others write neither text nor arguments at any level, since
python-telegram-bot and the HTTP clients log URLs with the bot's token and whole bodies. Fields: those of
`FIELDS` are written, any other is dropped and only its name is told. Whatever passes is masked at last.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import re
import secrets as random
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import PurePath
from types import TracebackType
from typing import Final, cast
from urllib.parse import quote, quote_plus
from uuid import UUID

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

OWN: Final = frozenset({"bot", "domain", "migrations", "__main__"})

# Libraries whose texts hold nobody's words, and from which level on they are heard.
_TRUSTED: Final = {
    "alembic": logging.WARNING,
    "asyncio": logging.WARNING,
    "py.warnings": logging.WARNING,
    "uvicorn.error": logging.WARNING,
}

FIELDS: Final = frozenset(
    """
    event level timestamp logger exception error error_id where dropped
    update_id chat user account queue job job_id kind step attempt attempts worker replica leader
    seconds count size pages status method host port url_host retry_after reason
    row setting version revision model route mode language file_type signal pid
    tokens_in tokens_out
    """.split()  # noqa: SIM905  # a list of fifty lines tells no more
)

# Who it was is told by a short keyed hash: enough to follow one chat, not to find the person.
_HASHED: Final = frozenset({"chat", "user"})

_LONGEST: Final = {"event": 4_000, "exception": 20_000}
_LONGEST_OTHER: Final = 500
_SHORTEST_SECRET: Final = 4

# What looks like a secret though nobody configured it, and where errors quote people's words.
_SUSPECT: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"\b\d{5,}(?::|%3A)[\w-]{30,}", "***"),  # a bot token
        (r"(/bot)\d+(?::|%3A)[^/\s\"'?]+", r"\1***"),
        (r"\bAIza[\w-]{30,}", "***"),  # a Google API key
        (r"([?&]key=)[^&\s\"']+", r"\1***"),
        (r"(://)[^/\s@\"']+:[^/\s\"']*@", r"\1***@"),  # user and password of a URL
        (r"(\[parameters: ).*", r"\1***]"),  # SQLAlchemy
        # PostgreSQL's, over several lines where the words have them
        (r"(\bDETAIL:  ?)[\s\S]*?(?=\n\[SQL: |\nHINT: |\n\n(?:The above|During)|\Z)", r"\1***"),
        (r"(\binvalid input [^:\n]*: ).*", r"\1***"),  # PostgreSQL and asyncpg
        (r"(\binput_value=).*(, input_type=)", r"\1***\2"),  # pydantic
    )
)


def configure(level: str = "info", fmt: str | None = None, secrets: Iterable[str] = ()) -> None:
    """Send everything that is logged, from now on, through this module to standard error.

    `fmt` is "json" or "text"; by default text on a terminal and JSON elsewhere. `secrets` are the values to
    mask wherever they turn up. Errors that nobody caught are logged too. May be called again.
    Raises `ValueError` with one line that names LOG_LEVEL or LOG_FORMAT.
    """
    threshold = logging.getLevelNamesMapping().get(level.upper())
    if threshold is None:
        raise ValueError("LOG_LEVEL is none of debug, info, warning, error and critical")
    if fmt not in (None, "json", "text"):
        raise ValueError("LOG_FORMAT is neither json nor text")
    known = frozenset(secrets)
    handler = _StandardError()
    handler.addFilter(_allowed)
    handler.setFormatter(_formatter(fmt or ("text" if sys.stderr.isatty() else "json"), known))
    root = logging.getLogger()
    for former in [each for each in root.handlers if isinstance(each, _StandardError)]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in OWN:
        logging.getLogger(name).setLevel(threshold)
    for name, lowest in _TRUSTED.items():
        logging.getLogger(name).setLevel(max(threshold, lowest))
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _uncaught_in_passing


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger that takes fields as keywords: `log.info("job done", kind="mail", seconds=0.2)`.

    The event is written as it stands: it is a literal, never built from what a person wrote.
    """
    logger = structlog.wrap_logger(
        logging.getLogger(name),
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        context_class=dict,
        cache_logger_on_first_use=True,
    )
    return cast(structlog.stdlib.BoundLogger, logger)


def new_error_id() -> str:
    """A short id like "k7f3-q2" to quote to a user and to find again in the log; no 0/o, 1/l/i or u/v."""
    signs = "23456789abcdefghjkmnpqrstwxyz"
    drawn = "".join(random.choice(signs) for _ in range(6))
    return f"{drawn[:4]}-{drawn[4:]}"


class _StandardError(logging.Handler):
    """Writes to whatever `sys.stderr` is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Say where, and not what: logging's own report would print the arguments unmasked."""
        kind = getattr(sys.exc_info()[0], "__name__", "error")
        with contextlib.suppress(Exception):  # where standard error is gone there is nobody to tell
            sys.stderr.write(f"a log record could not be written: {kind} at {_where(record)}\n")


def _allowed(record: logging.LogRecord) -> bool:
    """A second time, at the door: a library may have set its own level."""
    return record.levelno >= _lowest_level(record.name)


def _lowest_level(name: str) -> int:
    if _is_own(name):
        return logging.NOTSET
    return next((lowest for each, lowest in _TRUSTED.items() if _is_under(name, each)), logging.WARNING)


def _is_own(name: str) -> bool:
    return name.partition(".")[0] in OWN


def _is_under(name: str, ancestor: str) -> bool:
    return name == ancestor or name.startswith(f"{ancestor}.")


def _where(record: logging.LogRecord) -> str:
    return f"{record.name}:{record.lineno}"


def _formatter(fmt: str, known: frozenset[str]) -> structlog.stdlib.ProcessorFormatter:
    renderers: list[Processor] = [structlog.processors.JSONRenderer()]
    if fmt == "text":
        console = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
        renderers = [_on_own_lines, console]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.contextvars.merge_contextvars, _take_extra],
        processors=[
            _withhold,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _pseudonyms(known),
            _keep_allowed,
            _masked(known),
            *renderers,
        ],
    )


def _take_extra(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Fields given as `extra={…}`; a library's own extras are nothing to us."""
    if _is_own(event["_record"].name):
        event = structlog.stdlib.ExtraAdder()(logger, method, event)
        for name in ("message", "asctime"):  # what another handler's formatter leaves on a record
            event.pop(name, None)
    return event


def _withhold(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Of a library that is not trusted: that it spoke and where, and the kind of its error."""
    record: logging.LogRecord = event["_record"]
    if _is_own(record.name) or any(_is_under(record.name, name) for name in _TRUSTED):
        return event
    exc_info = event.get("exc_info")
    kind = exc_info[0] if isinstance(exc_info, tuple) else None
    withheld: EventDict = {name: event[name] for name in ("_record", "_from_structlog")}
    withheld.update(event="a library's record, withheld", where=_where(record))
    if kind:
        withheld["error"] = kind.__name__
    return withheld


def _pseudonyms(known: frozenset[str]) -> Processor:
    """Hashes are keyed with the configured secrets, so that all replicas write the same, and only they."""
    key = hashlib.sha256("\0".join(sorted(known)).encode()).digest() if known else random.token_bytes(32)

    def process(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        for name in _HASHED & event.keys():
            digest = hashlib.blake2s(str(event[name]).encode(), key=key, digest_size=4)
            event[name] = digest.hexdigest()
        return event

    return process


def _keep_allowed(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    kept = {name: _plain(value) for name, value in event.items() if name in FIELDS}
    if dropped := sorted(str(name) for name in event.keys() - FIELDS):
        kept["dropped"] = " ".join(dropped)
    return kept


def _plain(value: object) -> str | int | float | None:
    """Numbers and text; of anything with an inside of its own, only what it is."""
    if value is None or isinstance(value, str | int | float):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    if isinstance(value, type):
        return value.__name__
    return str(value) if isinstance(value, UUID | PurePath) else f"<{type(value).__name__}>"


def _masked(known: frozenset[str]) -> Processor:
    mask = _masking(known)

    def process(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        for name, value in event.items():
            if isinstance(value, str):
                event[name] = mask(value)[: _LONGEST.get(name, _LONGEST_OTHER)]
        return event

    return process


def _masking(known: frozenset[str]) -> Callable[[str], str]:
    """Masks the known secrets, however URLs, JSON and `repr` write them, then the suspects."""
    lists = (secret.split(",") for secret in known)  # ENCRYPTION_KEYS is one
    values = known | {part.strip() for parts in lists for part in parts if len(part) > 15}
    spellings = {each for value in values for each in _spellings(value) if len(each) >= _SHORTEST_SECRET}
    longest_first = sorted(spellings, key=len, reverse=True)
    exact = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def mask(text: str) -> str:
        text = exact.sub("***", text) if exact else text
        for pattern, replacement in _SUSPECT:
            text = pattern.sub(replacement, text)
        return text

    return mask


def _spellings(value: str) -> tuple[str, ...]:
    quoted = (quote(value), quote(value, safe=""), quote_plus(value))
    return (value, *quoted, json.dumps(value)[1:-1], repr(value)[1:-1])


def _on_own_lines(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """No value can pass for a line of the log, nor move the cursor of the terminal it is read on."""
    for name, value in event.items():
        if isinstance(value, str):
            lines = ("".join(map(_printable, line)) for line in value.splitlines())
            event[name] = "\n    ".join(lines) if name in _LONGEST else " ".join(lines)
    return event


def _printable(character: str) -> str:
    return " " if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") else character


def _uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None, where: str = "main"
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    get_logger("bot").critical("an error nobody caught", where=where, exc_info=(kind, error, trace))


def _uncaught_in_thread(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None and not issubclass(failed.exc_type, SystemExit):
        name = failed.thread.name if failed.thread else "a thread"
        _uncaught(failed.exc_type, failed.exc_value, failed.exc_traceback, name)


def _uncaught_in_passing(failed: sys.UnraisableHookArgs) -> None:
    """An error in `__del__` or in a callback of the garbage collector."""
    if failed.exc_value is not None:
        _uncaught(failed.exc_type, failed.exc_value, failed.exc_traceback, "a finalizer")
