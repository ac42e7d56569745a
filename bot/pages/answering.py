"""Handlers of pages: not asked too often, and every answer of theirs a page in the visitor's language."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bot.pages.html import FORM, Look, Notice, notice_page
from bot.pages.pace import Visitors, address_of
from bot.step import t
from bot.texts import FALLBACK, language_for
from bot.worker import is_database_away

UNREADABLE = Notice("unreadable", t("page.unreadable.title"), t("page.unreadable.text"), 400)
BUSY = Notice("busy", t("page.busy.title"), t("page.busy.text"), 429)
LATER = Notice("later", t("page.later.title"), t("page.later.text"), 503)

Handler = Callable[[Request], Awaitable[Response]]


class Declined(Exception):
    """The request is answered with `notice`."""

    def __init__(self, notice: Notice) -> None:
        super().__init__(notice.name)
        self.notice = notice


def language_of(request: Request) -> str:
    """The language of ours that a browser asks for first."""
    languages = request.headers.get("accept-language", FALLBACK)
    return language_for(languages.partition(",")[0].partition(";")[0])


def answering(handler: Handler, visitors: Visitors, look: Look = FORM) -> Handler:
    """The handler, with whatever it declines and whatever passes told on a page."""

    async def answer(request: Request) -> Response:
        language = language_of(request)
        try:
            if not visitors.may_ask(address_of(request.client.host if request.client else None)):
                raise Declined(BUSY)
            return await handler(request)
        except Declined as declined:
            return notice_page(declined.notice, language, look)
        except ClientDisconnect:
            return notice_page(UNREADABLE, language, look)
        except Exception as error:
            if not is_database_away(error):
                raise
            return notice_page(LATER, language, look)

    return answer
