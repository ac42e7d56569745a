"""Message entities: the marked stretches of a text, counted in UTF-16 code units as Telegram counts them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.playground.errors import bad_request

MAX_ENTITIES = 100
"""Telegram keeps the first hundred entities of a message and drops the rest."""

_DETECTED = re.compile(
    r"(?P<bot_command>(?<![\w/])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/]))"
    r"|(?P<email>(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<url>\bhttps?://[^\s<>\"]+[^\s<>\".,;:!?)\]'])"
    r"|(?P<mention>(?<![\w@])@[a-zA-Z]\w{3,31}\b)"
    r"|(?P<hashtag>(?<![\w#])#\w*[^\W\d]\w*)"
)
_PLAIN_TYPES = frozenset(
    {
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "code",
        "blockquote",
        "expandable_blockquote",
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
    }
)
_FIELDS_OF_TYPES = {
    "text_link": "url",
    "pre": "language",
    "custom_emoji": "custom_emoji_id",
    "text_mention": "user",
}
_QUOTES = frozenset({"blockquote", "expandable_blockquote"})


@dataclass(frozen=True)
class Entity:
    """`offset` and `length` are in UTF-16 code units; `value` is the link, language or emoji of the types
    that have one."""

    type: str
    offset: int
    length: int
    value: str = ""

    @property
    def end(self) -> int:
        return self.offset + self.length

    def as_json(self) -> dict[str, object]:
        shown: dict[str, object] = {"type": self.type, "offset": self.offset, "length": self.length}
        field = _FIELDS_OF_TYPES.get(self.type)
        if field and self.value:
            shown[field] = (
                {"id": int(self.value), "is_bot": False, "first_name": ""} if field == "user" else self.value
            )
        return shown


@dataclass(frozen=True)
class FormattedText:
    text: str = ""
    entities: tuple[Entity, ...] = ()

    @property
    def length(self) -> int:
        """In UTF-16 code units, as Telegram counts its limits."""
        return utf16_length(self.text)


def utf16_length(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def plain(text: str) -> FormattedText:
    return normalised(text, ())


def normalised(text: str, entities: Iterable[Entity]) -> FormattedText:
    """The text as Telegram keeps it: trimmed, entities clipped and sorted, links and commands found."""
    text = text.replace("\r", "")
    leading = utf16_length(text) - utf16_length(text.lstrip())
    text = text.strip()
    length = utf16_length(text)
    clipped = []
    for entity in entities:
        start = min(max(entity.offset - leading, 0), length)
        end = min(max(entity.end - leading, 0), length)
        if end > start:
            clipped.append(replace(entity, offset=start, length=end - start))
    kept = _without_forbidden_nesting(clipped)
    kept += [
        found
        for found in _detected(text)
        if not any(_overlap(found, entity) for entity in kept if _is_closed(entity))
    ]
    kept.sort(key=lambda entity: (entity.offset, -entity.length))
    return FormattedText(text, tuple(kept[:MAX_ENTITIES]))


def _is_closed(entity: Entity) -> bool:
    """Whether links and commands are left alone inside it."""
    return entity.type in {
        "code",
        "pre",
        "text_link",
        "text_mention",
        "url",
        "email",
        "mention",
        "bot_command",
    }


def _overlap(one: Entity, other: Entity) -> bool:
    return one.offset < other.end and other.offset < one.end


def _without_forbidden_nesting(entities: list[Entity]) -> list[Entity]:
    """Code holds nothing and lies in nothing; a quotation holds no quotation (Bot API, "Formatting")."""
    code = [entity for entity in entities if entity.type in {"code", "pre"}]
    quotes = [entity for entity in entities if entity.type in _QUOTES]
    kept = []
    for entity in entities:
        if entity.type in _QUOTES:
            nested = any(
                other is not entity and other.offset <= entity.offset and entity.end <= other.end
                for other in quotes
            )
        else:
            nested = any(
                other is not entity and _overlap(other, entity) for other in code if _outranks(other, entity)
            )
        if not nested:
            kept.append(entity)
    return kept


def _outranks(code: Entity, entity: Entity) -> bool:
    return (
        entity.type not in {"code", "pre"}
        or code.length > entity.length
        or (code.type, entity.type) == ("pre", "code")
    )


def _detected(text: str) -> list[Entity]:
    found = []
    for match in _DETECTED.finditer(text):
        assert match.lastgroup is not None
        offset = utf16_length(text[: match.start()])
        found.append(Entity(match.lastgroup, offset, utf16_length(match.group())))
    return found


def from_json(text: str, given: object) -> FormattedText:
    """A text with the entities that a bot listed itself. Raises `ApiError`."""
    if not isinstance(given, list):
        raise bad_request("can't parse entities: expected an Array of MessageEntity")
    return normalised(text, [_entity_from_json(entry) for entry in given])


def _entity_from_json(entry: object) -> Entity:
    if not isinstance(entry, Mapping):
        raise bad_request("can't parse MessageEntity: expected an Object")
    kind, offset, length = entry.get("type"), entry.get("offset"), entry.get("length")
    if not isinstance(offset, int) or not isinstance(length, int) or offset < 0 or length < 0:
        raise bad_request(
            'can\'t parse MessageEntity: field "offset" and "length" must be non-negative Numbers'
        )
    if kind in _PLAIN_TYPES:
        return Entity(str(kind), offset, length)
    if kind in _FIELDS_OF_TYPES:
        value = entry.get(_FIELDS_OF_TYPES[kind], "")
        if isinstance(value, Mapping):
            value = value.get("id", "")
        return Entity(str(kind), offset, length, str(value))
    raise bad_request("can't parse MessageEntity: unsupported type specified")
