"""What the tests of faults share."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from domain.database import Transactions, engine_for, transactions

OURS = ("bot", "domain", "asyncio")


@pytest.fixture
def no_bugs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A fault of the world is no error of ours: none is logged, and no task ends with one unheard."""
    yield
    gc.collect()  # a task that nobody asked tells of its error when it goes
    errors = [each for each in caplog.get_records("call") if each.levelno >= logging.ERROR]
    ours = [each.getMessage() for each in errors if each.name.split(".")[0] in OURS]
    assert not ours


@pytest.fixture
async def begun(dsn: str) -> AsyncIterator[Transactions]:
    """What opens a transaction on the database of this test."""
    engine = engine_for(dsn, pool_size=12)
    yield transactions(engine)
    await engine.dispose()
