"""One reader for the tests of a module."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.loopback.documents import BytesReader


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader() -> AsyncIterator[BytesReader]:
    reader = BytesReader()
    yield reader
    await reader.close()
