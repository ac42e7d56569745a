"""Everything the local Telegram knows, in memory and bounded, and what people can do in it."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import replace

from bot.playground import wire
from bot.playground.bell import Bell
from bot.playground.entities import FormattedText, plain
from bot.playground.errors import Impossible, NoSuchChat, conflict
from bot.playground.files import (
    MAX_PHOTO_BYTES,
    MAX_UPLOAD_BYTES,
    FileKind,
    FileStore,
    StoredFile,
    image_size,
)
from bot.playground.keyboards import Button, Keyboard
from bot.playground.models import CallbackQuery, Change, ChangeKind, Chat, Mail, Message, Profile
from bot.playground.settings import BotSettings
from bot.playground.updates import CALLBACK_LIFETIME, UpdateQueue

MAX_CHATS = 10_000
MAX_MESSAGES_PER_CHAT = 1_000
MAX_CHANGES_PER_CHAT = 2_000
MAX_CALLBACKS = 10_000
MAX_MAILS = 500
MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_TEXT = 4096
MAX_CAPTION = 1024
_EPOCH = 1_767_225_600
"""2026-01-01. Ids begin at the milliseconds since then: a restarted playground gives no id again, unless it
was sent a thousand messages a second."""
_PERSON_IDS = range(5_000_000_000, 7_000_000_000)
"""Beyond 32 bits, as those of people who came to Telegram lately."""


class Playground:
    """The state of a local Telegram. All methods are called on one event loop.

    `clock` tells seconds since 1970. People's methods raise `Impossible`.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        bot_name: str = "Greenroom",
        bot_username: str = "greenroom_local_bot",
        max_file_bytes: int = MAX_FILE_BYTES,
    ) -> None:
        self.clock = clock
        self.bot = Profile(1, bot_name, username=bot_username, is_bot=True)
        self.settings = BotSettings()
        self.files = FileStore(max_file_bytes)
        self.mails: deque[Mail] = deque(maxlen=MAX_MAILS)
        self.mail_bell = Bell()
        self.chats: OrderedDict[int, Chat] = OrderedDict()
        self.callbacks: OrderedDict[str, CallbackQuery] = OrderedDict()
        self.run_id = secrets.token_hex(8)
        self.is_closed = False
        first = max(int((clock() - _EPOCH) * 1000), 1)
        self.updates = UpdateQueue(clock, first)
        self._next_message_id = first
        self._mails_received = 0

    def close(self) -> None:
        """End every wait, so that the server that answers them can stop."""
        self.is_closed = True
        self.updates.end_poll(conflict("terminated by close request"))
        self.mail_bell.ring()
        for chat in self.chats.values():
            chat.bell.ring()

    # People

    def add_person(
        self,
        first_name: str,
        last_name: str = "",
        username: str = "",
        language_code: str = "en",
        person_id: int = 0,
    ) -> Chat:
        """A person and their still empty chat; one whose `person_id` is already here comes back as is."""
        if person_id in self.chats:
            return self.chats[person_id]
        if not first_name.strip():
            raise Impossible("a person has a first name")
        while person_id <= 0 or person_id in self.chats:
            person_id = secrets.choice(_PERSON_IDS)
        person = Profile(
            person_id, first_name.strip()[:64], last_name.strip()[:64], username.strip()[:32], language_code
        )
        chat = Chat(person, deque(maxlen=MAX_CHANGES_PER_CHAT))
        self.chats[person_id] = chat
        while len(self.chats) > MAX_CHATS:
            self.chats.popitem(last=False)
        return chat

    def chat(self, chat_id: int) -> Chat:
        chat = self.chats.get(chat_id)
        if chat is None:
            raise NoSuchChat(f"there is no chat {chat_id}")
        return chat

    def say(self, chat_id: int, text: str, reply_to: int = 0) -> Message:
        """A person writes; unblocks the bot if they had blocked it, as Telegram asks them to do first."""
        body = plain(text)
        if not body.text:
            raise Impossible("a message has a text")
        if body.length > MAX_TEXT:
            raise Impossible(f"a message has at most {MAX_TEXT} characters")
        return self._sent_by_person(chat_id, body, None, reply_to)

    def send_file(
        self,
        chat_id: int,
        kind: FileKind,
        name: str,
        content: bytes,
        caption: str = "",
        mime_type: str = "",
        duration: int = 0,
        album: str = "",
    ) -> Message:
        """A person sends a document, a photo or a voice note (`duration` in seconds).

        Those that are sent at once are each a message, and name the same `album`.
        """
        body = plain(caption)
        size = image_size(content) if kind is FileKind.PHOTO else (0, 0)
        if body.length > MAX_CAPTION:
            raise Impossible(f"a caption has at most {MAX_CAPTION} characters")
        if not content:
            raise Impossible("the file is empty")
        if len(content) > MAX_UPLOAD_BYTES or (kind is FileKind.PHOTO and len(content) > MAX_PHOTO_BYTES):
            raise Impossible("the file is too large")
        if size is None:
            raise Impossible("this is no picture; send it as a document")
        self.chat(chat_id)
        stored = self.files.add(kind, name, content, mime_type, size=size, duration=duration)
        return self._sent_by_person(chat_id, body, stored, 0, {"media_group_id": album} if album else {})

    def _sent_by_person(
        self,
        chat_id: int,
        body: FormattedText,
        file: StoredFile | None,
        reply_to: int,
        more: wire.Json | None = None,
    ) -> Message:
        chat = self.chat(chat_id)
        if chat.blocked:
            self.unblock(chat_id)
        chat.started = True
        self.chats.move_to_end(chat_id)
        sent = self.post(chat, body, from_bot=False, file=file, reply_to=reply_to)
        update = self.as_api(sent) | (more or {})
        if "location" in update:
            del update["text"]
        self.updates.add("message", update, f"chat:{chat_id}")
        return sent

    def share_location(self, chat_id: int, latitude: float, longitude: float) -> Message:
        """A person shares a place, in degrees."""
        place: wire.Json = {"latitude": latitude, "longitude": longitude}
        shown = plain(f"📍 {latitude:g}, {longitude:g}")
        return self._sent_by_person(chat_id, shown, None, 0, {"location": place})

    def edit(self, chat_id: int, message_id: int, text: str) -> Message:
        """A person edits what they wrote, or the caption of what they sent."""
        chat = self.chat(chat_id)
        old = chat.messages.get(message_id)
        body = plain(text)
        if old is None or old.from_bot:
            raise Impossible("there is no such message of yours")
        if not body.text and old.file is None:
            raise Impossible("a message has a text")
        new = self.amend(replace(old, body=body))
        self.updates.add("edited_message", self.as_api(new), f"chat:{chat_id}")
        return new

    def tap(
        self, chat_id: int, message_id: int, button: str, *, by_data: bool = False, stale: bool = False
    ) -> CallbackQuery:
        """A person taps the inline button of that label or callback data, or of that data alone if `by_data`.

        Only a button that the message has now can be tapped; where `stale`, also one that it had before, as
        when the tap is quicker than the edit that takes the button away.
        """
        chat = self.chat(chat_id)
        current = chat.messages.get(message_id)
        seen = [
            change.message
            for change in chat.changes
            if change.message and change.message.message_id == message_id
        ]
        shown = [message for message in [current, *(reversed(seen) if stale else ())] if message is not None]
        pressed = next(
            (found for message in shown if (found := _button(message.buttons, button, by_data))), None
        )
        if pressed is None:
            raise Impossible(f"message {message_id} has no button {button!r}")
        if not pressed.callback_data:
            raise Impossible(f"button {button!r} is answered by the app itself, not by the bot")
        return self._tapped(chat, shown[0], pressed.callback_data)

    def _tapped(self, chat: Chat, message: Message, callback_data: str) -> CallbackQuery:
        query_id = str(secrets.randbelow(2**63))
        query = CallbackQuery(query_id, chat.id, message.message_id, callback_data, self.clock())
        self.callbacks[query_id] = query
        while len(self.callbacks) > MAX_CALLBACKS:
            self.callbacks.popitem(last=False)
        payload: wire.Json = {
            "id": query_id,
            "from": wire.user(chat.person),
            "message": self.as_api(message),
            "chat_instance": str(chat.id * 7919),
            "data": callback_data,
        }
        self.updates.add("callback_query", payload, f"user:{chat.id}", CALLBACK_LIFETIME)
        return query

    def block(self, chat_id: int) -> None:
        self._set_blocked(chat_id, True)

    def unblock(self, chat_id: int) -> None:
        self._set_blocked(chat_id, False)

    def _set_blocked(self, chat_id: int, blocked: bool) -> None:
        chat = self.chat(chat_id)
        if chat.blocked == blocked:
            return
        chat.blocked = blocked
        self.record(chat, ChangeKind.BLOCK, text="blocked" if blocked else "")
        status = ("member", "kicked")
        payload: wire.Json = {
            "chat": wire.private_chat(chat.person),
            "from": wire.user(chat.person),
            "date": int(self.clock()),
            "old_chat_member": self._membership(status[not blocked]),
            "new_chat_member": self._membership(status[blocked]),
        }
        self.updates.add("my_chat_member", payload, f"chat:{chat_id}")

    def _membership(self, status: str) -> wire.Json:
        membership: wire.Json = {"user": wire.user(self.bot), "status": status}
        return membership | ({"until_date": 0} if status == "kicked" else {})

    def deliver_mail(self, to: str, subject: str, text: str, html: str = "") -> Mail:
        """The program's mailer leaves a mail here, to be shown beside the chat."""
        self._mails_received += 1
        mail = Mail(self._mails_received, self.clock(), to, subject, text, html)
        self.mails.append(mail)
        self.mail_bell.ring()
        return mail

    # What the Bot API does in a chat

    def post(
        self,
        chat: Chat,
        body: FormattedText,
        *,
        from_bot: bool = True,
        file: StoredFile | None = None,
        keyboard: Keyboard = (),
        reply_to: int = 0,
    ) -> Message:
        sent = Message(
            self._next_message_id,
            chat.id,
            from_bot,
            int(self.clock()),
            body,
            file,
            keyboard,
            reply_to=reply_to,
        )
        self._next_message_id += 1
        chat.messages[sent.message_id] = sent
        while len(chat.messages) > MAX_MESSAGES_PER_CHAT:
            del chat.messages[next(iter(chat.messages))]
        self.record(chat, ChangeKind.MESSAGE, message=sent)
        return sent

    def amend(self, new: Message, kind: ChangeKind = ChangeKind.EDIT) -> Message:
        """Put a message in the place of the one of the same id; only an edit gives it an edit date."""
        chat = self.chats[new.chat_id]
        if kind is ChangeKind.EDIT:
            is_reworded = new.is_reworded or new.body != chat.messages[new.message_id].body
            new = replace(new, edit_date=int(self.clock()), is_reworded=is_reworded)
        chat.messages[new.message_id] = new
        self.record(chat, kind, message=new)
        return new

    def remove(self, chat: Chat, message_id: int) -> None:
        del chat.messages[message_id]
        self.record(chat, ChangeKind.DELETION, message_id=message_id)

    def record(
        self,
        chat: Chat,
        kind: ChangeKind,
        *,
        message: Message | None = None,
        message_id: int = 0,
        text: str = "",
        alert: bool = False,
        callback_query_id: str = "",
    ) -> None:
        """Let the person see it."""
        chat.last_seq += 1
        shown_id = message.message_id if message else message_id
        chat.changes.append(Change(chat.last_seq, kind, message, shown_id, text, alert, callback_query_id))
        chat.bell.ring()

    def as_api(self, message: Message) -> wire.Json:
        chat = self.chats[message.chat_id]
        return wire.message(message, self.bot, chat.person, chat.messages)


def _button(buttons: list[Button], wanted: str, by_data: bool) -> Button | None:
    labelled = next((button for button in buttons if button.text == wanted and not by_data), None)
    return labelled or next((button for button in buttons if button.callback_data == wanted and wanted), None)
