"""What a chat is made of."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from bot.playground.bell import Bell
from bot.playground.entities import FormattedText
from bot.playground.files import StoredFile
from bot.playground.keyboards import Button, Keyboard


@dataclass(frozen=True)
class Profile:
    """A person, or the bot."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False


@dataclass(frozen=True)
class Message:
    """A message as it stood at one moment; an edit makes a new one of the same `message_id`.

    `body` is the text, or the caption of `file`. Times are in seconds since 1970.
    """

    message_id: int
    chat_id: int
    from_bot: bool
    date: int
    body: FormattedText
    file: StoredFile | None = None
    keyboard: Keyboard = ()
    edit_date: int = 0
    is_reworded: bool = False  # people are not told of an edit that changed only the keyboard
    reply_to: int = 0
    reactions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The plain text or caption."""
        return self.body.text

    @property
    def buttons(self) -> list[Button]:
        return [button for row in self.keyboard for button in row]


class ChangeKind(StrEnum):
    MESSAGE = "message"
    EDIT = "edit"
    REACTION = "reaction"
    DELETION = "deletion"
    ACTION = "action"
    ANSWER = "answer"
    REPLY_KEYBOARD = "reply_keyboard"
    BLOCK = "block"


@dataclass(frozen=True)
class Change:
    """Something that a person sees happen in their chat. `message` is as it stood then.

    `text` is the chat action, or the words that answer a tap, which are shown as an alert where `alert`.
    """

    seq: int
    kind: ChangeKind
    message: Message | None = None
    message_id: int = 0
    text: str = ""
    alert: bool = False
    callback_query_id: str = ""


@dataclass(eq=False)
class Chat:
    """A private chat of one person with the bot; its id is the person's. `started` once they wrote first."""

    person: Profile
    changes: deque[Change]
    messages: dict[int, Message] = field(default_factory=dict)
    reply_keyboard: tuple[tuple[str, ...], ...] = ()
    location_buttons: frozenset[str] = frozenset()
    blocked: bool = False
    started: bool = False
    last_seq: int = 0
    bell: Bell = field(default_factory=Bell)

    @property
    def id(self) -> int:
        return self.person.id


@dataclass(eq=False)
class CallbackQuery:
    """A tap on an inline button; `asked_at` is in seconds since 1970."""

    id: str
    chat_id: int
    message_id: int
    callback_data: str
    asked_at: float
    answered: bool = False
    answer: str = ""


@dataclass(frozen=True)
class Mail:
    """A mail that the program sent to somebody, as shown beside the chat."""

    number: int
    received_at: float
    to: str
    subject: str
    text: str
    html: str = ""
