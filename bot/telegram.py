"""The client of the Bot API: updates are asked for, an outbox row becomes a call, files are fetched."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import socket
from base64 import b64decode
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    KeyboardButton,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    WebAppInfo,
)
from telegram import error as errors
from telegram.constants import ParseMode
from telegram.request import HTTPXRequest

from bot.updates import received
from domain.errors import Refused, Unavailable
from domain.messaging.pipe import Received

log = logging.getLogger(__name__)

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
POLL_SECONDS = 25
IN_FLIGHT = 8  # more than this only waits inside httpx's pool
LARGEST_DOWNLOAD_MB = 20
UPLOAD_SECONDS = 60.0
FILE_TIMEOUT = httpx.Timeout(60.0, connect=10.0, pool=10.0)  # of each wait, not of the whole file
LOCAL_PIECE = 1 << 18
# Bytes of a file that may come before they are asked for; the event loop takes all there are at once, and
# what the system would let pile up of each file are megabytes.
RECEIVED_AHEAD = 1 << 18
TOO_LARGE = "request entity too large"  # 413, which PTB takes for a broken connection
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class PollFailed(Exception):
    """Telegram gave no updates: it is unreachable, refuses the token, or another program polls."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class NotSent(Exception):
    """Telegram did not get the message: send it again. `after` seconds, if Telegram asked for a pause."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class MaybeSent(Exception):
    """The connection broke after the message may have been taken."""


class ChatClosed(Exception):
    """The person blocked the bot, or the chat is no more."""


class Rejected(Exception):
    """Telegram will never take this message: our bug."""


class Client(Bot):
    """PTB's client, and `getUpdates` as it comes.

    PTB parses a whole batch or raises: one update that it cannot read would keep back all others for good.
    """

    async def raw_updates(self, offset: int | None) -> list[dict[str, Any]]:
        asked = {"offset": offset, "timeout": POLL_SECONDS, "allowed_updates": ALLOWED_UPDATES}
        updates: list[dict[str, Any]] = await self._post("getUpdates", asked)
        return updates


class Requests(HTTPXRequest):
    """PTB's requests, and files as they come: its own hold one as a whole, several times over."""

    async def download(self, path: str) -> AsyncGenerator[bytes, None]:
        """The bytes at a URL, or in a file of a Bot API server on this machine.

        Raises what httpx raises, `OSError`, and `errors.BadRequest` where the server says that it is no file.
        """
        if not path.startswith(("http://", "https://")):
            with await asyncio.to_thread(Path(path).open, "rb") as file:
                while piece := await asyncio.to_thread(file.read, LOCAL_PIECE):
                    yield piece
            return
        # As it is: what is packed could be larger than anything that is held here.
        plain = {"Accept-Encoding": "identity"}
        async with self._client.stream("GET", path, headers=plain, timeout=FILE_TIMEOUT) as answer:
            if answer.status_code == HTTPStatus.BAD_REQUEST:
                raise errors.BadRequest("no such file")
            answer.raise_for_status()
            async for piece in answer.aiter_bytes():
                yield piece


class Telegram:
    """The Bot API client: receives, sends and fetches files. Every error is told apart by what to do."""

    def __init__(self, token: str, api_url: str | None) -> None:
        root = (api_url or "").rstrip("/")
        urls = {"base_url": f"{root}/bot", "base_file_url": f"{root}/file/bot"} if root else {}
        self._requests = Requests(
            connection_pool_size=64,
            pool_timeout=10.0,
            socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVED_AHEAD)],
        )
        self._bot = Client(
            token,
            request=self._requests,
            get_updates_request=HTTPXRequest(connection_pool_size=2, read_timeout=POLL_SECONDS + 10.0),
            **urls,  # type: ignore[arg-type]  # two strings
        )
        self._sends = asyncio.Semaphore(IN_FLIGHT)
        self._answers: set[asyncio.Task[None]] = set()
        self._username = ""

    @property
    def init_data_key(self) -> bytes:
        """What Telegram signs the opening of this bot's Mini Apps with."""
        return hmac.digest(b"WebAppData", self._bot.token.encode(), hashlib.sha256)

    async def close(self) -> None:
        for answer in self._answers:
            answer.cancel()
        await self._bot.shutdown()

    # Receiving

    async def introduce(self) -> str:
        """The bot's username; raises `Unavailable`, with reason "telegram.token" where the token is wrong."""
        try:
            await self._bot.initialize()
        except errors.InvalidToken as error:
            raise Unavailable("telegram.token") from error
        except errors.TelegramError as error:
            raise Unavailable("telegram.unreachable") from error
        self._username = self._bot.username
        return self._username

    def username(self) -> str:
        """The bot's username, "" until it was introduced."""
        return self._username

    async def publish_commands(self, menus: Mapping[str, Sequence[tuple[str, str]]], fallback: str) -> None:
        """Set the menu of every language; `fallback` is what all others see. Raises `Unavailable`."""
        try:
            for language, menu in menus.items():
                commands = [BotCommand(name, description) for name, description in menu]
                await self._bot.set_my_commands(commands, language_code=language)
                if language == fallback:
                    await self._bot.set_my_commands(commands)
        except errors.TelegramError as error:
            raise Unavailable("telegram.commands") from error

    async def start_polling(self) -> None:
        """Take back the webhook; raises `Unavailable`."""
        try:
            await self._bot.delete_webhook(drop_pending_updates=False)
        except errors.TelegramError as error:
            raise Unavailable("telegram.unreachable") from error

    async def start_webhook(self, url: str, secret: str) -> None:
        """Have Telegram call `url`; raises `Unavailable`."""
        try:
            await self._bot.set_webhook(
                url, allowed_updates=ALLOWED_UPDATES, secret_token=secret, drop_pending_updates=False
            )
        except errors.TelegramError as error:
            raise Unavailable("telegram.unreachable") from error

    async def poll(self, offset: int | None) -> list[Received]:
        """The next updates; asking with an offset tells Telegram that all before it are ours for good.

        Raises `PollFailed`.
        """
        try:
            updates = await self._bot.raw_updates(offset)
        except errors.RetryAfter as error:
            raise PollFailed("flood", after=_seconds(error.retry_after)) from error
        except errors.TelegramError as error:
            raise PollFailed(type(error).__name__) from error
        return [received(update) for update in updates]

    def acknowledge(self, updates: Sequence[Received]) -> None:
        """Answer the taps among stored updates, so that their buttons stop spinning; at most once."""
        for update in updates:
            tap = json.loads(update.payload).get("callback_query")
            if tap:
                answer = asyncio.create_task(self._answer(tap["id"]))
                self._answers.add(answer)
                answer.add_done_callback(self._answers.discard)

    async def _answer(self, callback_id: str) -> None:
        async with self._sends:
            try:
                await self._bot.answer_callback_query(callback_id)
            except errors.TelegramError as error:
                log.debug("tap not answered", extra={"error": type(error).__name__})

    # Sending

    async def deliver(self, chat_id: int, kind: str, content: Mapping[str, Any]) -> int | None:
        """Send an outbox row; the id of its message, if it has one.

        Raises `NotSent`, `MaybeSent`, `ChatClosed` or `Rejected`.
        """
        async with self._sends:
            try:
                return await self._call(chat_id, kind, content)
            except errors.RetryAfter as error:
                raise NotSent("flood", after=_seconds(error.retry_after)) from error
            except errors.Forbidden as error:
                raise ChatClosed from error
            except errors.BadRequest as error:
                if "chat not found" in str(error).lower():
                    raise ChatClosed from error
                raise Rejected(str(error)) from error
            except errors.InvalidToken as error:
                raise NotSent("token") from error
            except errors.TelegramError as error:
                if isinstance(error.__cause__, NOT_SENT):
                    raise NotSent("unreachable") from error
                if TOO_LARGE in str(error).lower():
                    raise Rejected(str(error)) from error
                raise MaybeSent from error

    async def _call(self, chat_id: int, kind: str, content: Mapping[str, Any]) -> int | None:
        if kind in ("message", "ask", "nudge"):
            return await self._send(chat_id, content)
        if kind == "edit":
            return await self._edit(chat_id, content)
        if kind in ("photo", "document"):
            return await self._send_file(chat_id, kind, content)
        if kind == "delete":
            await self._forgiving(self._bot.delete_message(chat_id, content["message_id"]))
        elif kind == "clear":
            await self._forgiving(
                self._bot.edit_message_reply_markup(chat_id, content["message_id"], reply_markup=None)
            )
        elif kind == "action":
            await self._bot.send_chat_action(chat_id, content["action"])
        elif kind != "nothing":
            raise Rejected(f"unknown kind {kind}")
        return None

    async def _send(self, chat_id: int, content: Mapping[str, Any]) -> int:
        message = await self._bot.send_message(
            chat_id,
            content["text"],
            parse_mode=ParseMode.HTML,
            reply_markup=_markup(content["buttons"]) or _under_the_text(content),
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
        return message.message_id

    async def _send_file(self, chat_id: int, kind: str, content: Mapping[str, Any]) -> int:
        send = self._bot.send_photo if kind == "photo" else self._bot.send_document
        file = content["file"] if "file" in content else b64decode(content["content"])
        message = await send(
            chat_id,
            InputFile(file, content["name"], read_file_handle=False),
            caption=content["text"] or None,
            parse_mode=ParseMode.HTML,
            reply_markup=_markup(content["buttons"]),
            write_timeout=UPLOAD_SECONDS,
            read_timeout=UPLOAD_SECONDS,
        )
        return message.message_id

    async def _edit(self, chat_id: int, content: Mapping[str, Any]) -> int:
        try:
            await self._bot.edit_message_text(
                content["text"],
                chat_id,
                content["message_id"],
                parse_mode=ParseMode.HTML,
                reply_markup=_markup(content["buttons"]),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        except errors.BadRequest as error:
            reason = str(error).lower()
            if "not modified" in reason:
                return int(content["message_id"])
            if "message to edit not found" in reason or "can't be edited" in reason:
                return await self._send(chat_id, content)
            raise
        return int(content["message_id"])

    async def _forgiving(self, call: Any) -> None:
        """A message that is gone, too old or as wanted already is no error where it was to be taken away."""
        try:
            await call
        except errors.BadRequest as error:
            log.debug("nothing to take away", extra={"error": type(error).__name__})

    # Files

    async def fetch(self, file_id: str) -> AsyncGenerator[bytes, None]:
        """The bytes of a file that was sent, as they come (`domain.ports.FileSource`)."""
        size = 0
        try:
            file = await self._bot.get_file(file_id)
            async with aclosing(self._requests.download(file.file_path or "")) as pieces:
                async for piece in pieces:
                    size += len(piece)
                    if size > LARGEST_DOWNLOAD_MB << 20:
                        raise Refused("file.too_large", most=LARGEST_DOWNLOAD_MB)
                    yield piece
        except errors.BadRequest as error:
            if "too big" in str(error).lower():
                raise Refused("file.too_large", most=LARGEST_DOWNLOAD_MB) from error
            raise Refused("file.gone") from error
        except (errors.TelegramError, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Unavailable("telegram.file") from error


def _seconds(retry_after: Any) -> float:
    """PTB gives an int or a timedelta, by a setting of its own."""
    return float(retry_after.total_seconds() if hasattr(retry_after, "total_seconds") else retry_after)


def _markup(rows: Sequence[Sequence[Mapping[str, str]]]) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup([[_button(each) for each in row] for row in rows]) if rows else None


def _under_the_text(content: Mapping[str, Any]) -> ReplyKeyboardMarkup | ReplyKeyboardRemove | None:
    """What becomes of the keyboard under the text field."""
    if label := content.get("asks_location"):
        button = KeyboardButton(label, request_location=True)
        return ReplyKeyboardMarkup([[button]], resize_keyboard=True, one_time_keyboard=True)
    return ReplyKeyboardRemove() if content.get("clears_keyboard") else None


def _button(button: Mapping[str, str]) -> InlineKeyboardButton:
    url = button.get("url")
    if url is None:
        return InlineKeyboardButton(button["text"], callback_data=button["data"])
    if url.startswith("https://"):
        return InlineKeyboardButton(button["text"], web_app=WebAppInfo(url))
    return InlineKeyboardButton(button["text"], url=url)
