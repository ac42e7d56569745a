"""The settings of mail: an SMTP URL and a sender, read or refused by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.adapters.mail import SmtpMailer, Tls, parse_smtp_url


@pytest.mark.parametrize(
    ("url", "tls", "host", "port"),
    [
        ("smtp://mail.example", Tls.OPPORTUNISTIC, "mail.example", 25),
        ("smtp://[::1]:1025/", Tls.OPPORTUNISTIC, "::1", 1025),
        ("smtps://mail.example", Tls.IMPLICIT, "mail.example", 465),
        (" SMTP+STARTTLS://Mail.Example ", Tls.STARTTLS, "mail.example", 587),
    ],
)
def test_an_smtp_url_is_read(url: str, tls: Tls, host: str, port: int) -> None:
    server = parse_smtp_url(url)
    assert (server.tls, server.host, server.port) == (tls, host, port)
    assert server.username is server.password is None


def test_user_and_password_are_unquoted_and_not_shown() -> None:
    server = parse_smtp_url("smtp://bot%40x:p%3Ahunter2@host")
    assert (server.username, server.password) == ("bot@x", "p:hunter2")
    assert "hunter2" not in repr(server)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example",
        "http://user:hunter2@mail.example",
        "smtp://",
        "smtp://:25",
        "smtp://user:hunter2@",
        "smtp://user:hunter2@host:port",
        "smtp://user:hunter2@host:99999",
        "smtp://user:hunter2@host:0",
        "smtp://user:hun/ter2@host",
        "smtp://user:hun#ter2@host",
        "smtp://user:hun?ter2@host",
        "smtp://user:[hunter2@host",
        "smtp://user:hunter2@host/path",
        "smtp://user@host",
        "smtp://:hunter2@host",
        "smtp://user:ha\u2100hunter2@host",
    ],
)
def test_a_wrong_url_is_told_in_one_line_without_the_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"\ASMTP_URL [^\n]+\Z") as caught:
        SmtpMailer(url, "bot@greenroom.example")
    assert "hun" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@given(st.one_of(st.text(), st.text().map("smtp://".__add__)))
def test_any_url_is_read_or_refused_by_name(url: str) -> None:
    try:
        server = parse_smtp_url(url)
    except ValueError as error:
        assert str(error).startswith("SMTP_URL ")  # noqa: PT017  # most urls are wrong, some are right
    else:
        assert 0 < server.port < 65536


@pytest.mark.parametrize("sender", ["", "bot", "a@example.org, b@example.org", "a b@example.org"])
def test_a_wrong_sender_is_named(sender: str) -> None:
    with pytest.raises(ValueError, match=r"\AMAIL_FROM [^\n]+\Z"):
        SmtpMailer("smtp://127.0.0.1", sender)


def test_a_sender_on_a_laptop_is_taken() -> None:
    SmtpMailer("smtp://127.0.0.1", "greenroom@localhost")
