"""Files outside the database: put, got and deleted over real HTTP, and whatever goes wrong on the way."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.adapters.blobs import Blobs
from domain.adapters.s3 import S3Objects
from domain.database import Transactions, engine_for, transactions
from domain.errors import Refused, Unavailable
from domain.ports import StoredBlob
from domain.resumes.models import Blob, BlobChunk
from tests.loopback.s3 import KEY_ID, REGION, SECRET, LoopbackS3

PLACE = "s3://files/of/greenroom"
CONTENT = secrets.token_bytes(300_000)


@pytest.fixture
async def s3(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LoopbackS3]:
    monkeypatch.setattr("domain.adapters.s3._TRIES", 0)
    async with LoopbackS3("files") as served:
        yield served


@pytest.fixture
async def reached(dsn: str) -> AsyncIterator[Transactions]:
    engine = engine_for(dsn, pool_size=2)
    yield transactions(engine)
    await engine.dispose()


def objects(s3: LoopbackS3, place: str = PLACE, **options: Any) -> S3Objects:
    known = {"access_key_id": KEY_ID, "secret_access_key": SECRET, "region": REGION, "endpoint": s3.url}
    return S3Objects(place, **known | options)


async def test_put_get_and_delete(s3: LoopbackS3) -> None:
    store = objects(s3)
    for key in ("a/b", "ñ and space/ü?&"):
        await store.put(key, CONTENT)
        assert await store.get(key) == CONTENT
    assert s3.objects["files/of/greenroom/a/b"] == CONTENT
    assert len([each for each in s3.asked if not each.startswith("GET")]) == 2, "one request a file"
    for _ in range(2):
        await store.delete("a/b")
    with pytest.raises(Refused, match=r"file\.gone"):
        await store.get("a/b")
    assert len(s3.objects) == 1


async def test_a_file_as_large_as_they_come_is_put_as_a_whole(s3: LoopbackS3) -> None:
    large = secrets.token_bytes(20 * 1024 * 1024)
    await objects(s3).put("large", large)
    assert s3.asked == ["PUT files/of/greenroom/large"]
    assert await objects(s3).get("large") == large


async def test_by_the_environment_as_aws_names_it(s3: LoopbackS3, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": REGION,
    }.items():
        monkeypatch.setenv(name, value)
    await S3Objects(PLACE, endpoint=s3.url).put("a", CONTENT)
    assert s3.objects == {"files/of/greenroom/a": CONTENT}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"secret_access_key": "wrong"}, "denied"),
        ({"place": "s3://others"}, "bucket"),
        ({"endpoint": "http://127.0.0.1:9"}, "unreachable"),
        ({"fails_with": 503}, "unreachable"),
        ({"fails_with": 400}, "unreachable"),
    ],
)
async def test_what_may_pass_is_told_apart(s3: LoopbackS3, options: dict[str, Any], reason: str) -> None:
    s3.fails_with = options.pop("fails_with", None)
    store = objects(s3, **options)
    for call in (store.put("a", CONTENT), store.get("a"), store.delete("a")):
        with pytest.raises(Unavailable) as away:
            await call
        assert away.value.reason == f"files.{reason}"
        assert SECRET not in str(away.value)


# A store of files: each in chunks, in the database and elsewhere alike

CHUNKS = [secrets.token_bytes(300_000), secrets.token_bytes(300_000), b"the end"]
PLACES = pytest.mark.parametrize("place", [None, PLACE], ids=["here", "elsewhere"])


def store(s3: LoopbackS3, reached: Transactions, place: str | None) -> Blobs:
    return Blobs(reached, place, lambda place: objects(s3, place))


async def coming(*chunks: bytes, then: Exception | None = None) -> AsyncIterator[bytes]:
    """Chunks as they come, and what happens after them."""
    for chunk in chunks:
        yield chunk
    if then is not None:
        raise then


async def content(blobs: Blobs, stored: StoredBlob) -> list[bytes]:
    return [await blobs.fetch(stored, number) for number in range(stored.chunks)]


async def rows(reached: Transactions) -> list[tuple[bool, str | None, bool, int]]:
    """Of each file whether its first chunk is here, its place, whether it is doomed, and its chunks."""
    async with reached() as db:
        found = await db.scalars(select(Blob).order_by(Blob.created_at))
        return [(f.sealed is not None, f.place, f.doomed_at is not None, f.chunks) for f in found]


async def is_empty(s3: LoopbackS3, reached: Transactions) -> bool:
    async with reached() as db:
        return not s3.objects and not await db.scalar(select(BlobChunk.key)) and not await rows(reached)


@PLACES
async def test_a_file_commits_with_its_row(s3: LoopbackS3, reached: Transactions, place: str | None) -> None:
    blobs, here = store(s3, reached, place), place is None
    staged = await blobs.stage("owner", coming(*CHUNKS))
    assert await rows(reached) == [(here, place, True, 3)], "until it is kept"
    async with reached.begin() as db:
        await blobs.keep(db, staged)
    assert await rows(reached) == [(here, place, False, 3)]
    assert sorted(s3.objects.values()) == ([] if here else sorted(CHUNKS))
    async with reached() as db:
        assert await blobs.find(db, staged.key) == staged
    assert await content(blobs, staged) == CHUNKS
    assert await blobs.clear() == 0
    async with reached.begin() as db:
        await blobs.delete(db, staged.key)
    assert len(s3.objects) == (0 if here else 3), "nothing is asked of the network within a transaction"
    assert await blobs.clear() == (0 if here else 1)
    assert await is_empty(s3, reached)
    with pytest.raises(Refused, match=r"file\.gone"):
        await content(blobs, staged)


@PLACES
@pytest.mark.parametrize("count", [0, 1, 2])
async def test_of_a_file_that_does_not_come_to_its_end_nothing_is_left(
    s3: LoopbackS3, reached: Transactions, place: str | None, count: int
) -> None:
    blobs = store(s3, reached, place)
    with pytest.raises(Unavailable, match="cut"):
        await blobs.stage("owner", coming(*CHUNKS[:count], then=Unavailable("cut")))
    assert await is_empty(s3, reached)
    staged = await blobs.stage("owner", coming(*CHUNKS))
    await blobs.discard(staged)
    assert await is_empty(s3, reached)
    with pytest.raises(Unavailable, match="overtaken"):
        async with reached.begin() as db:
            await blobs.keep(db, staged)


@PLACES
async def test_what_nobody_kept_is_cleared_away(
    s3: LoopbackS3, reached: Transactions, place: str | None
) -> None:
    """As after a crash between putting and keeping, and in the middle of putting."""
    blobs = store(s3, reached, place)
    left = await blobs.stage("owner", coming(*CHUNKS))
    going_on, held_up = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield CHUNKS[0]
        yield CHUNKS[1]
        going_on.set()
        await held_up.wait()

    killed = asyncio.create_task(blobs.stage("owner", slow()))
    await going_on.wait()
    killed.cancel()
    await asyncio.wait([killed])
    assert [chunks for *_, chunks in await rows(reached)] == [3, 2]
    assert await blobs.clear() == 0, "it may be kept yet"
    async with reached.begin() as db:
        await db.execute(update(Blob).values(doomed_at=Blob.doomed_at - timedelta(days=1, seconds=1)))
    assert await blobs.clear() == 2
    assert await is_empty(s3, reached)
    with pytest.raises(Unavailable):
        async with reached.begin() as db:
            await blobs.keep(db, left)


@PLACES
async def test_a_file_that_was_cleared_away_grows_no_more(
    s3: LoopbackS3, reached: Transactions, place: str | None
) -> None:
    blobs = store(s3, reached, place)

    async def slow() -> AsyncIterator[bytes]:
        yield CHUNKS[0]
        async with reached.begin() as db:
            await db.execute(update(Blob).values(doomed_at=Blob.created_at))
        assert await blobs.clear() == 1
        yield CHUNKS[1]

    with pytest.raises(Unavailable, match="overtaken"):
        await blobs.stage("owner", slow())
    assert await is_empty(s3, reached)


async def test_what_cannot_be_deleted_now_is_deleted_later(s3: LoopbackS3, reached: Transactions) -> None:
    blobs = store(s3, reached, PLACE)
    staged = await blobs.stage("owner", coming(*CHUNKS))
    async with reached.begin() as db:
        await blobs.keep(db, staged)
        await blobs.delete(db, staged.key)
    s3.fails_with = 503
    assert await blobs.clear() == 0
    assert await rows(reached) == [(False, PLACE, True, 3)]
    with pytest.raises(Unavailable):
        await blobs.stage("owner", coming(*CHUNKS))
    s3.fails_with = None
    assert await blobs.clear() == 2
    assert await is_empty(s3, reached)


async def test_files_stay_readable_where_they_were_put(s3: LoopbackS3, reached: Transactions) -> None:
    """From the database to a bucket, to another, and back."""
    s3.buckets.add("elsewhere")
    known: dict[str, list[bytes]] = {}
    for place in (None, PLACE, "s3://elsewhere", None):
        blobs = store(s3, reached, place)
        chunks = [secrets.token_bytes(100) for _ in range(2)]
        staged = await blobs.stage("owner", coming(*chunks))
        async with reached.begin() as db:
            await blobs.keep(db, staged)
        known[staged.key] = chunks
        for key, expected in known.items():
            async with reached() as db:
                found = await blobs.find(db, key)
            assert await content(blobs, found) == expected
    places = [place for _, place, *_ in await rows(reached)]
    assert places == [None, PLACE, "s3://elsewhere", None]
    for key in known:
        async with reached.begin() as db:
            await blobs.delete(db, key)
    assert await blobs.clear() == 2
    assert await is_empty(s3, reached)
    with pytest.raises(Refused, match=r"file\.gone"):
        async with reached() as db:
            await blobs.find(db, key)
