"""The pure vocabulary of conversations: what is heard (Event), what is said (Say), and the Step between.

A step is a frozen dataclass. Its name and fields are its row in the database, the return annotation of
`hear` is its part of the map of conversations.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias

from pydantic import TypeAdapter

from domain.accounts.passwords import Seen, Typed
from domain.messaging.happenings import Happening
from domain.messaging.parcel import Parcel

if TYPE_CHECKING:
    from domain.services import Domain


# What is heard


@dataclass(frozen=True)
class Text:
    """Words that were typed."""

    text: str
    message_id: int


@dataclass(frozen=True)
class Edited:
    """Words that replace those of an earlier message."""

    text: str
    message_id: int


@dataclass(frozen=True)
class Tap:
    """A button that was pressed: `turn` is the one its keyboard was made in."""

    choice: str
    turn: int
    message_id: int


@dataclass(frozen=True)
class Command:
    """A command, typed or behind a button; `argument` is what follows its name."""

    name: str
    argument: str
    message_id: int


@dataclass(frozen=True)
class File:
    """A document or a picture that was sent. `album` is that of photos which were sent at once."""

    file_id: str
    name: str
    size: int
    mime_type: str
    message_id: int
    album: str = ""


@dataclass(frozen=True)
class Voice:
    """A voice note; `seconds` is its length."""

    file_id: str
    seconds: int
    size: int
    mime_type: str
    message_id: int


@dataclass(frozen=True)
class Location:
    """A place that was shared, in degrees."""

    latitude: float
    longitude: float
    message_id: int


@dataclass(frozen=True)
class Other:
    """A message of a kind that has no meaning here, such as a sticker."""

    message_id: int


@dataclass(frozen=True)
class PasswordTyped:
    """What was typed on the page that a secret step offers; such a step hears it as it hears `Text`."""

    password: str = field(repr=False)
    ip_address: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True)
class Blocked:
    """The person blocked the bot, or (`False`) let it back in."""

    blocked: bool


Event: TypeAlias = (
    Text | Edited | Tap | Command | File | Voice | Location | Other | PasswordTyped | Blocked | Happening
)


def typed(event: Text | PasswordTyped) -> Typed:
    """The secret that was typed, in the chat or on a page, and where as far as that is known."""
    if isinstance(event, Text):
        return Typed(event.text)
    return Typed(event.password, Seen(event.ip_address, event.user_agent))


# What is said


@dataclass(frozen=True)
class Line:
    """A sentence of the catalogue, filled with `params`, whose foreign text is escaped when rendered."""

    key: str
    params: Mapping[str, Param] = field(default_factory=dict)


Param: TypeAlias = str | int | float | Line | Sequence["str | Line"]


def t(key: str, **params: Param) -> Line:
    """The sentence `key`, filled with `params`."""
    return Line(key, params)


@dataclass(frozen=True)
class Button:
    """A button. Its `value` is a choice of the asking step, or a command ("/interview") that always holds.

    One with a `url` opens that page instead, inside Telegram where the address is https.
    """

    label: Line | str
    value: str = ""
    url: str | None = None


Rows: TypeAlias = tuple[tuple[Button, ...], ...]


class FileKind(StrEnum):
    """How a file that is sent is shown: as a picture in the chat, or as a file to keep."""

    PHOTO = "photo"
    DOCUMENT = "document"


@dataclass(frozen=True)
class Attached:
    """A file that goes with a message."""

    kind: FileKind
    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Packed:
    """What is kept and goes with a message: a document, opened when it is sent.

    `otherwise` is said instead where it cannot be had for long, or Telegram does not take it.
    """

    name: str
    parcel: Parcel
    otherwise: Line


@dataclass(frozen=True)
class Say:
    """One message: paragraphs of the catalogue and rows of buttons.

    Messages of one `slot` are one message that is edited. `replaces` is a message to edit instead of
    sending a new one; `deletes` one to take away. Of a message with a file the words are its caption, or
    follow it where they are too long for one. `action` is shown for a moment instead of a message, such
    as "upload_photo". What is said `once` is rather lost than said twice, where a connection or a program
    breaks. `asks_location` is the label of a button under the text field that shares where the person is;
    it stands where the message has no other buttons.
    """

    paragraphs: tuple[Line, ...]
    buttons: Rows = ()
    slot: str | None = None
    replaces: int | None = None
    deletes: int | None = None
    attached: Attached | Packed | None = None
    action: str | None = None
    once: bool = False
    asks_location: Line | None = None


@dataclass(frozen=True)
class Sheet:
    """What a link shows, in a chat or on a page. `file_name` is that of a file that goes with it."""

    title: Line
    paragraphs: tuple[Line, ...]
    file_name: str | None = None


def say(*paragraphs: Line, buttons: Rows = (), slot: str | None = None, replaces: int | None = None) -> Say:
    """A message of these paragraphs."""
    return Say(paragraphs, buttons, slot, replaces)


def delete(message_id: int) -> Say:
    """Take a message out of the chat, such as one that held a password."""
    return Say((), deletes=message_id)


def photo(name: str, content: bytes, *caption: Line, buttons: Rows = ()) -> Say:
    """A picture (PNG or JPEG, 10 MB at most) with a caption."""
    return Say(caption, buttons, attached=Attached(FileKind.PHOTO, name, content))


def document(name: str, content: bytes, *caption: Line, buttons: Rows = ()) -> Say:
    """A file (50 MB at most) with a caption."""
    return Say(caption, buttons, attached=Attached(FileKind.DOCUMENT, name, content))


def parcel(name: str, kept: Parcel, *caption: Line, otherwise: Line, slot: str | None = None) -> Say:
    """What is kept, as a file (50 MB at most) with a caption."""
    return Say(caption, slot=slot, attached=Packed(name, kept, otherwise))


def doing(action: str) -> Say:
    """What the bot is at, shown for some seconds: one of Telegram's chat actions."""
    return Say((), action=action)


def column(*buttons: Button) -> Rows:
    """Buttons below each other."""
    return tuple((button,) for button in buttons)


def grid(buttons: Sequence[Button], width: int) -> Rows:
    """Buttons side by side, `width` to a row."""
    return tuple(tuple(buttons[i : i + width]) for i in range(0, len(buttons), width))


# The step between


@dataclass(frozen=True)
class Step:
    """One place in a conversation: it asks, then it hears.

    A step hears events of the types in `hears` and `awaits`; the engine answers all others for it.
    `waits_for` names jobs whose failure leads `back`. What a `secret` step hears is deleted from the chat;
    where pages are served, it may be typed on one instead, which asks for a new password where the step
    `chooses_password`. A step that `needs_session` is not heard in a
    chat whose session has ended, until the password is given.
    `way_back` is the command that leads here again after /cancel. Where a step `asks_location`, the button
    under the text field goes when it is left.
    """

    registry: ClassVar[dict[str, type[Step]]] = {}
    name: ClassVar[str] = ""
    secret: ClassVar[bool] = False
    chooses_password: ClassVar[bool] = False
    needs_session: ClassVar[bool] = True
    hears: ClassVar[tuple[type, ...]] = (Text, Tap)
    awaits: ClassVar[tuple[type[Happening], ...]] = ()
    waits_for: ClassVar[tuple[str, ...]] = ()
    way_back: ClassVar[str] = ""
    asks_location: ClassVar[bool] = False

    def __init_subclass__(cls, name: str = "", **options: Any) -> None:
        super().__init_subclass__(**options)
        if name:
            if name in Step.registry:
                raise TypeError(f"two steps are named {name}")
            cls.name = name
            Step.registry[name] = cls

    async def ask(self, domain: Domain) -> Say | None:
        """What is said on arriving here; None for a step that only waits."""
        raise NotImplementedError

    async def hear(self, event: Event, domain: Domain) -> Step:
        """The step that follows this event."""
        raise NotImplementedError

    def back(self) -> Step:
        """Where a failed job of `waits_for` leads."""
        return self

    def saying(self, *said: Say | Line) -> Self:
        """This step, arrived at with words of its own before it asks."""
        words = tuple(each if isinstance(each, Say) else Say((each,)) for each in said)
        arrived = dataclasses.replace(self)
        object.__setattr__(arrived, "_said", (*self.said, *words))
        return arrived

    def quietly(self) -> Self:
        """This step, arrived at without asking again."""
        arrived = self.saying()
        object.__setattr__(arrived, "_quiet", True)
        return arrived

    @property
    def said(self) -> tuple[Say, ...]:
        """What `saying` was given."""
        said: tuple[Say, ...] = getattr(self, "_said", ())
        return said

    @property
    def is_quiet(self) -> bool:
        """Whether `quietly` made it."""
        return bool(getattr(self, "_quiet", False))


_FIELDS: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def stored(step: Step) -> dict[str, Any]:
    """A step as its row holds it."""
    fields = {each.name: getattr(step, each.name) for each in dataclasses.fields(step)}
    encoded: dict[str, Any] = _FIELDS.dump_python(fields, mode="json")
    return {"name": step.name, **encoded}


def restored(row: Mapping[str, Any]) -> Step:
    """The step of a row; a name that is not known any more raises KeyError."""
    fields = {key: value for key, value in row.items() if key != "name"}
    return _adapter(row["name"]).validate_python(fields)


@cache  # to make one takes longer than all the rest of restoring a step
def _adapter(name: str) -> TypeAdapter[Step]:
    return TypeAdapter(Step.registry[name])


OnCommand: TypeAlias = "Callable[[Command, Step, Domain], Awaitable[Step]]"
