"""Files outside the database: put, got and deleted over real HTTP, and whatever goes wrong on the way."""

from __future__ import annotations

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
from domain.resumes.models import Blob
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


async def rows(reached: Transactions) -> list[tuple[bool, str | None, bool]]:
    """Of each file whether its bytes are here, its place, and whether it is doomed."""
    async with reached() as db:
        found = await db.scalars(select(Blob).order_by(Blob.created_at))
        return [(each.sealed is not None, each.place, each.doomed_at is not None) for each in found]


async def test_a_file_commits_with_its_row(s3: LoopbackS3, reached: Transactions) -> None:
    blobs = Blobs(reached, PLACE, lambda place: objects(s3, place))
    staged = await blobs.stage("owner", CONTENT)
    assert await rows(reached) == [(False, PLACE, True)], "until it is kept"
    async with reached.begin() as db:
        await blobs.keep(db, staged)
    assert await rows(reached) == [(False, PLACE, False)]
    async with reached() as db:
        found = await blobs.find(db, staged.key)
    assert await blobs.fetch(found) == CONTENT
    assert await blobs.clear() == 0
    async with reached.begin() as db:
        await blobs.delete(db, staged.key)
    assert len(s3.objects) == 1, "nothing is asked of the network within a transaction"
    assert await blobs.clear() == 1
    assert not s3.objects
    assert await rows(reached) == []


async def test_what_nobody_kept_is_cleared_away(s3: LoopbackS3, reached: Transactions) -> None:
    """As after a crash between putting and keeping, and in the middle of putting."""
    blobs = Blobs(reached, PLACE, lambda place: objects(s3, place))
    left = await blobs.stage("owner", CONTENT)
    s3.fails_with = 500
    with pytest.raises(Unavailable):
        await blobs.stage("owner", CONTENT)
    s3.fails_with = None
    assert await blobs.clear() == 0, "it may be kept yet"
    async with reached.begin() as db:
        await db.execute(update(Blob).values(doomed_at=Blob.doomed_at - timedelta(days=1, seconds=1)))
    assert await blobs.clear() == 2
    assert (s3.objects, await rows(reached)) == ({}, [])
    with pytest.raises(Unavailable):
        async with reached.begin() as db:
            await blobs.keep(db, left)


async def test_what_cannot_be_deleted_now_is_deleted_later(s3: LoopbackS3, reached: Transactions) -> None:
    blobs = Blobs(reached, PLACE, lambda place: objects(s3, place))
    staged = await blobs.stage("owner", CONTENT)
    async with reached.begin() as db:
        await blobs.keep(db, staged)
        await blobs.delete(db, staged.key)
    s3.fails_with = 503
    assert await blobs.clear() == 0
    assert await rows(reached) == [(False, PLACE, True)]
    s3.fails_with = None
    assert await blobs.clear() == 1


async def test_files_stay_readable_where_they_were_put(s3: LoopbackS3, reached: Transactions) -> None:
    """From the database to a bucket, to another, and back."""
    s3.buckets.add("elsewhere")
    keys = {}
    for place in (None, PLACE, "s3://elsewhere", None):
        blobs = Blobs(reached, place, lambda place: objects(s3, place))
        staged = await blobs.stage("owner", content := secrets.token_bytes(100))
        async with reached.begin() as db:
            await blobs.keep(db, staged)
        keys[staged.key] = content
        for key, known in keys.items():
            async with reached() as db:
                found = await blobs.find(db, key)
            assert await blobs.fetch(found) == known
    places = [place for _, place, _ in await rows(reached)]
    assert places == [None, PLACE, "s3://elsewhere", None]
    for key in keys:
        async with reached.begin() as db:
            await blobs.delete(db, key)
    assert await blobs.clear() == 2
    assert not s3.objects
    with pytest.raises(Refused, match=r"file\.gone"):
        async with reached() as db:
            await blobs.find(db, key)
