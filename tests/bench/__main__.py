"""`make bench`: every benchmark, or those that are named."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import migrations
from domain.adapters.embedded_postgres import EmbeddedPostgres
from domain.database import normalised
from tests.bench import Figure, gemini, month, pipe, press, prompts, queue
from tests.bench.documents import attack
from tests.bench.documents import figures as documents
from tests.loopback.databases import empty_database

LONGEST = 900.0  # seconds, for everything that is run without being named; most of it for documents
LONGEST_NAMED = 3600.0
BENCHES: dict[str, Callable[[str], Awaitable[list[Figure]]]] = {
    "pipe": pipe.measure,
    "queue": queue.measure,
    "prompts": prompts.measure,
    "gemini": gemini.measure,
    "documents": documents.measure,
    "press": press.measure,
}
# Only when they are named: what takes minutes, or is a part of another.
NAMED = {"month": month.measure, "large": attack.measure_large}


async def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="greenroom-bench-") as home:
        longest = LONGEST_NAMED if set(names) & NAMED.keys() else LONGEST
        async with asyncio.timeout(longest), EmbeddedPostgres(Path(home)) as url:
            say(f"{'':<46} {'measured':>18}   {'beside':>18}   {'ratio':>8}")
            for name in names or BENCHES:
                async with empty_database(normalised(url)) as dsn:
                    await migrations.upgrade(dsn)
                    for figure in await (BENCHES | NAMED)[name](dsn):
                        say(str(figure))


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # what it is run for


if unknown := set(sys.argv[1:]) - BENCHES.keys() - NAMED.keys():
    sys.exit(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(BENCHES | NAMED)}")
try:
    asyncio.run(main(sys.argv[1:]))
except TimeoutError:
    sys.exit("not done in time: this machine is too busy to measure on")
