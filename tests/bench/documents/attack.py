"""What other chats notice of hostile files, and what is left of them afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.playground.local import LocalTelegram
from bot.playground.people import Person
from bot.texts import catalogue
from tests.bench import Figure
from tests.bench.documents.reading import say
from tests.bench.pipe import serving
from tests.loopback.candidates import sign_up
from tests.loopback.documents import CORPUS, child_processes, pdf, peak_mb, stream, written
from tests.loopback.scenes import RESUME

WINDOWS = 10
QUIET_WORDS = 40  # of a window
PAUSE = 0.03  # seconds between the words of the other chat
LONGEST = 15.0
ATTACKERS = 4
IDLE_READERS = 2
SUFFIXES = (".pdf", ".docx", ".docm", ".dotx")
MOST_MB = 150.0
REASONS = [words for key, words in catalogue("en").items() if key.startswith("refused.file.")]
ENDED = re.compile("|".join(["read and analysed in", *(re.escape(words) for words in REASONS)]))
GOAL = "as while it is quiet; the goal is 2 ×"


async def measure(dsn: str) -> list[Figure]:
    """All hostile and malformed files through the whole program, by four people at once, each of whom waits
    for an end before the next file; meanwhile somebody else talks to the bot.

    Quiet and attack take turns, so that whatever else the machine does meanwhile meets both alike.
    """
    quiet, attacked, ends = list[float](), list[float](), list[float]()
    async with serving("greenroom", dsn) as telegram:
        program = next(child for child in child_processes() if "tests.bench.bots" in command(child))
        other = telegram.person("Bo")
        attackers = [telegram.person(f"Eve{number}") for number in range(ATTACKERS)]
        await sign_up(dsn, attackers)
        await words_of(other, 5)  # what is loaded with the first words is no part of either
        gc.freeze()  # nor is looking for garbage over here
        for window in dealt(attacks(), WINDOWS):
            quiet += await words_of(other, QUIET_WORDS)
            attack = asyncio.create_task(send_all(attackers, window))
            attacked += await waits(other, attack.done)
            ends += await attack
        readers = await settled(program)
        await send_large_files(dsn, telegram)
        peak = peak_mb(program)
    say(f"attack: {len(ends)} files ended, {len(attacked)} words answered meanwhile, {len(quiet)} in quiet")
    return [
        Figure("another chat's answer during an attack, median", middle(attacked), middle(quiet), "ms", ""),
        Figure("another chat's answer during an attack, p99", p99(attacked), p99(quiet), "ms", GOAL),
        Figure("file to its sentence, slowest", max(ends), LONGEST, "s", "the goal"),
        Figure("readers left over", float(readers), IDLE_READERS, "", "those that are kept warm"),
        Figure("peak memory, two files of 20 MB at the end", peak, MOST_MB, "MB", "the goal"),
    ]


def attacks() -> list[Path]:
    """Everything that a person can send; Telegram takes no empty file."""
    found = [*sorted((CORPUS / "hostile").iterdir()), *sorted((CORPUS / "malformed").rglob("*"))]
    return [path for path in found if path.suffix in SUFFIXES and path.stat().st_size]


def dealt(files: list[Path], hands: int) -> Iterable[list[Path]]:
    """Hostile and malformed alike to each hand."""
    return (files[start::hands] for start in range(hands))


async def words_of(person: Person, count: int) -> list[float]:
    """Milliseconds that the answers to so many words took."""
    left = iter(range(count))
    return await waits(person, lambda: next(left, None) is None)


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
    """Seconds from sending each file to the sentence with which it ended; any other end is an error."""
    waiting, seconds = iter(files), list[float]()

    async def one(person: Person) -> None:
        for path in waiting:
            began = time.perf_counter()
            await person.sends(path, as_document=True)
            await person.hears(ENDED, timeout=60)
            seconds.append(time.perf_counter() - began)

    await asyncio.gather(*map(one, people))
    return seconds


async def settled(program: int) -> int:
    """How many readers are there once none of them reads any more, which is waited for."""
    for _ in range(int(10 * LONGEST)):
        if readers_of(program) <= IDLE_READERS:
            break
        await asyncio.sleep(0.1)
    return readers_of(program)


def readers_of(program: int) -> int:
    return sum("domain.adapters.reader" in command(child) for child in child_processes(program))


async def measure_large(dsn: str) -> list[Figure]:
    """Only the two large files, after two small ones, and then sent back, each to who sent it."""
    async with serving("greenroom", dsn) as telegram:
        program = next(child for child in child_processes() if "tests.bench.bots" in command(child))
        small = [telegram.person(f"Min{number}") for number in range(2)]
        await sign_up(dsn, small)
        for person in small:
            await person.sends(pdf(written(RESUME)), "small.pdf")
            await person.hears("read and analysed in", timeout=60)
        rest = peak_mb(program)
        senders = await send_large_files(dsn, telegram)
        sent = peak_mb(program)
        await asyncio.gather(*map(ask_back, senders))
        back = peak_mb(program)
    return [
        Figure("peak memory, two files of 20 MB at once", sent, rest, "MB", "two small ones before"),
        Figure("peak memory, and both sent back", back, MOST_MB, "MB", "the goal"),
    ]


async def send_large_files(dsn: str, telegram: LocalTelegram) -> list[Person]:
    """Two people send one each at once."""
    senders = [telegram.person(f"Max{number}") for number in range(2)]
    await sign_up(dsn, senders)
    await asyncio.gather(*map(send_large, senders))
    return senders


async def send_large(person: Person) -> None:
    """A resume with a picture, as large as Telegram lets a bot download."""
    noise = stream(os.urandom(20 * 2**20 - 2**15), b"/Type /XObject /Subtype /Image /Width 9 /Height 9")
    await person.sends(pdf(written(RESUME), more={1000: noise}), "large.pdf")
    await person.hears("read and analysed in", timeout=60)


async def ask_back(person: Person) -> None:
    await person.taps("Versions", on=await person.hears("^Skills: ", timeout=60))
    await person.taps("File", on=await person.hears("Versions"))
    await person.receives("document", "large.pdf", timeout=60)


def middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def p99(values: list[float]) -> float:
    return sorted(values)[int(0.99 * (len(values) - 1))]


def command(process: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
    return ""
