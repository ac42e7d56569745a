"""Who opened a Mini App: Telegram's `initData`, verified as Telegram says it must be."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

OLDEST = timedelta(minutes=5)
CLOCKS_DIFFER = timedelta(seconds=30)
MOST_FIELDS = 32


def opened_by(init_data: str, key: bytes, now: datetime) -> int:
    """The Telegram user who opened the page.

    `key` is the bot's (`bot.telegram.Telegram.init_data_key`). Raises ValueError where the data are
    malformed, forged or older than five minutes.
    """
    pairs = parse_qsl(
        init_data, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MOST_FIELDS
    )
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field stands there twice")
    given = fields.pop("hash", "")
    signed = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    expected = hmac.digest(key, signed.encode(), hashlib.sha256).hex()
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise ValueError("not signed by Telegram")
    age = now.timestamp() - int(fields.get("auth_date", ""))
    if not -CLOCKS_DIFFER.total_seconds() <= age <= OLDEST.total_seconds():
        raise ValueError("too old")
    user = json.loads(fields.get("user", ""))
    if not isinstance(user, dict) or not isinstance(user.get("id"), int):
        raise ValueError("no user")
    return int(user["id"])
