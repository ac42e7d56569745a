"""Hostile and broken documents end in text or a clear refusal, in time, and leave nothing behind."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import pytest
import pytest_asyncio

from domain.adapters import documents
from domain.adapters.documents import SandboxedReader
from domain.errors import Refused, Unavailable
from tests.loopback.documents import LINES, WRITTEN, child_processes, corpus, docx, pdf, stream, written

pytestmark = pytest.mark.asyncio(loop_scope="module")

REASONS = {
    f"file.{reason}"
    for reason in ("empty", "unsupported", "legacy_word", "encrypted", "damaged", "no_text", "too_complex")
}
GOOD = pdf(written(LINES))


def nested_forms(levels: int) -> bytes:
    """A page of a few kilobytes that draws 10 ** levels forms."""
    forms = {}
    for level in range(levels):
        inner = b"/X0 Do " * 10 if level < levels - 1 else b"0 0 1 1 re f"
        child = b"/Resources << /XObject << /X0 %d 0 R >> >>" % (1001 + level)
        forms[1000 + level] = stream(inner, b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] " + child)
    forms[1000 + levels] = stream(b"", b"/Type /XObject /Subtype /Form /BBox [0 0 1 1]")
    return pdf(written(LINES) + "/X0 Do", resources=b"/XObject << /X0 1000 0 R >>", more=forms)


def inflating(megabytes: int) -> bytes:
    """A page whose content stream inflates to so much."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(megabytes)) + packer.flush()
    return pdf(stream(packed, b"/Filter /FlateDecode"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader() -> AsyncIterator[SandboxedReader]:
    reader = SandboxedReader()
    yield reader
    await reader.close()


async def outcome(reader: SandboxedReader, content: bytes, name: str) -> str:
    """The text, or the reason why there is none; anything else fails the test."""
    try:
        found = await reader.read(content, name)
    except Refused as refused:
        reason = refused.reason
    else:
        assert found.text.encode("utf-8")
        assert "\0" not in found.text
        return found.text
    assert reason in REASONS
    return reason


async def outcomes(reader: SandboxedReader, files: Iterable[Path]) -> dict[str, str]:
    """Reads all files two at a time; each must end within the limit and what a busy machine adds to it."""
    turns = asyncio.Semaphore(2)

    async def one(path: Path) -> tuple[str, str]:
        async with turns:
            began = time.monotonic()
            text = await outcome(reader, path.read_bytes(), path.name)
            assert time.monotonic() - began < 13, path.name
            return path.name, text

    return dict(await asyncio.gather(*map(one, files)))


async def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        await asyncio.sleep(0.02)
    return condition()


def is_running(process: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


class TestLimits:
    async def test_time(self) -> None:
        reader = SandboxedReader(readers=1, seconds=1)
        await outcome(reader, GOOD, "warm.pdf")
        began = time.monotonic()
        assert await outcome(reader, nested_forms(9), "slow.pdf") == "file.too_complex"
        assert time.monotonic() - began < 4
        assert await outcome(reader, GOOD, "next.pdf") == "\n".join(LINES)
        await reader.close()

    async def test_memory(self) -> None:
        reader = SandboxedReader(readers=1, memory_mb=256)
        assert await outcome(reader, inflating(300), "bomb.pdf") == "file.too_complex"
        assert await outcome(reader, GOOD, "next.pdf") == "\n".join(LINES)
        await reader.close()

    async def test_readers_at_a_time(self) -> None:
        reader = SandboxedReader(readers=2)
        texts = await asyncio.gather(*(outcome(reader, GOOD, f"{n}.pdf") for n in range(8)))
        waiting = [child for child in child_processes() if is_reader(child)]
        assert texts == ["\n".join(LINES)] * 8
        assert len(waiting) == 2
        await reader.close()
        assert not any(map(is_reader, child_processes()))

    async def test_an_answer_that_is_too_long_or_no_answer_ends_the_reader(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reader = SandboxedReader(readers=1)
        await outcome(reader, GOOD, "warm.pdf")
        monkeypatch.setattr(documents, "_MAX_ANSWER_BYTES", 50)
        assert await outcome(reader, GOOD, "long.pdf") == "file.too_complex"
        monkeypatch.undo()
        assert await outcome(reader, GOOD, "next.pdf") == "\n".join(LINES)
        await reader.close()


def is_reader(process: int) -> bool:
    try:
        return b"domain.adapters.reader" in Path(f"/proc/{process}/cmdline").read_bytes()
    except FileNotFoundError:
        return False


class TestLeftovers:
    async def test_a_reader_killed_while_idle_is_replaced(self) -> None:
        reader = SandboxedReader(readers=1)
        await outcome(reader, GOOD, "first.pdf")
        (idle,) = filter(is_reader, child_processes())
        os.kill(idle, signal.SIGKILL)
        assert await eventually(lambda: idle not in child_processes())
        assert await outcome(reader, GOOD, "next.pdf") == "\n".join(LINES)
        await reader.close()

    async def test_a_cancelled_read_leaves_no_process(self) -> None:
        reader = SandboxedReader(readers=1)
        await outcome(reader, GOOD, "warm.pdf")
        reading = asyncio.create_task(reader.read(nested_forms(9), "slow.pdf"))
        assert await eventually(lambda: len(child_processes()) >= 2)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert not any(map(is_reader, child_processes()))
        await reader.close()

    async def test_closing_while_a_document_is_read(self) -> None:
        reader = SandboxedReader(readers=1)
        reading = asyncio.create_task(reader.read(nested_forms(9), "slow.pdf"))
        assert await eventually(lambda: len(child_processes()) >= 2)
        await reader.close()
        with pytest.raises(Unavailable):
            await reading
        assert not any(map(is_reader, child_processes()))
        with pytest.raises(Unavailable):
            await reader.read(GOOD, "late.pdf")

    async def test_an_idle_reader_is_closed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(documents, "IDLE_SECONDS", 0.2)
        reader = SandboxedReader(readers=1)
        await outcome(reader, GOOD, "first.pdf")
        assert await eventually(lambda: not any(map(is_reader, child_processes())))
        assert await outcome(reader, GOOD, "next.pdf") == "\n".join(LINES)
        await reader.close()

    async def test_nothing_outlives_a_parent_that_was_killed(self, tmp_path: Path) -> None:
        slow = tmp_path / "slow.pdf"
        slow.write_bytes(nested_forms(9))
        script = (
            "import asyncio, sys\n"
            "from pathlib import Path\n"
            "from domain.adapters.documents import SandboxedReader\n"
            "asyncio.run(SandboxedReader().read(Path(sys.argv[1]).read_bytes(), 'slow.pdf'))"
        )
        parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script, str(slow))
        assert await eventually(lambda: len(child_processes(parent.pid)) == 2, 20)
        started = child_processes(parent.pid)
        parent.kill()
        await parent.wait()
        assert await eventually(lambda: not any(map(is_running, started)))


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_what_reads_a_document_is_confined() -> None:
    reader = SandboxedReader(readers=1)
    await outcome(reader, GOOD, "warm.pdf")
    (waiting,) = filter(is_reader, child_processes())
    reading = asyncio.create_task(outcome(reader, nested_forms(9), "slow.pdf"))
    assert await eventually(lambda: len(child_processes(waiting)) == 1)
    (confined,) = child_processes(waiting)
    folder = Path(f"/proc/{confined}")
    assert await eventually(lambda: "Max open files            0" in (folder / "limits").read_text())
    limits = {
        line[:26].strip(): line[26:].split()[:2] for line in (folder / "limits").read_text().splitlines()
    }
    assert limits["Max address space"] == [str(512 << 20)] * 2
    assert limits["Max cpu time"] == ["10"] * 2
    for nought in ("Max core file size", "Max file size", "Max open files", "Max processes"):
        assert limits[nought] == ["0", "0"], nought
    assert len(list((folder / "fd").iterdir())) == 3
    assert (folder / "environ").read_bytes() == b"LC_ALL=C.UTF-8\0"
    if "can filter" in probe("print('can filter' if sandbox.can_filter() else 'cannot')"):
        filtered = [
            line for line in (folder / "status").read_text().splitlines() if line.startswith("Seccomp:")
        ]
        assert filtered == ["Seccomp:\t2"]
    reading.cancel()
    await asyncio.wait([reading])
    await reader.close()


FORBIDDEN = """
def attempt(name, action):
    try:
        action()
    except (OSError, RuntimeError) as error:
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
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout


def test_limits_alone_close_files_and_network() -> None:
    assert probe("sandbox.limit(1 << 30, 5)\n" + FORBIDDEN) == ""


def test_the_filter_leaves_nothing_but_computing() -> None:
    if "can filter" not in probe("print('can filter' if sandbox.can_filter() else 'cannot')"):
        pytest.skip("system calls cannot be filtered here")
    script = "assert sandbox.filter_system_calls()\n" + FORBIDDEN + FORBIDDEN_BY_FILTER
    assert probe(script) == ""


async def test_documents_with_bytes_changed_at_random(reader: SandboxedReader) -> None:
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


async def test_hostile_corpus(reader: SandboxedReader) -> None:
    files = [
        path for path in sorted(corpus("hostile").iterdir()) if path.suffix in (".pdf", ".docx", ".docm")
    ]
    before = resident_megabytes()
    found = await outcomes(reader, files)
    assert resident_megabytes() - before < 60
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
    assert not Path("/tmp/greenroom-pwned.txt").exists()


async def test_malformed_corpus(reader: SandboxedReader) -> None:
    files = [path for path in sorted(corpus("malformed").rglob("*")) if path.suffix in (".pdf", ".docx")]
    before = resident_megabytes()
    found = await outcomes(reader, files)
    assert resident_megabytes() - before < 60
    texts = sum(text not in REASONS for text in found.values())
    assert texts >= 0.65 * len(found)
    assert sum(text == "file.too_complex" for text in found.values()) <= 3
    assert len(list(filter(is_reader, child_processes()))) <= 2


def resident_megabytes() -> float:
    if sys.platform == "linux":
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
