"""What the tests of faults share."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator

import pytest

OURS = ("bot", "domain", "asyncio")


@pytest.fixture
def no_bugs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A fault of the world is no error of ours: none is logged, and no task ends with one unheard."""
    yield
    gc.collect()  # a task that nobody asked tells of its error when it goes
    errors = [each for each in caplog.get_records("call") if each.levelno >= logging.ERROR]
    ours = [each.getMessage() for each in errors if each.name.split(".")[0] in OURS]
    assert not ours
