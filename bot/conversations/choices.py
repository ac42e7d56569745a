"""Choosing: by a tap, or by typing what the button says, in any language the bot speaks."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from bot.step import Button, Line, Tap, Text, t
from bot.texts import LANGUAGES, label


def picked(event: Text | Tap, options: Mapping[str, Line | str]) -> str | None:
    """The option that was tapped or typed; None for anything else.

    A typed answer may be the label in any language, its beginning before a comma, or its number.
    """
    if isinstance(event, Tap):
        return event.choice if event.choice in options else None
    typed = folded(event.text)
    for position, (value, text) in enumerate(options.items(), start=1):
        labels = [label(text, language) for language in LANGUAGES]
        known = {folded(each) for shown in labels for each in (shown, shown.partition(",")[0])}
        if typed and typed in {*known, folded(value), str(position)}:
            return value
    return None


def buttons(options: Mapping[str, Line | str]) -> list[Button]:
    """A button for each option."""
    return [Button(text, value) for value, text in options.items()]


def yes_or_no(prefix: str) -> dict[str, Line | str]:
    """The two answers of a question, worded by the catalogue."""
    return {"yes": t(f"{prefix}.yes"), "no": t(f"{prefix}.no")}


def folded(text: str) -> str:
    """A label without case, accents, emoji and punctuation, as people type it."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(
        "".join(c if c.isalnum() or c in "+#" else " " for c in plain if not unicodedata.combining(c)).split()
    )
