"""What other chats notice of hostile files, and what is left of them afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from bot.playground.people import Person
from tests.bench import Figure
from tests.bench.documents.reading import say
from tests.bench.pipe import serving
from tests.loopback.candidates import sign_up
from tests.loopback.documents import CORPUS, child_processes, pdf, peak_mb, stream, written
from tests.loopback.scenes import RESUME

QUIET_SECONDS = 10.0
PAUSE = 0.03  # seconds between the words of the other chat
LONGEST = 15.0
ATTACKERS = 4
ENDED = re.compile("read and analysed in|[Pp]lease|send me the PDF|resume")
BEGUN = re.compile("Reading it|analysing it")
GOAL = "as while it is quiet; the goal is 2 ×"


async def measure(dsn: str) -> list[Figure]:
    """All hostile files, by four people at once, each waiting for an end before the next file; meanwhile
    somebody else talks to the bot."""
    hostile = sorted((CORPUS / "hostile").iterdir())
    files = [path for path in hostile if path.suffix in (".pdf", ".docx", ".docm") and path.stat().st_size]
    async with serving("greenroom", dsn) as telegram:
        program = next(child for child in child_processes() if "tests.bench.bots" in command(child))
        other = telegram.person("Bo")
        until = time.monotonic() + QUIET_SECONDS
        quiet = await waits(other, lambda: time.monotonic() > until)
        attackers = [telegram.person(f"Eve{number}") for number in range(ATTACKERS)]
        await sign_up(dsn, attackers)
        attack = asyncio.create_task(send_all(attackers, files))
        attacked = await waits(other, attack.done)
        ends = await attack
        await asyncio.gather(*(send_large(each) for each in attackers[:2]))
        peak = peak_mb(program)
        left = [child for child in child_processes(program) if "domain.adapters.reader" in command(child)]
    say(
        f"attack: {len(ends)} files ended, {len(attacked)} words answered meanwhile, {len(left)} readers idle"
    )
    return [
        Figure("another chat's answer during an attack, p99", p99(attacked), p99(quiet), "ms", GOAL),
        Figure("hostile file to its sentence, slowest", max(ends), LONGEST, "s", "the goal"),
        Figure("readers left over", float(len(left)), 2.0, "", "those that are kept warm"),
        Figure(
            "peak memory, two files of 20 MB at the end", peak, 150.0, "MB", "the bound of an idle program"
        ),
    ]


async def waits(person: Person, is_over: Callable[[], bool]) -> list[float]:
    """Milliseconds between a word and its answer, one after the other."""
    found: list[float] = []
    while not is_over():
        began = time.perf_counter()
        await person.says("/help")
        await person.hears("What I can do|/start", timeout=60)
        found.append(1000 * (time.perf_counter() - began))
        await asyncio.sleep(PAUSE)
    return found


async def send_all(people: list[Person], files: list[Path]) -> list[float]:
    """Seconds from sending each file to the sentence with which it ended."""
    waiting, seconds = iter(files), list[float]()

    async def one(person: Person) -> None:
        for path in waiting:
            began = time.perf_counter()
            await person.sends(path, as_document=True)
            while BEGUN.search((await person.hears(ENDED, timeout=60)).text):
                pass
            seconds.append(time.perf_counter() - began)

    await asyncio.gather(*map(one, people))
    return seconds


async def send_large(person: Person) -> None:
    """A resume with a picture, as large as Telegram lets a bot download."""
    noise = stream(os.urandom(20 * 2**20 - 4096), b"/Type /XObject /Subtype /Image /Width 9 /Height 9")
    await person.sends(pdf(written(RESUME), more={1000: noise}), "large.pdf")
    await person.hears("read and analysed in", timeout=60)


def p99(values: list[float]) -> float:
    return sorted(values)[int(0.99 * (len(values) - 1))]


def command(process: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
    return ""
