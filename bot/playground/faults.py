"""What goes wrong on the way to Telegram; only ever because a test said so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.playground.state import Playground


class FaultKind(StrEnum):
    TOO_MANY_REQUESTS = "too_many_requests"
    """429 with retry_after, nothing done."""
    SERVER_ERROR = "server_error"
    """An error of Telegram's own, nothing done."""
    GARBAGE = "garbage"
    """A proxy's HTML page instead of an answer, nothing done."""
    DROPPED = "dropped"
    """The connection is cut before anything is done."""
    ANSWER_LOST = "answer_lost"
    """It is done, then the connection is cut before the answer."""
    SLOW = "slow"
    """It is done, and the answer comes late."""
    CUT_SHORT = "cut_short"
    """Half of a file comes, and some time later the connection is cut."""


ANY_METHOD = "*"


@dataclass
class Fault:
    """`seconds` is the retry_after of 429, the delay of a slow answer, and what passes before a file is cut
    short; `status` is of server errors."""

    kind: FaultKind
    method: str = ANY_METHOD
    chat_id: int | None = None
    times: int = 1
    seconds: float = 1
    status: int = 502

    def concerns(self, method: str, chat_id: int) -> bool:
        same_method = self.method == ANY_METHOD or self.method.lower() == method.lower()
        return self.times > 0 and same_method and self.chat_id in (None, chat_id)


class Faults:
    """Switched on per method ("*" is every one) and, if wanted, per chat, for the next `times` calls."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self.planned: list[Fault] = []

    def plan(self, fault: Fault) -> Fault:
        self.planned.append(fault)
        return fault

    def too_many_requests(
        self, method: str = ANY_METHOD, *, chat_id: int | None = None, times: int = 1, retry_after: int = 1
    ) -> Fault:
        return self.plan(Fault(FaultKind.TOO_MANY_REQUESTS, method, chat_id, times, retry_after))

    def server_error(
        self, method: str = ANY_METHOD, *, chat_id: int | None = None, times: int = 1, status: int = 502
    ) -> Fault:
        return self.plan(Fault(FaultKind.SERVER_ERROR, method, chat_id, times, status=status))

    def garbage(
        self, method: str = ANY_METHOD, *, chat_id: int | None = None, times: int = 1, status: int = 502
    ) -> Fault:
        return self.plan(Fault(FaultKind.GARBAGE, method, chat_id, times, status=status))

    def dropped(self, method: str = ANY_METHOD, *, chat_id: int | None = None, times: int = 1) -> Fault:
        return self.plan(Fault(FaultKind.DROPPED, method, chat_id, times))

    def answer_lost(self, method: str = ANY_METHOD, *, chat_id: int | None = None, times: int = 1) -> Fault:
        return self.plan(Fault(FaultKind.ANSWER_LOST, method, chat_id, times))

    def slow(
        self, method: str = ANY_METHOD, *, chat_id: int | None = None, times: int = 1, seconds: float = 1
    ) -> Fault:
        return self.plan(Fault(FaultKind.SLOW, method, chat_id, times, seconds))

    def cut_short(self, *, times: int = 1, seconds: float = 0) -> Fault:
        return self.plan(Fault(FaultKind.CUT_SHORT, "file", None, times, seconds))

    def take(self, method: str, chat_id: int) -> Fault | None:
        """The fault that this call meets, counted as met."""
        met = next((fault for fault in self.planned if fault.concerns(method, chat_id)), None)
        if met is not None:
            met.times -= 1
            self.planned = [fault for fault in self.planned if fault.times > 0]
        return met

    def clear(self) -> None:
        self.planned.clear()

    def redeliver(self, count: int = 1) -> int:
        """Deliver the last `count` confirmed updates again under their old ids; tells how many there were."""
        return self._playground.updates.deliver_again(count)

    def block(self, chat_id: int) -> None:
        """The person blocks the bot."""
        self._playground.block(chat_id)

    def unblock(self, chat_id: int) -> None:
        self._playground.unblock(chat_id)
