"""One reader: takes a document from standard input, has a confined fork read it, answers, and starts over.

The process that waits has everything imported and parses nothing but a page of our own, so each fork is warm
and knows of no other document. It alone speaks with the parent: a fork has a pipe of its own to it and
nothing else, so that none can answer for another, and one that a limit ends costs no more than itself. An
answer is passed on as soon as it is whole, since a fork takes as long to end as to start. Where forks are
not safe, the process reads one document itself and ends.

    request   8 bytes of length, then the document
    answer    4 bytes of length, then JSON: {"text": …} or {"refused": reason}
"""

from __future__ import annotations

import codecs
import gc
import json
import logging
import math
import os
import select
import signal
import struct
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
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
_LENGTH = struct.Struct(">I")
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


@contextmanager
def read_in_fork(content: bytes, limits: Limits, *, filters: bool) -> Iterator[bytes]:
    """The answer of a fork, as soon as it is whole; the fork is gone when this is left."""
    inlet, outlet = os.pipe()
    waiting = os.getpid()
    child = os.fork()
    if child == 0:
        try:
            sandbox.die_with(waiting)
            os.dup2(outlet, _STDOUT)
            for descriptor in (_STDIN, inlet, outlet):
                os.close(descriptor)
            _answer(read_confined(content, limits, filters=filters))
        finally:
            os._exit(0)
    os.close(outlet)
    try:
        yield _heard(inlet, limits) or _TOO_COMPLEX
    finally:
        os.close(inlet)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _heard(inlet: int, limits: Limits) -> bytes:
    """What a fork says; nothing where it breaks off, says too much, or takes too long."""
    until = time.monotonic() + limits.clock
    if len(header := _take(_LENGTH.size, inlet, until)) < _LENGTH.size:
        return b""
    (length,) = _LENGTH.unpack(header)
    answer = _take(length, inlet, until) if length <= limits.answer else b""
    return answer if len(answer) == length else b""


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
        with read_in_fork(content, limits, filters=filters) as said:
            _answer(said)
        del content
    return 0


def _document() -> bytes | None:
    """The next one; None once the parent has no more."""
    header = _take(8, _STDIN)
    return _take(struct.unpack(">Q", header)[0], _STDIN) if len(header) == 8 else None


def _take(size: int, descriptor: int, until: float = math.inf) -> bytes:
    """So many bytes; fewer where whoever writes them ends, or the time is up (in seconds of `monotonic`)."""
    content = bytearray()
    while len(content) < size and _has_more(descriptor, until):
        if not (chunk := os.read(descriptor, min(size - len(content), 1 << 20))):
            break
        content += chunk
    return bytes(content)


def _has_more(descriptor: int, until: float) -> bool:
    wait = None if until == math.inf else max(0.0, until - time.monotonic())
    return bool(select.select([descriptor], [], [], wait)[0])


def _answer(body: bytes) -> None:
    _write(_LENGTH.pack(len(body)) + body)


def _write(body: bytes) -> None:
    remaining = memoryview(body)
    while remaining:
        remaining = remaining[os.write(_STDOUT, remaining) :]


if __name__ == "__main__":
    sys.exit(main())
