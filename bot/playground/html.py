"""Telegram's HTML: what it takes, what it makes of it, and the words with which it refuses the rest.

Source: Bot API, "HTML style"; the wording of errors and their byte offsets are those that Telegram answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.playground.entities import Entity, FormattedText, normalised, utf16_length
from bot.playground.errors import ApiError, bad_request

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_PLAIN_RUN = re.compile(r"[^<&]+")
_REFERENCE = re.compile(
    r"&(?:#(?P<decimal>[0-9]{1,8})|#[xX](?P<hex>[0-9a-fA-F]{1,8})|(?P<name>lt|gt|amp|quot));?"
)
_TAG_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE_NAME = re.compile(r"[^\s=>]*")
_BARE_VALUE = re.compile(r"[a-zA-Z0-9.-]*")
_SPACE = re.compile(r"\s*")
_USER_LINK = re.compile(r"tg://user\?id=([0-9]+)$")
_LINK = re.compile(r"(?:https?://|tg://|ton://|mailto:|tel:)\S+$", re.IGNORECASE)
_BARE_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?:[/?#:]\S*)?$")


@dataclass
class _OpenTag:
    name: str
    attributes: dict[str, str]
    start: int
    """Where its text begins, in UTF-16 code units."""
    piece: int
    """Where its text begins, as an index into the pieces of text read so far."""


def parse_html(source: str) -> FormattedText:
    """The text and entities of a message in HTML. Raises `ApiError`: "… can't parse entities: …"."""
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.pieces: list[str] = []
        self.length = 0
        self.open: list[_OpenTag] = []
        self.entities: list[Entity] = []

    def parse(self) -> FormattedText:
        while self.position < len(self.source):
            if run := _PLAIN_RUN.match(self.source, self.position):
                self._append(run.group())
                self.position = run.end()
            elif self.source[self.position] == "&":
                self._read_reference()
            elif self.source.startswith("</", self.position):
                self._read_end_tag()
            else:
                self._read_start_tag()
        if self.open:
            raise _refused(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        return normalised("".join(self.pieces), self.entities)

    def _append(self, text: str) -> None:
        self.pieces.append(text)
        self.length += utf16_length(text)

    def _offset(self, position: int) -> int:
        return len(self.source[:position].encode())

    def _read_reference(self) -> None:
        reference = _REFERENCE.match(self.source, self.position)
        if reference is None:
            self._append("&")
            self.position += 1
            return
        self._append(_decoded(reference))
        self.position = reference.end()

    def _read_start_tag(self) -> None:
        begin = self.position
        name = self._take(_TAG_NAME, begin + 1).lower()
        if self.position >= len(self.source):
            raise _refused(f"Unclosed start tag at byte offset {self._offset(begin)}")
        if name not in _TYPES:
            raise _refused(f'Unsupported start tag "{name}" at byte offset {self._offset(begin)}')
        attributes = self._read_attributes(name, begin)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _refused(f'Tag "span" must have class "tg-spoiler" at byte offset {self._offset(begin)}')
        self.open.append(_OpenTag(name, attributes, self.length, len(self.pieces)))

    def _read_attributes(self, tag: str, begin: int) -> dict[str, str]:
        attributes: dict[str, str] = {}
        where = f'the tag "{tag}" at byte offset {self._offset(begin)}'
        while True:
            self._take(_SPACE, self.position)
            if self.source.startswith(">", self.position):
                self.position += 1
                return attributes
            attribute = self._take(_ATTRIBUTE_NAME, self.position).lower()
            if not attribute and self.position < len(self.source):
                raise _refused(f"Empty attribute name in {where}")
            self._take(_SPACE, self.position)
            if self.source.startswith("=", self.position):
                self.position += 1
                attributes[attribute] = self._read_value(tag, begin)
            elif self.position >= len(self.source):
                raise _refused(f'Unclosed start tag "{tag}" at byte offset {self._offset(begin)}')
            elif (tag, attribute) == ("blockquote", "expandable"):
                attributes[attribute] = ""
            else:
                raise _refused(f"Expected equal sign in declaration of an attribute of {where}")

    def _read_value(self, tag: str, begin: int) -> str:
        self._take(_SPACE, self.position)
        if self.position >= len(self.source):
            raise _refused(f'Unclosed start tag "{tag}" at byte offset {self._offset(begin)}')
        start = self.position
        quote = self.source[start]
        if quote not in "'\"":
            value = self._take(_BARE_VALUE, start)
            following = self.source[self.position : self.position + 1]
            if not following or not (following.isspace() or following == ">"):
                raise _refused(f"Unexpected end of name token at byte offset {self._offset(start)}")
            return value
        end = self.source.find(quote, start + 1)
        if end < 0:
            raise _refused(f"Unclosed start tag at byte offset {self._offset(begin)}")
        self.position = end + 1
        return _REFERENCE.sub(_decoded, self.source[start + 1 : end])

    def _read_end_tag(self) -> None:
        begin = self.position
        where = f"at byte offset {self._offset(begin)}"
        if not self.open:
            raise _refused(f"Unexpected end tag {where}")
        name = self._take(_TAG_NAME, begin + 2).lower()
        self._take(_SPACE, self.position)
        if not self.source.startswith(">", self.position):
            raise _refused(f"Unclosed end tag {where}")
        self.position += 1
        tag = self.open.pop()
        if name and name != tag.name:
            raise _refused(f'Unmatched end tag {where}, expected "</{tag.name}>", found "</{name}>"')
        self._close(tag)

    def _close(self, tag: _OpenTag) -> None:
        kind, value = _TYPES[tag.name], ""
        if tag.name == "a":
            kind, value = _link("".join(self.pieces[tag.piece :]), tag.attributes.get("href", ""))
        elif tag.name == "tg-emoji":
            value = tag.attributes.get("emoji-id", "")
            if not value.isdecimal():
                raise _refused("Invalid custom emoji identifier specified")
        elif tag.name == "blockquote" and "expandable" in tag.attributes:
            kind = "expandable_blockquote"
        elif tag.name == "code" and self._names_language_of_pre(tag):
            self.open[-1].attributes["language"] = tag.attributes["class"].removeprefix("language-")
            return
        elif tag.name == "pre":
            value = tag.attributes.get("language", "")
        if kind and self.length > tag.start:
            self.entities.append(Entity(kind, tag.start, self.length - tag.start, value))

    def _names_language_of_pre(self, code: _OpenTag) -> bool:
        inside_pre = bool(self.open) and self.open[-1].name == "pre" and self.open[-1].start == code.start
        return inside_pre and code.attributes.get("class", "").startswith("language-")

    def _take(self, pattern: re.Pattern[str], start: int) -> str:
        """What the pattern, which also matches nothing, finds at `start`; the position moves behind it."""
        match = pattern.match(self.source, start)
        assert match is not None
        self.position = match.end()
        return match.group()


def _decoded(reference: re.Match[str]) -> str:
    if reference["name"]:
        return _NAMED[reference["name"]]
    code = int(reference["decimal"]) if reference["decimal"] else int(reference["hex"], 16)
    if 0xD800 <= code <= 0xDFFF:
        raise bad_request(
            "can't parse entities: Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units"
        )
    return chr(code) if 0 < code <= 0x10FFFF else reference.group()


def _link(text: str, href: str) -> tuple[str, str]:
    """The type and address of a link; an address that Telegram does not understand leaves plain text."""
    address = href.strip() or text.strip()
    if user := _USER_LINK.match(address):
        return "text_mention", user.group(1)
    if _LINK.match(address):
        return "text_link", address
    if _BARE_HOST.match(address):
        return "text_link", f"http://{address}"
    return "", ""


def _refused(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")
