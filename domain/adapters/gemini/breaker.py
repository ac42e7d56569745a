"""A circuit breaker: a service that keeps failing is left alone for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from domain.errors import Unavailable

TRANSIENT = frozenset({"gemini.quota", "gemini.outage"})


class CircuitBreaker:
    """Opens after `threshold` transient failures in a row, for `pause` seconds.

    While it is open, calls fail at once with the reason that opened it. After the pause one call is let
    through as a probe: its success closes the breaker, its failure opens it again. It lives in memory:
    each process finds out for itself.
    """

    def __init__(self, clock: Callable[[], float], threshold: int, pause: float) -> None:
        self._clock = clock
        self._threshold = threshold
        self._pause = pause
        self._failures = 0
        self._open_until = 0.0
        self._probing = False
        self._reason = "gemini.outage"

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Let one call through and learn from its outcome. Raises `Unavailable` where it is open."""
        probe = self._admit()
        try:
            yield
        except Unavailable as error:
            if error.reason in TRANSIENT:
                self._failed(error.reason, probe)
            else:
                self._failures = 0
            raise
        except Exception:
            self._failures = 0  # an answer that is no use is still an answer
            raise
        else:
            self._failures = 0
        finally:
            if probe:
                self._probing = False

    def _admit(self) -> bool:
        """Whether this call is the probe."""
        if self._failures < self._threshold:
            return False
        left = self._open_until - self._clock()
        if left > 0 or self._probing:
            raise Unavailable(self._reason, retry_after=max(left, 1.0))
        self._probing = True
        return True

    def _failed(self, reason: str, probe: bool) -> None:
        was_open = self._failures >= self._threshold
        self._failures += 1
        if self._failures >= self._threshold and (probe or not was_open):
            self._reason = reason
            self._open_until = self._clock() + self._pause
