"""Files made to hurt, sent in the chat: each ends in a sentence, nobody waits for it, nothing is left."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from bot.texts import catalogue
from tests.loopback.documents import docx, encrypted_pdf, inflating, nested_forms, pdf, readers, written
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import RESUME, eventually

ENTITIES = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def hostile() -> Iterator[tuple[bytes, str, str]]:
    """Files, their names, and why each is refused."""
    yield inflating(600), "inflates.pdf", "too_complex"
    yield docx(prologue=ENTITIES), "entities.docx", "damaged"
    yield encrypted_pdf("secret"), "locked.pdf", "encrypted"
    yield pdf(written(RESUME))[:500], "cut.pdf", "damaged"
    yield b"%PDF-1.7" + bytes(range(256)) * 40, "noise.pdf", "damaged"


async def one_is_left() -> bool:
    """The reader that is kept warm outlived them all, and every fork that it answered for has ended."""
    return len(readers()) == 1


async def test_each_ends_in_its_sentence_and_no_process_is_left(greenroom: Greenroom) -> None:
    attacker = await greenroom.linked("Eve", background=False)
    for content, name, reason in hostile():
        await attacker.sends(content, name)
        assert (await attacker.hears(name)).text.startswith("📄")
        assert (await attacker.hears("")).text == catalogue("en")[f"refused.file.{reason}"], name
    await eventually(one_is_left)
    await greenroom.stops()
    assert readers() == []


async def test_others_are_answered_and_read_while_one_takes_its_time(
    greenroom: Greenroom,
) -> None:
    attacker, other = await asyncio.gather(
        greenroom.linked("Eve", background=False), greenroom.linked("Bo", background=False)
    )
    await attacker.sends(nested_forms(9), "slow.pdf")
    await attacker.hears("Reading it")
    await other.says("/help")
    await other.hears("What I can do")
    await other.sends(pdf(written(RESUME)), "cv.pdf")
    await other.hears("read and analysed in")
    assert "takes too much" not in attacker.last.text
    await attacker.hears("takes too much to open")
