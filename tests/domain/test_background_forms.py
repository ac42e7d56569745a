"""What typed words say of hardware and preferences, and how it joins what was said before."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.conversations.background_offers import OFFERED, Value, values_of, worded
from bot.step import Line
from bot.texts import LANGUAGES, label
from domain.background import hardware, preferences
from domain.background.answers import cleaned
from domain.background.forms import Form, merged, toggled
from domain.background.levels import level_named
from domain.background.phrases import phrases
from domain.background.preferences import Preferences, language_name, language_named, preferences_of
from domain.background.schema import is_valid, schema_of
from domain.background.service import UNDERSTOOD
from domain.errors import Refused

FORMS: tuple[Form, ...] = ("hardware_setup", "technical_preferences")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (
            "MacBook Pro M3, 32 GB, iPhone for tests",
            {"machine": "MacBook Pro M3", "memory_gb": 32, "devices": ["iPhone for tests"]},
        ),
        (
            "ThinkPad <32 GB> & two screens",
            {"machine": "ThinkPad", "memory_gb": 32, "devices": ["two screens"]},
        ),
        (
            "Linux laptop with RTX 4090 24GB",
            {"machine": "Linux laptop", "operating_systems": ["Linux"], "gpu": "RTX 4090 24GB"},
        ),
        (
            "Ubuntu 24.04 on a Dell XPS 13, 16GB RAM, 512 GB SSD, no GPU",
            {
                "operating_systems": ["Ubuntu 24.04"],
                "machine": "a Dell XPS 13",
                "memory_gb": 16,
                "gpu": "none",
                "notes": "512 GB SSD",
            },
        ),
        (
            "portátil con Windows 11 y 8 GB de RAM, movil android",
            {
                "machine": "laptop",
                "operating_systems": ["Windows 11"],
                "memory_gb": 8,
                "devices": ["android"],
            },
        ),
        ("Windows and Linux", {"operating_systems": ["Windows", "Linux"]}),
        (
            "Mac mini, MacBook Air, 64 gb memory",
            {"machine": "Mac mini", "devices": ["MacBook Air"], "memory_gb": 64},
        ),
        ("9999 GB", {"notes": "9999 GB"}),
        ("a room with a view", {"notes": "a room with a view"}),
        ("standing desk, 32 GB", {"memory_gb": 32, "notes": "standing desk"}),
        ("машина 🖥", {"notes": "машина 🖥"}),
    ],
)
def test_hardware(typed: str, found: dict[str, Any]) -> None:
    assert hardware.understood(typed) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (
            "Spanish, by voice, brief, 19:30",
            {
                "interview_language": "es",
                "answer_by": "voice",
                "feedback_depth": "brief",
                "daily_practice_time": "19:30",
            },
        ),
        (
            "entrevistas en inglés, por escrito, a las 20:15",
            {"interview_language": "en", "answer_by": "text", "daily_practice_time": "20:15"},
        ),
        ("I'd like to answer in writing, please", {"answer_by": "text"}),
        ("עברית", {"interview_language": "he"}),
        ("every day at 7pm", {"daily_practice_time": "19:00"}),
        ("7 PM", {"daily_practice_time": "19:00"}),
        ("12 a.m.", {"daily_practice_time": "00:00"}),
        ("at 25:00", {"notes": "at 25:00"}),
        ("from 9:00 to 17:00", {"notes": "from 9:00 to 17:00"}),
        ("no voice", {"notes": "no voice"}),
        ("tabs, not spaces, full", {"feedback_depth": "full", "notes": "tabs, not spaces"}),
        ("brief, full", {"feedback_depth": "brief", "notes": "full"}),
    ],
)
def test_preferences(typed: str, found: dict[str, Any]) -> None:
    assert preferences.understood(typed) == found


def test_every_language_is_known_by_its_own_name_and_by_ours() -> None:
    for code, own in phrases()["interview_languages"].items():
        assert {language_named(name) for name in own} == {code}
        assert is_valid("technical_preferences", {"interview_language": code})
    assert {language_named(name) for name in ("German", "alemán", "Deutsch")} == {"de"}
    assert language_named("Klingon") is None
    assert (language_name("es"), language_name("es", "en")) == ("Español", "Spanish")
    assert language_name("xx") == "Xx"


def test_what_a_button_says_may_be_typed_in_every_language() -> None:
    for form, rows in OFFERED.items():
        for value in (each for row in rows for each in row):
            for language in LANGUAGES:
                found = UNDERSTOOD[form](label(worded(value), language))
                assert values_of(found) == [value], (value, language)
            assert is_valid(form, toggled(form, {}, value.key, value.value, picked=True))
        assert {row[0].key for row in rows} | {"notes"} == set(schema_of(form)["properties"])


@pytest.mark.parametrize(
    ("typed", "level"),
    [
        *(("Senior", "advanced"), ("sénior", "advanced"), ("Mid-level", "intermediate"), ("jr.", "beginner")),
        *(
            ("6 years", "advanced"),
            ("about 12 years", "expert"),
            ("1,5 años", "beginner"),
            ("0 years", "beginner"),
        ),
        *(("2 years", "intermediate"), ("5", None), ("years", None), ("Experte", None), ("", None)),
    ],
)
def test_a_level_may_be_called_otherwise(typed: str, level: str | None) -> None:
    assert level_named(typed) == level


ANYTHING = st.text(max_size=1100) | st.lists(
    st.sampled_from(
        [
            *(
                "32 GB",
                "MacBook",
                "Windows",
                "RTX",
                "iPhone",
                "phone",
                "no GPU",
                ",",
                "and",
                "with",
                "/",
                "x",
            ),
            *("Spanish", "by voice", "brief", "at 7pm", "19:30", "please", "•", "\n", "I", "&", "<b>", "🖥"),
        ]
    )
).map(" ".join)


@given(ANYTHING, ANYTHING)
@example("a," * 499, "GPU " * 200)
@example("phone, " * 140, "Windows 11; " * 80)
def test_any_words_are_kept_under_some_key_that_the_schema_allows(first: str, then: str) -> None:
    for form in FORMS:
        answers: dict[str, Any] = {}
        for typed in (first, then):
            try:
                found = UNDERSTOOD[form](typed)
            except Refused:
                continue
            assert found
            assert is_valid(form, found)
            answers = merged(form, answers, found)
            assert is_valid(form, answers)
            assert merged(form, answers, found) == answers


@given(ANYTHING)
def test_what_says_nothing_known_is_kept_as_it_was_typed(typed: str) -> None:
    try:
        found = hardware.understood(typed)
    except Refused:
        return
    if set(found) == {"notes"}:
        assert found["notes"] == cleaned(typed)
        assert hardware.understood(found["notes"]) == found


@given(st.data())
def test_ticking_and_taking_back(chance: st.DataObject) -> None:
    for form in FORMS:
        offered = [each for row in OFFERED[form] for each in row]
        answers: dict[str, Any] = {}
        for value in chance.draw(st.lists(st.sampled_from(offered), max_size=8)):
            answers = toggled(form, answers, value.key, value.value, picked=True)
            assert toggled(form, answers, value.key, value.value, picked=True) == answers
            assert value in values_of(answers)
            assert is_valid(form, answers)
        for value in values_of(answers):
            answers = toggled(form, answers, value.key, value.value, picked=False)
            assert toggled(form, answers, value.key, value.value, picked=False) == answers
        assert answers == {}


def test_what_is_stored_is_read_as_typed_values() -> None:
    assert preferences_of({}) == Preferences()
    read = preferences_of({"answer_by": "voice", "daily_practice_time": "07:05", "notes": "tabs"})
    assert (read.answer_by, str(read.daily_practice_time), read.notes) == ("voice", "07:05:00", "tabs")


def test_other_values_are_shown_as_they_were_typed() -> None:
    assert worded(Value("machine", "ThinkPad <X1>")) == "ThinkPad <X1>"
    assert isinstance(worded(Value("machine", "laptop")), Line)
