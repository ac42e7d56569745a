"""Codes, tokens and sessions: how they are made, how long they last, when they change."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.accounts import tokens
from domain.accounts.sessions import SESSION_LIFE
from tests.loopback.greenroom import PASSWORD
from tests.loopback.stepwise import Stepwise, stepwise

ANA, EMAIL = 1, "ana@example.org"
ENDED = "session of this chat has ended"


@pytest.fixture
async def program(dsn: str, tmp_path: Path) -> AsyncIterator[Stepwise]:
    async with stepwise(dsn, tmp_path) as running:
        yield running


def test_codes_and_tokens_are_made_by_the_systems_randomness(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []

    def randbelow(below: int) -> int:
        asked.append(("randbelow", below))
        return 7

    def token_urlsafe(size: int | None = None) -> str:
        asked.append(("token_urlsafe", size or 0))
        return "t"

    monkeypatch.setattr(secrets, "randbelow", randbelow)
    monkeypatch.setattr(secrets, "token_urlsafe", token_urlsafe)
    assert (tokens.new_code(), tokens.new_token()) == ("000007", "t")
    assert asked == [("randbelow", 10**6), ("token_urlsafe", 32)]


def test_every_code_is_six_digits_and_none_is_favoured() -> None:
    codes = [tokens.new_code() for _ in range(20_000)]
    assert all(len(code) == 6 and code.isdecimal() for code in codes)
    for place in range(6):
        count = Counter(code[place] for code in codes)
        assert set(count) == set("0123456789")
        assert max(count.values()) < 2000 * 1.2
    assert len({tokens.new_token() for _ in range(10_000)}) == 10_000


async def test_nobody_has_an_account_before_they_link(program: Stepwise) -> None:
    assert await program.rows("SELECT FROM users") == []
    assert await program.rows("SELECT FROM chats WHERE user_id IS NOT NULL") == []


async def token_of(program: Stepwise) -> str:
    (session,) = await program.rows("SELECT session_token FROM user_sessions WHERE is_active")
    return str(session["session_token"])


async def test_the_password_once_more_brings_another_token(program: Stepwise) -> None:
    await program.links(ANA, EMAIL)
    first = await token_of(program)
    program.clock.passes(minutes=11)
    await program.hears(ANA, "/account password")
    assert await token_of(program) == first
    await program.hears(ANA, PASSWORD)
    second = await token_of(program)
    assert second != first
    await program.hears(ANA, "/logout")
    assert await program.rows("SELECT FROM user_sessions WHERE is_active") == []


async def test_a_session_ends_after_thirty_days_however_much_it_is_used(program: Stepwise) -> None:
    await program.links(ANA, EMAIL)
    for _ in range(SESSION_LIFE.days):
        told = await program.hears(ANA, "/account")
        assert not any(ENDED in each for each in told)
        program.clock.passes(days=1)
    (asked,) = await program.hears(ANA, "/account")
    assert ENDED in asked
    assert EMAIL not in asked
    told = await program.hears(ANA, PASSWORD)
    assert any("that is right" in each for each in told)
    assert any(EMAIL in each for each in await program.hears(ANA, "/account"))


async def test_an_operator_ends_every_session_of_an_account_with_one_statement(program: Stepwise) -> None:
    """It is the one in docs/security.md."""
    await program.links(ANA, EMAIL)
    document = (Path(__file__).parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
    (statement,) = [
        line.strip() for line in document.splitlines() if line.startswith("    UPDATE user_sessions")
    ]
    await program.rows(statement.replace("somebody@example.org", EMAIL))
    (asked,) = await program.hears(ANA, "/account")
    assert ENDED in asked


async def test_ending_one_session_takes_the_password_once_more(program: Stepwise) -> None:
    await program.links(ANA, EMAIL)
    (invited,) = await program.hears(ANA, "/account chat")
    await program.hears(2, re.findall(r"/start chat_[\w-]+", invited)[0])
    (link,) = await program.rows("SELECT id FROM chat_links")
    await program.hears(ANA, f"/account admit {link['id']}")
    (other,) = await program.rows("SELECT session_id AS id FROM chats WHERE chat_id = 2")
    program.clock.passes(minutes=11)
    (asked,) = await program.hears(ANA, f"/account end {other['id']}")
    assert "password once more" in asked
    assert len(await program.rows("SELECT FROM user_sessions WHERE is_active")) == 2
    told = await program.hears(ANA, PASSWORD)
    assert any("That session has ended" in each for each in told), told
    assert len(await program.rows("SELECT FROM user_sessions WHERE is_active")) == 1
    again = await program.hears(ANA, f"/account end {other['id']}")
    assert any("ended already" in each for each in again)
