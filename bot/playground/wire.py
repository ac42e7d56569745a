"""Chats and messages as the Bot API writes them."""

from __future__ import annotations

from collections.abc import Mapping

from bot.playground.files import FileKind
from bot.playground.keyboards import Keyboard
from bot.playground.models import Message, Profile

Json = dict[str, object]


def user(profile: Profile) -> Json:
    shown: Json = {"id": profile.id, "is_bot": profile.is_bot, "first_name": profile.first_name}
    return shown | _given(
        last_name=profile.last_name, username=profile.username, language_code=profile.language_code
    )


def private_chat(person: Profile) -> Json:
    shown: Json = {"id": person.id, "type": "private", "first_name": person.first_name}
    return shown | _given(last_name=person.last_name, username=person.username)


def _given(**fields: str) -> Json:
    return {name: value for name, value in fields.items() if value}


def message(sent: Message, bot: Profile, person: Profile, messages: Mapping[int, Message]) -> Json:
    shown: Json = {
        "message_id": sent.message_id,
        "from": user(bot if sent.from_bot else person),
        "chat": private_chat(person),
        "date": sent.date,
    }
    if sent.edit_date:
        shown["edit_date"] = sent.edit_date
    if (original := messages.get(sent.reply_to)) is not None:
        shown["reply_to_message"] = message(original, bot, person, {})
    shown |= _content(sent)
    if sent.keyboard:
        shown["reply_markup"] = inline_keyboard(sent.keyboard)
    return shown


def _content(sent: Message) -> Json:
    text_field, entities_field = (
        ("text", "entities") if sent.file is None else ("caption", "caption_entities")
    )
    shown: Json = {}
    if sent.file is not None:
        shown[sent.file.kind] = (
            [sent.file.as_api()] if sent.file.kind is FileKind.PHOTO else sent.file.as_api()
        )
    if sent.body.text:
        shown[text_field] = sent.body.text
    if sent.body.entities:
        shown[entities_field] = [entity.as_json() for entity in sent.body.entities]
    return shown


def inline_keyboard(keyboard: Keyboard) -> Json:
    return {"inline_keyboard": [[button.as_json() for button in row] for row in keyboard]}
