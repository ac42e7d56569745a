"""Nobody learns whether an email has an account: same words, and times that differ by less than noise.

The times are compared as distributions. The measure is the probability that a try with a known email takes
longer than one with an unknown email (the U of Mann and Whitney over both counts): one half where nothing is
told. A last test shows that it finds a difference of one hash, at a
hundredth of what a real one costs.
"""

from __future__ import annotations

import random
import re
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.conversations.linking import Email
from bot.step import stored
from domain.accounts.jobs import CheckCode, CodeChecked
from domain.accounts.passwords import PasswordHasher
from domain.messaging.models import Chat
from tests.loopback.stepwise import Stepwise, code_id_of, stepwise

TRIES = 200  # of each kind
SEED = 20261122
# Four standard errors of the measure for 200 against 200: chance alone goes beyond once in 15,000 times.
NOISE = 4 * ((2 * TRIES + 1) / (12 * TRIES * TRIES)) ** 0.5
EMAILS = {True: "known.person@example.org", False: "unknown.person@example.org"}
OWNER = 1
CHATS = range(1000, 1000 + 2 * TRIES)
KINDS = random.Random(SEED).sample([True, False] * TRIES, 2 * TRIES)  # what else goes on meets both alike


def email_of(chat_id: int) -> str:
    return EMAILS[KINDS[chat_id - CHATS.start]]


def longer(some: Sequence[float], others: Sequence[float]) -> float:
    """The probability that one of `some` is greater than one of `others`, ties counted half."""
    others = sorted(others)
    below = sum(bisect_left(others, each) + bisect_right(others, each) for each in some) / 2
    return below / (len(some) * len(others))


@dataclass(frozen=True)
class Compared:
    """How long known emails took against unknown ones, and every answer to each, the address left out."""

    longer: float
    known: set[str]
    unknown: set[str]

    @property
    def tells_nothing(self) -> bool:
        return self.known == self.unknown and len(self.known) == 1 and abs(self.longer - 0.5) < NOISE


async def compared(act: Callable[[int, str], Awaitable[list[str]]]) -> Compared:
    """Each try in a chat of its own, known and unknown emails in a random order."""
    times: dict[bool, list[float]] = {True: [], False: []}
    said: dict[bool, set[str]] = {True: set(), False: set()}
    for chat_id, is_known in zip(CHATS, KINDS, strict=True):
        began = time.perf_counter()
        words = await act(chat_id, EMAILS[is_known])
        times[is_known].append(time.perf_counter() - began)
        said[is_known].add("\n".join(words).replace(EMAILS[is_known], "(email)"))
    return Compared(longer(times[True], times[False]), said[True], said[False])


@pytest.fixture
async def program(dsn: str, tmp_path: Path) -> AsyncIterator[Stepwise]:
    async with stepwise(dsn, tmp_path, hasher=PasswordHasher(memory_kib=1024, iterations=1)) as running:
        await running.links(OWNER, EMAILS[True])
        running.mails.clear()
        yield running


async def test_asking_for_a_code_tells_nothing(program: Stepwise) -> None:
    """From the typed address to the words in the chat and the mail."""
    async with program.world.transactions.begin() as db:
        for chat_id in CHATS:
            db.add(Chat(chat_id=chat_id, telegram_user_id=chat_id, step=stored(Email())))

    async def asks(chat_id: int, email: str) -> list[str]:
        return await program.hears(chat_id, email)

    asked = await compared(asks)
    assert asked.tells_nothing, asked
    assert len(program.mails) == len(CHATS)
    assert len({re.sub(r"\d{6}", "(code)", mail.text) for mail in program.mails}) == 1
    assert Counter(mail.to for mail in program.mails) == dict.fromkeys(EMAILS.values(), TRIES)


async def test_a_wrong_code_tells_nothing(program: Stepwise) -> None:
    await program.asked_for_codes(CHATS, email_of, "123456")
    guessed = await compared(guesses(program))
    assert guessed.tells_nothing, guessed


async def test_the_measure_finds_what_one_cheap_hash_takes(program: Stepwise) -> None:
    """It would be a poor proof of nothing if it found nothing."""
    await program.asked_for_codes(CHATS, email_of, "123456")
    guess = guesses(program)

    async def leaks(chat_id: int, email: str) -> list[str]:
        if email == EMAILS[True]:
            await program.world.hasher.waste()
        return await guess(chat_id, email)

    leaking = await compared(leaks)
    assert leaking.longer > 0.5 + NOISE, leaking


def guesses(program: Stepwise) -> Callable[[int, str], Awaitable[list[str]]]:
    """The job that checks a wrong code, and its verdict."""

    async def guess(chat_id: int, email: str) -> list[str]:
        checked = await program.performs(CheckCode(code_id=code_id_of(chat_id), typed="654321"), chat_id)
        assert isinstance(checked, CodeChecked)
        return [f"{checked.verdict} {checked.left}"]

    return guess


def test_the_measure_of_what_is_known() -> None:
    assert longer([3, 4], [1, 2]) == 1.0
    assert longer([1, 2], [3, 4]) == 0.0
    assert longer([1, 2, 3], [1, 2, 3]) == 0.5
    assert 0.1 < NOISE < 0.12
