"""What a picture and a printed report cost, beside the bare start of a process."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

from domain.adapters.press import Press
from domain.interviews.debrief import debrief
from domain.interviews.sheets import report_document, report_picture
from tests.bench import Figure
from tests.loopback.rehearsals import rehearsed

ROUNDS = 5
QUESTIONS = 20
# As long as an answer may be, in three scripts, with a smile that hardly any font has.
LONGEST = "The situation mattered, я измерил и переписал запрос, وانخفضت الأعطال إلى صفر. 🙂 " * 240
LIMIT = 20.0  # seconds, after which the press gives a sheet up


async def measure(dsn: str) -> list[Figure]:
    """A picture and the PDF of an ordinary interview, and of one with twenty of the longest answers."""
    press = Press(seconds=10 * LIMIT)
    ordinary = rehearsed(("met", "partly"), ("met", "missing"), ("partly", "missing"))
    longest = rehearsed(*[("met", "partly", "missing")] * QUESTIONS, answer=LONGEST)
    picture = report_picture(debrief(*ordinary, ()), "en")
    paper = report_document(debrief(*ordinary, ()), ordinary[1], "en")
    book = report_document(debrief(*longest, ()), longest[1], "en")
    bare = await seconds(start)
    drawn, printed = (
        await seconds(lambda: press.picture(picture)),
        await seconds(lambda: press.document(paper)),
    )
    began = time.perf_counter()
    await press.document(book)
    longest_took = time.perf_counter() - began
    return [
        Figure("picture of a report", 1000 * drawn, 1000 * bare, "ms", "start of a bare process"),
        Figure("PDF of an interview of three", 1000 * printed, 1000 * bare, "ms", "the same"),
        Figure("PDF of the longest interview", longest_took, LIMIT, "s", "when it is given up"),
    ]


async def seconds(act: Callable[[], Awaitable[object]]) -> float:
    """The fastest of a few."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await act()
        took.append(time.perf_counter() - began)
    return min(took)


async def start() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-I", "-c", "pass")
    await process.wait()
