"""The Bot API over HTTP: who may call, which method it is, what it answers, what goes wrong on the way."""

from __future__ import annotations

import asyncio
import hmac
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from bot.playground import chatting, wire
from bot.playground.delivery import WebhookDelivery, checked_webhook
from bot.playground.errors import ApiError, bad_request, conflict, too_many_requests
from bot.playground.faults import Fault, FaultKind, Faults
from bot.playground.files import MAX_DOWNLOAD_BYTES
from bot.playground.params import Params, read_params
from bot.playground.serve import CUT
from bot.playground.settings import checked_commands, checked_language, scope_key
from bot.playground.state import Playground

MAX_POLL_SECONDS = 50
MAX_DESCRIPTION = 512
MAX_SHORT_DESCRIPTION = 120
MAX_CALLS_REMEMBERED = 10_000
_GATEWAY_PAGE = (
    "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
)

Method = Callable[[Params], object | Awaitable[object]]


@dataclass(frozen=True)
class ApiCall:
    """A call that was answered: `error` is 0 where it was done; `fault` is what a test made go wrong."""

    method: str
    chat_id: int
    error: int = 0
    fault: FaultKind | None = None


class BotApi:
    def __init__(self, playground: Playground, token: str, faults: Faults, delivery: WebhookDelivery) -> None:
        self.playground = playground
        self.token = token
        self.faults = faults
        self.delivery = delivery
        self.calls: deque[ApiCall] = deque(maxlen=MAX_CALLS_REMEMBERED)
        playground.bot = replace(playground.bot, id=int(token.partition(":")[0]))
        self._methods = self._own_methods() | {
            name.lower(): _in(playground, act) for name, act in _CHATTING.items()
        }

    def _own_methods(self) -> dict[str, Method]:
        return {
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": lambda params: self.delivery.info(),
            "setmycommands": self._set_my_commands,
            "getmycommands": self._get_my_commands,
            "deletemycommands": self._delete_my_commands,
            "setmydescription": self._set_my_description,
            "setmyshortdescription": self._set_my_short_description,
            "getmydescription": self._get_my_description,
            "getmyshortdescription": self._get_my_short_description,
            "getfile": self._get_file,
            "getchat": self._get_chat,
            "logout": self._leave,
            "close": self._leave,
        }

    # HTTP

    async def answer(self, request: Request) -> Response:
        """`/bot<token>/<method>`"""
        try:
            name = request.path_params["method"]
            self._check_token(request.path_params["token"])
            act = self._methods.get(name.lower())
            if act is None:
                raise ApiError(404, "Not Found: method not found")
            params = await read_params(request)
            return await self._act(request, name, act, params)
        except ApiError as error:
            return _refusal(error)
        except HTTPException as error:
            return _refusal(bad_request(error.detail))
        except ClientDisconnect:
            return Response(status_code=400)

    async def download(self, request: Request) -> Response:
        """`/file/bot<token>/<path>`"""
        try:
            self._check_token(request.path_params["token"])
        except ApiError as error:
            return _refusal(error)
        stored = self.playground.files.at(request.path_params["path"])
        if stored is None or stored.size > MAX_DOWNLOAD_BYTES:
            return _refusal(ApiError(404, "Not Found"))
        fault = self.faults.take("file", 0)
        if fault is not None:
            return await self._meet(request, fault, lambda: _bytes(stored.content))
        return _bytes(stored.content)

    def _check_token(self, given: str) -> None:
        bot_id, colon, _ = given.partition(":")
        if not colon or not bot_id.isdecimal():
            raise ApiError(404, "Not Found")
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            raise ApiError(401, "Unauthorized")

    async def _act(self, request: Request, name: str, act: Method, params: Params) -> Response:
        chat_id = self._chat_concerned(params)
        fault = self.faults.take(name, chat_id)
        if fault is None:
            return await self._done(name, act, params, None)
        if fault.kind in (FaultKind.ANSWER_LOST, FaultKind.SLOW):
            response = await self._done(name, act, params, fault.kind)
            return await self._meet(request, fault, lambda: response)
        self.calls.append(ApiCall(name, chat_id, fault=fault.kind))
        return await self._meet(request, fault, Response)

    async def _done(self, name: str, act: Method, params: Params, fault: FaultKind | None) -> Response:
        chat_id = self._chat_concerned(params)
        try:
            result = act(params)
            if isinstance(result, Awaitable):
                result = await result
        except ApiError as error:
            self.calls.append(ApiCall(name, chat_id, error.code, fault))
            return _refusal(error)
        self.calls.append(ApiCall(name, chat_id, fault=fault))
        return JSONResponse({"ok": True, "result": result})

    def _chat_concerned(self, params: Params) -> int:
        """0 where a call concerns no chat."""
        query = self.playground.callbacks.get(params.text("callback_query_id"))
        return query.chat_id if query else params.integer("chat_id")

    async def _meet(self, request: Request, fault: Fault, answer: Callable[[], Response]) -> Response:
        match fault.kind:
            case FaultKind.TOO_MANY_REQUESTS:
                return _refusal(too_many_requests(int(fault.seconds)))
            case FaultKind.SERVER_ERROR:
                return _refusal(ApiError(fault.status, HTTPStatus(fault.status).phrase))
            case FaultKind.GARBAGE:
                return HTMLResponse(_GATEWAY_PAGE, fault.status)
            case FaultKind.SLOW:
                await asyncio.sleep(fault.seconds)
                return answer()
            case FaultKind.DROPPED | FaultKind.ANSWER_LOST:
                await _cut(request)
                return Response()
            case FaultKind.CUT_SHORT:
                whole = answer()
                half = _half(request, bytes(whole.body), fault.seconds)
                return StreamingResponse(half, headers=dict(whole.headers))

    # Updates

    async def _get_updates(self, params: Params) -> object:
        if self.delivery.url:
            raise conflict(
                "can't use getUpdates method while webhook is active;"
                " use deleteWebhook to delete the webhook first"
            )
        self._allow_updates(params)
        limit = params.integer("limit", 100)
        timeout = min(max(params.integer("timeout"), 0), MAX_POLL_SECONDS)
        if self.playground.is_closed:
            timeout = 0
        updates = await self.playground.updates.poll(
            params.integer("offset"), limit if 1 <= limit <= 100 else 100, timeout
        )
        return [update.as_json() for update in updates]

    def _allow_updates(self, params: Params) -> None:
        """Remembered until it is given again, an empty list being the default kinds."""
        allowed = params.json("allowed_updates")
        if isinstance(allowed, list):
            self.playground.updates.allowed = tuple(map(str, allowed))

    async def _set_webhook(self, params: Params) -> object:
        if not params.text("url"):
            return await self._delete_webhook(params)
        webhook = checked_webhook(params)
        self._allow_updates(params)
        if params.flag("drop_pending_updates"):
            self.playground.updates.forget_all()
        self.playground.updates.end_poll(conflict("terminated by setWebhook request"))
        await self.delivery.start(webhook)
        return True

    async def _delete_webhook(self, params: Params) -> object:
        if params.flag("drop_pending_updates"):
            self.playground.updates.forget_all()
        await self.delivery.stop()
        return True

    # The bot itself

    def _get_me(self, params: Params) -> object:
        return wire.user(self.playground.bot) | {
            "can_join_groups": False,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    def _leave(self, params: Params) -> object:
        self.playground.updates.end_poll(conflict("terminated by close request"))
        return True

    def _command_key(self, params: Params) -> tuple[str, str]:
        return scope_key(params.json("scope")), checked_language(params.text("language_code"))

    def _set_my_commands(self, params: Params) -> object:
        self.playground.settings.commands[self._command_key(params)] = checked_commands(
            params.json("commands")
        )
        return True

    def _get_my_commands(self, params: Params) -> object:
        return self.playground.settings.commands.get(self._command_key(params), [])

    def _delete_my_commands(self, params: Params) -> object:
        self.playground.settings.commands.pop(self._command_key(params), None)
        return True

    def _set_my_description(self, params: Params) -> object:
        text, language = params.text("description"), checked_language(params.text("language_code"))
        if len(text) > MAX_DESCRIPTION:
            raise bad_request("DESCRIPTION_TOO_LONG")
        self.playground.settings.descriptions[language] = text
        return True

    def _set_my_short_description(self, params: Params) -> object:
        text, language = params.text("short_description"), checked_language(params.text("language_code"))
        if len(text) > MAX_SHORT_DESCRIPTION:
            raise bad_request("SHORT_DESCRIPTION_TOO_LONG")
        self.playground.settings.short_descriptions[language] = text
        return True

    def _get_my_description(self, params: Params) -> object:
        return {"description": self.playground.settings.descriptions.get(params.text("language_code"), "")}

    def _get_my_short_description(self, params: Params) -> object:
        texts = self.playground.settings.short_descriptions
        return {"short_description": texts.get(params.text("language_code"), "")}

    # Files and chats

    def _get_file(self, params: Params) -> object:
        file_id = params.text("file_id")
        if not file_id:
            raise bad_request("file_id not specified")
        stored = self.playground.files.get(file_id)
        if stored is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if stored.size > MAX_DOWNLOAD_BYTES:
            raise bad_request("file is too big")
        return {
            "file_id": stored.file_id,
            "file_unique_id": stored.unique_id,
            "file_size": stored.size,
            "file_path": stored.path,
        }

    def _get_chat(self, params: Params) -> object:
        chat = chatting.chat_of(self.playground, params)
        return wire.private_chat(chat.person) | {
            "accent_color_id": chat.id % 7,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(
                (
                    "unlimited_gifts",
                    "limited_gifts",
                    "unique_gifts",
                    "premium_subscription",
                    "gifts_from_channels",
                ),
                False,
            ),
        }


_CHATTING: dict[str, Callable[[Playground, Params], object]] = {
    "sendMessage": chatting.send_message,
    "sendDocument": chatting.send_document,
    "sendPhoto": chatting.send_photo,
    "sendVoice": chatting.send_voice,
    "sendChatAction": chatting.send_chat_action,
    "editMessageText": chatting.edit_message_text,
    "editMessageCaption": chatting.edit_message_caption,
    "editMessageReplyMarkup": chatting.edit_message_reply_markup,
    "deleteMessage": chatting.delete_message,
    "deleteMessages": chatting.delete_messages,
    "answerCallbackQuery": chatting.answer_callback_query,
    "setMessageReaction": chatting.set_message_reaction,
}


def _in(playground: Playground, act: Callable[[Playground, Params], object]) -> Method:
    return lambda params: act(playground, params)


def _refusal(error: ApiError) -> Response:
    return JSONResponse(error.as_json(), error.code)


def _bytes(content: bytes) -> Response:
    return Response(content, media_type="application/octet-stream")


async def _half(request: Request, body: bytes, seconds: float) -> AsyncIterator[bytes]:
    yield body[: len(body) // 2]
    await asyncio.sleep(seconds)
    await _cut(request)


async def _cut(request: Request) -> None:
    """Close the connection without an answer; needs the server of `serve`, which lends its transport."""
    request.scope["extensions"][CUT]()
    while (await request.receive())["type"] != "http.disconnect":
        continue
