"""The file of a resume in chunks: byte for byte, and whatever is done to the chunks is noticed."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import delete, insert, select, update

from domain.adapters.blobs import Blobs, object_key
from domain.adapters.crypto import Keyring, Tampered
from domain.adapters.s3 import S3Objects
from domain.database import Transactions, engine_for, transactions
from domain.errors import Refused
from domain.ports import StoredBlob
from domain.resumes import originals
from domain.resumes.models import Blob, BlobChunk
from domain.resumes.originals import SealedFile, stage_original
from tests.loopback.documents import Held
from tests.loopback.s3 import KEY_ID, REGION, SECRET, LoopbackS3

CHUNK = 1000
KEY = Keyring([secrets.token_bytes(32)]).new_person_key()
USER = uuid4()
Chunks = list[bytes]


class Store:
    """Files in the database, or in a bucket; what is stored can be taken out and put back otherwise."""

    def __init__(self, reached: Transactions, s3: LoopbackS3 | None) -> None:
        self._reached = reached
        self._s3 = s3
        self.blobs = Blobs(reached, "s3://files" if s3 else None, self._objects)

    def _objects(self, place: str) -> S3Objects:
        assert self._s3 is not None
        known = {"access_key_id": KEY_ID, "secret_access_key": SECRET, "region": REGION}
        return S3Objects(place, endpoint=self._s3.url, **known)

    async def takes(self, content: bytes) -> SealedFile:
        return await stage_original(self.blobs, KEY, Held(content).pieces(), "cv.pdf", USER, uuid4())

    async def chunks(self, blob: StoredBlob) -> Chunks:
        return [await self.blobs.fetch(blob, number) for number in range(blob.chunks)]

    async def puts(self, blob: StoredBlob, chunks: Chunks) -> StoredBlob:
        """Have these chunks, and no others, instead of what is there; the row counts them."""
        if self._s3 is not None:
            for number in range(blob.chunks):
                del self._s3.objects[f"files/{object_key(blob.key, number)}"]
            self._s3.objects |= {f"files/{object_key(blob.key, n)}": each for n, each in enumerate(chunks)}
        async with self._reached.begin() as db:
            counted = {"chunks": len(chunks)} | ({} if self._s3 else {"sealed": chunks[0]})
            await db.execute(update(Blob).where(Blob.key == blob.key).values(**counted))
            await db.execute(delete(BlobChunk).where(BlobChunk.key == blob.key))
            if self._s3 is None and chunks[1:]:
                further = [{"key": blob.key, "number": n, "sealed": each} for n, each in enumerate(chunks)]
                await db.execute(insert(BlobChunk), further[1:])
        async with self._reached() as db:
            return await self.blobs.find(db, blob.key)


@pytest.fixture(params=["here", "elsewhere"])
async def store(
    request: pytest.FixtureRequest, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Store]:
    monkeypatch.setattr(originals, "CHUNK", CHUNK)
    engine = engine_for(dsn, pool_size=2)
    async with LoopbackS3("files") as s3:
        yield Store(transactions(engine), s3 if request.param == "elsewhere" else None)
    await engine.dispose()


async def test_byte_for_byte(store: Store) -> None:
    for size in (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5):
        content = secrets.token_bytes(size)
        file = await store.takes(content)
        assert (file.size, file.blob.chunks) == (size, max(1, -(-size // CHUNK)))
        assert await file.opened() == content
        assert [len(piece) async for piece in file.pieces()][:-1] == [CHUNK] * (file.blob.chunks - 1)


TAMPERED: dict[str, Callable[[Chunks, Chunks], Chunks]] = {
    "swapped": lambda chunks, _: [chunks[1], chunks[0], *chunks[2:]],
    "swapped at the end": lambda chunks, _: [*chunks[:2], chunks[3], chunks[2]],
    "cut off": lambda chunks, _: chunks[:3],
    "cut down to one": lambda chunks, _: chunks[:1],
    "one left out": lambda chunks, _: [*chunks[:1], *chunks[2:]],
    "one twice": lambda chunks, _: [*chunks[:2], *chunks[1:]],
    "one more at the end": lambda chunks, _: [*chunks, chunks[-1]],
    "one of another file": lambda chunks, others: [*chunks[:1], others[1], *chunks[2:]],
    "the end of another file": lambda chunks, others: [*chunks[:3], others[3]],
    "a bit of one": lambda chunks, _: [*chunks[:2], chunks[2][:-1] + b"\0", chunks[3]],
}


@pytest.mark.parametrize("how", TAMPERED)
async def test_chunks_that_were_changed_do_not_open(store: Store, how: str) -> None:
    file, other = await store.takes(bytes(4 * CHUNK)), await store.takes(bytes(4 * CHUNK))
    chunks = TAMPERED[how](await store.chunks(file.blob), await store.chunks(other.blob))
    changed = replace(file, blob=await store.puts(file.blob, chunks))
    with pytest.raises(Tampered):
        await changed.opened()
    assert await other.opened() == bytes(4 * CHUNK)


@pytest.mark.parametrize("missing", [0, 1, 3])
async def test_a_chunk_that_is_gone(store: Store, missing: int) -> None:
    file = await store.takes(bytes(4 * CHUNK))
    chunks = await store.chunks(file.blob)
    if missing == 0:
        await store.blobs.discard(file.blob)
    else:
        await store.puts(file.blob, chunks[:missing])  # the file is told of as many as before
    with pytest.raises(Refused, match=r"file\.gone"):
        await file.opened()


async def test_a_file_of_before_there_were_chunks(store: Store) -> None:
    """It was sealed as a whole, as large as it was."""
    file = await store.takes(content := secrets.token_bytes(5 * CHUNK))
    place = {"table": "blobs", "column": "sealed", "user_id": USER, "row_id": file.row_id}
    whole = KEY.seal(content, **place, version=1)  # type: ignore[arg-type]  # each of its own type
    earlier = replace(file, blob=await store.puts(file.blob, [whole]))
    assert await earlier.opened() == content


async def test_nothing_of_it_is_stored_in_the_open(store: Store) -> None:
    file = await store.takes(b"a word that nobody reads" * 200)
    chunks = await store.chunks(file.blob)
    assert len(chunks) == 5
    assert not [each for each in chunks if b"nobody" in each]
    assert len(b"".join(chunks)) == file.size + 5 * 29, "a format, a nonce and a tag each"
    async with store._reached() as db:
        assert (await db.scalars(select(Blob.chunks))).all() == [5]
