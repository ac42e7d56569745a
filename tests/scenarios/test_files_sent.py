"""Files that the bot sends: pictures and documents, with captions that fit and those that do not."""

from __future__ import annotations

import struct
import zlib

import pytest

from bot.conversations.commands import COMMANDS
from bot.step import Button, Command, Step, column, document, doing, photo, t
from domain.services import Domain
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import member

AGAIN = column(Button(t("button.again"), "/interview"))


def png(width: int, height: int) -> bytes:
    """A black picture."""

    def chunk(name: bytes, content: bytes) -> bytes:
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width + 1) * height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


async def test_pictures_and_documents(greenroom: Greenroom, monkeypatch: pytest.MonkeyPatch) -> None:
    picture, paper = png(64, 48), b"%PDF-1.7\n" + bytes(range(256))

    async def shows(command: Command, step: Step, domain: Domain) -> Step:
        words = t("plain", text=command.argument)
        drawn = photo("chart.png", picture, words, buttons=AGAIN)
        printed = document("Bericht für Ana.pdf", paper)
        return step.saying(doing("upload_photo"), drawn, printed).quietly()

    monkeypatch.setitem(COMMANDS, "shows", shows)
    ana = await member(greenroom)
    await ana.says("/shows a <b>chart</b> & more")
    drawn = await ana.receives("photo", "chart.png")
    assert drawn.text == "a <b>chart</b> & more"
    assert [button.text for button in drawn.buttons] == ["Again"]
    assert drawn.file is not None
    assert (drawn.file.content, drawn.file.width, drawn.file.height) == (picture, 64, 48)
    printed = await ana.receives("document", "Bericht für Ana.pdf")
    assert printed.file is not None
    assert (printed.file.content, printed.text, printed.buttons) == (paper, "", [])

    greenroom.telegram.faults.server_error("sendPhoto")
    await ana.says("/shows " + "long 🙂 " * 200)
    drawn = await ana.receives("photo")
    assert (drawn.text, drawn.buttons) == ("", [])
    words = await ana.hears("^long 🙂 long")
    assert [button.text for button in words.buttons] == ["Again"], "the words follow, with what can be done"
    assert words.message_id == drawn.message_id + 1
