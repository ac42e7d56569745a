"""The ways in which a text may be meant to be read besides the plain one, brought into one form.

As one validates input after bringing it into its canonical form: encodings, look-alike letters, letters with
spaces between them, markup, a text written backwards.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

_MARKUP = re.compile(r"<!--|-->|</?[a-z][^>]{0,300}>|```\w*")
_LETTERS = re.compile(r"[a-z]")
# Words without which hardly a sentence of English or Spanish is made: it is not written backwards.
_COMMON = re.compile(r"\b(?:the|and|of|to|is|was|it|that|you|que|de|la|el|los|una)\b")
_SPACED = re.compile(r"(?:\b\w ){5,}\w\b|(?:\b\w {1,2}){8,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{20,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){12,}")
_ESCAPED = re.compile(r"(?:%[0-9a-fA-F]{2}[^%\s]{0,8}){4}|(?:&#x?\w+;){4}")
_LOOK_ALIKE = str.maketrans("асеіјорѕхуѵԁһӏαεικνορτυχ", "aceijopsxyvdhlaeiknoptux")
_LEET = str.maketrans("013457@$!", "oieastasi")
_TAGS = {0xE0000 + code: chr(code) for code in range(0x20, 0x7F)}


def folded(text: str) -> str:
    """Lower case, without accents, marks, invisible characters and repeated white space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    visible = "".join(c for c in decomposed if unicodedata.category(c) not in ("Mn", "Cf"))
    return " ".join(visible.replace("ı", "i").replace("’", "'").split())


def without_markup(text: str) -> str:
    """`text` with spaces in place of tags, comments and fences."""
    return _MARKUP.sub(" ", text)


def is_look_alike(word: str) -> bool:
    """Whether letters of another script stand in a word of Latin ones."""
    plain = word.casefold()
    return any(each.isascii() and each.isalpha() for each in plain) and plain.translate(_LOOK_ALIKE) != plain


def has_blob(text: str) -> bool:
    """Whether a text holds a run that says something only once it is decoded, or letters that hide."""
    tagged = any(0xE0020 <= ord(each) <= 0xE007E for each in text)
    return tagged or bool(_SPACED.search(text) or _ESCAPED.search(text)) or any(map(_reads, _decoded(text)))


def other_views(piece: str, plain: str) -> Iterator[str]:
    """The ways besides the plain one in which a piece may be meant to be read, folded."""
    if any(0xE0020 <= ord(c) <= 0xE007E for c in piece):
        yield folded(piece.translate(_TAGS))
    if "&" in piece or "%" in piece:
        yield folded(unquote(html.unescape(piece)))
    if "<" in piece:
        yield folded(without_markup(piece))
    if not plain.isascii():
        yield plain.translate(_LOOK_ALIKE)
    if any(c.isdigit() or c in "@$" for c in plain):
        yield plain.translate(_LEET)
    if _SPACED.search(piece):
        yield folded(re.sub(r"(?<=\w) (?=\w(?:\W|$))", "", piece))
    if _LETTERS.search(plain) and not _COMMON.search(plain):
        yield codecs.encode(plain, "rot13")
        yield plain[::-1].lstrip(".!? ")
    yield from (folded(decoded) for decoded in _decoded(piece))


def _decoded(piece: str) -> Iterator[str]:
    """What runs of base64 and hexadecimal digits say, where they say anything."""
    for found in _HEX.finditer(piece):
        yield bytes.fromhex(found.group()).decode("utf-8", "ignore")
    for found in _BASE64.finditer(piece):
        run = found.group().rstrip("=")
        try:
            yield base64.b64decode(run + "=" * (-len(run) % 4)).decode("utf-8", "ignore")
        except binascii.Error:
            continue


def _reads(text: str) -> bool:
    """Whether decoded characters are words."""
    letters = sum(each.isalpha() or each == " " for each in text)
    return len(text) > 8 and " " in text and letters > 0.8 * len(text)
