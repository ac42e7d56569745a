"""A month of reminders for 1,000 people while programs die: what they were shown beside what was due."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from datetime import datetime
from pathlib import Path

from tests.bench import Figure
from tests.loopback.month import due_in_all, judged, simulated

PEOPLE = 1_000


async def measure(dsn: str) -> list[Figure]:
    """Reminders shown beside those due; raises AssertionError where one was doubled, lost or out of time."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as home:
        wanted, phone = await simulated(dsn, Path(home), PEOPLE)
    seconds = time.perf_counter() - began
    shown: dict[int, list[datetime]] = defaultdict(list)
    for chat_id, at in phone.shown:
        shown[chat_id].append(at)
    wrong = {each.chat_id: found for each in wanted if (found := judged(each, shown[each.chat_id]))}
    assert not wrong, wrong
    due = due_in_all(wanted)
    return [
        Figure("reminders shown in a month", len(phone.shown), due, "", "due by the clocks of their people"),
        Figure("simulated hours a second", 744 / seconds, 1 / 3600, "h/s", "as time passes"),
    ]
