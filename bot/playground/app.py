"""The local Telegram as a Starlette application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from bot.playground import page
from bot.playground.bot_api import BotApi
from bot.playground.control import Control
from bot.playground.delivery import WebhookDelivery, telegram_delay
from bot.playground.errors import Impossible
from bot.playground.faults import Faults
from bot.playground.people_api import LoopbackOnly, PeopleApi, impossible
from bot.playground.state import Playground


def build_app(
    playground: Playground,
    *,
    token: str,
    control: bool = False,
    retry_delay: Callable[[int], float] = telegram_delay,
) -> Starlette:
    """The Bot API at `/bot<token>/` and `/file/bot<token>/`, the chat page at `/`, people at `/playground/`.

    `control` adds the switches of faults over HTTP, for tests. `app.state` has `api`, `faults`, `delivery`.
    Mounted into a larger application, `app.router.lifespan_context(app)` belongs in that one's lifespan;
    call `playground.close()` before the server stops, since waiting polls hold it up.
    """
    faults = Faults(playground)
    delivery = WebhookDelivery(playground, retry_delay)
    api = BotApi(playground, token, faults, delivery)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        playground.close()
        await delivery.stop()

    guarded = [Middleware(LoopbackOnly)]
    app = Starlette(
        routes=[
            Route("/bot{token}/{method}", api.answer, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", api.download),
            Mount("/playground", routes=_people_routes(playground, faults, api, control), middleware=guarded),
            Mount("/static", routes=[Route("/{name}", page.part)], middleware=guarded),
            Route("/", page.page, middleware=guarded),
        ],
        exception_handlers={Impossible: impossible},
        lifespan=lifespan,
    )
    app.state.api, app.state.faults, app.state.delivery = api, faults, delivery
    return app


def _people_routes(playground: Playground, faults: Faults, api: BotApi, control: bool) -> list[Route]:
    people, switches = PeopleApi(playground), Control(faults, api)
    routes = [
        Route("/chats", people.chats),
        Route("/chats", people.add_chat, methods=["POST"]),
        Route("/chats/{chat_id:int}/messages", people.messages),
        Route("/chats/{chat_id:int}/messages", people.say, methods=["POST"]),
        Route("/chats/{chat_id:int}/edit", people.edit, methods=["POST"]),
        Route("/chats/{chat_id:int}/tap", people.tap, methods=["POST"]),
        Route("/chats/{chat_id:int}/files", people.send_file, methods=["POST"]),
        Route("/chats/{chat_id:int}/location", people.share_location, methods=["POST"]),
        Route("/chats/{chat_id:int}/block", people.block, methods=["POST"]),
        Route("/chats/{chat_id:int}/unblock", people.unblock, methods=["POST"]),
        Route("/chats/{chat_id:int}/menu", people.menu),
        Route("/files/{file_id}", people.file),
        Route("/mails", people.mails),
        Route("/mails", people.add_mail, methods=["POST"]),
    ]
    if not control:
        return routes
    return [
        *routes,
        Route("/faults", switches.plan, methods=["POST"]),
        Route("/faults", switches.clear, methods=["DELETE"]),
        Route("/redeliver", switches.redeliver, methods=["POST"]),
        Route("/calls", switches.calls),
    ]
