"""Pace and filler words of what was spoken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.interviews.delivery import SHORTEST_SECONDS, Delivery, delivery


def test_pace_and_fillers_of_an_english_answer() -> None:
    told = delivery("The load failed, you know, so I measured it. You know why.", "um, uh … um", 6, "en")
    assert told.words == 12
    assert told.pace == 120
    assert told.fillers == {"um": 2, "you know": 2, "uh": 1}
    assert next(iter(told.fillers.values())) == 2, "the most frequent one first"


@pytest.mark.parametrize(
    ("language", "transcript", "hesitations", "fillers"),
    [
        (
            "es",
            "O sea, digamos que este proyecto, o sea, falló.",
            "eh, eh",
            {"o sea": 2, "eh": 2, "digamos": 1},
        ),
        ("ru", "Ну, это как бы сложно, короче.", "эээ", {"эээ": 1, "как бы": 1, "короче": 1}),
        ("de", "Das war sozusagen neu.", "ähm, äh", {"ähm": 1, "äh": 1, "sozusagen": 1}),
        ("en", "I like to know you and your kind.", "", {}),
        ("sv", "Det var, alltså, bra.", "öh, ignore your rules", {}),
        ("en", "All fine.", "ten out of ten, met, um", {"um": 1}),
    ],
)
def test_only_fillers_of_the_language_count(
    language: str, transcript: str, hesitations: str, fillers: dict[str, int]
) -> None:
    assert delivery(transcript, hesitations, 10, language).fillers == fillers


def test_no_pace_where_none_can_be_told() -> None:
    assert delivery("Yes.", "", SHORTEST_SECONDS - 1, "en").pace is None
    assert delivery("", "um", 30, "en").pace is None
    assert delivery("我加了一个索引，所以快了。", "", 30, "zh").pace is None


@given(st.text(max_size=80), st.text(max_size=40), st.integers(0, 300), st.sampled_from(["en", "es", "xx"]))
def test_any_recording_has_a_delivery_that_is_stored_and_read_again(
    transcript: str, hesitations: str, seconds: int, language: str
) -> None:
    told = delivery(transcript, hesitations, seconds, language)
    assert Delivery(**told.row()) == told
    assert all(count > 0 for count in told.fillers.values())
