"""The page on which a password is typed instead of in the chat: `GET` and `POST /password/<token>`.

A chat that asks for a password offers it, for one use within ten minutes and for that one question. What
is typed goes on as what is typed in the chat does. Whoever has a token that is good for nothing learns
nothing from it: unknown, expired and used ones get one answer.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.engine import Engine
from bot.pages.answering import UNREADABLE, Declined, answering
from bot.pages.html import Form, Notice, form_page, notice_page
from bot.pages.init_data import opened_by
from bot.pages.pace import Visitors, address_of
from bot.step import Button, PasswordTyped, t
from domain.accounts.pages import PasswordPages
from domain.messaging.models import Chat
from domain.ports import Clock
from domain.world import World

PATH = "/password"
LARGEST_FORM = 16 * 1024  # a password of 1 KiB and Telegram's proof, both percent-encoded
LONGEST_TOKEN = 64
MOST_FIELDS = 8
FORM_TOKEN_BYTES = 16
COOKIE = "greenroom_page"
COOKIE_SECONDS = 900
LONGEST_USER_AGENT = 255

TAKEN = Notice("taken", t("page.taken.title"), t("page.taken.text"), 200)
GONE = Notice("gone", t("page.gone.title"), t("page.gone.text"), 404)
NO_COOKIE = Notice("no_cookie", t("page.no_cookie.title"), t("page.no_cookie.text"), 403)
FOREIGN = Notice("unreadable", t("page.unreadable.title"), t("page.unreadable.text"), 403)


def offer(public_url: str, clock: Clock) -> Callable[[AsyncSession, Chat], Awaitable[Button]]:
    """What makes the button that opens a page for what a chat is asked in its turn as it now stands."""

    async def button(db: AsyncSession, chat: Chat) -> Button:
        token = await PasswordPages(db, clock).open(chat)
        return Button(t("button.password_page"), url=f"{public_url}{PATH}/{token}")

    return button


@dataclass(frozen=True)
class Sent:
    """A form as it came back."""

    password: str
    form_token: str
    init_data: str


class PasswordForm:
    """The page's two routes. `init_data_key` is what Telegram signs a Mini App's opening with."""

    def __init__(self, world: World, engine: Engine, public_url: str, init_data_key: bytes) -> None:
        self._world = world
        self._engine = engine
        self._public = urlsplit(public_url)
        self._init_data_key = init_data_key

    def routes(self) -> list[Route]:
        path, visitors = f"{PATH}/{{token}}", Visitors()
        return [
            Route(path, answering(self.show, visitors), methods=["GET"]),
            Route(path, answering(self.take, visitors), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form; looking at it changes nothing, so that whoever previews a link uses nothing up."""
        async with self._world.transactions.begin() as db:
            chat = await self._chat(db, request)
            form = await self._form(db, chat)
        return self._shown(request, form, chat.language)

    async def take(self, request: Request) -> Response:
        """What was typed goes to the chat's step; a refusal is told here and leaves the page good."""
        sent = await self._sent(request)
        async with self._world.transactions() as db:
            chat = await self._chat(db, request)
            if sent.init_data:
                self._verify(sent.init_data, chat)
            if not sent.password:
                return self._shown(request, await self._form(db, chat), chat.language)
            await PasswordPages(db, self._world.clock).use(request.path_params["token"], chat)
            address = address_of(request.client.host if request.client else None)
            typed = PasswordTyped(
                sent.password,
                str(address) if address else None,
                request.headers.get("user-agent", "")[:LONGEST_USER_AGENT] or None,
            )
            refusal = await self._engine.advance(db, chat, typed)
            if refusal is None:
                await db.commit()
                return notice_page(TAKEN, chat.language)
            await db.rollback()
            await db.refresh(chat)
            form = await self._form(db, chat)
            refused = t(f"refused.{refusal.reason}", **refusal.details)
            return self._shown(request, Form(form.is_new, form.email, refused), chat.language)

    async def _chat(self, db: AsyncSession, request: Request) -> Chat:
        token = request.path_params["token"]
        chat = None
        if len(token) <= LONGEST_TOKEN:
            chat = await PasswordPages(db, self._world.clock).chat_of(token)
        if chat is None:
            raise Declined(GONE)
        return chat

    async def _form(self, db: AsyncSession, chat: Chat) -> Form:
        """What the chat asks for, with the address of the account where it is known by now."""
        step = self._engine.step_of(chat)
        pages = PasswordPages(db, self._world.clock)
        return Form(step.chooses_password, await pages.email_of(chat, getattr(step, "code_id", None)))

    def _verify(self, init_data: str, chat: Chat) -> None:
        try:
            opened = opened_by(init_data, self._init_data_key, self._world.clock.now())
        except ValueError:
            raise Declined(GONE) from None
        if opened != chat.telegram_user_id:
            raise Declined(GONE)

    async def _sent(self, request: Request) -> Sent:
        """The form, if it is one that we have shown to this browser."""
        self._check_origin(request)
        if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
            raise Declined(UNREADABLE)
        try:
            pairs = parse_qsl(
                (await _body(request)).decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=MOST_FIELDS,
            )
        except ValueError:
            raise Declined(UNREADABLE) from None
        fields = dict(pairs)
        sent = Sent(*(fields.get(name, "") for name in ("password", "form_token", "init_data")))
        kept = request.cookies.get(COOKIE, "")
        if not kept or not hmac.compare_digest(kept.encode(), sent.form_token.encode()):
            raise Declined(NO_COOKIE)
        return sent

    def _check_origin(self, request: Request) -> None:
        """Browsers say where a form comes from; one that says nothing still has to bring the cookie."""
        origin = request.headers.get("origin")
        site = request.headers.get("sec-fetch-site")
        ours = f"{self._public.scheme}://{self._public.netloc}"
        if origin not in (None, ours) or site not in (None, "same-origin"):
            raise Declined(FOREIGN)

    def _shown(self, request: Request, form: Form, language: str) -> Response:
        form_token = secrets.token_urlsafe(FORM_TOKEN_BYTES)
        response = form_page(form, language, form_token=form_token)
        response.headers.append("Set-Cookie", self._cookie(request, form_token))
        return response

    def _cookie(self, request: Request, form_token: str) -> str:
        """Good for this page only; within a frame of Telegram's, a cookie has to be one of that frame."""
        is_framed = request.headers.get("sec-fetch-dest") in ("iframe", "frame")
        path = f"{self._public.path}{PATH}/{request.path_params['token']}"
        site = "SameSite=None; Partitioned" if is_framed else "SameSite=Strict"
        secure = "; Secure" if self._public.scheme == "https" else ""
        return f"{COOKIE}={form_token}; Path={path}; Max-Age={COOKIE_SECONDS}; HttpOnly; {site}{secure}"


async def _body(request: Request) -> bytes:
    """The body, as long as a form of ours can be."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            raise Declined(UNREADABLE)
    return body
