"""An answer as the messages it came in, so that an edit of any one of them replaces just that part.

Pure, without I/O. Only ids and lengths are kept beside the text, never the words a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

LONGEST_ANSWER = 20_000
BETWEEN = "\n"


@dataclass(frozen=True)
class Part:
    """How many characters of an answer came in one message; `message_id` 0 for what was not typed."""

    chat_id: int
    message_id: int
    length: int


@dataclass(frozen=True)
class Answer:
    """An answer and its parts, which stand in it one after the other, a line break between."""

    text: str = ""
    parts: tuple[Part, ...] = ()

    @classmethod
    def stored(cls, text: str | None, parts: Sequence[dict[str, Any]] | None) -> Answer:
        """An answer from its row; one without parts, from before they were kept, is one that nobody edits."""
        whole = text or ""
        known = tuple(Part(**part) for part in parts or ())
        return cls(whole, known or ((Part(0, 0, len(whole)),) if whole else ()))

    def rows(self) -> list[dict[str, int]]:
        """The parts as the row holds them."""
        return [vars(part).copy() for part in self.parts]

    def added(self, text: str, chat_id: int, message_id: int) -> Answer:
        """This answer and one more message; what is longer than an answer may be is cut off."""
        before = f"{self.text}{BETWEEN}" if self.parts else ""
        room = LONGEST_ANSWER - len(before)
        if room < min(1, len(text)):
            return self
        new = text[:room]
        return Answer(f"{before}{new}", (*self.parts, Part(chat_id, message_id, len(new))))

    def edited(self, text: str, chat_id: int, message_id: int) -> Answer | None:
        """This answer with one message as it was edited; None where the message is no part of it."""
        texts, changed, found = self._texts(), Answer(), False
        for part, its_text in zip(self.parts, texts, strict=True):
            is_it = (part.chat_id, part.message_id) == (chat_id, message_id)
            found = found or is_it
            changed = changed.added(text if is_it else its_text, part.chat_id, part.message_id)
        return changed if found else None

    def _texts(self) -> list[str]:
        ends = list(accumulate(part.length + len(BETWEEN) for part in self.parts))
        starts = [0, *ends[:-1]]
        return [
            self.text[start : start + part.length] for start, part in zip(starts, self.parts, strict=True)
        ]
