"""Text on its way to and from the model: only what a person can see, and only so much of it."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LINE_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Unicode's Default_Ignorable_Code_Points, controls, surrogates and tags: words can hide in them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Persian, Kurdish and the scripts of India spell with joiners: one after a letter of theirs stays.
_STRAY_JOINER = re.compile("(?<![\u0600-\u109f\u1780-\u18af\ua8e0-\uaaff])[\u200c\u200d]+")


def clean(text: str, limit: int) -> str:
    """`text` without invisible, control and direction characters, cut between words at `limit` characters."""
    # Cut once before, so that a text of any size costs no more than one of the allowed size.
    visible = _INVISIBLE.sub("", _LINE_BREAKS.sub("\n", text[: 4 * limit + 1000]))
    visible = _STRAY_JOINER.sub("", visible).strip()
    if len(visible) <= limit:
        return visible
    whole_words = re.match(r"(?s).*\S(?=\s)", visible[: limit + 1])
    return whole_words[0] if whole_words else visible[:limit]


def one_line(text: str, limit: int) -> str:
    """`clean`, with all white space folded into single spaces."""
    return " ".join(clean(text, limit).split())


def is_question(text: str) -> bool:
    """Whether this can be asked at all: words, and enough of them."""
    return len(text) >= 12 and any(character.isalpha() for character in text)


def distinct(texts: Iterable[str], limit: int) -> list[str]:
    """The first `limit` that say something, each once."""
    by_meaning: dict[str, str] = {}
    for text in texts:
        by_meaning.setdefault(text.strip().casefold(), text.strip())
    by_meaning.pop("", None)
    return list(by_meaning.values())[:limit]
