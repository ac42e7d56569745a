"""Turns of what may take only a share of this program."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

LONGEST_PAUSE = 1.0


class Turns:
    """One at a time, and after each a pause `pauses` times as long as it took, but not longer than a second.

    What is done in turns slows down with the machine, and so leaves to everything else the same share.
    """

    def __init__(self, pauses: float) -> None:
        self._pauses = pauses
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn; the next begins after the pause."""
        await self._lock.acquire()
        began = time.monotonic()
        try:
            yield
        finally:
            pause = min(self._pauses * (time.monotonic() - began), LONGEST_PAUSE)
            asyncio.get_running_loop().call_later(pause, self._lock.release)
