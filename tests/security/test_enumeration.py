"""Nobody learns whether an email has an account: same words, same queries, and no more work than noise.

The work is compared as distributions of processor time, to which a busy machine adds little; what waits takes
none of it, and would be seen as a query. The measure is the probability that a try with a known email takes
longer than one with an unknown email (the U of Mann and Whitney over both counts): one half where nothing is
told. A last test shows that it finds a difference of one hash, at a twentieth of what a real one costs.
"""

from __future__ import annotations

import random
import re
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from bot.conversations.linking import Email
from bot.step import stored
from domain.accounts.jobs import CheckCode, CodeChecked
from domain.accounts.passwords import PasswordHasher
from domain.messaging.models import Chat
from tests.loopback.stepwise import Stepwise, code_id_of, stepwise

TRIES = 100  # of each kind
SEED = 20261122
# Five standard errors of the measure for 100 against 100: chance alone goes beyond once in 1,700,000 times.
NOISE = 5 * ((2 * TRIES + 1) / (12 * TRIES * TRIES)) ** 0.5
EMAILS = {True: "known.person@example.org", False: "unknown.person@example.org"}
OWNER = 1
CHATS = range(1000, 1000 + 2 * TRIES)
CHANCE = random.Random(SEED)
# In pairs, in an order of chance: what else goes on meets both alike.
KINDS = [kind for _ in range(TRIES) for kind in CHANCE.sample([True, False], 2)]


def email_of(chat_id: int) -> str:
    return EMAILS[KINDS[chat_id - CHATS.start]]


def longer(some: Sequence[float], others: Sequence[float]) -> float:
    """The probability that one of `some` is greater than one of `others`, ties counted half."""
    others = sorted(others)
    below = sum(bisect_left(others, each) + bisect_right(others, each) for each in some) / 2
    return below / (len(some) * len(others))


Trace = tuple[str, ...]


@dataclass(frozen=True)
class Compared:
    """How long known emails took against unknown ones, and what was told and asked of the database for each.

    The address is left out; a query is its statement.
    """

    longer: float
    known: set[Trace]
    unknown: set[Trace]

    @property
    def tells_nothing(self) -> bool:
        return self.known == self.unknown and len(self.known) == 1 and abs(self.longer - 0.5) < NOISE


async def compared(act: Callable[[int, str], Awaitable[list[str]]]) -> Compared:
    """Each try in a chat of its own, known and unknown emails in a random order."""
    times: dict[bool, list[float]] = {True: [], False: []}
    seen: dict[bool, set[Trace]] = {True: set(), False: set()}
    for chat_id, is_known in zip(CHATS, KINDS, strict=True):
        with queries() as asked:
            began = time.process_time()
            words = await act(chat_id, EMAILS[is_known])
            times[is_known].append(time.process_time() - began)
        seen[is_known].add((*(each.replace(EMAILS[is_known], "(email)") for each in words), *asked))
    return Compared(longer(times[True], times[False]), seen[True], seen[False])


@contextmanager
def queries() -> Iterator[list[str]]:
    """Every statement that goes to a database meanwhile."""
    asked: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield asked
    event.remove(Engine, "before_cursor_execute", note)


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
    hasher = PasswordHasher(memory_kib=8192, iterations=1)  # a real one takes 3 times 65,536 KiB

    async def leaks(chat_id: int, email: str) -> list[str]:
        if email == EMAILS[True]:
            await hasher.hash("")
        return await guess(chat_id, email)

    leaking = await compared(leaks)
    hasher.close()
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
    assert 0.2 < NOISE < 0.21
