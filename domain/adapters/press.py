"""Pictures and PDF documents, typeset by typst in a process of its own for each.

A sheet takes a tenth of a second or two, most of it to start and to look for fonts; so nothing is kept
between sheets, a program that draws none pays nothing, and one that takes too long is simply killed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from math import ceil

from domain.errors import Unavailable
from domain.ports import Printed, Sheet

# -I: neither the environment nor the working folder adds to what is imported
_PROGRAM = ("-I", "-m", "domain.adapters.typesetter")

log = logging.getLogger(__name__)


class Press:
    """`domain.ports.Press`: at most `presses` sheets at a time, each within `seconds`.

    `fonts` are folders to look for fonts in beside those of the system.
    """

    def __init__(self, *, presses: int = 2, seconds: float = 20.0, fonts: Sequence[str] = ()) -> None:
        self._turns = asyncio.Semaphore(presses)
        self._seconds = seconds
        self._fonts = tuple(fonts)

    async def picture(self, sheet: Sheet) -> Printed:
        """A PNG. Raises `Unavailable`."""
        return await self._print(sheet, "png")

    async def document(self, sheet: Sheet) -> Printed:
        """A PDF. Raises `Unavailable`."""
        return await self._print(sheet, "pdf")

    async def _print(self, sheet: Sheet, form: str) -> Printed:
        request = {
            "template": sheet.template,
            "format": form,
            "content": dict(sheet.content),
            "fonts": self._fonts,
        }
        async with self._turns:
            answer = await self._run(json.dumps(request).encode())
        head, _, content = answer.partition(b"\n")
        return Printed(content, undrawable=int(json.loads(head)["undrawable"]))

    async def _run(self, request: bytes) -> bytes:
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *_PROGRAM,
                str(ceil(self._seconds)),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,  # an error of typst may quote what a person wrote
                env={"LC_ALL": "C.UTF-8", "HOME": os.environ.get("HOME", "/")},  # fonts may live at home
            )
        except OSError as error:
            raise Unavailable("press.start") from error
        try:
            async with asyncio.timeout(self._seconds):
                answer, _ = await process.communicate(request)
        except TimeoutError as error:
            log.warning("a sheet took too long", extra={"seconds": self._seconds})
            raise Unavailable("press.slow") from error
        finally:
            await _end(process)
        if process.returncode != 0:
            log.error("a sheet could not be printed", extra={"status": process.returncode})
            raise Unavailable("press.failed")
        return answer


async def _end(process: Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
