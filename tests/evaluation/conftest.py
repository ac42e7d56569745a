"""A loopback Gemini and an interviewer before it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from domain.adapters.gemini import GeminiInterviewer
from domain.interviews.guard import GuardedInterviewer
from tests.loopback.gemini import LoopbackGemini


@pytest.fixture
async def gemini() -> AsyncIterator[LoopbackGemini]:
    async with LoopbackGemini() as server:
        yield server


@pytest.fixture
async def bare(gemini: LoopbackGemini) -> AsyncIterator[GeminiInterviewer]:
    """Gemini without the bounds."""
    interviewer = GeminiInterviewer("key", "gemini-test", gemini.url)
    yield interviewer
    await interviewer.close()


@pytest.fixture
def guarded(bare: GeminiInterviewer) -> GuardedInterviewer:
    """The interviewer as `bot.app` makes it."""
    return GuardedInterviewer(bare)
