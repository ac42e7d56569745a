"""The Bot API methods that act in a chat, with the limits and refusals of Telegram."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.playground import entities, wire
from bot.playground.entities import FormattedText
from bot.playground.errors import ApiError, bad_request
from bot.playground.files import MAX_PHOTO_BYTES, FileKind, StoredFile, image_size
from bot.playground.html import parse_html
from bot.playground.keyboards import ReplyMarkup, parse_reply_markup
from bot.playground.models import ChangeKind, Chat, Message
from bot.playground.params import Params
from bot.playground.reactions import REACTIONS
from bot.playground.state import MAX_CAPTION, MAX_TEXT, Playground
from bot.playground.updates import CALLBACK_LIFETIME

MAX_ANSWER = 200
DELETABLE_SECONDS = 48 * 3600
_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a"
    " current content and reply markup of the message"
)
_VOICE_BEGINNINGS = (b"OggS", b"ID3", b"\xff\xfb", b"\xff\xf3")


def chat_of(playground: Playground, params: Params) -> Chat:
    """The chat named by `chat_id`; one whose person never wrote is unknown to the bot."""
    given = params.text("chat_id").strip()
    if not given:
        raise bad_request("chat_id is empty")
    chat = playground.chats.get(params.integer("chat_id"))
    if chat is None or not chat.started:
        raise bad_request("chat not found")
    return chat


def _open_chat(playground: Playground, params: Params) -> Chat:
    chat = chat_of(playground, params)
    if chat.blocked:
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    return chat


def _formatted(params: Params, field: str, entities_field: str) -> FormattedText:
    text, mode = params.text(field), params.text("parse_mode").lower()
    if mode == "html":
        return parse_html(text)
    if mode not in ("", "none"):
        raise bad_request("unsupported parse_mode")
    listed = params.json(entities_field)
    return entities.plain(text) if listed is None else entities.from_json(text, listed)


def _message_text(params: Params) -> FormattedText:
    if not params.text("text"):
        raise bad_request("message text is empty")
    body = _formatted(params, "text", "entities")
    if not body.text:
        raise bad_request("text must be non-empty")
    if body.length > MAX_TEXT:
        raise bad_request("message is too long")
    return body


def _caption(params: Params) -> FormattedText:
    body = _formatted(params, "caption", "caption_entities")
    if body.length > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return body


def _replied_to(chat: Chat, params: Params) -> int:
    given = params.json("reply_parameters")
    wanted, optional = params.integer("reply_to_message_id"), params.flag("allow_sending_without_reply")
    if isinstance(given, Mapping):
        wanted = int(given.get("message_id") or 0)
        optional = bool(given.get("allow_sending_without_reply"))
    if not wanted or wanted in chat.messages:
        return wanted
    if optional:
        return 0
    raise bad_request("message to be replied not found")


def _post(
    playground: Playground, params: Params, body: FormattedText, file: StoredFile | None = None
) -> wire.Json:
    markup = parse_reply_markup(params.json("reply_markup"))
    chat = _open_chat(playground, params)
    sent = playground.post(chat, body, file=file, keyboard=markup.inline, reply_to=_replied_to(chat, params))
    if markup.reply_keyboard is not None:
        chat.reply_keyboard, chat.location_buttons = markup.reply_keyboard, markup.location_buttons
        playground.record(chat, ChangeKind.REPLY_KEYBOARD)
    return playground.as_api(sent)


def send_message(playground: Playground, params: Params) -> wire.Json:
    return _post(playground, params, _message_text(params))


def send_document(playground: Playground, params: Params) -> wire.Json:
    return _send_file(playground, params, FileKind.DOCUMENT)


def send_photo(playground: Playground, params: Params) -> wire.Json:
    return _send_file(playground, params, FileKind.PHOTO)


def send_voice(playground: Playground, params: Params) -> wire.Json:
    return _send_file(playground, params, FileKind.VOICE)


def _send_file(playground: Playground, params: Params, kind: FileKind) -> wire.Json:
    caption = _caption(params)
    parse_reply_markup(params.json("reply_markup"))
    _replied_to(_open_chat(playground, params), params)
    return _post(playground, params, caption, _file(playground, params, kind))


def _file(playground: Playground, params: Params, kind: FileKind) -> StoredFile:
    """The file that came with the call, or the one sent before whose file id it names."""
    upload = params.upload(kind)
    if upload is None:
        return _known_file(playground, params.text(kind), kind)
    content = upload.content
    if not content:
        raise bad_request("file must be non-empty")
    if kind is FileKind.PHOTO:
        return playground.files.add(kind, upload.name, content, upload.mime_type, size=_photo_size(content))
    if kind is FileKind.VOICE and not (content.startswith(_VOICE_BEGINNINGS) or content[4:8] == b"ftyp"):
        kind = FileKind.DOCUMENT
    duration = params.integer("duration") if kind is FileKind.VOICE else 0
    return playground.files.add(kind, upload.name, content, upload.mime_type, duration=duration)


def _photo_size(content: bytes) -> tuple[int, int]:
    if len(content) > MAX_PHOTO_BYTES:
        raise bad_request(
            f"file of size {len(content)} bytes is too big for a photo;"
            f" the maximum size is {MAX_PHOTO_BYTES} bytes"
        )
    size = image_size(content)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    width, height = size
    if width + height > 10_000 or max(size) > 20 * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return size


def _known_file(playground: Playground, file_id: str, kind: FileKind) -> StoredFile:
    if not file_id:
        raise bad_request(f"there is no {kind} in the request")
    if file_id.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    stored = playground.files.get(file_id)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if stored.kind is not kind:
        raise bad_request(f"can't use file of type {stored.kind.capitalize()} as {kind.capitalize()}")
    return stored


def _editable(playground: Playground, params: Params) -> Message:
    message_id = params.integer("message_id")
    if message_id <= 0:
        raise bad_request("message identifier is not specified")
    old = _open_chat(playground, params).messages.get(message_id)
    if old is None:
        raise bad_request("message to edit not found")
    if not old.from_bot:
        raise bad_request("message can't be edited")
    return old


def _amended(playground: Playground, old: Message, new: Message) -> wire.Json:
    if (new.body, new.keyboard) == (old.body, old.keyboard):
        raise bad_request(_NOT_MODIFIED)
    return playground.as_api(playground.amend(new))


def _inline(params: Params) -> ReplyMarkup:
    markup = parse_reply_markup(params.json("reply_markup"))
    if markup.reply_keyboard is not None:
        raise bad_request("inline keyboard expected")
    return markup


def edit_message_text(playground: Playground, params: Params) -> wire.Json:
    body, markup = _message_text(params), _inline(params)
    old = _editable(playground, params)
    if old.file is not None:
        raise bad_request("there is no text in the message to edit")
    return _amended(playground, old, replace(old, body=body, keyboard=markup.inline))


def edit_message_caption(playground: Playground, params: Params) -> wire.Json:
    body, markup = _caption(params), _inline(params)
    old = _editable(playground, params)
    if old.file is None:
        raise bad_request("there is no caption in the message to edit")
    return _amended(playground, old, replace(old, body=body, keyboard=markup.inline))


def edit_message_reply_markup(playground: Playground, params: Params) -> wire.Json:
    markup = _inline(params)
    old = _editable(playground, params)
    return _amended(playground, old, replace(old, keyboard=markup.inline))


def delete_message(playground: Playground, params: Params) -> bool:
    message_id = params.integer("message_id")
    if message_id <= 0:
        raise bad_request("message identifier is not specified")
    chat = chat_of(playground, params)
    old = chat.messages.get(message_id)
    if old is None:
        raise bad_request("message to delete not found")
    if playground.clock() - old.date > DELETABLE_SECONDS:
        raise bad_request("message can't be deleted for everyone")
    playground.remove(chat, message_id)
    return True


def delete_messages(playground: Playground, params: Params) -> bool:
    """Messages that are not there are skipped, as the Bot API says."""
    listed = params.json("message_ids")
    if not isinstance(listed, list) or not listed:
        raise bad_request("message identifiers are not specified")
    if len(listed) > 100:
        raise bad_request("too many message identifiers specified")
    chat = chat_of(playground, params)
    wanted = {int(number) for number in listed if str(number).isdecimal()}
    found = [message for number, message in chat.messages.items() if number in wanted]
    if any(playground.clock() - message.date > DELETABLE_SECONDS for message in found):
        raise bad_request("message can't be deleted for everyone")
    for message in found:
        playground.remove(chat, message.message_id)
    return True


def answer_callback_query(playground: Playground, params: Params) -> bool:
    text = params.text("text")
    if len(text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    query = playground.callbacks.get(params.text("callback_query_id"))
    chat = playground.chats.get(query.chat_id) if query else None
    if query is None or chat is None or playground.clock() - query.asked_at > CALLBACK_LIFETIME:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    # A second answer is taken and shows nothing.
    if not query.answered:
        query.answered, query.answer = True, text
        playground.record(
            chat,
            ChangeKind.ANSWER,
            message_id=query.message_id,
            text=text,
            alert=params.flag("show_alert"),
            callback_query_id=query.id,
        )
    return True


def send_chat_action(playground: Playground, params: Params) -> bool:
    action = params.text("action")
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    playground.record(_open_chat(playground, params), ChangeKind.ACTION, text=action)
    return True


def set_message_reaction(playground: Playground, params: Params) -> bool:
    chat = _open_chat(playground, params)
    message = chat.messages.get(params.integer("message_id"))
    listed = params.json("reaction") or []
    if not isinstance(listed, list):
        raise bad_request("can't parse reaction types: expected an Array of ReactionType")
    chosen = tuple(str(entry.get("emoji", "")) if isinstance(entry, Mapping) else "" for entry in listed)
    if not set(chosen) <= REACTIONS:
        raise bad_request("REACTION_INVALID")
    if len(chosen) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if message is None:
        raise bad_request("message to react not found")
    playground.amend(replace(message, reactions=chosen), ChangeKind.REACTION)
    return True
