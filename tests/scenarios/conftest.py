"""The whole program with a Gemini on loopback, and waits that a test can wait for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from domain.adapters.gemini.policy import Policy
from domain.calls.breaker import Rules
from tests.loopback.gemini import LoopbackGemini
from tests.loopback.greenroom import Greenroom


@pytest.fixture(autouse=True)
def interrupted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program of a test with this mark is killed and started anew after half of what a candidate does."""
    if request.node.get_closest_marker("interrupted"):
        monkeypatch.setattr("tests.loopback.greenroom.Greenroom.dies_often", True)


@pytest.fixture
async def gemini() -> AsyncIterator[LoopbackGemini]:
    async with LoopbackGemini() as served:
        yield served


@pytest.fixture
async def judged(
    dsn: str, tmp_path: Path, gemini: LoopbackGemini, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Greenroom]:
    """The program whose interviewer is that Gemini."""
    impatient = partial(Policy, backoff=0.0, breaker=Rules(pause=0.1, longest_pause=0.1))
    monkeypatch.setattr("domain.adapters.gemini.interviewer.Policy", impatient)
    monkeypatch.setattr("domain.interviews.work.LATE_AFTER", 1.5)
    monkeypatch.setattr("domain.adapters.gemini.client.NOT_SOON", 0.3)
    monkeypatch.setattr("bot.jobs.FIRST_PAUSE", 0.1)
    monkeypatch.setattr("bot.jobs.LONGEST_PAUSE", 0.3)
    async with Greenroom(dsn, tmp_path, gemini_api_key="a-key", gemini_base_url=gemini.url) as running:
        yield running
