"""When a reminder is due: once a day, at the time that clocks show, over their changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.personalization.due import is_zone, moment, next_due

# Zones of all kinds: changes on either half of the earth, of half an hour, over the date line, none.
ZONES = [
    *("Europe/Madrid", "America/New_York", "Australia/Sydney", "America/Santiago", "Australia/Lord_Howe"),
    *(
        "Pacific/Apia",
        "Africa/Casablanca",
        "Asia/Kathmandu",
        "Asia/Tehran",
        "Etc/GMT+12",
        "Pacific/Kiritimati",
    ),
]
zones = st.sampled_from(ZONES).map(ZoneInfo)
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
instants = st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bounds


@given(after=instants, at=times, zone=zones)
def test_a_month_has_one_a_day_each_at_its_time(after: datetime, at: time, zone: ZoneInfo) -> None:
    due, seen = after, list[date]()
    for _ in range(31):
        before, due = due, next_due(due, at, zone, seen[-1] if seen else None)
        assert due > before
        local = due.astimezone(zone)
        seen.append(local.date())
        shifted = moment(local.date(), at, zone) != due
        assert not shifted
        if local.time() != at:
            assert is_skipped(local.date(), at, zone), "only a time that clocks skip is another one"
            assert (
                timedelta()
                < local.replace(tzinfo=None) - datetime.combine(local.date(), at)
                <= timedelta(hours=1)
            )
        assert not local.fold or local.time() != at, "of a time that comes twice it is the first"
    days = [later - earlier for earlier, later in pairwise(seen)]
    # Where a whole day was skipped at the date line (Samoa, 2011-12-30), there is none of it.
    assert set(days) <= {timedelta(days=1), timedelta(days=2)}
    assert days.count(timedelta(days=2)) <= (zone.key == "Pacific/Apia")


def is_skipped(day: date, at: time, zone: ZoneInfo) -> bool:
    shown = datetime.combine(day, at, tzinfo=zone)
    return shown.astimezone(UTC).astimezone(zone).time() != at


@given(after=instants, at=times, zone=zones, ago=st.integers(-1, 3))
def test_never_twice_on_a_day_however_the_time_is_changed(
    after: datetime, at: time, zone: ZoneInfo, ago: int
) -> None:
    last_on = after.astimezone(zone).date() - timedelta(days=ago)
    due = next_due(after, at, zone, last_on)
    assert due > after
    assert due.astimezone(zone).date() > last_on
    assert due - after <= timedelta(days=3, hours=2)


@pytest.mark.parametrize(
    ("zone", "after", "at", "due"),
    [
        ("Europe/Madrid", "2026-10-24T20:00", "19:30", "2026-10-25T18:30"),  # clocks went back that night
        ("Europe/Madrid", "2026-10-24T12:00", "02:30", "2026-10-25T00:30"),  # the first 2:30 of two
        ("Europe/Madrid", "2026-10-25T00:30", "02:30", "2026-10-26T01:30"),  # not the second one
        ("Europe/Madrid", "2026-03-28T12:00", "02:30", "2026-03-29T01:30"),  # skipped: 3:30 then
        ("Australia/Sydney", "2026-10-03T00:00", "02:30", "2026-10-03T16:30"),  # the same on the other half
        ("Pacific/Apia", "2011-12-30T06:00", "20:00", "2011-12-31T06:00"),  # the 30th never was
        ("UTC", "2026-01-01T08:00", "08:00", "2026-01-02T08:00"),  # just told
    ],
)
def test_changes_of_the_clocks(zone: str, after: str, at: str, due: str) -> None:
    found = next_due(
        datetime.fromisoformat(after).replace(tzinfo=UTC), time.fromisoformat(at), ZoneInfo(zone)
    )
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_the_zones_of_this_test_exist() -> None:
    assert set(ZONES) <= available_timezones()


@pytest.mark.parametrize(
    ("name", "known"),
    [("Europe/Madrid", True), ("UTC", True), ("Etc/GMT+2", True), ("Madrid", False), ("", False)]
    + [
        (each, False) for each in ("Europe", "../../etc/passwd", "/etc/passwd", "a\0/b", "x/" * 4000, "🙂/🙂")
    ],
)
def test_what_is_a_zone(name: str, known: bool) -> None:
    assert is_zone(name) == known
