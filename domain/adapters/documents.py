"""Reads resumes in processes that may do nothing else.

No parser of foreign files is loaded into this process. A reader is started when the first document comes,
kept warm, and closed when nothing has come for a while; each document is read by a fork of it under limits
of memory and time, without files, network or children, and whatever becomes of the fork the reader goes on.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import aclosing, suppress
from math import ceil
from pathlib import PurePath
from typing import Literal

from pydantic import BaseModel, TypeAdapter, ValidationError

from domain.errors import Refused, Unavailable
from domain.ports import Content
from domain.resumes.analysis import ExtractedText

MAX_BYTES = 20 * 1024 * 1024  # what Telegram lets a bot download
IDLE_SECONDS = 300.0
_CHUNK = 1 << 18
_START_SECONDS = 20.0
_GRACE_SECONDS = 2.0  # for a reader to end what takes too long, before it is ended itself
_MAX_ANSWER_BYTES = 9_000_000  # five megabytes of pictures in base64, and 300,000 characters of text
# -I: neither the environment nor the working folder adds to what is imported.
_PROGRAM = ("-I", "-m", "domain.adapters.reader")
_READABLE_SUFFIXES = (".pdf", ".docx", ".dotx", ".docm", ".dotm")

log = logging.getLogger(__name__)


class _Greeting(BaseModel):
    """The first words of a reader: are system calls filtered there, and does it read more than once."""

    filters: bool
    is_reusable: bool


Reason = Literal[
    "file.unsupported",
    "file.legacy_word",
    "file.opendocument",
    "file.pages",
    "file.rtf",
    "file.html",
    "file.office",
    "file.archive",
    "file.link",
    "file.heic",
    "file.other_picture",
    "file.small_picture",
    "file.encrypted",
    "file.damaged",
    "file.no_text",
    "file.blank",
    "file.too_complex",
]


class _Refusal(BaseModel):
    refused: Reason


_ANSWER: TypeAdapter[ExtractedText | _Refusal] = TypeAdapter(ExtractedText | _Refusal)


class _Ended(Exception):
    """The reader ended, or no longer keeps to the protocol."""


class _Overdue(_Ended):
    """The reader takes too long."""


class _Reader:
    """One reader process and the pipe to it; `nap` waits until it has been idle for too long."""

    def __init__(self, process: Process, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader) -> None:
        self._process = process
        self._stdin = stdin
        self._stdout = stdout
        self.nap: asyncio.Task[None] | None = None
        self.is_reusable = False

    @classmethod
    async def start(cls, memory_bytes: int, processor_seconds: int, clock_seconds: int) -> _Reader:
        """Raises `OSError` where no process can be started."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *_PROGRAM,
            *map(str, (memory_bytes, processor_seconds, clock_seconds, _MAX_ANSWER_BYTES, os.getpid())),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={"LC_ALL": "C.UTF-8"},  # and no secrets
            start_new_session=True,  # a group of its own, so that its fork is killed with it
        )
        if process.stdin is None or process.stdout is None:
            raise OSError("a reader without pipes")
        return cls(process, process.stdin, process.stdout)

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def greeting(self) -> bool:
        """Wait until it is ready; tells whether system calls are filtered there. Raises `_Ended`."""
        try:
            greeting = _Greeting.model_validate_json(await self._answer())
        except ValidationError as error:
            raise _Ended from error
        self.is_reusable = greeting.is_reusable
        return greeting.filters

    async def ask(self, content: Content, seconds: float) -> ExtractedText | _Refusal:
        """Raises `_Ended` where it ends, or answers nothing for `seconds`, and what `content` raises.

        Answers are judged: a document may have taken over who reads it.
        """
        await self._pass_on(struct.pack(">Q", content.size), seconds)
        left = content.size
        async with aclosing(content.pieces()) as pieces:
            async for piece in pieces:
                left -= len(piece)
                if left < 0:
                    break
                for start in range(0, len(piece), _CHUNK):  # a pipe copies whatever it cannot pass on yet
                    await self._pass_on(piece[start : start + _CHUNK], seconds)
        if left:  # the reader would take what follows for this document, or this one for the next
            raise ValueError("a document of another size than it was said to have")
        try:
            async with asyncio.timeout(seconds):
                body = await self._answer()
        except TimeoutError as error:
            raise _Overdue from error
        try:
            answer = _ANSWER.validate_json(body)
        except ValidationError as error:
            raise _Ended from error
        if isinstance(answer, ExtractedText) and "\0" in "".join((answer.text, *answer.links)):
            raise _Ended
        return answer

    async def _pass_on(self, piece: bytes, seconds: float) -> None:
        """Where the bytes come from is not waited for here: that it is slow is not the reader's fault."""
        try:
            async with asyncio.timeout(seconds):
                self._stdin.write(piece)
                await self._stdin.drain()
        except TimeoutError as error:
            raise _Overdue from error
        except OSError as error:
            raise _Ended from error

    async def _answer(self) -> bytes:
        try:
            (length,) = struct.unpack(">I", await self._stdout.readexactly(4))
            if length > _MAX_ANSWER_BYTES:
                raise _Ended
            return await self._stdout.readexactly(length)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise _Ended from error

    async def end(self) -> None:
        """Kill it with all it started; returns when it is gone. May be called again."""
        if self.is_alive:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._stdin.close()
        with suppress(RuntimeError, OSError):  # RuntimeError: whoever asked is still listening, and drains it
            while await self._stdout.read(_MAX_ANSWER_BYTES):
                pass
        await self._process.wait()


class SandboxedReader:
    """`domain.ports.DocumentReader` by at most `readers` processes at a time, each with `memory_mb` megabytes
    of address space and so many seconds of processor and of clock for a document; the others wait their turn.
    """

    def __init__(
        self,
        *,
        readers: int = 2,
        memory_mb: int = 512,
        processor_seconds: float = 6.0,
        clock_seconds: float = 10.0,
    ) -> None:
        self._memory_mb = memory_mb
        self._processor_seconds = ceil(processor_seconds)
        self._clock_seconds = ceil(clock_seconds)
        self._turns = asyncio.Semaphore(readers)
        self._idle: list[_Reader] = []
        self._running: set[_Reader] = set()
        self._has_warned = False
        self._is_closed = False

    async def read(self, content: Content, file_name: str) -> ExtractedText:
        """What a file holds, whose kind is told by its content; the name only helps to word a refusal.

        Raises `Refused` as `domain.ports.DocumentReader` says, `Unavailable` if a reader cannot be started.
        """
        if not content.size:
            raise Refused("file.empty")
        if content.size > MAX_BYTES:
            raise Refused("file.too_large", most=MAX_BYTES // 1024**2)
        async with self._turns:
            answer = await self._ask(content)
        if isinstance(answer, ExtractedText):
            return answer
        if answer.refused == "file.unsupported" and PurePath(file_name).suffix.lower() in _READABLE_SUFFIXES:
            raise Refused("file.damaged")
        raise Refused(answer.refused)

    async def close(self) -> None:
        """End all readers, for good; what is being read is `Unavailable`."""
        self._is_closed = True
        for reader in tuple(self._running):
            if reader.nap is not None:
                reader.nap.cancel()
            await self._end(reader)

    async def _ask(self, content: Content) -> ExtractedText | _Refusal:
        reader = await self._take()
        was_idle = reader.nap is not None
        try:
            answer = await reader.ask(content, self._clock_seconds + _GRACE_SECONDS)
        except _Ended as error:
            await self._end(reader)
            if self._is_closed:
                raise Unavailable("documents.closed") from error
            if was_idle and not isinstance(error, _Overdue):
                return await self._ask(content)  # it died while it waited, which is not the document's fault
            raise Refused("file.too_complex") from error
        except BaseException:
            await self._end(reader)
            raise
        if reader.is_reusable:
            self._idle.append(reader)
            reader.nap = asyncio.create_task(self._retire(reader))
        else:
            await self._end(reader)
        return answer

    async def _take(self) -> _Reader:
        """An idle reader, or a new one."""
        while self._idle:
            reader = self._idle.pop()
            if reader.nap is not None:
                reader.nap.cancel()
            if reader.is_alive:
                return reader
            await self._end(reader)
        return await self._start()

    async def _start(self) -> _Reader:
        if self._is_closed:
            raise Unavailable("documents.closed")
        try:
            reader = await _Reader.start(self._memory_mb << 20, self._processor_seconds, self._clock_seconds)
        except OSError as error:
            raise Unavailable("documents.start") from error
        self._running.add(reader)
        try:
            async with asyncio.timeout(_START_SECONDS):
                filters = await reader.greeting()
        except (TimeoutError, _Ended) as error:
            await self._end(reader)
            raise Unavailable("documents.start") from error
        except BaseException:
            await self._end(reader)
            raise
        if not filters and not self._has_warned:
            self._has_warned = True
            log.warning("documents are read under limits, but system calls cannot be filtered here")
        return reader

    async def _retire(self, reader: _Reader) -> None:
        await asyncio.sleep(IDLE_SECONDS)
        await self._end(reader)

    async def _end(self, reader: _Reader) -> None:
        if reader in self._idle:
            self._idle.remove(reader)
        await reader.end()
        self._running.discard(reader)
