"""`domain.ports.Places`: the tables of cities and zones, read by a child process that ends with its answer.

They take 60 MB and more than half a second to load, for something that a person asks once.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from domain.errors import Unavailable
from domain.ports import Place

Answer = TypeVar("Answer")

SECONDS = 20.0
LONGEST_NAME = 100
_PLACES = TypeAdapter(tuple[Place, ...])
_ZONE = TypeAdapter(str)
# What a Python that was moved or has its packages elsewhere needs; no setting of ours is among it.
_KEPT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "LANG")


class ChildPlaces:
    """One question at a time, since each takes a processor for a second."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._turn = asyncio.Semaphore(1)

    async def named(self, words: str) -> tuple[Place, ...]:
        return _valid(_PLACES, await self._ask({"named": words[:LONGEST_NAME]}))

    async def zone_at(self, latitude: float, longitude: float) -> str:
        return _valid(_ZONE, await self._ask({"at": [latitude, longitude]}))

    async def _ask(self, question: dict[str, object]) -> bytes:
        async with self._turn:
            child = await asyncio.create_subprocess_exec(
                *_command(),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={name: os.environ[name] for name in _KEPT if name in os.environ},
            )
            try:
                async with asyncio.timeout(self._seconds):
                    answer, _ = await child.communicate(json.dumps(question).encode())
            except TimeoutError as error:
                raise Unavailable("places.slow") from error
            finally:
                if child.returncode is None:
                    child.kill()
                    await child.wait()
        if child.returncode != 0:
            raise Unavailable("places.failed")
        return answer


def _command() -> Sequence[str]:
    return (sys.executable, "-m", "domain.adapters.geography")


def _valid(shape: TypeAdapter[Answer], answer: bytes) -> Answer:
    try:
        return shape.validate_json(answer)
    except ValidationError as error:
        raise Unavailable("places.failed") from error
