"""One reader: waits for a document on standard input, forks a confined process for it, and starts over.

The process that waits has everything imported and touches no document, so each fork is warm and knows of no
other document. It ends when a fork ended badly, and then the parent starts a new one. Where forks are not
safe, it reads one document itself and ends.

    request   8 bytes of length, then the document
    answer    4 bytes of length, then JSON: {"text": …} or {"refused": reason}
"""

from __future__ import annotations

import codecs
import gc
import json
import logging
import os
import select
import struct
import sys
from base64 import b64encode

from domain.adapters.reader import docx, pdf, picture, plain_text, sandbox, sniff
from domain.adapters.reader.text import (
    MAX_CHARACTERS,
    Unreadable,
    clean,
    clean_links,
    holds_hidden_characters,
)

_STDIN, _STDOUT = 0, 1
_NO_MORE = 3  # exit status of a fork that found standard input closed
_PARSERS = {
    sniff.PDF: pdf.read,
    sniff.DOCX: docx.read,
    sniff.JPEG: picture.read,
    sniff.PNG: picture.read,
    sniff.TEXT: plain_text.read,
}
_CODECS = ("ascii", "charmap", "cp437", "cp1252", "latin-1", "mac-roman", "utf-16", "utf-16-be", "utf-16-le")


def read(content: bytes) -> dict[str, object]:
    """What becomes the answer."""
    try:
        kind = sniff.kind_of(content)
        document = _PARSERS[kind](content)
        text = clean(document.text[: 2 * MAX_CHARACTERS])[:MAX_CHARACTERS]
        if not document.pictures and not any(character.isalnum() for character in text):
            raise Unreadable("file.no_text")
    except Unreadable as error:
        return {"refused": error.reason}
    except (MemoryError, RecursionError):
        return {"refused": "file.too_complex"}
    return {
        "text": text,
        "file_type": kind,
        "pages": max(1, document.pages),
        "links": clean_links(document.links),
        "hidden_text": document.hidden or holds_hidden_characters(document.text),
        "pictures": [{"content": b64encode(made).decode()} for made in document.pictures],
    }


def serve_one(memory_bytes: int, cpu_seconds: int, filters: bool) -> int:
    """Take one document, read it confined, and answer; the exit status."""
    header = _take(8)
    if len(header) < 8:
        return _NO_MORE
    content = _take(struct.unpack(">Q", header)[0])
    sandbox.limit(memory_bytes, cpu_seconds)
    if sandbox.filter_system_calls() != filters:
        return 1
    _answer(read(content))
    return 0


def main() -> int:
    memory_bytes, cpu_seconds, parent = (int(argument) for argument in sys.argv[1:4])
    sandbox.die_with(parent)
    logging.disable()
    for name in _CODECS:
        codecs.lookup(name)
    filters = sandbox.can_filter()
    _answer({"filters": filters, "is_reusable": sandbox.CAN_FORK})
    if not sandbox.CAN_FORK:
        return serve_one(memory_bytes, cpu_seconds, filters)
    waiting = os.getpid()
    gc.freeze()  # a fork shares what stands here, and takes its own garbage along when it ends
    gc.disable()
    while True:
        select.select([_STDIN], [], [])
        child = os.fork()
        if child == 0:
            sandbox.die_with(waiting)
            try:
                os._exit(serve_one(memory_bytes, cpu_seconds, filters))
            finally:
                os._exit(1)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status != 0:
            return 0 if status == _NO_MORE else 1


def _take(size: int) -> bytes:
    content = bytearray()
    while len(content) < size and (chunk := os.read(_STDIN, min(size - len(content), 1 << 20))):
        content += chunk
    return bytes(content)


def _answer(answer: dict[str, object]) -> None:
    body = json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
    remaining = memoryview(struct.pack(">I", len(body)) + body)
    while remaining:
        remaining = remaining[os.write(_STDOUT, remaining) :]


if __name__ == "__main__":
    sys.exit(main())
