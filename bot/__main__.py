"""The command line: run, serve, worker, playground, migrate, doctor, evaluate, rehearse."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import gc
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from bot import logs
from bot.settings import Settings, WrongSetting, load

EXIT_WRONG_SETTING = 2
PERSONA_NAMES = ("strong", "average", "rambling", "weak", "copying", "hostile")

log = logging.getLogger("bot")


def main() -> None:
    """Run a command; exits 2 with one line where a setting is wrong."""
    options = vars(_arguments())
    command = COMMANDS[options.pop("command")]
    try:
        settings = load()
        logs.configure(settings.log_level, settings.log_format, settings.secrets())
        code = _run(command(settings, **options))
    except WrongSetting as wrong:
        print(f"greenroom: {wrong}", file=sys.stderr)  # noqa: T201  # the command line's own voice
        sys.exit(EXIT_WRONG_SETTING)
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="greenroom", description="Rehearse job interviews in Telegram.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, says in {
        "run": "serve Telegram where TELEGRAM_BOT_TOKEN is set, else open the playground",
        "serve": "receive, work, send: all in one; any number of copies",
        "worker": "work and send only",
        "playground": "a local Telegram in the browser, with the bot inside",
        "migrate": "bring the schema up to date",
        "doctor": "check settings and connections; exit 1 if one fails",
    }.items():
        commands.add_parser(name, help=says)
    _evaluate_options(commands.add_parser("evaluate", help="how far the interviewer agrees with people"))
    _rehearse_options(commands.add_parser("rehearse", help="let simulated candidates be interviewed"))
    return parser.parse_args()


def _evaluate_options(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--data", type=Path, metavar="FILE", help="rated answers as JSONL; else the bundled set"
    )
    source.add_argument("--saf", type=Path, metavar="FOLDER", help="the public SAF set, XML")
    parser.add_argument("--runs", type=_count, default=2, help="how often each answer is judged (2)")
    parser.add_argument("--limit", type=_count, help="at most so many answers, spread over the questions")
    parser.add_argument(
        "--out", type=Path, default=Path("evaluation"), help="folder of the report (evaluation)"
    )


def _rehearse_options(parser: argparse.ArgumentParser) -> None:
    names = ("all", *PERSONA_NAMES)
    parser.add_argument("--persona", choices=names, default="all", help="who is interviewed (all)")
    parser.add_argument("--interviews", type=_count, default=3, help="interviews of each (3)")
    parser.add_argument("--questions", type=_count, default=5, help="questions of an interview (5)")
    parser.add_argument(
        "--out", type=Path, default=Path("evaluation"), help="folder of the report (evaluation)"
    )


def _count(given: str) -> int:
    number = int(given)
    if number < 1:
        raise ValueError(given)
    return number


def _run(coroutine: Coroutine[Any, Any, int]) -> int:
    try:
        import uvloop  # absent on Windows
    except ImportError:
        return asyncio.run(coroutine)
    return uvloop.run(coroutine)


async def serve(settings: Settings) -> int:
    return await _serve(settings, receives=True)


async def worker(settings: Settings) -> int:
    return await _serve(settings, receives=False)


async def _serve(settings: Settings, *, receives: bool) -> int:
    # Imported here so that a wrong setting is told at once.
    from bot.app import ToldToStop, connections, mailer
    from bot.program import Program

    if settings.telegram_bot_token is None:
        raise WrongSetting(
            "TELEGRAM_BOT_TOKEN", "required to serve Telegram (`greenroom playground` needs none)"
        )
    # A thread that computes lets the event loop go on after this long, five times sooner than by default.
    sys.setswitchinterval(0.001)
    stopping = _on_signals()
    connected = connections(
        settings,
        token=settings.telegram_bot_token.get_secret_value(),
        api_url=settings.telegram_api_url,
        letters=mailer(settings),
        migrate=receives and settings.greenroom_auto_migrate,
        stopping=stopping,
    )
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(contextlib.suppress(ToldToStop))
        program = Program(await stack.enter_async_context(connected), receives=receives)
        if receives:
            await _listen(stack, settings, program.web())
        # What stands here stays: looked through for garbage, it would keep every chat waiting for 100 ms.
        gc.collect()
        gc.freeze()
        await program.run(stopping)
    return 0


async def _listen(stack: contextlib.AsyncExitStack, settings: Settings, web: Any) -> None:
    """Serve the web side; a second copy on one machine goes without where it only polls."""
    from bot.serving import Server, at_fault

    try:
        server = Server(web, host=settings.host, port=settings.port)
        await stack.enter_async_context(server)
        log.info("web side", extra={"host": server.host, "port": server.port})
    except OSError as error:
        if settings.public_url or error.errno != errno.EADDRINUSE:
            raise WrongSetting(
                at_fault(error), f"{settings.host}:{settings.port} cannot be used: {error.strerror}"
            ) from error
        log.warning("the port is taken: no web side here", extra={"port": settings.port})


async def playground(settings: Settings) -> int:
    from bot.play import play

    return await play(settings, _on_signals())


async def run(settings: Settings) -> int:
    return await (serve if settings.telegram_bot_token else playground)(settings)


async def migrate(settings: Settings) -> int:
    from bot.app import database, prepare_schema

    async with database(settings) as dsn:
        await prepare_schema(dsn, migrate=True)
    print("The schema is up to date.")  # noqa: T201  # the command line's own voice
    return 0


async def doctor(settings: Settings) -> int:
    from bot.doctor import examine

    return await examine(settings)


async def evaluate(settings: Settings, **options: Any) -> int:
    from bot.evaluate import evaluate as run_bench

    return await run_bench(settings, **options)


async def rehearse(settings: Settings, **options: Any) -> int:
    from bot.rehearse import rehearse as run_interviews

    return await run_interviews(settings, **options)


def _on_signals() -> asyncio.Event:
    """Set by SIGTERM or SIGINT; a second one ends the program as it would have without us."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(number: signal.Signals) -> None:
        log.info("stopping", extra={"signal": number.name})
        stopping.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
    return stopping


COMMANDS: dict[str, Callable[..., Coroutine[Any, Any, int]]] = {
    "run": run,
    "serve": serve,
    "worker": worker,
    "playground": playground,
    "migrate": migrate,
    "doctor": doctor,
    "evaluate": evaluate,
    "rehearse": rehearse,
}

if __name__ == "__main__":
    main()
