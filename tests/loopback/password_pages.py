"""The way to a password page, and what Telegram says of whoever opens it."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from html import unescape
from urllib.parse import urlencode

import httpx

from bot.playground.people import Person
from tests.loopback.greenroom import Greenroom, code_from_mail

EMAIL = "ana@example.org"


def page_of(person: Person) -> str:
    """The address behind the button of the bot's newest question."""
    for message in reversed(person.bot_messages):
        for button in message.buttons:
            if button.url:
                return button.url
    raise AssertionError(person.transcript())


async def asked_to_choose(greenroom: Greenroom, name: str = "Ana", email: str = EMAIL) -> Person:
    """Somebody new who is asked to choose a password."""
    person = greenroom.candidate(name)
    await person.says("/link")
    await person.hears("email")
    await person.says(email)
    await person.hears("type the code")
    await person.says(await code_from_mail(person, email))
    await person.hears("What name")
    await person.taps(name)
    await person.hears("choose a password")
    return person


def init_data(user_id: int, *, age: int = 0, token: str = "1:test") -> str:  # noqa: S107  # the local bot's
    key = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    fields = {"auth_date": str(int(time.time()) - age), "user": json.dumps({"id": user_id})}
    lines = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    return urlencode({**fields, "hash": hmac.new(key, lines.encode(), hashlib.sha256).hexdigest()})


def form_of(page: httpx.Response) -> dict[str, str]:
    """The fields as a browser would send them back."""
    inputs = re.findall(r"<input [^>]*>", page.text)
    fields = {}
    for each in inputs:
        if name := re.search(r'name="(\w+)"', each):
            value = re.search(r'value="([^"]*)"', each)
            fields[name[1]] = unescape(value[1]) if value else ""
    return fields
