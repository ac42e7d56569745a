"""Documents with bytes changed, cut out and put in at random, read one after the other."""

from __future__ import annotations

import asyncio
import io
import random
import time
import zipfile
from collections import Counter
from pathlib import Path

from domain.errors import Refused
from tests.bench import Figure
from tests.bench.documents.reading import say
from tests.bench.documents.scores import RESUMES, resumes
from tests.loopback.documents import BytesReader

FILES = 2_000
LONGEST = 15.0  # seconds, the goal for a clear sentence
SEED = 5
PHOTOS = RESUMES / "files" / "photos-jpg"


async def measure() -> list[Figure]:
    """Every one must end in text or a reason; whatever else is raised ends the run."""
    chance = random.Random(SEED)
    originals = [resume.path for resume in resumes(".pdf", ".docx")] + sorted(PHOTOS.iterdir())
    small = [path for path in originals if path.stat().st_size < 200_000]
    reader = BytesReader()
    outcomes: Counter[str] = Counter()
    seconds: list[float] = []
    turns = asyncio.Semaphore(2)

    async def one(content: bytes) -> None:
        async with turns:
            began = time.perf_counter()
            try:
                outcomes["text" if (await reader.read(content, "cv.pdf")).text else "pictures"] += 1
            except Refused as refused:
                outcomes[refused.reason] += 1
            seconds.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        for _ in range(FILES):
            group.create_task(one(mutated(chance.choice(small), chance)))
            await asyncio.sleep(0)
    await reader.close()
    say(f"fuzz: {', '.join(f'{outcome} {times}' for outcome, times in outcomes.most_common())}")
    return [Figure(f"slowest of {FILES:,} mutated files", max(seconds), LONGEST, "s", "the goal")]


def mutated(path: Path, chance: random.Random) -> bytes:
    """A file with a few bytes changed; of a Word document also those of its XML, packed again."""
    content = path.read_bytes()
    if path.suffix == ".docx" and chance.random() < 0.7:
        packed = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
            for name in old.namelist():
                member = old.read(name)
                new.writestr(name, changed(member, chance) if chance.random() < 0.3 else member)
        return packed.getvalue()
    return changed(content, chance)


def changed(content: bytes, chance: random.Random) -> bytes:
    made = bytearray(content or b"\0")
    for _ in range(chance.randint(1, 20)):
        at = chance.randrange(len(made))
        match chance.randrange(4):
            case 0:
                made[at] = chance.randrange(256)
            case 1:
                del made[at : at + chance.randint(1, 200)]
                made = made or bytearray(b"\0")
            case 2:
                made[at:at] = chance.randbytes(chance.randint(1, 50))
            case 3:
                piece = made[at : at + chance.randint(1, 500)]
                made[chance.randrange(len(made)) :] = piece * chance.randint(1, 5) + made[at:]
    return bytes(made)
