"""The world outside of a served program, on loopback: Telegram, Gemini and an SMTP server."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Self
from urllib.parse import quote

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from bot.playground.local import LocalTelegram
from tests.loopback.gemini import LoopbackGemini
from tests.loopback.greenroom import KEY


@dataclass
class Outside:
    """Serves while entered; `settings` point a program at it. Mails appear beside the chats of `telegram`."""

    dsn: str
    token: str = "1:test"
    gemini_key: str = "gemini-key"
    smtp_password: str = ""
    encryption_key: str = KEY
    gemini: LoopbackGemini = field(default_factory=LoopbackGemini)
    _smtp_port: int = 0
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    def __post_init__(self) -> None:
        self.telegram = LocalTelegram(token=self.token, retry_delay=lambda attempt: 0.2)

    @property
    def settings(self) -> dict[str, str]:
        user = f"bot:{quote(self.smtp_password, safe='')}@" if self.smtp_password else ""
        return {
            "TELEGRAM_BOT_TOKEN": self.token,
            "TELEGRAM_API_URL": self.telegram.url,
            "GEMINI_API_KEY": self.gemini_key,
            "GEMINI_BASE_URL": self.gemini.url,
            "SMTP_URL": f"smtp://{user}127.0.0.1:{self._smtp_port}",
            "DATABASE_URL": self.dsn,
            "ENCRYPTION_KEYS": self.encryption_key,
            "GREENROOM_AUTO_MIGRATE": "0",
            "PORT": "0",
        }

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook: a mail has come."""
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        text, html = message.get_body(("plain",)), message.get_body(("html",))
        self.telegram.playground.deliver_mail(
            envelope.rcpt_tos[0],
            str(message["subject"]),
            text.get_content() if text else "",
            html.get_content() if html else "",
        )
        return "250 kept"

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: object
    ) -> AuthResult:
        expected = LoginPassword(b"bot", self.smtp_password.encode())
        return AuthResult(success=login == expected, handled=False)

    def _smtp(self) -> SMTP:
        return SMTP(
            self,
            hostname="mx.example",
            loop=asyncio.get_running_loop(),
            authenticator=self._authenticate,
            auth_require_tls=False,
        )

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self.telegram)
        await self._open.enter_async_context(self.gemini)
        server = await asyncio.get_running_loop().create_server(self._smtp, "127.0.0.1", 0)
        await self._open.enter_async_context(server)
        self._smtp_port = server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()
