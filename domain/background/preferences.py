"""`technical_preferences`: how somebody wants to rehearse, as it is typed, tapped and used. See schemas/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from functools import cache
from typing import Any

from babel import Locale

from domain.background.answers import LONGEST_NOTE, note, parts
from domain.background.forms import Answers
from domain.background.phrases import Words, names, phrases, words_of
from domain.background.times import time_among

LONGEST_PHRASE = 8  # words; what is longer says more than one choice


class AnswerBy(StrEnum):
    """How answers are usually given."""

    VOICE = "voice"
    TEXT = "text"


class FeedbackDepth(StrEnum):
    """How much of the feedback to an answer is shown unfolded."""

    BRIEF = "brief"
    FULL = "full"


@dataclass(frozen=True)
class Preferences:
    """How a person wants to rehearse; None where they have not said.

    `interview_language` is an ISO 639-1 code, `daily_practice_time` a time of day by their own clock.
    """

    interview_language: str | None = None
    answer_by: AnswerBy | None = None
    feedback_depth: FeedbackDepth | None = None
    daily_practice_time: time | None = None
    notes: str = ""


def preferences_of(stored: Mapping[str, Any]) -> Preferences:
    """What `technical_preferences` holds."""
    answer_by, depth = stored.get("answer_by"), stored.get("feedback_depth")
    at = stored.get("daily_practice_time")
    return Preferences(
        interview_language=stored.get("interview_language"),
        answer_by=AnswerBy(answer_by) if answer_by else None,
        feedback_depth=FeedbackDepth(depth) if depth else None,
        daily_practice_time=time.fromisoformat(at) if at else None,
        notes=stored.get("notes", ""),
    )


def understood(typed: str) -> Answers:
    """What typed preferences say, by key; what fits no key is kept in the notes as it was typed.

    Raises `Refused` where they say nothing or are too long.
    """
    words = note(typed)
    found: Answers = {}
    left = []
    for part in filter(_says_something, parts(words)):
        choice = _choice(part)
        if choice and not choice.keys() & found.keys():
            found |= choice
        else:
            left.append(part)
    if not found:
        return {"notes": words}
    return found | ({"notes": ", ".join(left)[:LONGEST_NOTE]} if left else {})


def _choice(part: str) -> Answers | None:
    """The one choice a part states, and nothing beside it but words that do not matter."""
    if named := time_among(part):
        at, rest = named
        return None if _point(words_of(rest)) else {"daily_practice_time": f"{at:%H:%M}"}
    words = words_of(part)
    if len(words) > LONGEST_PHRASE:
        return None
    for said in (words, _point(words)):
        for key in ("answer_by", "feedback_depth"):
            if (value := names("preferences", key).get(said)) is not None:
                return {key: value}
        if (code := _languages().get(said)) is not None:
            return {"interview_language": code}
    return None


def _says_something(part: str) -> bool:
    return bool(_point(words_of(part)))


def _point(words: Words) -> Words:
    return tuple(word for word in words if word not in phrases()["preferences"]["around"]["words"])


@cache
def _languages() -> Mapping[Words, str]:
    """Each way to name a language interviews may be held in, and its code."""
    listed: Mapping[str, list[str]] = phrases()["interview_languages"]
    named = {words_of(name): code for code, own in listed.items() for name in own}
    for spoken in ("en", "es"):
        named |= {words_of(Locale(spoken).languages[code]): code for code in listed}
    return named


def language_named(typed: str) -> str | None:
    """The code of a language interviews may be held in; None for what names none."""
    return _languages().get(words_of(typed))


def language_name(code: str, language: str | None = None) -> str:
    """What a language is called in `language`, or by those who speak it; its code where nobody knows."""
    own = phrases()["interview_languages"].get(code, [code])[0]
    name = own if language is None else str(Locale(language).languages.get(code, own))
    return name[:1].upper() + name[1:]
