"""How a spoken answer was delivered: pace and filler words. Told beside the feedback, never scored.

Pure, without I/O. What counts as a filler in which language stands in delivery.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from domain.interviews.rubric import normalised

SHORTEST_SECONDS = 5  # a pace measured on less says nothing
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True)
class Delivery:
    """A recording in seconds, the words of its transcript, and the fillers heard in it, each with its count.

    `words` is 0 where words cannot be told apart by spaces (Chinese, Japanese): no pace is told then.
    """

    seconds: int
    words: int
    fillers: Mapping[str, int] = field(default_factory=dict)

    @property
    def pace(self) -> int | None:
        """Words a minute; None where there is too little to tell."""
        if self.seconds < SHORTEST_SECONDS or not self.words:
            return None
        return round(60 * self.words / self.seconds)

    def row(self) -> dict[str, Any]:
        """The delivery as the row holds it."""
        return {"seconds": self.seconds, "words": self.words, "fillers": dict(self.fillers)}


def delivery(transcript: str, hesitations: str, seconds: int, language: str) -> Delivery:
    """The delivery of a recording.

    `hesitations` are the sounds that the transcript leaves out, as they were heard; those that are no
    fillers of the language are not counted.
    """
    sounds, phrases = _fillers(language)
    said = normalised(transcript)
    heard = [word for word in normalised(hesitations).split() if word in sounds]
    found = Counter([*heard, *(word for word in said.split() if word in sounds)])
    for phrase in phrases:
        found[phrase] += len(re.findall(rf"(?<!\S){re.escape(normalised(phrase))}(?!\S)", said))
    words = 0 if UNSPACED.search(transcript) else len(said.split())
    return Delivery(seconds, words, dict((+found).most_common()))


@cache
def _fillers(language: str) -> tuple[frozenset[str], tuple[str, ...]]:
    table = tomllib.loads((files(__package__) / "delivery.toml").read_text(encoding="utf-8"))
    known = table.get(language, {"sounds": [], "phrases": []})
    return frozenset(normalised(sound) for sound in known["sounds"]), tuple(known["phrases"])
