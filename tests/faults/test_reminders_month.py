"""A month of reminders over changes of the clocks while programs die: each once, in its time, none lost.

`make bench ARGS=month` lives through it with 1,000 people.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from pathlib import Path

from tests.loopback.month import judged, simulated

PEOPLE = 8


async def test_each_once_in_its_time_and_none_lost(dsn: str, tmp_path: Path) -> None:
    wanted, phone = await simulated(dsn, tmp_path, PEOPLE)
    shown: dict[int, list[datetime]] = defaultdict(list)
    for chat_id, at in phone.shown:
        shown[chat_id].append(at)
    assert {each.chat_id: judged(each, shown[each.chat_id]) for each in wanted} == {
        each.chat_id: [] for each in wanted
    }
    assert phone.deaths > 0
    assert phone.refused == {each.chat_id: 1 for each in wanted if each.blocks}, "never after a 403"
    assert {each.zone for each in wanted} >= {"Europe/Madrid", "Australia/Sydney"}
