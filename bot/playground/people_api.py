"""The people's side over HTTP, for the chat page and for tests in other processes: JSON in, JSON out."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.playground.errors import Impossible, NoSuchChat
from bot.playground.files import MAX_UPLOAD_BYTES, FileKind, StoredFile
from bot.playground.models import Change, Chat, Mail, Message, Profile
from bot.playground.state import Playground
from bot.playground.voice import as_voice_note, voice_seconds

MAX_WAIT_SECONDS = 30.0
_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_SHOWN_INLINE = ("image/png", "image/jpeg", "image/gif", "image/webp", "audio/")


class LoopbackOnly:
    """Answers pages and programs of this machine alone.

    Another `Host` means DNS rebinding; another site's `Origin`, or a browser's word that a request is
    cross-site, means that a page elsewhere tries to act here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_ours(scope["method"], Headers(scope=scope)):
            await JSONResponse({"error": "only pages of this machine may do this"}, 403)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _is_ours(method: str, headers: Headers) -> bool:
    host = headers.get("host", "")
    if urlsplit(f"//{host}").hostname not in _LOOPBACK_HOSTS:
        return False
    if method in {"GET", "HEAD"}:
        return True
    origin = headers.get("origin")
    same_origin = origin is None or urlsplit(origin).netloc == host
    return same_origin and headers.get("sec-fetch-site", "none") in {"same-origin", "none"}


class PeopleApi:
    def __init__(self, playground: Playground) -> None:
        self.playground = playground

    async def chats(self, request: Request) -> Response:
        return _json(
            {
                "run_id": self.playground.run_id,
                "chats": [chat_json(chat) for chat in self.playground.chats.values()],
            }
        )

    async def add_chat(self, request: Request) -> Response:
        body = await _body(request)
        chat = self.playground.add_person(
            _text(body, "first_name"),
            _text(body, "last_name"),
            _text(body, "username"),
            _text(body, "language_code") or "en",
            _number(body, "id"),
        )
        return _json(chat_json(chat), 201)

    async def messages(self, request: Request) -> Response:
        """What changed in a chat after `after`, waiting `wait` seconds for the first change.

        `reset` says that `messages` holds the whole chat, since more happened than is remembered, or nothing
        was seen yet.
        """
        chat = self._chat(request)
        after = _query_number(request, "after")
        wait = min(_query_number(request, "wait"), MAX_WAIT_SECONDS)
        is_new = (
            after <= 0 or after > chat.last_seq or (bool(chat.changes) and chat.changes[0].seq > after + 1)
        )

        def changed() -> bool | None:
            return True if is_new or chat.last_seq > after or self.playground.is_closed else None

        await chat.bell.until(changed, wait)
        shown: dict[str, object] = {
            "run_id": self.playground.run_id,
            "seq": chat.last_seq,
            "reset": is_new,
            "chat": chat_json(chat),
            "reply_keyboard": chat.reply_keyboard,
            "location_buttons": sorted(chat.location_buttons),
        }
        if is_new:
            shown["messages"] = [message_json(message) for message in chat.messages.values()]
        else:
            shown["changes"] = [change_json(change) for change in chat.changes if change.seq > after]
        return _json(shown)

    async def say(self, request: Request) -> Response:
        chat, body = self._chat(request), await _body(request)
        sent = self.playground.say(chat.id, _text(body, "text"), _number(body, "reply_to"))
        return _json(message_json(sent), 201)

    async def edit(self, request: Request) -> Response:
        chat, body = self._chat(request), await _body(request)
        edited = self.playground.edit(chat.id, _number(body, "message_id"), _text(body, "text"))
        return _json(message_json(edited))

    async def tap(self, request: Request) -> Response:
        """`button` is a label or callback data, `callback_data` just that; `stale` as in `Playground.tap`."""
        chat, body = self._chat(request), await _body(request)
        by_data = "callback_data" in body
        query = self.playground.tap(
            chat.id,
            _number(body, "message_id"),
            _text(body, "callback_data" if by_data else "button"),
            by_data=by_data,
            stale=body.get("stale") is True,
        )
        return _json({"callback_query_id": query.id}, 201)

    async def send_file(self, request: Request) -> Response:
        """One multipart file named `document`, `photo` or `voice`, with a `caption` and a `duration`."""
        chat = self._chat(request)
        if int(request.headers.get("content-length", "0") or 0) > MAX_UPLOAD_BYTES + 1024 * 1024:
            raise Impossible("the file is too large")
        async with request.form(max_files=1, max_part_size=64 * 1024) as form:
            kind = next((kind for kind in FileKind if isinstance(form.get(kind), UploadFile)), None)
            if kind is None:
                raise Impossible("the form holds a document, a photo or a voice note")
            upload = form[kind]
            assert isinstance(upload, UploadFile)
            content, mime_type = await upload.read(), (upload.content_type or "").partition(";")[0]
            caption, duration = str(form.get("caption", "")), str(form.get("duration", ""))
        seconds = int(duration) if duration.isdecimal() else 0
        if kind is FileKind.VOICE:
            content, mime_type = await asyncio.to_thread(as_voice_note, content), "audio/ogg"
            seconds = seconds or voice_seconds(content)
        sent = self.playground.send_file(
            chat.id, kind, upload.filename or "file", content, caption, mime_type, min(seconds, 3600)
        )
        return _json(message_json(sent), 201)

    async def share_location(self, request: Request) -> Response:
        chat, body = self._chat(request), await _body(request)
        sent = self.playground.share_location(
            chat.id, _degrees(body, "latitude", 90), _degrees(body, "longitude", 180)
        )
        return _json(message_json(sent), 201)

    async def block(self, request: Request) -> Response:
        self.playground.block(self._chat(request).id)
        return _json({})

    async def unblock(self, request: Request) -> Response:
        self.playground.unblock(self._chat(request).id)
        return _json({})

    async def menu(self, request: Request) -> Response:
        chat = self._chat(request)
        language = chat.person.language_code
        return _json(
            {
                "commands": self.playground.settings.menu_of(chat.id, language),
                "description": self.playground.settings.description_in(language),
                "bot": profile_json(self.playground.bot),
            }
        )

    async def file(self, request: Request) -> Response:
        stored = self.playground.files.get(request.path_params["file_id"])
        if stored is None:
            return _json({"error": "this file is no longer kept"}, 404)
        inline = stored.mime_type.startswith(_SHOWN_INLINE)
        disposition = f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(stored.name)}"
        headers = {
            "Content-Disposition": disposition,
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, max-age=3600, immutable",
        }
        return Response(stored.content, headers=headers, media_type=stored.mime_type)

    async def add_mail(self, request: Request) -> Response:
        body = await _body(request)
        mail = self.playground.deliver_mail(
            _text(body, "to"), _text(body, "subject"), _text(body, "text"), _text(body, "html")
        )
        return _json(mail_json(mail), 201)

    async def mails(self, request: Request) -> Response:
        """Mails later than number `after`, waiting `wait` seconds for the first, oldest first."""
        after = _query_number(request, "after")
        wait = min(_query_number(request, "wait"), MAX_WAIT_SECONDS)

        def arrived() -> list[Mail] | None:
            found = [mail for mail in self.playground.mails if mail.number > after]
            return found if found or self.playground.is_closed else None

        found = await self.playground.mail_bell.until(arrived, wait) or []
        return _json({"run_id": self.playground.run_id, "mails": [mail_json(mail) for mail in found]})

    def _chat(self, request: Request) -> Chat:
        return self.playground.chat(request.path_params["chat_id"])


async def impossible(request: Request, error: Exception) -> Response:
    return _json({"error": str(error)}, 404 if isinstance(error, NoSuchChat) else 409)


def profile_json(profile: Profile) -> dict[str, object]:
    return {
        "id": profile.id,
        "first_name": profile.first_name,
        "last_name": profile.last_name,
        "username": profile.username,
        "language_code": profile.language_code,
    }


def chat_json(chat: Chat) -> dict[str, object]:
    last = next(reversed(chat.messages.values()), None)
    return profile_json(chat.person) | {
        "blocked": chat.blocked,
        "started": chat.started,
        "seq": chat.last_seq,
        "last_message": message_json(last) if last else None,
    }


def message_json(message: Message) -> dict[str, object]:
    return {
        "message_id": message.message_id,
        "from": "bot" if message.from_bot else "person",
        "date": message.date,
        "edited": message.is_reworded,
        "text": message.body.text,
        "entities": [entity.as_json() for entity in message.body.entities],
        "keyboard": [[button.as_json() for button in row] for row in message.keyboard],
        "file": _file_json(message.file) if message.file else None,
        "reply_to": message.reply_to,
        "reactions": message.reactions,
    }


def _file_json(stored: StoredFile) -> dict[str, object]:
    return {
        "kind": stored.kind,
        "name": stored.name,
        "mime_type": stored.mime_type,
        "size": stored.size,
        "width": stored.width,
        "height": stored.height,
        "duration": stored.duration,
        "url": f"/playground/files/{stored.file_id}",
    }


def change_json(change: Change) -> dict[str, object]:
    return {
        "seq": change.seq,
        "kind": change.kind,
        "message_id": change.message_id,
        "message": message_json(change.message) if change.message else None,
        "text": change.text,
        "alert": change.alert,
        "callback_query_id": change.callback_query_id,
    }


def mail_json(mail: Mail) -> dict[str, object]:
    return {
        "number": mail.number,
        "received_at": mail.received_at,
        "to": mail.to,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
    }


def _json(content: object, status: int = 200) -> Response:
    return JSONResponse(content, status, headers={"Cache-Control": "no-store"})


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        raise HTTPException(400, "the body is no JSON") from None
    if not isinstance(body, dict):
        raise HTTPException(400, "the body is no JSON object")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise HTTPException(400, f"{name} is text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise HTTPException(400, f"{name} is no Unicode text") from None
    return value


def _number(body: dict[str, Any], name: str) -> int:
    value = body.get(name, 0)
    if not isinstance(value, int):
        raise HTTPException(400, f"{name} is a whole number")
    return value


def _degrees(body: dict[str, Any], name: str, most: float) -> float:
    given = body.get(name)
    if not isinstance(given, int | float) or not -most <= given <= most:
        raise Impossible(f"{name} is a number from -{most:g} to {most:g}")
    return float(given)


def _query_number(request: Request, name: str) -> int:
    value = request.query_params.get(name, "0")
    if not value.isdecimal():
        raise HTTPException(400, f"{name} is a whole number")
    return int(value)
