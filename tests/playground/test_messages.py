"""What Telegram takes and refuses of messages, asked by python-telegram-bot itself."""

from __future__ import annotations

import json
import struct
from collections.abc import Awaitable, Callable

import httpx
import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError

from bot.playground.local import LocalTelegram
from bot.playground.people import Person
from tests.playground.conftest import ManualClock


def keyboard(*labels: str, data: str = "") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=data or label)] for label in labels]
    )


def png(width: int = 8, height: int = 6) -> bytes:
    return (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\x02\0\0\0" + bytes(40)
    )


async def test_a_message_arrives_as_it_was_sent(bot: Bot, ann: Person) -> None:
    sent = await bot.send_message(
        ann.id,
        'A <b>bold</b> word 😀, <a href="https://example.org">a link</a>\n'
        '<pre><code class="language-py">x</code></pre>',
        parse_mode="HTML",
        reply_markup=keyboard("Go on"),
    )
    heard = await ann.hears("bold")
    assert heard.message_id == sent.message_id
    assert heard.text == sent.text == "A bold word 😀, a link\nx"
    assert sent.parse_entities() == dict(zip(sent.entities, ["bold", "a link", "x"], strict=True))
    assert [entity.type for entity in sent.entities] == ["bold", "text_link", "pre"]
    assert (sent.entities[1].url, sent.entities[2].language) == ("https://example.org", "py")
    assert [button.text for button in heard.buttons] == ["Go on"]
    assert sent.from_user == bot.bot


@pytest.mark.parametrize("unit", ["x", "é", "😀"])
async def test_a_text_has_at_most_4096_utf16_units_after_its_markup(bot: Bot, ann: Person, unit: str) -> None:
    fits = unit * (4096 // (2 if unit > "\uffff" else 1))
    sent = await bot.send_message(ann.id, f"<b>{fits}</b>", parse_mode="HTML")
    assert sent.text == fits
    with pytest.raises(BadRequest, match=r"^Message is too long$"):
        await bot.send_message(ann.id, f"<b>{fits}{unit}</b>", parse_mode="HTML")


@pytest.mark.parametrize(
    ("text", "refusal"),
    [("", "Message text is empty"), (" \n ", "Text must be non-empty"), ("<b> </b>", "Text must")],
)
async def test_an_empty_text_is_refused(bot: Bot, ann: Person, text: str, refusal: str) -> None:
    with pytest.raises(BadRequest, match=refusal):
        await bot.send_message(ann.id, text, parse_mode="HTML")


async def test_a_caption_has_at_most_1024_units(bot: Bot, ann: Person) -> None:
    await bot.send_document(ann.id, b"x", caption="c" * 1024)
    with pytest.raises(BadRequest, match="caption is too long"):
        await bot.send_document(ann.id, b"x", caption="c" * 1025)


async def test_html_that_is_none_is_refused_and_nothing_is_sent(bot: Bot, ann: Person) -> None:
    with pytest.raises(BadRequest) as refused:
        await bot.send_message(ann.id, "2 < 3", parse_mode="HTML")
    assert refused.value.message == 'Can\'t parse entities: unsupported start tag "" at byte offset 2'
    assert not ann.bot_messages


async def test_entities_that_the_bot_lists_itself(bot: Bot, ann: Person) -> None:
    sent = await bot.send_message(ann.id, "a bold b", entities=[MessageEntity("bold", 2, 4)])
    assert sent.parse_entities() == {sent.entities[0]: "bold"}


@pytest.mark.parametrize("callback_data", ["x" * 65, "é" * 33])
async def test_callback_data_has_at_most_64_bytes(bot: Bot, ann: Person, callback_data: str) -> None:
    await bot.send_message(ann.id, "ok", reply_markup=keyboard("b", data="é" * 32))
    with pytest.raises(BadRequest, match="Button_data_invalid"):
        await bot.send_message(ann.id, "too long", reply_markup=keyboard("b", data=callback_data))


@pytest.mark.parametrize(
    ("button", "refusal"),
    [
        (
            {"text": "b"},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"text": "b", "callback_data": ""}, "Text buttons are unallowed"),
        ({"text": "b", "url": "not an address"}, "is invalid: Wrong HTTP URL"),
        ({"text": "b", "web_app": {"url": "http://example.org"}}, "Only HTTPS links are allowed"),
        ({"callback_data": "x"}, "Can't find field"),
        ({"text": "b", "callback_data": "x", "style": "pink"}, "invalid button style"),
    ],
)
async def test_buttons_that_are_none_are_refused(
    telegram: LocalTelegram, ann: Person, button: dict[str, object], refusal: str
) -> None:
    async with httpx.AsyncClient(base_url=f"{telegram.base_url}{telegram.token}/") as http:
        markup = {"inline_keyboard": [[button]]}
        answer = await http.post("sendMessage", json={"chat_id": ann.id, "text": "x", "reply_markup": markup})
    assert answer.status_code == 400
    assert refusal in answer.json()["description"]


async def test_a_chat_that_never_wrote_is_not_found(bot: Bot, telegram: LocalTelegram) -> None:
    for chat_id in (telegram.person("Silent").id, 42, "@nobody"):
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(chat_id, "hello")


async def test_a_chat_that_blocked_the_bot_gets_nothing(bot: Bot, ann: Person) -> None:
    sent = await bot.send_message(ann.id, "hello")
    await ann.blocks()
    actions: list[Callable[[], Awaitable[object]]] = [
        lambda: bot.send_message(ann.id, "again"),
        lambda: bot.edit_message_text("again", ann.id, sent.message_id),
        lambda: bot.send_chat_action(ann.id, "typing"),
        lambda: bot.send_document(ann.id, b"x"),
    ]
    for act in actions:
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await act()
    await ann.says("I am back")
    await bot.send_message(ann.id, "welcome")


async def test_an_edit_changes_the_message_in_place(bot: Bot, ann: Person) -> None:
    sent = await bot.send_message(ann.id, "one", reply_markup=keyboard("A"))
    await bot.edit_message_text("two", ann.id, sent.message_id)
    assert (ann.last.message_id, ann.last.text, ann.last.keyboard) == (sent.message_id, "two", ())
    await bot.edit_message_reply_markup(ann.id, sent.message_id, reply_markup=keyboard("B"))
    assert [button.text for button in ann.last.buttons] == ["B"]
    assert ann.last.edit_date > 0


async def test_an_edit_that_changes_nothing_is_refused(bot: Bot, ann: Person) -> None:
    sent = await bot.send_message(ann.id, "<b>one</b>", parse_mode="HTML", reply_markup=keyboard("A"))
    with pytest.raises(
        BadRequest, match="Message is not modified: specified new message content and reply markup"
    ):
        await bot.edit_message_text(
            "<strong>one</strong>", ann.id, sent.message_id, parse_mode="HTML", reply_markup=keyboard("A")
        )
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_reply_markup(ann.id, sent.message_id, reply_markup=keyboard("A"))


async def test_edits_of_what_cannot_be_edited(bot: Bot, ann: Person) -> None:
    own = await ann.says("mine")
    document = await bot.send_document(ann.id, b"x")
    text = await bot.send_message(ann.id, "text")
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("new", ann.id, own.message_id)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("new", ann.id, text.message_id + 9)
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("new", ann.id, document.message_id)
    with pytest.raises(BadRequest, match="There is no caption in the message to edit"):
        await bot.edit_message_caption(ann.id, text.message_id, caption="new")
    edited = await bot.edit_message_caption(ann.id, document.message_id, caption="new")
    assert not isinstance(edited, bool)
    assert edited.caption == "new"


async def test_deletions(bot: Bot, ann: Person, clock: ManualClock) -> None:
    own = await ann.says("my password")
    assert await bot.delete_message(ann.id, own.message_id)
    assert own.message_id not in [message.message_id for message in ann.messages]
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(ann.id, own.message_id)
    several = [(await bot.send_message(ann.id, text)).message_id for text in "abc"]
    assert await bot.delete_messages(ann.id, [*several[:2], 1])
    assert [message.text for message in ann.bot_messages] == ["c"]
    clock.advance(48 * 3600 + 1)
    with pytest.raises(BadRequest, match="Message can't be deleted for everyone"):
        await bot.delete_message(ann.id, several[2])


async def test_replies(bot: Bot, ann: Person) -> None:
    asked = await ann.says("why?")
    sent = await bot.send_message(ann.id, "because", reply_parameters=ReplyParameters(asked.message_id))
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.text == "why?"
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(ann.id, "x", reply_parameters=ReplyParameters(999))
    lenient = ReplyParameters(999, allow_sending_without_reply=True)
    assert (await bot.send_message(ann.id, "x", reply_parameters=lenient)).reply_to_message is None


async def test_taps_and_their_answers(bot: Bot, ann: Person, clock: ManualClock) -> None:
    await bot.send_message(ann.id, "choose", reply_markup=keyboard("Yes", "No"))
    tapped = await ann.taps("yes")
    [update] = await bot.get_updates()
    query = update.callback_query
    assert query is not None
    assert (query.data, query.from_user.id, query.message and query.message.message_id) == (
        "Yes",
        ann.id,
        tapped.message_id,
    )
    assert await query.answer("noted", show_alert=True)
    assert await ann.answered(tapped) == "noted"
    with pytest.raises(
        BadRequest, match="Query is too old and response timeout expired or query id is invalid"
    ):
        await bot.answer_callback_query("123")
    late = await ann.taps("No")
    clock.advance(151)
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(late.id)
    with pytest.raises(BadRequest, match="Message_too_long"):
        await bot.answer_callback_query(late.id, "x" * 201)


async def test_documents_photos_and_voice_notes_go_both_ways(bot: Bot, ann: Person) -> None:
    await bot.send_document(
        ann.id, InputFile(b"report", filename="report.pdf"), caption="<i>yours</i>", parse_mode="HTML"
    )
    received = await ann.receives("document", r"\.pdf$")
    assert received.file is not None
    assert (received.file.content, received.file.mime_type, received.text) == (
        b"report",
        "application/pdf",
        "yours",
    )
    sent = await bot.send_photo(ann.id, png(), caption="chart")
    assert (sent.photo[-1].width, sent.photo[-1].height) == (8, 6)
    voice = await bot.send_voice(ann.id, b"OggS rest", duration=7)
    assert voice.voice is not None
    assert voice.voice.duration == 7
    again = await bot.send_document(ann.id, received.file.file_id)
    assert again.document is not None
    assert again.document.file_name == "report.pdf"

    await ann.sends(b"%PDF-1.7", "cv.pdf", caption="my resume")
    await ann.sends(png(), "me.png")
    await ann.speaks(b"OggS words", duration=4)
    document, photo, spoken = [update.message for update in await bot.get_updates()]
    assert document
    assert document.document
    assert photo
    assert spoken
    assert spoken.voice
    assert (document.caption, document.document.file_name) == ("my resume", "cv.pdf")
    assert bytes(await (await document.document.get_file()).download_as_bytearray()) == b"%PDF-1.7"
    assert bytes(await (await photo.photo[-1].get_file()).download_as_bytearray()) == png()
    assert (spoken.voice.mime_type, spoken.voice.duration) == ("audio/ogg", 4)


async def test_files_that_are_too_large(bot: Bot, ann: Person) -> None:
    await ann.sends(bytes(20 * 1024 * 1024 + 1), "large.bin")
    [update] = await bot.get_updates()
    assert update.message
    assert update.message.document
    with pytest.raises(BadRequest, match="File is too big"):
        await update.message.document.get_file()
    with pytest.raises(NetworkError, match="Request Entity Too Large"):
        await bot.send_document(ann.id, bytes(50 * 1024 * 1024 + 1))
    with pytest.raises(BadRequest, match=r"is too big for a photo; the maximum size is 10485760 bytes"):
        await bot.send_photo(ann.id, png() + bytes(10 * 1024 * 1024))


async def test_files_that_are_none(bot: Bot, ann: Person) -> None:
    document = await bot.send_document(ann.id, b"x")
    assert document.document
    with pytest.raises(BadRequest, match="File must be non-empty"):
        await bot.send_document(ann.id, b"")
    with pytest.raises(BadRequest, match="Image_process_failed"):
        await bot.send_photo(ann.id, b"no picture")
    with pytest.raises(BadRequest, match="Photo_invalid_dimensions"):
        await bot.send_photo(ann.id, png(9999, 10))
    with pytest.raises(BadRequest, match="Wrong file identifier/http url specified"):
        await bot.send_document(ann.id, "BQACnothing")
    with pytest.raises(BadRequest, match="Can't use file of type document as photo"):
        await bot.send_photo(ann.id, document.document.file_id)
    with pytest.raises(BadRequest, match="temporarily unavailable"):
        await bot.get_file("BQACnothing")


async def test_actions_reactions_and_reply_keyboards_are_seen(bot: Bot, ann: Person) -> None:
    own = await ann.says("hello")
    await bot.send_chat_action(ann.id, "typing")
    await bot.set_message_reaction(ann.id, own.message_id, "👍")
    assert ann.messages[-1].reactions == ("👍",)
    assert [change.kind for change in ann.chat.changes][-2:] == ["action", "reaction"]
    with pytest.raises(BadRequest, match="Reaction_invalid"):
        await bot.set_message_reaction(ann.id, own.message_id, "🥔")
    with pytest.raises(BadRequest, match="Wrong parameter action in request"):
        await bot.send_chat_action(ann.id, "singing")
    await bot.send_message(ann.id, "pick", reply_markup=ReplyKeyboardMarkup([["Beginner", "Expert"]]))
    assert [list(row) for row in ann.chat.reply_keyboard] == [["Beginner", "Expert"]]
    await bot.send_message(ann.id, "thanks", reply_markup=ReplyKeyboardRemove())
    assert not ann.chat.reply_keyboard


async def test_get_chat(bot: Bot, ann: Person) -> None:
    chat = await bot.get_chat(ann.id)
    assert (chat.first_name, chat.username, chat.type) == ("Ann", "ann_lee", "private")


async def test_commands_and_descriptions_per_language_and_scope(
    bot: Bot, ann: Person, telegram: LocalTelegram
) -> None:
    await bot.set_my_commands([("start", "Begin")])
    await bot.set_my_commands([("start", "Empezar")], language_code="es")
    assert [command.description for command in await bot.get_my_commands()] == ["Begin"]
    assert [command.description for command in await bot.get_my_commands(language_code="es")] == ["Empezar"]
    assert telegram.playground.settings.menu_of(ann.id, "es-MX")[0]["description"] == "Empezar"
    assert telegram.playground.settings.menu_of(ann.id, "fr")[0]["description"] == "Begin"
    await bot.delete_my_commands(language_code="es")
    assert await bot.get_my_commands(language_code="es") == ()
    with pytest.raises(BadRequest, match="Bot_command_invalid"):
        await bot.set_my_commands([("Not a command", "x")])
    await bot.set_my_description("What I do")
    await bot.set_my_short_description("Short", language_code="es")
    assert (await bot.get_my_description()).description == "What I do"
    assert (await bot.get_my_short_description("es")).short_description == "Short"


async def test_wrong_tokens_and_unknown_methods(telegram: LocalTelegram) -> None:
    with pytest.raises(InvalidToken):
        await Bot("1:wrong", base_url=telegram.base_url).get_me()
    async with httpx.AsyncClient(base_url=telegram.url) as http:
        wrong = await http.get("/bot1:wrong/getMe")
        malformed = await http.get("/botnonsense/getMe")
        unknown = await http.post(f"/bot{telegram.token}/sendPigeon")
        file = await http.get("/file/bot1:wrong/documents/file_1.pdf")
    assert (wrong.status_code, wrong.json()["description"]) == (401, "Unauthorized")
    assert [answer.status_code for answer in (malformed, unknown, file)] == [404, 404, 401]


async def test_every_way_to_send_parameters(telegram: LocalTelegram, ann: Person) -> None:
    fields = {"chat_id": str(ann.id), "text": "hé", "reply_markup": json.dumps({"inline_keyboard": []})}
    surrogate = '{"inline_keyboard": [[{"text": "\\ud800", "callback_data": "x"}]]}'
    async with httpx.AsyncClient(base_url=f"{telegram.base_url}{telegram.token}/") as http:
        answers = [
            await http.get("sendMessage", params=fields),
            await http.post("sendMessage", params=fields),
            await http.post("SENDMESSAGE", data=fields),
            await http.post("sendMessage", json={"chat_id": ann.id, "text": "hé"}),
            await http.post("sendMessage", files={name: (None, value) for name, value in fields.items()}),
        ]
        broken = [
            await http.post("sendMessage", content=b"{", headers={"Content-Type": "application/json"}),
            await http.post("sendMessage", content=b"x", headers={"Content-Type": "multipart/form-data"}),
            await http.post("sendMessage", json={"chat_id": ann.id}),
            await http.post("sendMessage", data=fields | {"reply_markup": surrogate}),
            await http.post("sendMessage", data=fields | {"reply_markup": "{"}),
        ]
    assert [answer.json()["result"]["text"] for answer in answers] == ["hé"] * 5
    assert [answer.status_code for answer in broken] == [400] * 5
    assert broken[3].json()["description"] == "Bad Request: strings must be encoded in UTF-8"
