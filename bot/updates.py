"""An update of Telegram becomes a row of the inbox, and later an event."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telegram import Message, Update

from bot.engine import command_of, tap_of
from bot.step import Blocked, Edited, Event, File, Location, Other, Text, Voice
from domain.messaging.pipe import Received


@dataclass(frozen=True)
class Sender:
    """Who wrote, and in which private chat; `is_private` is false for groups, where the bot is silent."""

    chat_id: int
    user_id: int
    name: str
    username: str | None
    language: str | None
    is_private: bool


def received(update: Mapping[str, Any]) -> Received:
    """An update as the inbox takes it, of whatever kind. Raises ValueError for what is no update."""
    update_id = update.get("update_id")
    if not isinstance(update_id, int):
        raise ValueError("no update_id")
    if not all(isinstance(part, Mapping) for name, part in update.items() if name != "update_id"):
        raise ValueError("no update")
    return Received(update_id, _chat_id(update), json.dumps(update).encode())


def _chat_id(update: Mapping[str, Any]) -> int | None:
    """The chat of an update that nobody has looked into yet."""
    for part in update.values():
        holder = part.get("message", part) if isinstance(part, Mapping) else None  # a tap's is its message
        chat = holder.get("chat") if isinstance(holder, Mapping) else None
        if isinstance(chat, Mapping) and isinstance(chat.get("id"), int):
            return int(chat["id"])
    return None


def event_of(payload: bytes) -> tuple[Sender, Event] | None:
    """Who sent a stored update and what it means; None for one that concerns no person's chat."""
    update = Update.de_json(json.loads(payload), None)
    chat, user = update.effective_chat, update.effective_user
    if chat is None or user is None:
        return None
    sender = Sender(
        chat.id, user.id, user.full_name, user.username, user.language_code, chat.type == "private"
    )
    if update.callback_query is not None:
        message = update.callback_query.message
        return sender, tap_of(update.callback_query.data or "", message.message_id if message else 0)
    if update.my_chat_member is not None:
        return sender, Blocked(update.my_chat_member.new_chat_member.status in ("kicked", "left"))
    if update.edited_message is not None:
        edited = update.edited_message
        if edited.location is not None:
            return None  # a live location moves without anybody's doing
        return sender, Edited(storable(edited.text or edited.caption or ""), edited.message_id)
    return (sender, _message_event(update.message)) if update.message else None


def _message_event(message: Message) -> Event:
    if message.text is not None:
        text = storable(message.text)
        if text.startswith("/"):
            return command_of(text, message.message_id)
        return Text(text, message.message_id)
    if message.document is not None:
        document = message.document
        name, mime_type = storable(document.file_name or "file"), document.mime_type or ""
        return File(document.file_id, name, document.file_size or 0, mime_type, message.message_id)
    if message.photo:
        largest = message.photo[-1]
        return File(
            largest.file_id,
            "photo.jpg",
            largest.file_size or 0,
            "image/jpeg",
            message.message_id,
            album=message.media_group_id or "",
        )
    sound = message.voice or message.audio
    if sound is not None:
        seconds = sound.duration if isinstance(sound.duration, int) else int(sound.duration.total_seconds())
        mime_type = sound.mime_type or "audio/ogg"
        return Voice(sound.file_id, seconds, sound.file_size or 0, mime_type, message.message_id)
    if message.location is not None and message.venue is None:
        return Location(message.location.latitude, message.location.longitude, message.message_id)
    return Other(message.message_id)


def storable(text: str) -> str:
    """A text without what PostgreSQL cannot store: NUL, and halves of a surrogate pair."""
    return text.replace("\0", "").encode(errors="ignore").decode()
