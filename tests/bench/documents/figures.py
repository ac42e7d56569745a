"""How well resumes are read, beside the usual libraries, and what hostile files cost everybody else.

Reads `../shared/corpus`. Lines that begin with a file's name are about that file; the figures sum up.
"""

from __future__ import annotations

from tests.bench import Figure
from tests.bench.documents import attack, fuzz, reading


async def measure(dsn: str) -> list[Figure]:
    return [*await reading.measure(), *await fuzz.measure(), *await attack.measure(dsn)]
