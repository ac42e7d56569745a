"""Cleaning of text that came out of an untrusted document."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_CHARACTERS = 300_000
MAX_LINKS = 200
MAX_LINK_CHARACTERS = 2_000

# Zero width joiner and non-joiner (U+200C/D) stay: Persian and Indic words are spelled with them.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
# Control characters but tab and newline; surrogates; private use (icon fonts); noncharacters; "replacement".
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffc-\uffff\U000f0000-\U0010ffff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_TAG_CHARACTERS = re.compile("[\U000e0020-\U000e007e]{8,}")
_LINE_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_LINE_END_HYPHEN = re.compile("\u00ad *\n *(?=(.))")
_BLANKS = re.compile(r"[^\S\n]+")
_SAFE_LINK = re.compile(r"(?:https?://|mailto:|tel:)\S(?:[^\t\n]*\S)?", re.IGNORECASE)


class Unreadable(Exception):
    """The document cannot be read; `reason` is that of the `Refused` the parent raises."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class Document:
    """What a parser found; `hidden` says that it left out words which nobody would see.

    `pictures` are JPEGs of the pages where there is little else to read.
    """

    text: str
    pages: int = 1
    links: list[str] = field(default_factory=list)
    hidden: bool = False
    pictures: list[bytes] = field(default_factory=list)


def clean(text: str) -> str:
    """Text in NFKC without characters that cannot be seen or stored, words broken at line ends mended."""
    if _SURROGATE.search(text):  # pdfium gives characters of two halves as two characters
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    text = _LINE_BREAKS.sub("\n", text)
    text = _LINE_END_HYPHEN.sub(lambda hyphen: "" if hyphen[1].islower() else "-", text)
    text = _INVISIBLE.sub("", text)
    text = _UNPRINTABLE.sub("", unicodedata.normalize("NFKC", _UNPRINTABLE.sub("", text)))
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def holds_hidden_characters(text: str) -> bool:
    """Whether text carries a message in tag characters, which no font shows."""
    return _TAG_CHARACTERS.search(text) is not None


def clean_links(targets: Iterable[str]) -> list[str]:
    """Targets a person could follow (web, mail, telephone), each once, in order of appearance."""
    kept: dict[str, None] = {}
    for target in targets:
        link = _UNPRINTABLE.sub("", _INVISIBLE.sub("", target)).strip()
        if len(link) <= MAX_LINK_CHARACTERS and _SAFE_LINK.fullmatch(link):
            kept.setdefault(link)
        if len(kept) == MAX_LINKS:
            break
    return list(kept)
