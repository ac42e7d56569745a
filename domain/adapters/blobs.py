"""Where the sealed bytes of files live: in PostgreSQL, with the rows that name them."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import Refused
from domain.resumes.models import Blob


class PostgresBlobs:
    """`domain.ports.BlobStore` in the table `blobs`."""

    async def put(self, db: AsyncSession, key: str, sealed: bytes) -> None:
        put = insert(Blob).values(key=key, sealed=sealed)
        await db.execute(put.on_conflict_do_update(index_elements=["key"], set_={"sealed": sealed}))

    async def get(self, db: AsyncSession, key: str) -> bytes:
        found: bytes | None = await db.scalar(select(Blob.sealed).where(Blob.key == key))
        if found is None:
            raise Refused("file.gone")
        return found

    async def delete(self, db: AsyncSession, key: str) -> None:
        await db.execute(delete(Blob).where(Blob.key == key))
