"""Mail over real SMTP: aiosmtpd on loopback, in the clear and encrypted, kind and unkind."""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from domain.adapters.mail import CallbackMailer, LogMailer, SmtpMailer
from domain.errors import Refused, Unavailable
from domain.ports import Mail, Mailer
from tests.loopback.ports import free_port

PATIENCE = 60.0  # a bound for a busy machine
SENDER = "Grüne Stube <bot@greenroom.example>"
MAIL = Mail(
    to="alice@example.org",
    subject="Ihr Code: 123456 – schön",
    text="Your code is 123456.\n.\nMaría\n",
    html="<p>Your code is <b>123456</b>. María</p>",
)


class Mailbox:
    """What the server does with mail: keeps it, or answers as a test wants (aiosmtpd's hooks by name)."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.secure: list[bool] = []
        self.usernames: list[bytes] = []
        self.answers: dict[str, str] = {}

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.envelopes.append(envelope)
        self.secure.append(session.ssl is not None)
        return "250 kept"

    def sign_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword
    ) -> AuthResult:
        self.usernames.append(login.login)
        return AuthResult(success=login == LoginPassword(b"bot@x", b"p/w#1:%"), handled=False)

    def message(self) -> EmailMessage:
        (envelope,) = self.envelopes
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message


@asynccontextmanager
async def smtp_server(
    mailbox: Mailbox, *, implicit_tls: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, hostname="mx.example", loop=loop, **options), "127.0.0.1", 0, ssl=implicit_tls
    )
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def raw_server(
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for localhost with its key, as one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    pem = built.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(pem)
    return path


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


# ---------------------------------------------------------------- what is sent


async def test_a_mail_arrives_as_it_was_written() -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox) as port:
        mailer: Mailer = SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER)
        assert mailer.route == "mail"
        await mailer.send(MAIL)
    envelope, message = mailbox.envelopes[0], mailbox.message()
    assert (envelope.mail_from, envelope.rcpt_tos) == ("bot@greenroom.example", ["alice@example.org"])
    assert message["From"].addresses[0].display_name == "Grüne Stube"
    assert message["To"] == "alice@example.org"
    assert message["Subject"] == MAIL.subject
    assert message["Auto-Submitted"] == "auto-generated"
    assert abs(parsedate_to_datetime(message["Date"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert re.fullmatch(r"<\S+@greenroom\.example>", message["Message-ID"])
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == MAIL.text
    assert html.get_content().strip() == MAIL.html
    assert {part.get_content_charset() for part in (text, html)} == {"utf-8"}


async def test_every_mail_has_an_id_of_its_own() -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox) as port:
        mailer = SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER)
        await asyncio.gather(*(mailer.send(MAIL) for _ in range(8)))
    ids = {re.search(rb"Message-ID: (.*)\r\n", envelope.content or b"") for envelope in mailbox.envelopes}  # type: ignore[arg-type]  # bytes here
    assert len({found.group(1) for found in ids if found}) == 8


async def test_a_header_cannot_be_injected() -> None:
    mailbox = Mailbox()
    mail = Mail(MAIL.to, "Hi\r\nBcc: eve@example.org\r\n\r\nbody\x00\u2028x", "text", "<p>html</p>")
    async with smtp_server(mailbox) as port:
        await SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER).send(mail)
    assert mailbox.envelopes[0].rcpt_tos == ["alice@example.org"]
    assert mailbox.message()["Bcc"] is None
    assert mailbox.message()["Subject"] == "Hi Bcc: eve@example.org body x"


@pytest.mark.parametrize(
    "to",
    [
        "a@example.org, eve@example.org",
        "a@example.org\r\nBcc: eve@example.org",
        "a@example.org>\r\nRCPT TO:<eve@example.org",
        "<a@example.org> BODY=8BITMIME",
        "Alice <a@example.org>",
        '"a b"@example.org',
        "a@b@example.org",
        "@example.org",
        "alice",
        "",
        f"a@{'x' * 64}.example",
    ],
)
async def test_what_is_not_one_plain_address_is_refused_unsent(to: str) -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox) as port:
        with pytest.raises(Refused, match=r"mail\.rejected"):
            await SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER).send(Mail(to, "s", "t", "h"))
    assert mailbox.envelopes == []


async def test_an_international_address_is_served_where_the_server_can() -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox, enable_SMTPUTF8=True) as port:
        mailer = SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER)
        await mailer.send(Mail("josé@bücher.example", "s", "t", "h"))
    assert mailbox.envelopes[0].rcpt_tos == ["josé@xn--bcher-kva.example"]
    async with smtp_server(mailbox) as port:
        mailer = SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER)
        await mailer.send(Mail("jose@bücher.example", "s", "t", "h"))
        with pytest.raises(Refused, match=r"mail\.rejected"):
            await mailer.send(Mail("josé@bücher.example", "s", "t", "h"))
    assert mailbox.envelopes[1].rcpt_tos == ["jose@xn--bcher-kva.example"]


# ---------------------------------------------------------------- encryption and sign-in


async def test_plain_smtp_encrypts_where_it_is_offered_whoever_signed(server_tls: ssl.SSLContext) -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox, tls_context=server_tls) as port:
        await SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER).send(MAIL)
    async with smtp_server(mailbox) as port:
        await SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER).send(MAIL)
    assert mailbox.secure == [True, False]


@pytest.mark.usefixtures("trusted")
async def test_starttls_and_smtps_deliver_to_a_server_that_is_vouched_for(server_tls: ssl.SSLContext) -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox, tls_context=server_tls, require_starttls=True) as port:
        await SmtpMailer(f"smtp+starttls://localhost:{port}", SENDER).send(MAIL)
    async with smtp_server(mailbox, implicit_tls=server_tls) as port:
        await SmtpMailer(f"smtps://localhost:{port}", SENDER).send(MAIL)
    assert len(mailbox.envelopes) == 2
    assert mailbox.secure[0]


async def test_starttls_and_smtps_send_nothing_to_a_stranger(server_tls: ssl.SSLContext) -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox, tls_context=server_tls) as port:
        with pytest.raises(Unavailable, match=r"mail\.tls"):
            await SmtpMailer(f"smtp+starttls://localhost:{port}", SENDER).send(MAIL)
    async with smtp_server(mailbox, implicit_tls=server_tls) as port:
        with pytest.raises(Unavailable, match=r"mail\.tls"):
            await SmtpMailer(f"smtps://localhost:{port}", SENDER).send(MAIL)
    assert mailbox.envelopes == []


@pytest.mark.usefixtures("trusted")
async def test_the_certificate_must_name_the_server(server_tls: ssl.SSLContext) -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox, tls_context=server_tls) as port:
        with pytest.raises(Unavailable, match=r"mail\.tls"):
            await SmtpMailer(f"smtp+starttls://127.0.0.1:{port}", SENDER).send(MAIL)


async def test_starttls_is_not_given_up_where_the_server_lacks_it() -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox) as port:
        with pytest.raises(Unavailable, match=r"mail\.tls"):
            await SmtpMailer(f"smtp+starttls://127.0.0.1:{port}", SENDER).send(MAIL)
    assert mailbox.envelopes == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
async def test_it_signs_in_with_the_user_and_password_of_the_url() -> None:
    mailbox = Mailbox()
    options: dict[str, Any] = {
        "authenticator": mailbox.sign_in,
        "auth_required": True,
        "auth_require_tls": False,
    }
    async with smtp_server(mailbox, **options) as port:
        await SmtpMailer(f"smtp://bot%40x:p%2Fw%231%3A%25@127.0.0.1:{port}", SENDER).send(MAIL)
        assert mailbox.usernames == [b"bot@x"]
        for url in (f"smtp://bot%40x:wrong@127.0.0.1:{port}", f"smtp://127.0.0.1:{port}"):
            with pytest.raises(Unavailable, match=r"mail\.auth"):
                await SmtpMailer(url, SENDER).send(MAIL)
    async with smtp_server(mailbox) as port:  # a server without AUTH
        with pytest.raises(Unavailable, match=r"mail\.auth"):
            await SmtpMailer(f"smtp://bot:pw@127.0.0.1:{port}", SENDER).send(MAIL)
    assert len(mailbox.envelopes) == 1


# ---------------------------------------------------------------- servers that say no, or nothing


@pytest.mark.parametrize(
    ("command", "answer", "kind", "reason"),
    [
        ("RCPT", "550 5.1.1 no such user alice@example.org", Refused, "mail.rejected"),
        ("RCPT", "451 4.7.1 greylisted", Unavailable, "mail.deferred"),
        ("RCPT", "452 4.2.2 mailbox full", Unavailable, "mail.deferred"),
        ("RCPT", "530 5.7.0 authentication required", Unavailable, "mail.auth"),
        ("MAIL", "550 5.7.1 you may not send as this", Unavailable, "mail.sender"),
        ("MAIL", "421 4.3.2 going down", Unavailable, "mail.deferred"),
        ("DATA", "554 5.7.1 looks like spam", Refused, "mail.rejected"),
        ("DATA", "451 4.3.0 disk full", Unavailable, "mail.deferred"),
    ],
)
async def test_each_answer_is_told_for_what_it_is(
    command: str, answer: str, kind: type[Exception], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    mailbox = Mailbox()
    mailbox.answers[command] = answer
    async with smtp_server(mailbox) as port:
        with pytest.raises(kind, match=re.escape(reason)) as caught:
            await SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER).send(MAIL)
    assert caught.value.__cause__ is None
    record = next(each for each in caplog.records if each.name == "domain.adapters.mail")
    assert record.__dict__["status"] == int(answer[:3])
    assert "alice" not in str(record.__dict__)


async def test_a_dead_server_is_unavailable_at_once() -> None:
    with pytest.raises(Unavailable, match=r"mail\.connect"):
        await SmtpMailer(f"smtp://127.0.0.1:{free_port()}", SENDER, timeout=3600).send(MAIL)


async def test_a_server_that_turns_everybody_away_is_unavailable() -> None:
    async def turn_away(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 no service here\r\n")
        await reader.read()
        writer.close()

    async with raw_server(turn_away) as port:
        with pytest.raises(Unavailable, match=r"mail\.connect"):
            await SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER).send(MAIL)


async def test_a_server_that_hangs_up_is_unavailable() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx.example\r\n")
        await reader.readline()
        writer.close()

    async with raw_server(hang_up) as port:
        with pytest.raises(Unavailable, match=r"mail\.connect"):
            await SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER).send(MAIL)


@pytest.mark.parametrize("greeting", [b"", b"220-wait"])
async def test_a_slow_server_is_given_up_in_time(greeting: bytes) -> None:
    async def dawdle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with_more = asyncio.create_task(reader.read())
        while not with_more.done():
            writer.write(greeting and greeting + b"\r\n")  # never the last line of the greeting
            await asyncio.sleep(0.05)
        writer.close()

    async with raw_server(dawdle) as port:
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(Unavailable, match=r"mail\.timeout"):
                await SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER, timeout=0.4).send(MAIL)


async def test_a_mail_that_was_accepted_is_sent_though_the_farewell_fails() -> None:
    async def accept_and_vanish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx.example\r\n")
        while line := await reader.readline():
            if line.startswith(b"QUIT"):
                break
            if line == b"DATA\r\n":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
            writer.write(b"250 OK\r\n")
        writer.close()

    async with raw_server(accept_and_vanish) as port:
        await SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER).send(MAIL)


# ---------------------------------------------------------------- without SMTP


async def test_the_playground_is_given_mails_by_either_kind_of_function() -> None:
    seen: list[Mail] = []

    async def deliver(mail: Mail) -> None:
        await asyncio.sleep(0)
        seen.append(mail)

    for mailer in (CallbackMailer(deliver), CallbackMailer(seen.append)):
        assert mailer.route == "playground"
        await mailer.send(MAIL)
    assert seen == [MAIL, MAIL]


async def test_the_operators_log_is_given_the_text(caplog: pytest.LogCaptureFixture) -> None:
    mailer: Mailer = LogMailer(logging.getLogger("domain.adapters.mail"))
    assert mailer.route == "log"
    with caplog.at_level(logging.WARNING, "domain.adapters.mail"):
        await mailer.send(MAIL)
    assert MAIL.text in caplog.text
    assert MAIL.to in caplog.text
