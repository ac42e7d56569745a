"""One reader: takes a document from standard input, has a confined fork read it, answers, and starts over.

The process that waits has everything imported and parses nothing but a page of our own, so each fork is warm
and knows of no other document. It alone speaks with the parent: a fork has a pipe of its own to it and
nothing else, so that none can answer for another, and one that a limit ends costs no more than itself. Where
forks are not safe, the process reads one document itself and ends.

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
import signal
import struct
import sys
import time
from base64 import b64encode
from dataclasses import dataclass

from domain.adapters.reader import docx, pdf, picture, plain_text, sandbox, sniff
from domain.adapters.reader.text import (
    MAX_CHARACTERS,
    Unreadable,
    clean,
    clean_links,
    holds_hidden_characters,
)

_STDIN, _STDOUT = 0, 1
_TOO_COMPLEX = b'{"refused": "file.too_complex"}'
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


@dataclass(frozen=True)
class Limits:
    """Of one document: bytes of address space, seconds of processor and of clock, bytes of the answer."""

    memory: int
    processor: int
    clock: int
    answer: int


def read_confined(content: bytes, limits: Limits, *, filters: bool) -> bytes:
    """Read in this process, under limits that stay; what becomes the answer, as JSON."""
    sandbox.limit(limits.memory, limits.processor)
    if sandbox.filter_system_calls() != filters:
        raise OSError("system calls can no longer be filtered")
    return json.dumps(read(content), ensure_ascii=False).encode("utf-8", "replace")


def read_in_fork(content: bytes, limits: Limits, *, filters: bool) -> bytes:
    """The answer of a fork that is gone when this returns."""
    inlet, outlet = os.pipe()
    waiting = os.getpid()
    child = os.fork()
    if child == 0:
        try:
            sandbox.die_with(waiting)
            os.dup2(outlet, _STDOUT)
            for descriptor in (_STDIN, inlet, outlet):
                os.close(descriptor)
            _write(read_confined(content, limits, filters=filters))
            os._exit(0)
        finally:
            os._exit(1)
    os.close(outlet)
    try:
        answer = _heard(inlet, limits)
    finally:
        os.close(inlet)
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
    return answer if answer and status == 0 else _TOO_COMPLEX


def _heard(inlet: int, limits: Limits) -> bytes:
    """What a fork says until it ends; nothing where it says too much, or takes too long."""
    answer = bytearray()
    until = time.monotonic() + limits.clock
    while len(answer) <= limits.answer:
        if not select.select([inlet], [], [], max(0.0, until - time.monotonic()))[0]:
            return b""
        if not (chunk := os.read(inlet, 1 << 20)):
            return bytes(answer)
        answer += chunk
    return b""


def main() -> int:
    memory, processor, clock, answer, parent = (int(argument) for argument in sys.argv[1:6])
    limits = Limits(memory, processor, clock, answer)
    sandbox.die_with(parent)
    logging.disable()
    for name in _CODECS:
        codecs.lookup(name)
    filters = sandbox.can_filter()
    sandbox.stand_back()
    _answer(json.dumps({"filters": filters, "is_reusable": sandbox.CAN_FORK}).encode())
    if not sandbox.CAN_FORK:
        if (content := _document()) is not None:
            _answer(read_confined(content, limits, filters=filters))
        return 0
    pdf.warm_up()
    gc.freeze()  # a fork shares what stands here, and takes its own garbage along when it ends
    gc.disable()
    while (content := _document()) is not None:
        _answer(read_in_fork(content, limits, filters=filters))
        del content
    return 0


def _document() -> bytes | None:
    """The next one; None once the parent has no more."""
    header = _take(8)
    return _take(struct.unpack(">Q", header)[0]) if len(header) == 8 else None


def _take(size: int) -> bytes:
    content = bytearray()
    while len(content) < size and (chunk := os.read(_STDIN, min(size - len(content), 1 << 20))):
        content += chunk
    return bytes(content)


def _answer(body: bytes) -> None:
    _write(struct.pack(">I", len(body)) + body)


def _write(body: bytes) -> None:
    remaining = memoryview(body)
    while remaining:
        remaining = remaining[os.write(_STDOUT, remaining) :]


if __name__ == "__main__":
    sys.exit(main())
