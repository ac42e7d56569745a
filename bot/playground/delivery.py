"""The webhook: updates posted to the bot, in order per queue, again and again until it takes them.

The queues and delays are those of Telegram's own server: telegram-bot-api, WebhookActor.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from bot.playground.errors import bad_request
from bot.playground.params import Params
from bot.playground.state import Playground
from bot.playground.updates import Update

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # a header's name, not a secret
ANSWER_SECONDS = 60.0
DEFAULT_CONNECTIONS = 40
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Webhook:
    url: str
    secret_token: str = ""
    max_connections: int = DEFAULT_CONNECTIONS


def checked_webhook(params: Params) -> Webhook:
    """Raises `ApiError`. Plain HTTP is taken on loopback only; Telegram's own server wants HTTPS."""
    url, secret = params.text("url"), params.text("secret_token")
    parts = urlsplit(url if "://" in url else f"https://{url}")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if not parts.hostname:
        raise bad_request("bad webhook: URL host is empty")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    connections = params.integer("max_connections", DEFAULT_CONNECTIONS)
    return Webhook(parts.geturl(), secret, min(max(connections, 1), 100))


def telegram_delay(attempt: int) -> float:
    """Seconds before attempt number `attempt` + 1: at once, then 2, 4, 8 … up to a minute."""
    return 0.0 if attempt <= 1 else min(2.0 ** (attempt - 1), 60.0)


class WebhookDelivery:
    """`retry_delay` tells the seconds to wait after so many failed attempts."""

    def __init__(self, playground: Playground, retry_delay: Callable[[int], float] = telegram_delay) -> None:
        self.playground = playground
        self.retry_delay = retry_delay
        self.webhook: Webhook | None = None
        self._courier: asyncio.Task[None] | None = None
        self._last_error: tuple[int, str] | None = None

    @property
    def url(self) -> str:
        return self.webhook.url if self.webhook else ""

    async def start(self, webhook: Webhook) -> None:
        await self.stop()
        self.webhook, self._last_error = webhook, None
        self._courier = asyncio.create_task(self._deliver(webhook), name="webhook delivery")

    async def stop(self) -> None:
        courier, self._courier, self.webhook = self._courier, None, None
        if courier is not None:
            courier.cancel()
            await asyncio.wait([courier])

    def info(self) -> dict[str, object]:
        """The WebhookInfo of the Bot API."""
        updates = self.playground.updates
        shown: dict[str, object] = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(updates.pending),
        }
        if self.webhook:
            shown["max_connections"] = self.webhook.max_connections
        if self._last_error:
            shown["last_error_date"], shown["last_error_message"] = self._last_error
        if updates.allowed:
            shown["allowed_updates"] = list(updates.allowed)
        return shown

    async def _deliver(self, webhook: Webhook) -> None:
        limits = httpx.Limits(max_connections=webhook.max_connections)
        busy: set[str] = set()
        async with (
            httpx.AsyncClient(timeout=ANSWER_SECONDS, limits=limits) as client,
            asyncio.TaskGroup() as tasks,
        ):
            while True:
                now = asyncio.get_running_loop().time()  # one for both: nothing falls due in between
                room = webhook.max_connections - len(busy)
                for update in self._due(busy, now)[: max(room, 0)]:
                    busy.add(update.queue)
                    tasks.create_task(self._post(client, webhook, update, busy))
                await self.playground.updates.bell.wait(self._rest(busy, now))

    def _due(self, busy: set[str], now: float) -> list[Update]:
        return [
            update for update in self.playground.updates.first_of_each_queue(busy) if update.not_before <= now
        ]

    def _rest(self, busy: set[str], now: float) -> float:
        """Seconds until the next retry is due, an hour if none waits; what is due already waits for room."""
        waiting = [update.not_before - now for update in self.playground.updates.first_of_each_queue(busy)]
        return max(min((rest for rest in waiting if rest > 0), default=3600.0), 0.001)

    async def _post(
        self, client: httpx.AsyncClient, webhook: Webhook, update: Update, busy: set[str]
    ) -> None:
        headers = {SECRET_HEADER: webhook.secret_token} if webhook.secret_token else {}
        failure = ""
        try:
            response = await client.post(webhook.url, json=update.as_json(), headers=headers)
            if not response.is_success:
                failure = f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}"
        except httpx.TimeoutException:
            failure = "Read timeout expired"
        except httpx.ConnectError:
            failure = "Connection refused"
        except httpx.HTTPError:
            failure = "Connection closed"
        finally:
            busy.discard(update.queue)
        if failure:
            update.attempts += 1
            update.not_before = asyncio.get_running_loop().time() + self.retry_delay(update.attempts)
            self._last_error = (int(self.playground.clock()), failure)
        else:
            self.playground.updates.confirm(update)
        self.playground.updates.bell.ring()
