"""The bot's updates: kept until they are confirmed or too old, handed out again until then."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from bot.playground.bell import Bell
from bot.playground.errors import ApiError, conflict

MESSAGE_LIFETIME: Final = 24 * 3600.0
CALLBACK_LIFETIME: Final = 150.0
"""Seconds until a tap that was not delivered is dropped (telegram-bot-api)."""
MAX_PENDING = 100_000
MAX_REMEMBERED = 1_000
"""Confirmed updates that a test may have delivered again."""
REPEATED_POLL_SECONDS = 0.5
_NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(eq=False)
class Update:
    """`queue` is the webhook's queue: updates of one queue are delivered in order, one at a time."""

    update_id: int
    kind: str
    payload: dict[str, object]
    queue: str
    expires_at: float
    is_repeat: bool = False
    attempts: int = 0
    not_before: float = 0.0

    def as_json(self) -> dict[str, object]:
        return {"update_id": self.update_id, self.kind: self.payload}


class UpdateQueue:
    """Updates in the order of their ids. getUpdates and the webhook both take from here, never at once."""

    def __init__(self, clock: Callable[[], float], first_id: int) -> None:
        self.bell = Bell()
        self.allowed: tuple[str, ...] = ()
        self._clock = clock
        self._next_id = first_id
        self._pending: list[Update] = []
        self._confirmed: deque[Update] = deque(maxlen=MAX_REMEMBERED)
        self._poll = 0
        self._ended_by: ApiError | None = None
        self._last_answer: tuple[int, float] | None = None

    def add(
        self, kind: str, payload: dict[str, object], queue: str, lifetime: float = MESSAGE_LIFETIME
    ) -> None:
        allowed = kind in self.allowed if self.allowed else kind not in _NOT_BY_DEFAULT
        if not allowed:
            return
        self._pending.append(Update(self._next_id, kind, payload, queue, self._clock() + lifetime))
        self._next_id += 1
        del self._pending[:-MAX_PENDING]
        self.bell.ring()

    @property
    def pending(self) -> list[Update]:
        now = self._clock()
        self._pending = [update for update in self._pending if update.expires_at > now]
        return self._pending

    def forget_all(self) -> None:
        self._pending.clear()

    async def poll(self, offset: int, limit: int, timeout: float) -> list[Update]:
        """What getUpdates answers; `timeout` in seconds.

        An offset confirms every update below it; a negative one keeps so many of the newest and forgets the
        others. Raises `ApiError` 409 once another poll, or a webhook, takes over.
        """
        self.end_poll(
            conflict(
                "terminated by other getUpdates request; make sure that only one bot instance is running"
            )
        )
        poll = self._poll
        self._confirm(offset)
        if self._is_hasty(offset):
            limit = 1

        def look() -> list[Update] | None:
            if poll != self._poll:
                assert self._ended_by is not None
                raise self._ended_by
            return [update for update in self.pending if update.is_repeat or update.update_id >= offset][
                :limit
            ] or None

        found = await self.bell.until(look, timeout) or []
        for update in found:
            update.is_repeat = False
        self._last_answer = (offset, self._clock()) if found else None
        return found

    def _is_hasty(self, offset: int) -> bool:
        """Telegram hands out a single update where the same offset is asked for again at once."""
        if self._last_answer is None:
            return False
        last_offset, answered_at = self._last_answer
        return last_offset == offset and self._clock() - answered_at < REPEATED_POLL_SECONDS

    def end_poll(self, reason: ApiError) -> None:
        self._poll += 1
        self._ended_by = reason
        self.bell.ring()

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            kept = self.pending[offset:]
            self._confirmed.extend(update for update in self._pending if update not in kept)
            self._pending = kept
        elif offset > 0:
            confirmed = [
                update for update in self.pending if update.update_id < offset and not update.is_repeat
            ]
            self._confirmed.extend(confirmed)
            self._pending = [
                update for update in self._pending if update.update_id >= offset or update.is_repeat
            ]

    def first_of_each_queue(self, busy: Collection[str]) -> list[Update]:
        """The next update of every webhook queue that is not busy."""
        seen = set(busy)
        found = []
        for update in self.pending:
            if update.queue not in seen:
                seen.add(update.queue)
                found.append(update)
        return found

    def confirm(self, update: Update) -> None:
        """The webhook took it."""
        if update in self._pending:
            self._pending.remove(update)
            update.is_repeat = False
            self._confirmed.append(update)

    def deliver_again(self, count: int) -> int:
        """Put the last `count` confirmed updates back, under their old ids; tells how many there were.

        getUpdates hands them out once more whatever offset it is asked for, as after a confirmation that
        Telegram lost.
        """
        again = [self._confirmed.pop() for _ in range(min(count, len(self._confirmed)))][::-1]
        for update in again:
            update.is_repeat, update.attempts, update.not_before = True, 0, 0.0
        self._pending = sorted(again + self._pending, key=lambda update: update.update_id)
        self.bell.ring()
        return len(again)
