"""Times of day as people type them."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.background.times import read_time, time_among

times = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        *(("7", "07:00"), ("07:15", "07:15"), ("7.30 pm", "19:30"), ("19h", "19:00"), ("19h30", "19:30")),
        *(("a las 7", "07:00"), ("12 am", "00:00"), ("12pm", "12:00"), ("7 p. m.", "19:00")),
        *(("at 8:15 o'clock", "08:15"), ("7:00\u202fPM", "19:00"), ("18:30 Uhr", "18:30"), ("0:00", "00:00")),
        *(
            (each, None)
            for each in ("", "noonish", "24:00", "7:60", "13 pm", "-7", "7 8", "²", "٣", "7" * 4000)
        ),
    ],
)
def test_a_typed_time(typed: str, read: str | None) -> None:
    assert read_time(typed) == (time.fromisoformat(read) if read else None)


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_none(typed: str) -> None:
    read_time(typed)
    time_among(typed)


@given(
    at=times, pattern=st.sampled_from(["{:%H:%M}", "{:%H.%M}", "{:%I:%M %p}", "um {:%H:%M} Uhr", "{:%Hh%M}"])
)
def test_every_way_to_write_a_time_is_read_back(at: time, pattern: str) -> None:
    assert read_time(pattern.format(at)) == at


@pytest.mark.parametrize(
    ("words", "named", "others"),
    [
        ("practice at 7 PM please", "19:00", "practice at please"),
        ("19:30", "19:30", ""),
        ("19h30, by voice", "19:30", ", by voice"),
        ("12 a.m.", "00:00", ""),
        *((each, None, None) for each in ("7", "by voice", "7:60", "13 pm", "7:00 or 8:00", "7:305", "h19")),
    ],
)
def test_a_time_among_other_words(words: str, named: str | None, others: str | None) -> None:
    found = time_among(words)
    if found is None:
        assert named is None
    else:
        at, rest = found
        assert (f"{at:%H:%M}", " ".join(rest.split())) == (named, others)
