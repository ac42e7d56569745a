"""A thousand guesses of a code or a password, from one chat and from many: none succeeds, no reset is barred.

The guesser is given what a real one has not: the right answer itself as the guess that follows when the
tries are used up. Times are those of the test's own clock.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr

from bot.conversations.linking import Reenter
from bot.step import stored
from domain.accounts.attempts import FREE_TRIES, LONGEST_LOCK
from domain.accounts.codes import CODE_LIFE, CODE_TRIES
from domain.accounts.jobs import (
    CheckCode,
    CodeChecked,
    CodeVerdict,
    GivePassword,
    PasswordDeclined,
    PasswordGiven,
    PasswordVerdict,
)
from domain.messaging.models import Chat
from tests.loopback.greenroom import PASSWORD
from tests.loopback.stepwise import Stepwise, code_id_of, stepwise

EMAIL = "owner@example.org"
NEW_PASSWORD = "nine grey geese land"
OWNER, GUESSER = 1, 666
GUESSES = 1000
RIGHT, WRONG = "123456", "654321"
MANY = range(1000, 1200)
PARALLEL = 20  # below the room of the hashing threads: one more would be told to come again
NEWEST_CODE = "SELECT id FROM email_codes WHERE chat_id = $1 ORDER BY created_at DESC LIMIT 1"
SAME_CODE_AGAIN = """
    INSERT INTO email_codes
        (id, chat_id, telegram_user_id, email, purpose, code_hash, created_at, expires_at)
    SELECT gen_random_uuid(), chat_id, telegram_user_id, email, purpose, code_hash, $2, $3
    FROM email_codes WHERE id = $1
"""


@pytest.fixture
async def program(dsn: str, tmp_path: Path) -> AsyncIterator[Stepwise]:
    async with stepwise(dsn, tmp_path) as running:
        await running.links(OWNER, EMAIL)
        running.clock.passes(minutes=2)
        yield running


async def resets(program: Stepwise, chat_id: int = OWNER) -> None:
    """The owner, who reads the mail, gets back in from a chat of theirs and with a new password."""
    await program.hears(chat_id, "/logout", "/link", EMAIL)
    await program.hears(chat_id, program.code(EMAIL))
    program.clock.passes(minutes=2)
    asked = await program.hears(chat_id, "[forgot]")
    assert any("type the code" in each for each in asked), asked
    await program.hears(chat_id, program.code(EMAIL))
    told = await program.hears(chat_id, NEW_PASSWORD)
    assert any("new password" in each for each in told), told
    linked = await program.hears(chat_id, NEW_PASSWORD)
    assert any("linked" in each for each in linked), linked


async def guesses_a_code(program: Stepwise, chat_id: int, code_id: UUID, digits: str) -> CodeVerdict:
    checked = await program.performs(CheckCode(code_id=code_id, typed=digits), chat_id)
    assert isinstance(checked, CodeChecked)
    return checked.verdict


async def test_codes_guessed_from_one_chat(program: Stepwise) -> None:
    """Five tries at each code, after which it is dead to the right one too; each new one voids the last."""
    verdicts: Counter[CodeVerdict] = Counter()
    await program.hears(GUESSER, "/link", EMAIL)
    right = program.code(EMAIL)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    former = None
    for _ in range(GUESSES // CODE_TRIES):
        (newest,) = await program.rows(NEWEST_CODE, GUESSER)
        for _ in range(CODE_TRIES):
            verdicts[await guesses_a_code(program, GUESSER, newest["id"], wrong)] += 1
        assert await guesses_a_code(program, GUESSER, newest["id"], right) is CodeVerdict.DEAD
        if former:
            assert await guesses_a_code(program, GUESSER, former, right) is CodeVerdict.DEAD
        former = newest["id"]
        program.clock.passes(seconds=61)
        # As "[again]" does, but with digits that are known here and a hash that is there already.
        await program.rows("UPDATE email_codes SET voided_at = now() WHERE id = $1", former)
        await program.rows(SAME_CODE_AGAIN, former, program.clock.now(), program.clock.now() + CODE_LIFE)
    assert verdicts == {CodeVerdict.WRONG: GUESSES}
    told = await program.hears(GUESSER, "[again]")
    assert any("wait" in each for each in told), told
    await resets(program)


async def test_codes_guessed_from_many_chats(program: Stepwise) -> None:
    """Each chat has a code of its own, which no other chat can try; all at once win no try more."""
    await program.asked_for_codes(MANY, lambda _: EMAIL, RIGHT)
    guessed = [(chat_id, code_id_of(chat_id)) for chat_id in MANY for _ in range(CODE_TRIES)]
    verdicts: Counter[CodeVerdict] = Counter()
    for start in range(0, len(guessed), PARALLEL):
        batch = guessed[start : start + PARALLEL]
        verdicts.update(
            await asyncio.gather(*(guesses_a_code(program, chat, code, WRONG) for chat, code in batch))
        )
    assert verdicts == {CodeVerdict.WRONG: GUESSES}
    for chat_id in MANY[::10]:
        assert await guesses_a_code(program, chat_id, code_id_of(chat_id), RIGHT) is CodeVerdict.DEAD
    await program.asked_for_codes([7], lambda _: EMAIL, RIGHT)
    for chat_id in MANY[::10]:
        assert await guesses_a_code(program, chat_id, code_id_of(7), RIGHT) is CodeVerdict.DEAD
    assert await guesses_a_code(program, 7, code_id_of(7), RIGHT) is CodeVerdict.KNOWN
    assert await guesses_a_code(program, 7, code_id_of(7), RIGHT) is CodeVerdict.DEAD, "good once"
    await resets(program)


async def owner_id(program: Stepwise) -> UUID:
    (user,) = await program.rows("SELECT id FROM users WHERE email = $1", EMAIL)
    found: UUID = user["id"]
    return found


async def stolen(program: Stepwise, chats: range) -> UUID:
    """Chats of the account whose sessions have ended, so that only the password stands before it."""
    user_id = await owner_id(program)
    async with program.world.transactions.begin() as db:
        for chat_id in chats:
            chat = Chat(chat_id=chat_id, telegram_user_id=chat_id, user_id=user_id, step=stored(Reenter()))
            db.add(chat)
    return user_id


async def guesses_a_password(
    program: Stepwise, chat_id: int, user_id: UUID, password: str
) -> PasswordVerdict | None:
    """None where it opened."""
    job = GivePassword(user_id=user_id, password=SecretStr(password))
    given = await program.performs(job, chat_id)
    assert isinstance(given, PasswordDeclined | PasswordGiven)
    return given.verdict if isinstance(given, PasswordDeclined) else None


async def test_passwords_guessed_from_one_chat(program: Stepwise) -> None:
    """Every wait is waited for to the second; within it not even the right password is taken."""
    user_id = await stolen(program, range(GUESSER, GUESSER + 1))
    began = program.clock.now()
    for number in range(1, GUESSES + 1):
        verdict = await guesses_a_password(program, GUESSER, user_id, f"wrong password {number}")
        if number < FREE_TRIES:
            assert verdict is PasswordVerdict.WRONG
            continue
        assert verdict is PasswordVerdict.LOCKED
        if number % 50 == 0 or number == FREE_TRIES:
            early = await guesses_a_password(program, GUESSER, user_id, PASSWORD)
            assert early is PasswordVerdict.LOCKED
        (until,) = await program.rows("SELECT max(locked_until) FROM login_attempts")
        program.clock.time = until[0]
    took = program.clock.now() - began
    assert took > (GUESSES - 20) * LONGEST_LOCK, "a thousand guesses are six weeks"
    await program.works()
    locked_out = [mail for mail in program.mails if "Wrong passwords" in mail.subject]
    assert len(locked_out) == 1, "the owner is told once of a row of wrong ones"
    await guesses_a_password(program, GUESSER, user_id, "and one wrong one more")
    await resets(program)
    assert await guesses_a_password(program, GUESSER, user_id, PASSWORD) is not None


async def test_passwords_guessed_from_many_chats_at_once(program: Stepwise) -> None:
    """The delay is the account's: all chats together have the tries of one."""
    user_id = await stolen(program, MANY)
    verdicts: Counter[PasswordVerdict | None] = Counter()
    numbered = list(enumerate(list(MANY) * (GUESSES // len(MANY))))
    for start in range(0, GUESSES, PARALLEL):
        guesses = (
            guesses_a_password(program, chat_id, user_id, f"wrong password {number}")
            for number, chat_id in numbered[start : start + PARALLEL]
        )
        verdicts.update(await asyncio.gather(*guesses))
    assert verdicts == {
        PasswordVerdict.WRONG: FREE_TRIES - 1,
        PasswordVerdict.LOCKED: GUESSES - FREE_TRIES + 1,
    }
    (tried,) = await program.rows("SELECT count(*) FROM login_attempts WHERE NOT success")
    assert tried["count"] == FREE_TRIES
    assert await guesses_a_password(program, MANY[0], user_id, PASSWORD) is PasswordVerdict.LOCKED
    await resets(program)
    assert await guesses_a_password(program, MANY[0], user_id, NEW_PASSWORD) is None, "a reset unlocks"


async def test_guesses_in_the_chat_itself(program: Stepwise) -> None:
    """The same through the words of a chat, with the waits told."""
    await stolen(program, range(GUESSER, GUESSER + 1))
    for _ in range(FREE_TRIES - 1):
        told = await program.hears(GUESSER, "this is not it, I fear")
        assert any("not right" in each for each in told), told
    locked = await program.hears(GUESSER, "this is not it, I fear")
    assert any("too many wrong passwords" in each for each in locked), locked
    still = await program.hears(GUESSER, PASSWORD)
    assert any("too many wrong passwords" in each for each in still), still
    program.clock.passes(seconds=31)
    given = await program.hears(GUESSER, PASSWORD)
    assert any("that is right" in each for each in given), given
