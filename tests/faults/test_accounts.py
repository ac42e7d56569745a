"""Every path of an account by two programs at once, and with the program killed between any two steps.

A path is a list of what somebody does and what they hear then. All are walked side by side, an act of each in
a round. Where programs are killed, it is after every round, at a moment that chance picks while they work.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bot.playground.people import Person
from domain.accounts.passwords import PasswordHasher
from tests.loopback.accounts import NEW_PASSWORD
from tests.loopback.candidates import UNDONE, sign_up
from tests.loopback.greenroom import PASSWORD
from tests.loopback.outside import Outside
from tests.loopback.processes import Installation

PATIENCE = 180.0  # a bound for a busy machine on which programs are killed again and again
SEED = 20261122
LONGEST_LIFE = 0.6  # seconds of work between an act and the kill
WRONG = "this is not it, I fear"
LOCKED = "too many wrong passwords"
CONFIRM = "First please type your password once more"

IDLE = """
    SELECT NOT EXISTS (SELECT FROM inbox WHERE done_at IS NULL AND chat_id = ANY($1))
        AND NOT EXISTS (SELECT FROM jobs WHERE done_at IS NULL AND chat_id = ANY($1))
        AND NOT EXISTS (SELECT FROM outbox WHERE done_at IS NULL AND chat_id = ANY($1))
"""


@dataclass
class Walk:
    """Somebody on a path, who has a second chat too; `codes` are those they were mailed by now."""

    name: str
    first: Person
    second: Person
    outside: Outside
    database: Any
    codes: set[str] = field(default_factory=set)
    invitation: str = ""

    @property
    def email(self) -> str:
        return f"{self.name}@example.org"

    @property
    def new_email(self) -> str:
        return f"new.{self.name}@example.org"

    async def code(self, to: str) -> str:
        """The newest code mailed to an address; one that was seen already came by a mail sent twice."""

        def look() -> str | None:
            for mail in reversed(self.outside.telegram.playground.mails):
                found = re.search(r"\b\d{6}\b", mail.text) if mail.to == to else None
                if found and found.group() not in self.codes:
                    return found.group()
            return None

        code = await self.outside.telegram.playground.mail_bell.until(look, PATIENCE)
        assert code is not None, self.first.transcript()
        self.codes.add(code)
        return code

    async def is_idle(self) -> bool:
        """Whether nothing of either chat is under way."""
        return bool(await self.database.fetchval(IDLE, [self.first.id, self.second.id]))


@dataclass(frozen=True)
class Act:
    """What is done, and what is heard then: in the first chat, or `there`."""

    does: Callable[[Walk], Awaitable[object]]
    hears: str
    there: bool = False

    async def happens(self, walk: Walk) -> None:
        await self.does(walk)

    async def is_answered(self, walk: Walk) -> None:
        heard = await (walk.second if self.there else walk.first).hears(self.hears, PATIENCE)
        walk.invitation = next(iter(re.findall(r"/start chat_[\w-]+", heard.text)), walk.invitation)
        async with asyncio.timeout(PATIENCE):
            while not await walk.is_idle():  # noqa: ASYNC110  # other programs' rows set no Event
                await asyncio.sleep(0.05)


def says(text: str, hears: str) -> Act:
    return Act(lambda walk: walk.first.says(text), hears)


def says_email(hears: str = "type the code") -> Act:
    return Act(lambda walk: walk.first.says(walk.email), hears)


def types_code(hears: str, *, new: bool = False) -> Act:
    async def types(walk: Walk) -> None:
        await walk.first.says(await walk.code(walk.new_email if new else walk.email))

    return Act(types, hears)


def guesses(hears: str) -> Act:
    """A code that is not the one, which has been mailed by then."""

    async def types(walk: Walk) -> None:
        code = await walk.code(walk.email) if not walk.codes else next(iter(walk.codes))
        await walk.first.says(f"{(int(code) + 1) % 10**6:06}")

    return Act(types, hears)


def changes(query: str, then: Act) -> Act:
    """What a clock or somebody else does to the rows of this person, and what is done after it."""

    async def does(walk: Walk) -> None:
        await walk.database.execute(query, walk.first.id)
        await then.does(walk)

    return Act(does, then.hears, then.there)


def from_there(does: Callable[[Walk], Awaitable[object]], hears: str, *, there: bool = True) -> Act:
    return Act(does, hears, there)


NO_CODE_LATELY = "UPDATE email_codes SET created_at = created_at - interval '61 seconds' WHERE chat_id = $1"
CODE_EXPIRES = """
    UPDATE email_codes SET created_at = created_at - interval '11 minutes',
        expires_at = expires_at - interval '11 minutes' WHERE chat_id = $1
"""
LOCK_LASTS = """
    UPDATE login_attempts a SET locked_until = now() + interval '1 hour' FROM users u, chats c
    WHERE u.id = a.user_id AND email = 'waiting@example.org' AND chat_id = $1 AND locked_until IS NOT NULL
"""
LOCK_PASSES = LOCK_LASTS.replace("interval '1 hour'", "interval '0'")
SESSION_EXPIRES = """
    UPDATE user_sessions SET created_at = created_at - interval '31 days',
        expires_at = expires_at - interval '31 days'
    WHERE id = (SELECT session_id FROM chats WHERE chat_id = $1)
"""
INVITES = [says("/account chat", CONFIRM), says(PASSWORD, "/start chat_")]
CLAIMS = Act(lambda walk: walk.second.says(walk.invitation), "asks to be linked")
SIGNS_IN = [says("/link", "What is your email"), says_email(), types_code("Please type your password")]
FORGETS = [says("forgot password", "type the code"), types_code("choose a new password")]

PATHS: dict[str, list[Act]] = {
    "linking": [
        says("/link", "What is your email"),
        says("not an address", "does not look like"),
        says_email(),
        types_code("What name"),
        says("Somebody", "choose a password"),
        says("short", "15"),
        says(PASSWORD, "is linked"),
    ],
    "guessing": [
        says("/link", "What is your email"),
        says_email(),
        *(guesses(f"{left} tr(y|ies) left" if left > 1 else "one try left") for left in (4, 3, 2, 1)),
        guesses("no longer good"),
        changes(NO_CODE_LATELY, says_email()),
        types_code("What name"),
    ],
    "expired": [
        says("/link", "What is your email"),
        says_email(),
        changes(CODE_EXPIRES, types_code("too old or no longer good")),
        says_email(),
        types_code("What name"),
        says("Somebody", "choose a password"),
        says(PASSWORD, "is linked"),
    ],
    "returning": [*SIGNS_IN, says(WRONG, "not right"), says(PASSWORD, "is linked")],
    "waiting": [
        *SIGNS_IN,
        *(says(WRONG, "not right") for _ in range(4)),
        says(WRONG, LOCKED),
        changes(LOCK_LASTS, says(PASSWORD, LOCKED)),
        changes(LOCK_PASSES, says(PASSWORD, "is linked")),
    ],
    "forgetful": [
        *SIGNS_IN,
        *FORGETS,
        says(PASSWORD, "used that password before"),
        says(NEW_PASSWORD, "Your new password holds"),
        says(NEW_PASSWORD, "is linked"),
    ],
    "changing": [
        says("/account password", CONFIRM),
        says(WRONG, "not right"),
        says(PASSWORD, "choose a new password"),
        says(PASSWORD, "used that password before"),
        says(NEW_PASSWORD, "Your new password holds"),
    ],
    "moving": [
        says("/account email", CONFIRM),
        says(PASSWORD, "new email"),
        Act(lambda walk: walk.first.says(walk.new_email), "type the code"),
        types_code("your email address from now on", new=True),
    ],
    "inviting": [
        *INVITES,
        CLAIMS,
        from_there(lambda walk: walk.first.taps("Yes"), "is linked"),
        says("/account sessions", "Where you are signed in"),
        says("/account others", "other session has ended"),
        from_there(lambda walk: walk.second.says("/account"), "session of this chat has ended"),
        from_there(lambda walk: walk.second.says(PASSWORD), "that is right"),
    ],
    "refusing": [
        *INVITES,
        CLAIMS,
        from_there(lambda walk: walk.first.taps("No"), "has said no"),
        from_there(lambda walk: walk.second.says(walk.invitation), "unknown or has expired"),
    ],
    "idle": [
        changes(SESSION_EXPIRES, says("/account", "session of this chat has ended")),
        says(WRONG, "not right"),
        says(PASSWORD, "that is right"),
        says("/logout", "signed out"),
        *SIGNS_IN,
        says(PASSWORD, "is linked"),
    ],
}
ELSEWHERE = {"returning", "waiting", "forgetful"}  # whose account is linked to the second chat at first
NEW_ONES = {"linking", "guessing", "expired"}
# Sessions that are open in the end, tries at passwords that were judged, and codes that were mailed.
OUTCOMES: dict[str, tuple[int, list[bool], int]] = {
    "linking": (1, [], 1),
    "guessing": (0, [], 2),
    "expired": (1, [], 2),
    "returning": (2, [False, True], 1),
    "waiting": (2, [False] * 5 + [True], 1),
    "forgetful": (1, [True], 2),
    "changing": (1, [False, True], 0),
    "moving": (1, [True], 1),
    "inviting": (2, [True, True], 0),
    "refusing": (1, [True], 0),
    "idle": (1, [False, True, True], 1),
}


async def begun(installation: Installation, outside: Outside, database: Any) -> list[Walk]:
    """Everybody at the start of their path, with a password that was hashed cheaply where they have one."""
    people = installation.telegram
    walks = [Walk(name, people.person(name), people.person(f"{name} 2"), outside, database) for name in PATHS]
    known = [walk for walk in walks if walk.name not in NEW_ONES]
    signed_up = [walk.second if walk.name in ELSEWHERE else walk.first for walk in known]
    assert installation.dsn is not None
    await sign_up(installation.dsn, signed_up)
    hasher = PasswordHasher(memory_kib=64, iterations=1)
    phc = await hasher.hash(PASSWORD)
    hasher.close()
    await database.execute("UPDATE users SET hashed_password = $1", phc)
    await database.execute("UPDATE password_history SET password_hash = $1", phc)
    for walk, person in zip(known, signed_up, strict=True):
        await database.execute(
            "UPDATE users SET email = $1 FROM chats WHERE chats.user_id = users.id AND chat_id = $2",
            walk.email,
            person.id,
        )
    await database.execute("UPDATE user_sessions SET session_data = session_data - 'password_at'")
    await database.execute("DELETE FROM email_codes")
    return walks


async def walked(walks: list[Walk], between: Callable[[], Awaitable[None]]) -> None:
    """Everybody's next act, what happens between, and then everybody's answer, until all are done."""
    for number in range(max(map(len, PATHS.values()))):
        acts = [(PATHS[walk.name][number], walk) for walk in walks if number < len(PATHS[walk.name])]
        for act, walk in acts:
            await act.happens(walk)
        await between()
        await asyncio.gather(*(act.is_answered(walk) for act, walk in acts))


async def prove_outcomes(walks: list[Walk], database: Any) -> None:
    """Nothing lost and nothing done twice; no password stands in any chat."""
    assert await database.fetch(UNDONE) == []
    for walk in walks:
        sessions, tries, codes = OUTCOMES[walk.name]
        emails = [walk.email, walk.new_email]
        users = await database.fetch("SELECT id, email FROM users WHERE email = ANY($1)", emails)
        assert len(users) == (0 if walk.name == "guessing" else 1), walk.name
        user_id = users[0]["id"] if users else None
        assert await database.fetchval(OPEN_SESSIONS, user_id) == sessions, walk.name
        judged = await database.fetch(TRIES, user_id)
        assert [each["success"] for each in judged] == tries, walk.name
        mailed = await database.fetchval("SELECT count(*) FROM email_codes WHERE email = ANY($1)", emails)
        assert mailed == codes, walk.name
        for person in (walk.first, walk.second):
            shown = "\n".join(message.text for message in person.messages)
            assert not any(each in shown for each in (PASSWORD, NEW_PASSWORD, WRONG)), walk.name
    (moved,) = await database.fetch("SELECT email FROM users WHERE email LIKE '%moving@%'")
    assert moved["email"] == "new.moving@example.org"


OPEN_SESSIONS = """
    SELECT count(*) FROM user_sessions WHERE user_id = $1 AND is_active AND expires_at > now()
        AND session_id NOT IN (SELECT token_id FROM token_blacklist)
"""
TRIES = "SELECT success FROM login_attempts WHERE user_id = $1 ORDER BY created_at"


@pytest.mark.parametrize("killed", [False, True], ids=["two programs", "killed between any two steps"])
async def test_every_path(dsn: str, tmp_path: Path, killed: bool) -> None:
    chance = random.Random(SEED)
    async with Outside(dsn) as outside:
        smtp = outside.settings["SMTP_URL"]
        async with Installation(dsn, tmp_path, SMTP_URL=smtp) as installation:
            await asyncio.gather(*(installation.serves(forked=True) for _ in range(1 if killed else 2)))

            async def kill_and_start() -> None:
                if not killed:
                    return
                await asyncio.sleep(chance.uniform(0.0, LONGEST_LIFE))
                installation.replicas[-1].kill()
                await installation.replicas[-1].exit_code()
                await installation.starts(forked=True)

            async with asyncpg.create_pool(dsn, min_size=1, max_size=4) as database:
                walks = await begun(installation, outside, database)
                await walked(walks, kill_and_start)
                await prove_outcomes(walks, database)
