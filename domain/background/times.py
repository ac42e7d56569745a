"""Times of day as people type them: by themselves, or among other words."""

from __future__ import annotations

import re
from datetime import time

_ALONE = re.compile(
    r"(?:[^\W\d]+ ){0,3}(?P<hour>[0-9]{1,2})(?: ?[:.,h] ?(?P<minute>[0-9]{2}))? ?(?:h|hs|hrs|uhr|o'clock)?"
    r" ?(?P<half>[ap]\.? ?m\.?)?[.!]?"
)
# Among other words a bare number is not a time: it has minutes or says which half of the day it is in.
_AMONG = re.compile(
    r"(?<![\d:.])(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?"
    r"(?:\s?(?P<half>[ap])\.?\s?m\b\.?|(?(minute)(?![\d:.])|(?!)))"
)


def read_time(typed: str) -> time | None:
    """The time of day that was typed: "19:30", "7.30 pm", "19h", "a las 7"; None where none is meant."""
    found = _ALONE.fullmatch(" ".join(typed.casefold().split()))
    return _time(found) if found else None


def time_among(words: str) -> tuple[time, str] | None:
    """The one time of day that words name, and the other words; None where they name none or several."""
    folded = words.casefold()
    found = list(_AMONG.finditer(folded))
    if len(found) != 1 or (at := _time(found[0])) is None:
        return None
    return at, f"{folded[: found[0].start()]} {folded[found[0].end() :]}"


def _time(found: re.Match[str]) -> time | None:
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    half = (found["half"] or "")[:1]
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
