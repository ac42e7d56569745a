"""Rows of a queue, and what workers do with them, each in a transaction of its own."""

from __future__ import annotations

from sqlalchemy import delete, insert, text

from domain.database import Transactions
from domain.messaging.liveness import free
from domain.messaging.models import Outbox, Worker
from domain.messaging.pipe import OUTBOX


async def put(begun: Transactions, chat_id: int, count: int = 1) -> list[int]:
    """Messages of a chat, oldest first."""
    async with begun.begin() as db:
        rows = [Outbox(chat_id=chat_id, kind="message", payload=b"sealed") for _ in range(count)]
        for row in rows:
            db.add(row)
            await db.flush()
        return [row.id for row in rows]


async def claim(begun: Transactions, worker_id: int, limit: int = 1) -> list[Outbox]:
    async with begun.begin() as db:
        return list(await OUTBOX.claim(db, worker_id, limit))


async def finish(begun: Transactions, row: Outbox, *, failed: bool = False) -> None:
    async with begun.begin() as db:
        await OUTBOX.finish(db, row, failed=failed)


async def put_back(begun: Transactions, row: Outbox, *, after: float, error: str | None) -> None:
    async with begun.begin() as db:
        await OUTBOX.put_back(db, row, after=after, error=error)


async def row_of(begun: Transactions, row_id: int) -> Outbox:
    async with begun() as db:
        return await db.get_one(Outbox, row_id)


async def new_worker(begun: Transactions) -> int:
    async with begun.begin() as db:
        return (await db.execute(insert(Worker).values().returning(Worker.id))).scalar_one()


async def bury(begun: Transactions, worker_id: int) -> None:
    async with begun.begin() as db:
        await db.execute(delete(Worker).where(Worker.id == worker_id))
        await db.execute(text(free("outbox")))
