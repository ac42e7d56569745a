"""Who opened a Mini App: what Telegram signed for this bot just now is taken, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pages.init_data import opened_by

TOKEN = "42:a-token-of-a-test"  # of no bot
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
USER = {"id": 7_000_000_001, "first_name": "Ana & Co=", "language_code": "es"}


def key_of(token: str) -> bytes:
    return hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()


KEY = key_of(TOKEN)


def signed(fields: dict[str, str], token: str = TOKEN) -> str:
    """As Telegram does: the fields in order of their names, a line each."""
    lines = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    digest = hmac.new(key_of(token), lines.encode(), hashlib.sha256).hexdigest()
    return urlencode({**fields, "hash": digest})


def fields_of(age: timedelta = timedelta(), **more: str) -> dict[str, str]:
    auth_date = str(int((NOW - age).timestamp()))
    user = json.dumps(USER, ensure_ascii=False)
    return {"query_id": "AA+/=", "user": user, "auth_date": auth_date, "signature": "ed25519", **more}


@pytest.mark.parametrize("age", [timedelta(seconds=-20), timedelta(), timedelta(minutes=5)])
def test_what_telegram_signed_just_now_tells_who_opened_the_page(age: timedelta) -> None:
    assert opened_by(signed(fields_of(age)), KEY, NOW) == USER["id"]


REFUSED = {
    "nothing": "",
    "no pairs": "hello",
    "unsigned": urlencode(fields_of()),
    "an empty hash": urlencode({**fields_of(), "hash": ""}),
    "a hash that is no ASCII": urlencode({**fields_of(), "hash": "é" * 64}),
    "another bot's": signed(fields_of(), "43:another"),
    "a field more": signed(fields_of()) + "&start_param=x",
    "a field twice": signed(fields_of()) + "&auth_date=1",
    "another person": signed(fields_of()).replace("7000000001", "7000000002"),
    "too old": signed(fields_of(timedelta(minutes=5, seconds=1))),
    "from the future": signed(fields_of(timedelta(seconds=-40))),
    "no time": signed({k: v for k, v in fields_of().items() if k != "auth_date"}),
    "a time that is none": signed(fields_of() | {"auth_date": "soon"}),
    "nobody": signed({k: v for k, v in fields_of().items() if k != "user"}),
    "a user that is no object": signed(fields_of() | {"user": "[7000000001]"}),
    "a user without an id": signed(fields_of() | {"user": "{}"}),
    "an id that is none": signed(fields_of() | {"user": '{"id": "7000000001"}'}),
    "not UTF-8": "user=%ff&hash=0",
    "a thousand fields": "&".join(f"f{i}=1" for i in range(1000)),
}


@pytest.mark.parametrize("why", REFUSED)
def test_anything_else_is_refused(why: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        opened_by(REFUSED[why], KEY, NOW)


@given(st.text(max_size=300))
def test_no_text_is_taken_nor_does_any_break_it(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        opened_by(text, KEY, NOW)


@given(st.integers(0, 10_000), st.integers(0, 127))
def test_one_changed_character_is_one_too_many(place: int, code: int) -> None:
    good = signed(fields_of())
    place %= len(good)
    changed = good[:place] + chr(code) + good[place + 1 :]
    if changed == good or changed.casefold() == good.casefold():
        return
    with pytest.raises(ValueError, match=r".*"):
        opened_by(changed, KEY, NOW)
