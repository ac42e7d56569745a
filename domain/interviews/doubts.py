"""What makes an answer worth a second look: weak signs, each of which an honest answer may have as well.

Nothing is set aside for them. `guard` only checks a judge's work where there are any.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from domain.interviews.disguises import folded, has_blob, is_look_alike
from domain.interviews.orders import signs
from domain.interviews.sentences import pieces

_LATIN = "LATIN"
_OTHER_SCRIPTS = frozenset({"ar", "el", "fa", "he", "hi", "ja", "ko", "ru", "th", "uk", "zh"})
_WORD = re.compile(r"[^\W\d_]+")
_LEET_WORD = re.compile(r"\b\w*[a-z]\d+[a-z]\w*\b")
_LEET_WORDS = 3  # i18n and k8s are no sign
_FEW, _MOSTLY = 4, 0.3  # letters, and their share: a name or a unit in another script is no sign
_NEVER = r"(?!)"


def doubtful(text: str, language: str = "en") -> tuple[str, ...]:
    """The sentences of an answer in `language` that may be meant for whoever judges it."""
    return tuple(piece for piece in pieces(text) if piece.strip() and _is_doubtful(piece, language))


def without(sentences: tuple[str, ...], text: str) -> str:
    """`text` without these sentences of it."""
    return "".join(piece for piece in pieces(text) if piece not in sentences).strip()


def _is_doubtful(piece: str, language: str) -> bool:
    if signs(piece) or has_blob(piece) or (language not in _OTHER_SCRIPTS and _has_odd_letters(piece)):
        return True
    plain = folded(piece)
    if len(set(_LEET_WORD.findall(plain))) >= _LEET_WORDS:
        return True
    return any(speech.is_in(plain, is_own=name == language) for name, speech in _speech().items())


def _has_odd_letters(piece: str) -> bool:
    """A sentence in another script, or letters among Latin ones that only look like them."""
    text = unicodedata.normalize("NFKC", piece)
    if text.isascii():
        return False
    letters = [each for each in text if each.isalpha()]
    odd = sum(_LATIN not in unicodedata.name(each, _LATIN) for each in letters)
    return (
        odd > max(_FEW, len(letters) * _MOSTLY)
        or len([w for w in _WORD.findall(text) if is_look_alike(w)]) > 1
    )


@dataclass(frozen=True)
class _Speech:
    """How a language speaks to a judge; `address` is None of one that no interview is held in."""

    grading: re.Pattern[str]
    address: re.Pattern[str] | None
    plea: re.Pattern[str]

    def is_in(self, plain: str, *, is_own: bool) -> bool:
        """Whether a folded sentence speaks so; `is_own` says that the interview is held in this language."""
        if self.plea.search(plain):
            return True
        if not self.grading.search(plain):
            return False
        return bool(self.address.search(plain)) if self.address else not is_own


@cache
def _speech() -> dict[str, _Speech]:
    document = tomllib.loads((files(__package__) / "doubts.toml").read_text(encoding="utf-8"))
    return {
        name: _Speech(
            re.compile(entry["grading"]),
            re.compile(entry["address"]) if "address" in entry else None,
            re.compile(entry.get("plea", _NEVER)),
        )
        for name, entry in document.items()
    }
