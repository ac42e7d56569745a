"""What the background questions offer on buttons, and how answers are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from bot.conversations.choices import buttons
from bot.conversations.feedback import clipped
from bot.step import Line, Rows, t
from bot.texts import LANGUAGES, label
from domain.background.forms import Form
from domain.background.models import ExperienceLevel
from domain.background.preferences import language_name
from domain.background.vocabulary import vocabulary

LEVELS: dict[str, Line | str] = {
    level.value: t(f"background.level.{level.value}") for level in ExperienceLevel
}
DOMAINS: dict[str, Line | str] = {each: t(f"background.domain.{each}") for each in vocabulary()["domains"]}
# Values that are words; all others are names and numbers, the same in every language.
WORDS: dict[str, Line | str] = {
    "laptop": t("background.hardware.laptop"),
    "desktop": t("background.hardware.desktop"),
    "none": t("background.hardware.no_gpu"),
    "android": t("background.hardware.android"),
    "tablet": t("background.hardware.tablet"),
    "voice": t("background.preferences.voice"),
    "text": t("background.preferences.text"),
    "brief": t("background.preferences.brief"),
    "full": t("background.preferences.full"),
}
LONGEST_SHOWN = 450  # of an answer on the card, so that it fits into a message in every script
LONGEST_TICK = 40


@dataclass(frozen=True)
class Value:
    """One value of a key of hardware or preferences."""

    key: str
    value: str | int


BY_VOICE = Value("answer_by", "voice")
OFFERED: Mapping[Form, Sequence[Sequence[Value]]] = {
    "hardware_setup": (
        [Value("operating_systems", each) for each in ("Windows", "macOS", "Linux")],
        [Value("machine", each) for each in ("laptop", "desktop")],
        [Value("memory_gb", each) for each in (8, 16, 32, 64)],
        [Value("gpu", each) for each in ("NVIDIA", "AMD", "none")],
        [Value("devices", each) for each in ("iPhone", "android", "tablet")],
    ),
    "technical_preferences": (
        [Value("interview_language", each) for each in LANGUAGES],
        [Value("answer_by", each) for each in ("voice", "text")],
        [Value("feedback_depth", each) for each in ("brief", "full")],
        [Value("daily_practice_time", each) for each in ("08:00", "12:30", "18:00", "20:30")],
    ),
}


def mark(item: str) -> str:
    """What stands for an item behind its button, however long it is and whatever is offered beside it."""
    return f"{crc32(item.casefold().encode()):08x}"


def tick(item: str, shown: str, is_chosen: bool, key: str = "") -> tuple[str, str]:
    """The choice that picks an item (+), or takes it back (-) where it is ticked, and its button's words."""
    words = clipped(shown, LONGEST_TICK)
    return f"{'-' if is_chosen else '+'}{key}{mark(item)}", f"✓ {words}" if is_chosen else words


def values_of(answers: Mapping[str, Any]) -> list[Value]:
    """Every single value that was answered, in the order they are asked for."""
    order = [row[0].key for rows in OFFERED.values() for row in rows] + ["notes"]
    found = []
    for key in sorted(answers, key=order.index):
        given = answers[key]
        found += [Value(key, each) for each in (given if isinstance(given, list) else [given])]
    return found


def form_keyboard(form: Form, answers: Mapping[str, Any], language: str, *, is_offline: bool) -> Rows:
    """What is offered, a row for each key, with what was answered ticked; other answers below their key.

    Where nobody can listen, answering by voice is offered only to who chose it before, to be taken back.
    """
    chosen = values_of(answers)
    rows: list[Sequence[Value]] = []
    for row in OFFERED[form]:
        rows.append([each for each in row if each != BY_VOICE or each in chosen or not is_offline])
        rows += [[each] for each in chosen if each.key == row[0].key and each not in row]
    rows += [[each] for each in chosen if each.key == "notes"]
    return tuple(tuple(buttons(dict(_tick(each, each in chosen, language) for each in row))) for row in rows)


def _tick(value: Value, is_chosen: bool, language: str) -> tuple[str, str]:
    shown = label(worded(value), language)
    return tick(str(value.value), shown, is_chosen, f"{value.key}:")


def tapped(choice: str, form: Form, answers: Mapping[str, Any]) -> Value | None:
    """The value that a tap on a form's keyboard picks or takes back; None for what is on none."""
    key, _, marked = choice[1:].partition(":")
    known = [*(each for row in OFFERED[form] for each in row), *values_of(answers)]
    found = (each for each in known if each.key == key and mark(str(each.value)) == marked)
    return next(found, None)


def worded(value: Value) -> Line | str:
    """A value as it is shown."""
    match value.key:
        case "memory_gb":
            return t("background.hardware.memory", gb=str(value.value))
        case "interview_language":
            return f"💬 {language_name(str(value.value))}"
        case "daily_practice_time":
            return f"⏰ {value.value}"
        case "notes":
            return str(value.value)
        case _:
            return WORDS.get(str(value.value), str(value.value))


def listed(answers: Mapping[str, Any], language: str) -> str:
    """Answers in one line."""
    words = [label(worded(each), language) for each in values_of(answers)]
    return clipped(" · ".join(words), LONGEST_SHOWN)
