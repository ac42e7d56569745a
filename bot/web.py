"""The web side: health, metrics, and the webhook that stores before it answers."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import migrations
from bot.telegram import Telegram
from bot.updates import received
from bot.worker import is_database_away
from domain.database import Transactions
from domain.messaging.pipe import Pipe

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the header's name, not a secret
LARGEST_UPDATE = 1024 * 1024
OLDEST_WAITING_SECONDS = 60
WAITING_TOO_LONG = text(
    "SELECT count(*) FROM inbox"
    " WHERE done_at IS NULL AND run_at < clock_timestamp() - make_interval(secs => :seconds)"
)


@dataclass(frozen=True)
class Health:
    """Whether this program can serve: alive at all, and ready to."""

    transactions: Transactions

    async def alive(self, request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(self, request: Request) -> Response:
        """200 where the database answers, its schema is ours and no update waits too long; else 503."""
        try:
            async with self.transactions() as db:
                if await migrations.current(db) != migrations.head():
                    return PlainTextResponse("the schema is not up to date\n", 503)
                if await db.scalar(WAITING_TOO_LONG, {"seconds": OLDEST_WAITING_SECONDS}):
                    return PlainTextResponse("updates wait too long\n", 503)
        except Exception as error:
            if not is_database_away(error):
                raise
            return PlainTextResponse("the database is away\n", 503)
        return PlainTextResponse("ready\n")

    async def metrics(self, request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    def routes(self) -> list[Route]:
        return [
            Route("/healthz", self.alive),
            Route("/readyz", self.ready),
            Route("/metrics", self.metrics),
        ]


def webhook(secret: str, telegram: Telegram, transactions: Transactions, pipe: Pipe) -> Route:
    """`POST /telegram`: 200 once the update is stored, so that Telegram keeps what we could not store."""

    async def receive(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return PlainTextResponse("forbidden\n", 403)
        if int(request.headers.get("content-length") or 0) > LARGEST_UPDATE:
            return PlainTextResponse("too large\n", 413)
        try:
            update = received(json.loads(await request.body()))
        except (ValueError, TypeError, AttributeError):
            return PlainTextResponse("no update\n", 400)
        try:
            async with transactions.begin() as db:
                await pipe.receive(db, [update])
        except Exception as error:
            if not is_database_away(error):
                raise
            return PlainTextResponse("later\n", 503)
        telegram.acknowledge([update])
        return PlainTextResponse("ok\n")

    handler: Callable[[Request], Awaitable[Response]] = receive
    return Route("/telegram", handler, methods=["POST"])
