"""The people's side over HTTP: what a page or a test elsewhere can do, and who may not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from bot.playground.bell import Bell
from bot.playground.errors import Impossible
from bot.playground.files import FileKind
from bot.playground.local import LocalTelegram
from bot.playground.people import NotHeard, Person
from bot.playground.state import MAX_MAILS, MAX_MESSAGES_PER_CHAT, Playground

PATIENCE = 60.0  # a bound for a busy machine


@pytest.fixture
async def http(telegram: LocalTelegram) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{telegram.url}/playground", timeout=PATIENCE) as http:
        yield http


async def is_awaited(bell: Bell) -> None:
    async with asyncio.timeout(PATIENCE):
        while not bell.is_awaited:  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.01)


async def test_a_conversation(http: httpx.AsyncClient, bot: Bot, telegram: LocalTelegram) -> None:
    person = {"first_name": "Zoë", "language_code": "de", "username": "zoe"}
    chat_id = (await http.post("/chats", json=person)).json()["id"]
    chat = f"/chats/{chat_id}"
    said = (await http.post(f"{chat}/messages", json={"text": "/start now"})).json()
    assert said["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    [update] = await bot.get_updates()
    assert update.effective_user
    assert (update.effective_user.first_name, update.effective_user.language_code) == ("Zoë", "de")
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y")]])
    sent = await bot.send_message(chat_id, "<b>Well?</b>", parse_mode="HTML", reply_markup=markup)
    whole = (await http.get(f"{chat}/messages")).json()
    assert whole["reset"]
    assert [message["text"] for message in whole["messages"]] == ["/start now", "Well?"]

    waiting = asyncio.create_task(http.get(f"{chat}/messages", params={"after": whole["seq"], "wait": 60}))
    await is_awaited(telegram.playground.chats[chat_id].bell)
    await bot.edit_message_text("Well", chat_id, sent.message_id, reply_markup=markup)
    [change] = (await waiting).json()["changes"]
    assert (change["kind"], change["message"]["text"]) == ("edit", "Well")

    tap = {"message_id": sent.message_id, "button": "Yes"}
    assert (await http.post(f"{chat}/tap", json=tap)).status_code == 201
    await bot.edit_message_reply_markup(chat_id, sent.message_id)
    assert (await http.post(f"{chat}/tap", json=tap)).status_code == 409
    assert (await http.post(f"{chat}/tap", json=tap | {"stale": True})).status_code == 201
    edit = {"message_id": said["message_id"], "text": "/help"}
    assert (await http.post(f"{chat}/edit", json=edit)).json()["edited"]
    assert (await http.post(f"{chat}/edit", json=edit | {"message_id": sent.message_id})).status_code == 409
    assert (await http.get("/chats")).json()["chats"][0]["last_message"]["text"] == "Well"


async def test_files_and_mails(http: httpx.AsyncClient, ann: Person, telegram: LocalTelegram) -> None:
    upload = {"document": ("résumé.pdf", b"%PDF", "application/pdf")}
    sent = (await http.post(f"/chats/{ann.id}/files", files=upload, data={"caption": "mine"})).json()
    assert (sent["file"]["name"], sent["text"]) == ("résumé.pdf", "mine")
    fetched = await httpx.AsyncClient(base_url=telegram.url).get(sent["file"]["url"])
    assert fetched.content == b"%PDF"
    assert fetched.headers["content-disposition"].startswith("attachment")
    broken = {"photo": ("x.png", b"no picture", "image/png")}
    assert (await http.post(f"/chats/{ann.id}/files", files=broken)).status_code == 409
    noise = {"voice": ("x.webm", b"\x1a\x45\xdf\xa3 no voice", "audio/webm")}
    assert (await http.post(f"/chats/{ann.id}/files", files=noise)).status_code == 409

    mail = {
        "to": "ann@example.org",
        "subject": "Your code",
        "text": "It is 123456",
        "html": "<p>It is 123456</p>",
    }
    waiting = asyncio.create_task(http.get("/mails", params={"wait": 60}))
    await is_awaited(telegram.playground.mail_bell)
    assert (await http.post("/mails", json=mail)).status_code == 201
    [shown] = (await waiting).json()["mails"]
    assert shown["text"] == mail["text"]
    assert (await ann.gets_mail(r"\d{6}", to="ann@example.org")).number == shown["number"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:8080"},
        {"Host": "127.0.0.1.evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_pages_of_other_sites_can_do_nothing(http: httpx.AsyncClient, headers: dict[str, str]) -> None:
    refused = await http.post("/chats", json={"first_name": "Eve"}, headers=headers)
    assert refused.status_code == 403
    assert (await http.get("/chats")).json()["chats"] == []
    if "Host" in headers:
        assert (await http.get("/chats", headers=headers)).status_code == 403


async def test_this_machine_by_its_names(http: httpx.AsyncClient, telegram: LocalTelegram) -> None:
    for host in (f"localhost:{telegram.port}", f"127.0.0.1:{telegram.port}", f"[::1]:{telegram.port}"):
        headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
        assert (await http.post("/chats", json={"first_name": "Ann"}, headers=headers)).status_code == 201


async def test_requests_that_make_no_sense(http: httpx.AsyncClient, ann: Person) -> None:
    chat = f"/chats/{ann.id}"
    assert (await http.post("/chats/1/messages", json={"text": "x"})).status_code == 404
    assert (await http.post("/chats", json={"first_name": " "})).status_code == 409
    assert (await http.post(f"{chat}/messages", content=b"{")).status_code == 400
    assert (await http.post(f"{chat}/messages", json={"text": 5})).status_code == 400
    assert (await http.post(f"{chat}/messages", json={"text": "x" * 4097})).status_code == 409
    assert (await http.get(f"{chat}/messages", params={"after": "-1"})).status_code == 400
    assert (await http.post(f"{chat}/files", data={"caption": "x"})).status_code == 409


async def test_memory_is_bounded() -> None:
    playground = Playground(max_file_bytes=1000)
    chat = playground.add_person("Ann")
    for number in range(MAX_MESSAGES_PER_CHAT + 10):
        playground.say(chat.id, str(number))
    assert len(chat.messages) == MAX_MESSAGES_PER_CHAT
    for _ in range(MAX_MAILS + 10):
        playground.deliver_mail("a@example.org", "s", "t")
    assert len(playground.mails) == MAX_MAILS
    first = playground.send_file(chat.id, FileKind.DOCUMENT, "a", bytes(600)).file
    second = playground.send_file(chat.id, FileKind.DOCUMENT, "b", bytes(600)).file
    assert first
    assert second
    assert playground.files.get(first.file_id) is None
    assert first.content == b""
    assert playground.files.get(second.file_id) is second
    assert playground.files.bytes_kept == 600


async def test_a_person_reads_like_a_conversation(bot: Bot, ann: Person) -> None:
    def keyboard(*labels: str) -> InlineKeyboardMarkup:
        return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=label) for label in labels]])

    first = await bot.send_message(ann.id, "Question 1 of 2", reply_markup=keyboard("Skip it", "Stop"))
    await bot.send_message(ann.id, "Question 2 of 2", reply_markup=keyboard("Skip it", "Stop"))
    heard = await ann.hears(r"Question \d of 2")
    assert heard.message_id == first.message_id
    assert (await ann.taps("skip")).message_id == first.message_id
    await ann.hears("question 2 of 2")
    await ann.hears_nothing()
    await bot.edit_message_text("Question 2 of 2: done", ann.id, first.message_id + 1)
    await ann.hears("done")
    assert ann.last.text == "Question 2 of 2: done"
    with pytest.raises(NotHeard, match="no button 'Nowhere'"):
        await ann.taps("Nowhere", timeout=0.05)
    with pytest.raises(NotHeard):
        await ann.hears("Question 1", timeout=0.05)
    with pytest.raises(Impossible):
        await ann.edits(first.message_id, "not mine")
