"""Waiting until something changed, on one event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Bell:
    """Rung at each change; those who wait look again."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for the next ring."""
        return bool(self._waiting)

    def ring(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        self._waiting.clear()

    async def wait(self, timeout: float) -> None:
        """Return at the next ring, or after `timeout` seconds without one."""
        ringing = asyncio.get_running_loop().create_future()
        self._waiting.add(ringing)
        try:
            # Not wait_for: in Python 3.11 it loses a cancellation that comes with the ring.
            async with asyncio.timeout(timeout):
                await ringing
        except TimeoutError:
            return
        finally:
            self._waiting.discard(ringing)

    async def until(self, look: Callable[[], T | None], timeout: float) -> T | None:
        """What `look` finds once it finds anything; None after `timeout` seconds without."""
        deadline = time.monotonic() + timeout
        while True:
            found = look()
            remaining = deadline - time.monotonic()
            if found is not None or remaining <= 0:
                return found
            await self.wait(remaining)
