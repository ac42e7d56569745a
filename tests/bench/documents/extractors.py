"""One way of reading documents, run over many in a process of its own, so that its peak of memory is its own.

    python -m tests.bench.documents.extractors <name> <file>…

prints a line of JSON for each file, and one for the peak.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import docx
import pypdf
import pypdfium2

from domain.errors import Refused
from tests.loopback.documents import BytesReader, child_processes, peak_mb

Read = Callable[[Path], Awaitable[dict[str, Any]]]


async def with_pypdf(path: Path) -> dict[str, Any]:
    reader = pypdf.PdfReader(io.BytesIO(path.read_bytes()))  # noqa: ASYNC240 - nothing else is served
    return {"text": "\n".join(page.extract_text() for page in reader.pages), "pages": len(reader.pages)}


async def with_pypdfium2(path: Path) -> dict[str, Any]:
    document = pypdfium2.PdfDocument(path.read_bytes())  # noqa: ASYNC240 - nothing else is served
    texts = [page.get_textpage().get_text_bounded() for page in document]
    return {"text": "\n".join(texts), "pages": len(texts)}


async def with_pdftotext(path: Path) -> dict[str, Any]:
    command = ["pdftotext", "-enc", "UTF-8", str(path), "-"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)  # noqa: ASYNC221 - see above
    text = done.stdout.decode("utf-8", "replace")
    return {"text": text, "pages": max(1, text.count("\f"))}


async def with_python_docx(path: Path) -> dict[str, Any]:
    document = docx.Document(str(path))
    lines = [paragraph.text for paragraph in document.paragraphs]
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return {"text": "\n".join(lines + cells), "pages": 1}


def ours(reader: BytesReader) -> Read:
    async def read(path: Path) -> dict[str, Any]:
        found = await reader.read(path.read_bytes(), path.name)  # noqa: ASYNC240 - nothing else is served
        return {"text": found.text, "pages": found.pages, "links": found.links, "hidden": found.hidden_text}

    return read


OTHERS: dict[str, Read] = {
    "pypdf": with_pypdf,
    "pypdfium2": with_pypdfium2,
    "pdftotext": with_pdftotext,
    "python-docx": with_python_docx,
}


async def main(name: str, files: list[Path]) -> None:
    reader = BytesReader(readers=1)
    read = OTHERS.get(name) or ours(reader)
    if name not in OTHERS:
        await read(files[0])  # the reader is started with the first document, and stays
    for path in files:
        began = time.perf_counter()
        try:
            found = await read(path)
        except (Refused, Exception) as error:
            found = {"text": "", "pages": 1, "error": str(error) or type(error).__name__}
        say(found | {"file": str(path), "seconds": time.perf_counter() - began})
    say({"peak_mb": peak_mb(os.getpid()) if name in OTHERS else await peak_of_children(read, files)})
    await reader.close()


async def peak_of_children(read: Read, files: list[Path]) -> float:
    """The peak in megabytes of the processes that read for this one.

    Looking takes longer than reading some files, so they are read once more for it.
    """
    peaks = list[float]()
    watching = asyncio.create_task(watch(peaks))
    for path in files:
        with contextlib.suppress(Refused):
            await read(path)
    watching.cancel()
    return max(peaks, default=0.0)


async def watch(peaks: list[float]) -> None:
    """Note the peaks every few milliseconds."""
    while True:
        peaks += map(peak_mb, child_processes())
        await asyncio.sleep(0.003)


def say(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)  # noqa: T201 - what it is run for


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable()
    asyncio.run(main(sys.argv[1], [Path(name) for name in sys.argv[2:]]))
