"""Hostile and broken documents end in text or a clear refusal, in time, and leave nothing behind."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest
import pytest_asyncio

from domain.adapters import documents
from domain.adapters.documents import SandboxedReader
from domain.errors import Refused, Unavailable
from tests.loopback.documents import (
    LINES,
    WRITTEN,
    BytesReader,
    Held,
    child_processes,
    corpus,
    docx,
    inflating,
    is_reader,
    nested_forms,
    pdf,
    readers,
    written,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

REASONS = {"file.empty", *get_args(documents.Reason)}
GOOD = pdf(written(LINES))
TEXT = "\n".join(LINES)
PATIENCE = 60.0  # a bound for a busy machine


async def outcome(reader: BytesReader, content: bytes, name: str) -> str:
    """The text, or the reason why there is none; anything else fails the test."""
    try:
        found = await reader.read(content, name)
    except Refused as refused:
        reason = refused.reason
    else:
        assert found.text.encode("utf-8") or found.is_scan
        assert "\0" not in found.text
        return found.text or "pictures"
    assert reason in REASONS
    return reason


async def outcomes(reader: BytesReader, files: Iterable[Path]) -> dict[str, str]:
    """Reads all files two at a time; each must end."""
    turns = asyncio.Semaphore(2)

    async def one(path: Path) -> tuple[str, str]:
        async with turns:
            content = path.read_bytes()  # noqa: ASYNC240 - nothing else is served meanwhile
            async with asyncio.timeout(PATIENCE):
                return path.name, await outcome(reader, content, path.name)

    return dict(await asyncio.gather(*map(one, files)))


async def eventually(condition: Callable[[], bool]) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110  # processes set no Event
                await asyncio.sleep(0.02)
    return condition()


@asynccontextmanager
async def opened(**limits: int) -> AsyncIterator[BytesReader]:
    reader = BytesReader(**limits)
    try:
        assert await outcome(reader, GOOD, "warm.pdf") == TEXT
        yield reader
    finally:
        await reader.close()


@pytest_asyncio.fixture(loop_scope="module")
async def reader() -> AsyncIterator[BytesReader]:
    async with opened() as reader:
        yield reader


@pytest_asyncio.fixture(loop_scope="module")
async def single() -> AsyncIterator[BytesReader]:
    """One reader at a time, warm, and the only one there is."""
    async with opened(readers=1) as reader:
        assert await eventually(lambda: len(readers()) == 1)
        yield reader
    assert readers() == []


async def the_waiting_one() -> int:
    """The one reader there is, once the fork that it answered for has ended."""
    assert await eventually(lambda: len(readers()) == 1)
    return readers()[0]


async def is_reading() -> bool:
    return await eventually(lambda: len(readers()) == 2)


class TestLimits:
    async def test_time(self) -> None:
        async with opened(readers=1, processor_seconds=1) as reader:
            assert await outcome(reader, nested_forms(9), "slow.pdf") == "file.too_complex"
            assert await outcome(reader, GOOD, "next.pdf") == TEXT

    async def test_what_a_limit_ends_costs_no_reader(self, single: BytesReader) -> None:
        before = await the_waiting_one()
        assert await outcome(single, inflating(600), "bomb.pdf") == "file.too_complex"
        assert await the_waiting_one() == before

    async def test_memory(self) -> None:
        async with opened(readers=1, memory_mb=256) as reader:
            assert await outcome(reader, inflating(300), "bomb.pdf") == "file.too_complex"
            assert await outcome(reader, GOOD, "next.pdf") == TEXT

    async def test_readers_at_a_time(self) -> None:
        async with opened(readers=2) as reader:
            texts = await asyncio.gather(*(outcome(reader, GOOD, f"{n}.pdf") for n in range(8)))
            assert texts == [TEXT] * 8
            assert await eventually(lambda: len(readers()) == 2)
        assert readers() == []

    async def test_an_answer_that_is_too_long_is_none(
        self, single: BytesReader, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(documents, "_MAX_ANSWER_BYTES", 50)
            assert await outcome(single, GOOD, "long.pdf") == "file.too_complex"


def program(change: str) -> tuple[str, ...]:
    """The reader with something changed before it starts."""
    start = "from domain.adapters.reader import __main__, sandbox"
    return ("-I", "-c", f"import sys; {start}; {change}; sys.exit(__main__.main())")


async def test_a_reader_that_computes_nothing_is_killed_in_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    sleep = "import time; read = __main__.read; "
    change = "__main__.read = lambda content: time.sleep(3600) if b'Sleep' in content else read(content)"
    monkeypatch.setattr(documents, "_PROGRAM", program(sleep + change))
    async with opened(readers=1, clock_seconds=4) as reader:
        assert await outcome(reader, b"Sleep", "slow.pdf") == "file.too_complex"
        assert await the_waiting_one()  # for the next


class TestElsewhere:
    """What other platforms and containers permit less of."""

    async def test_without_a_filter_documents_are_read_and_one_warning_is_logged(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(documents, "_PROGRAM", program("sandbox.pyseccomp = None"))
        async with opened(readers=1, processor_seconds=1) as reader:
            assert await outcome(reader, nested_forms(9), "slow.pdf") == "file.too_complex"
            assert await outcome(reader, GOOD, "next.pdf") == TEXT
        assert len([record for record in caplog.records if "cannot be filtered" in record.message]) == 1

    async def test_without_forks_a_reader_reads_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(documents, "_PROGRAM", program("sandbox.CAN_FORK = False"))
        async with opened(readers=1, processor_seconds=1) as reader:
            assert readers() == []
            assert await outcome(reader, GOOD, "next.pdf") == TEXT
            assert await outcome(reader, nested_forms(9), "slow.pdf") == "file.too_complex"

    async def test_a_reader_that_does_not_start_is_unavailable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(documents, "_PROGRAM", ("-c", "raise SystemExit(1)"))
        reader = BytesReader()
        with pytest.raises(Unavailable):
            await reader.read(GOOD, "resume.pdf")
        await reader.close()


@dataclass(frozen=True)
class Misjudged(Held):
    """A document that is said to have another size than it has."""

    by: int = 0

    @property
    def size(self) -> int:
        return len(self.content) + self.by


class TestLeftovers:
    @pytest.mark.parametrize("by", [-1, 1])
    async def test_a_document_of_another_size_is_no_part_of_the_next(
        self, single: BytesReader, by: int
    ) -> None:
        with pytest.raises(ValueError, match="another size"):
            await SandboxedReader.read(single, Misjudged(GOOD, by), "resume.pdf")
        assert readers() == []
        assert await outcome(single, GOOD, "next.pdf") == TEXT

    async def test_a_reader_killed_while_idle_is_replaced(self, single: BytesReader) -> None:
        idle = await the_waiting_one()
        os.kill(idle, signal.SIGKILL)
        assert await eventually(lambda: idle not in child_processes())
        assert await outcome(single, GOOD, "next.pdf") == TEXT

    async def test_a_cancelled_read_leaves_no_process(self, single: BytesReader) -> None:
        reading = asyncio.create_task(single.read(nested_forms(9), "slow.pdf"))
        assert await is_reading()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert readers() == []

    async def test_closing_while_a_document_is_read(self, single: BytesReader) -> None:
        reading = asyncio.create_task(single.read(nested_forms(9), "slow.pdf"))
        assert await is_reading()
        await single.close()
        with pytest.raises(Unavailable):
            await reading
        assert readers() == []
        with pytest.raises(Unavailable):
            await single.read(GOOD, "late.pdf")

    async def test_an_idle_reader_is_closed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(documents, "IDLE_SECONDS", 0.2)
        async with opened(readers=1) as reader:
            assert await eventually(lambda: readers() == [])
            assert await outcome(reader, GOOD, "next.pdf") == TEXT

    async def test_nothing_outlives_a_parent_that_was_killed(self, tmp_path: Path) -> None:
        slow = tmp_path / "slow.pdf"
        slow.write_bytes(nested_forms(9))
        script = (
            "import asyncio, sys\n"
            "from pathlib import Path\n"
            "from tests.loopback.documents import BytesReader\n"
            "asyncio.run(BytesReader().read(Path(sys.argv[1]).read_bytes(), 'slow.pdf'))"
        )
        parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script, str(slow))
        assert await eventually(lambda: len(readers(parent.pid)) == 2)
        started = readers(parent.pid)
        parent.kill()
        await parent.wait()
        assert await eventually(lambda: not any(map(is_reader, started)))


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_what_reads_a_document_is_confined(single: BytesReader) -> None:
    waiting = await the_waiting_one()
    reading = asyncio.create_task(single.read(nested_forms(9), "slow.pdf"))
    assert await is_reading()
    (confined,) = readers(waiting)
    folder = Path(f"/proc/{confined}")
    assert await eventually(lambda: "Max open files            0" in (folder / "limits").read_text())
    limits = {
        line[:26].strip(): line[26:].split()[:2] for line in (folder / "limits").read_text().splitlines()
    }
    assert limits["Max address space"] == [str(512 << 20)] * 2
    assert limits["Max cpu time"] == ["6"] * 2
    for nought in ("Max core file size", "Max file size", "Max open files", "Max processes"):
        assert limits[nought] == ["0", "0"], nought
    assert len(list((folder / "fd").iterdir())) == 2  # its answer, and where errors go
    assert (folder / "environ").read_bytes() == b"LC_ALL=C.UTF-8\0"
    if "can filter" in probe("print('can filter' if sandbox.can_filter() else 'cannot')"):
        filtered = [
            line for line in (folder / "status").read_text().splitlines() if line.startswith("Seccomp:")
        ]
        assert filtered == ["Seccomp:\t2"]
    reading.cancel()
    await asyncio.wait([reading])


FORBIDDEN = """
def attempt(name, action):
    try:
        action()
    except (OSError, ValueError):
        return
    print(name)

attempt("read a file", lambda: os.open("/etc/hostname", os.O_RDONLY))
attempt("write a file", lambda: os.open("/tmp/greenroom-canary", os.O_WRONLY | os.O_CREAT))
attempt("open a socket", lambda: socket.socket())
attempt("duplicate a descriptor", lambda: os.dup(1))
"""
FORBIDDEN_BY_FILTER = """
attempt("fork", os.fork)
attempt("run a program", lambda: os.execv("/bin/true", ["true"]))
attempt("send a signal", lambda: os.kill(os.getppid(), 0))
attempt("raise a limit", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9)))
attempt("make memory executable", lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC))
"""


def probe(script: str) -> str:
    """What a script prints in a process of its own."""
    head = "import mmap, os, resource, socket\nfrom domain.adapters.reader import sandbox\n"
    command = [sys.executable, "-c", head + script]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout


async def test_limits_alone_close_files_and_network() -> None:
    assert probe("sandbox.limit(1 << 30, 5)\n" + FORBIDDEN) == ""


async def test_the_filter_leaves_nothing_but_computing() -> None:
    if "can filter" not in probe("print('can filter' if sandbox.can_filter() else 'cannot')"):
        pytest.skip("system calls cannot be filtered here")
    script = "assert sandbox.filter_system_calls()\n" + FORBIDDEN + FORBIDDEN_BY_FILTER
    assert probe(script) == ""


async def test_documents_with_bytes_changed_at_random(reader: BytesReader) -> None:
    chance = random.Random(7)
    originals = [GOOD, docx(WRITTEN)]
    for n in range(60):
        content = bytearray(originals[n % 2])
        for _ in range(chance.randint(1, 12)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        if n % 5 == 0:
            del content[chance.randrange(len(content)) :]
        await outcome(reader, bytes(content) or b"x", f"{n}.pdf")


VISIBLE = {"inj_visible.pdf"}


async def test_hostile_corpus(reader: BytesReader) -> None:
    files = [
        path for path in sorted(corpus("hostile").iterdir()) if path.suffix in (".pdf", ".docx", ".docm")
    ]
    before = peak_megabytes()
    found = await outcomes(reader, files)
    assert peak_megabytes() - before < 60
    assert len(found) >= 80
    plain = found["plain.pdf"]
    assert plain.startswith("Jane Example")
    injected = {name for name, text in found.items() if "ignore previous" in text}
    assert injected == VISIBLE
    for name in (
        "embedded_file",
        "js_openaction",
        "launch_action",
        "enc_owner_only",
        "inj_white",
        "inj_clip",
    ):
        assert found[f"{name}.pdf"] == plain, name
    for name in ("macro_named", "remote_template", "table_gridspan_bomb", "zipslip", "inj_vanish"):
        assert found[f"{name}.docx"] == plain, name
    assert {found[name] for name in ("enc_user_aes256.pdf", "enc_password.docx")} == {"file.encrypted"}
    assert not any(os.uname().nodename in text for text in found.values())


async def test_malformed_corpus(reader: BytesReader) -> None:
    files = [path for path in sorted(corpus("malformed").rglob("*")) if path.suffix in (".pdf", ".docx")]
    before = peak_megabytes()
    found = await outcomes(reader, files)
    assert peak_megabytes() - before < 60
    texts = sum(text not in REASONS for text in found.values())
    assert texts >= 0.65 * len(found)
    assert sum(text == "file.too_complex" for text in found.values()) <= 3
    assert await eventually(lambda: len(readers()) <= 2)


def peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e3 if sys.platform == "linux" else 1e6)
