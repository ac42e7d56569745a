"""Slots for calls in flight, handed out in turns over people: one person's burst holds up nobody else."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

Caller = UUID | None


class FairSlots:
    """`capacity` slots, of which one person holds at most `per_person`.

    A slot that comes free goes to the person whose turn it is, not to the call that waits longest. The
    installation's own calls (None) wait in one queue of their own, without a cap.
    """

    def __init__(self, capacity: int, per_person: int) -> None:
        self._free = capacity
        self._per_person = per_person
        self._held: Counter[Caller] = Counter()
        self._waiting: OrderedDict[Caller, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def taken(self, caller: Caller, timeout: float) -> AsyncIterator[None]:
        """Hold a slot; raises TimeoutError where none comes free within `timeout` seconds."""
        async with asyncio.timeout(timeout):
            await self._take(caller)
        try:
            yield
        finally:
            self._release(caller)

    async def _take(self, caller: Caller) -> None:
        if self._free and self._may(caller):
            self._give(caller)
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(caller, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._release(caller)
            raise

    def _may(self, caller: Caller) -> bool:
        return caller is None or self._held[caller] < self._per_person

    def _give(self, caller: Caller) -> None:
        self._held[caller] += 1
        self._free -= 1

    def _release(self, caller: Caller) -> None:
        self._held[caller] -= 1
        if not self._held[caller]:
            del self._held[caller]
        self._free += 1
        self._hand_out()

    def _hand_out(self) -> None:
        """Go round the people who wait, one slot each, while there are slots that they may have."""
        for caller in list(self._waiting):
            if not self._free:
                return
            waiting = self._waiting[caller]
            while waiting and waiting[0].done():
                waiting.popleft()  # given up meanwhile
            if waiting and self._may(caller):
                self._give(caller)
                waiting.popleft().set_result(None)
                self._waiting.move_to_end(caller)
            if not waiting:
                del self._waiting[caller]
