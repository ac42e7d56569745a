"""Turns: one at a time, and everything else has its share in between."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

import pytest

from domain.turns import Turns


async def test_one_at_a_time_with_a_pause_after_each_as_long_as_was_asked_for() -> None:
    turns, spans = Turns(pauses=3.0), list[tuple[float, float]]()

    async def take() -> None:
        async with turns.turn():
            began = time.monotonic()
            await asyncio.sleep(0.02)
            spans.append((began, time.monotonic()))

    await asyncio.gather(*(take() for _ in range(3)))
    for (began, ended), (next_began, _) in pairwise(spans):
        assert next_began - ended >= 2.5 * (ended - began)


async def test_no_pause_is_longer_than_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.turns.LONGEST_PAUSE", 0.01)
    turns = Turns(pauses=1e9)
    for _ in range(3):
        async with asyncio.timeout(30), turns.turn():
            await asyncio.sleep(0)


async def test_a_turn_that_fails_is_over() -> None:
    turns = Turns(pauses=0.0)
    with pytest.raises(ZeroDivisionError):
        async with turns.turn():
            raise ZeroDivisionError
    async with asyncio.timeout(30), turns.turn():
        pass
