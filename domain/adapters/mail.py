"""Where mail goes: over SMTP, or without one to the playground or the operator's log."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import ssl
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses, make_msgid
from enum import StrEnum
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib

from domain.errors import Refused, Unavailable
from domain.ports import Mail

log = logging.getLogger(__name__)

# No quoted local parts and no address literals: nobody has them, and each is a way to smuggle syntax.
_ADDRESS: Final = re.compile(r'[^\s\x00-\x20\x7f"(),:;<>@\[\\\]]+@[^\s\x00-\x20\x7f"(),:;<>@\[\\\]]+')


class Tls(StrEnum):
    """How a connection is protected, by the scheme of its URL.

    `smtp` is for a server next door: it encrypts where the server offers STARTTLS, whoever's certificate
    it shows (opportunistic, RFC 7435), and goes on in the clear where it does not. The other two demand
    TLS and a certificate that the system's authorities (or those in SSL_CERT_FILE) vouch for.
    """

    OPPORTUNISTIC = "smtp"
    IMPLICIT = "smtps"
    STARTTLS = "smtp+starttls"


_PORTS: Final = {Tls.OPPORTUNISTIC: 25, Tls.IMPLICIT: 465, Tls.STARTTLS: 587}


@dataclass(frozen=True)
class SmtpServer:
    """What SMTP_URL says."""

    tls: Tls
    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)


def parse_smtp_url(url: str) -> SmtpServer:
    """Read `smtp://`, `smtps://` or `smtp+starttls://` `[user:password@]host[:port]`.

    Raises `ValueError` with one line that names SMTP_URL and shows nothing of the URL.
    """
    hint = "write signs like @ / ? # % in user and password as %40 and so on"
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        # urllib's own messages quote the URL, and with it the password.
        raise ValueError(f"SMTP_URL is not smtp://[user:password@]host:port: {hint}") from None
    if parts.scheme not in _PORTS:
        raise ValueError("SMTP_URL begins with none of smtp://, smtps:// and smtp+starttls://")
    tls = Tls(parts.scheme)
    if not host or port == 0:
        raise ValueError("SMTP_URL names no server: smtp://[user:password@]host:port")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(f"SMTP_URL has something behind the port: {hint}")
    if bool(parts.username) != bool(parts.password):
        raise ValueError("SMTP_URL needs both user and password, or neither: smtp://user:password@host:port")
    username = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return SmtpServer(tls, host, port or _PORTS[tls], username, password)


class SmtpMailer:
    """Sends each mail over a connection of its own; `sender` is MAIL_FROM, with or without a name.

    `timeout` is the number of seconds that one mail may take altogether.
    """

    route = "mail"

    def __init__(self, url: str, sender: str, *, timeout: float = 30.0) -> None:
        """Raises `ValueError` with one line that names the wrong setting."""
        self._server = parse_smtp_url(url)
        try:
            ((name, spec),) = getaddresses([sender])
            self._sender = _address(spec, _one_line(name))
        except ValueError:
            raise ValueError(f"MAIL_FROM is not an address: {sender!r}") from None
        self._timeout = timeout
        self._tls_context = ssl.create_default_context()
        if self._server.tls is Tls.OPPORTUNISTIC:
            self._tls_context.check_hostname = False
            self._tls_context.verify_mode = ssl.CERT_NONE

    async def send(self, mail: Mail) -> None:
        """Hand the mail to the server.

        Raises `Refused("mail.rejected")` where the server will not have this recipient or message, and
        `Unavailable` with "mail.connect", "mail.timeout", "mail.tls", "mail.auth", "mail.sender",
        "mail.deferred" or "mail.protocol". A mail whose acknowledgement was lost may have been delivered.
        """
        try:
            recipient = _address(mail.to)
        except ValueError:
            raise Refused("mail.rejected") from None
        message = self._message(mail, recipient)
        try:
            await self._deliver(message, recipient)
        except (aiosmtplib.SMTPException, OSError) as error:
            failure, code = _failure(error)
            log.warning(
                "mail not sent",
                extra={"reason": failure.reason, "status": code, "error": type(error).__name__},
            )
            # What the server said may hold the address, which is nobody's but the person's.
            raise failure from None

    async def check(self) -> None:
        """Connect and sign in without sending anything; raises `Unavailable` as `send` does."""
        client = self._client()
        try:
            async with asyncio.timeout(self._timeout):
                await client.connect()
                await client.noop()
        except (aiosmtplib.SMTPException, OSError) as error:
            failure, _ = _failure(error)
            raise Unavailable(failure.reason) from None
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.tls is Tls.IMPLICIT,
            start_tls={Tls.OPPORTUNISTIC: None, Tls.IMPLICIT: False, Tls.STARTTLS: True}[server.tls],
            tls_context=self._tls_context,
            timeout=self._timeout,
            local_hostname=self._sender.domain,  # the machine's own name would be looked up, slowly
        )

    async def _deliver(self, message: EmailMessage, recipient: Address) -> None:
        client = self._client()
        try:
            async with asyncio.timeout(self._timeout):
                await client.connect()
                await client.send_message(
                    message, sender=self._sender.addr_spec, recipients=[recipient.addr_spec]
                )
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=2.0)  # the mail is accepted, whatever comes of this
        finally:
            client.close()

    def _message(self, mail: Mail, recipient: Address) -> EmailMessage:
        message = EmailMessage(policy.SMTP)
        message["From"] = self._sender
        message["To"] = recipient
        message["Subject"] = _one_line(mail.subject)
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain=self._sender.domain)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies, please
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        return message


class CallbackMailer:
    """Gives each mail to `deliver`: the playground shows it beside the chat."""

    def __init__(self, deliver: Callable[[Mail], Awaitable[None] | None], route: str = "playground") -> None:
        self._deliver = deliver
        self.route = route

    async def send(self, mail: Mail) -> None:
        delivery = self._deliver(mail)
        if delivery is not None:
            await delivery


class LogMailer:
    """Writes each mail to the operator's log, on purpose: without SMTP_URL the code is read there."""

    route = "log"

    def __init__(self, logger: logging.Logger = log) -> None:
        self._logger = logger

    async def send(self, mail: Mail) -> None:
        self._logger.warning(
            "no SMTP_URL is set; mail for %s: %s\n%s", _one_line(mail.to), _one_line(mail.subject), mail.text
        )


def _address(spec: str, name: str = "") -> Address:
    """Raises `ValueError` unless this is one plain address."""
    if not _ADDRESS.fullmatch(spec):
        raise ValueError("not one plain address")
    local_part, _, domain = spec.rpartition("@")
    return Address(name, local_part, domain.encode("idna").decode())


def _one_line(text: str) -> str:
    """Without line breaks and control characters, so that a header stays one header."""
    kept = (" " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character for character in text)
    return " ".join("".join(kept).split())


def _failure(error: aiosmtplib.SMTPException | OSError) -> tuple[Refused | Unavailable, int | None]:
    """What an error of SMTP means, and the server's status code if it gave one."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _answered(error), error.code
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return Refused("mail.rejected"), None  # this address needs SMTPUTF8, which the server lacks
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return Unavailable("mail.tls"), None
    if isinstance(error, TimeoutError):
        return Unavailable("mail.timeout"), None
    if isinstance(error, OSError):
        return Unavailable("mail.connect"), None
    # aiosmtplib has no class of its own for a server that lacks AUTH or STARTTLS.
    missing = "mail.auth" if "auth" in error.message.lower() else "mail.tls"
    return Unavailable(missing), None


def _answered(error: aiosmtplib.SMTPResponseException) -> Refused | Unavailable:
    if isinstance(error, aiosmtplib.SMTPAuthenticationError) or error.code in (530, 534, 535, 538):
        return Unavailable("mail.auth")
    if 400 <= error.code < 500:
        return Unavailable("mail.deferred")
    if isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError):
        return Refused("mail.rejected")
    if isinstance(error, aiosmtplib.SMTPSenderRefused):
        return Unavailable("mail.sender")
    if isinstance(error, aiosmtplib.SMTPConnectError):
        return Unavailable("mail.connect")
    return Unavailable("mail.protocol")
