"""When the next reminder is due: a time of day in a time zone, over changes of its clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY = timedelta(days=1)


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment in UTC at which clocks show `at` on a day.

    Where they show it twice it is the first time; where they skip it, it is as long after midnight as ever,
    so an hour later on the clock, as RFC 5545 has it.
    """
    return datetime.combine(day, at.replace(fold=0), tzinfo=zone).astimezone(UTC)


def next_due(after: datetime, at: time, zone: ZoneInfo, last_on: date | None = None) -> datetime:
    """The first moment after `after` at which clocks show `at`, on a day later than `last_on`."""
    # A zone may have moved over the date line: the day before and two days on are looked at too.
    day = after.astimezone(zone).date() - DAY
    if last_on is not None:
        day = max(day, last_on + DAY)
    while (found := moment(day, at, zone)) <= after or not is_later(found, zone, last_on):
        day += DAY
    return found


def is_later(found: datetime, zone: ZoneInfo, last_on: date | None) -> bool:
    """Whether a moment is on a later day than `last_on`."""
    return last_on is None or found.astimezone(zone).date() > last_on


def is_zone(name: str) -> bool:
    """Whether the tables of time zones hold one of this name, such as "Europe/Madrid"."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return "/" in name or name == "UTC"
