"""The button that opens a page: inside Telegram where the address is https, as a plain link elsewhere."""

from __future__ import annotations

import pytest

from bot.playground.keyboards import Button
from bot.playground.local import LocalTelegram
from bot.telegram import Telegram


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://greenroom.example/password/x", Button("P", web_app="https://greenroom.example/password/x")),
        ("http://127.0.0.1:8080/password/x", Button("P", url="http://127.0.0.1:8080/password/x")),
    ],
)
async def test_a_page_is_a_mini_app_where_it_can_be(url: str, shown: Button) -> None:
    async with LocalTelegram(token="1:test") as local:
        person = local.person("Ana")
        await person.says("/start")
        telegram = Telegram(local.token, local.url)
        try:
            await telegram.introduce()
            content = {"text": "Password?", "buttons": [[{"text": "P", "url": url}]]}
            await telegram.deliver(person.id, "ask", content)
        finally:
            await telegram.close()
        heard = await person.hears("Password")
    assert heard.buttons == [shown]
