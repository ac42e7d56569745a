"""A loopback Gemini and an interviewer before it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import certifi
import pytest

from domain.adapters.gemini import GeminiInterviewer
from domain.interviews.guard import GuardedInterviewer
from tests.loopback.gemini import LoopbackGemini


@pytest.fixture(autouse=True)
def few_certificates(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK loads every root certificate three times per client, 0.13 s that plain HTTP has no use for."""
    end = "-----END CERTIFICATE-----\n"
    path = tmp_path_factory.mktemp("tls") / "one.pem"
    first = Path(certifi.where()).read_text(encoding="utf-8").partition(end)[0]
    path.write_text(first + end, encoding="utf-8")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))


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
