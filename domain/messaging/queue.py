"""The one queue that serves inbox, jobs and outbox: claim, finish, put back.

A row is claimed by writing the worker's id into it and finished by the same worker only, so that a
worker that was thought dead and comes back changes nothing. In an ordered queue a chat's rows are
handed out one at a time, oldest first; other chats do not wait for it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    BigInteger,
    Executable,
    Integer,
    Interval,
    Table,
    bindparam,
    cast,
    exists,
    func,
    inspect,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from domain.messaging.models import Queued
from domain.orm import Base

Row = TypeVar("Row", bound=Queued)

CHANNEL = "greenroom"


class Overtaken(Exception):
    """The row is no longer ours: another worker took it over. What was done for it must not be committed."""


@dataclass(frozen=True)
class Queue(Generic[Row]):
    """Rows of `model`, in order within each chat: all where `ordered`, else those of the kinds `in_turn`."""

    model: type[Row]
    ordered: bool
    in_turn: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return str(self.model.__tablename__)  # type: ignore[attr-defined]  # every concrete row has a table

    async def claim(self, db: AsyncSession, worker_id: int, limit: int) -> Sequence[Row]:
        """Take up to `limit` rows that may run now, oldest first."""
        claimed = await db.scalars(_claim(self), {"worker": worker_id, "most": limit})
        return sorted(claimed, key=lambda each: each.id)

    async def finish(self, db: AsyncSession, claimed: Row, *, failed: bool = False) -> None:
        """Mark a row done within the transaction that holds its effects.

        The payload goes with it, but for a row that failed for good. Raises `Overtaken` where the row
        is no longer this worker's.
        """
        held = {"claimed": claimed.id, "by": claimed.worker_id, "attempt": claimed.attempts}
        finished = await db.execute(_finish(self, failed), held)
        if finished.first() is None:
            raise Overtaken(f"{self.name} {claimed.id}")

    async def put_back(self, db: AsyncSession, claimed: Row, *, after: float, error: str | None) -> None:
        """Give a row up for another try in `after` seconds; only an `error` counts as an attempt."""
        attempts = claimed.attempts if error else claimed.attempts - 1
        later = func.clock_timestamp() + cast(literal(timedelta(seconds=after)), Interval)
        await self._change(
            db, claimed, {"worker_id": None, "run_at": later, "last_error": error, "attempts": attempts}
        )

    async def note(self, db: AsyncSession, claimed: Row, words: str) -> None:
        """Leave a word in a claimed row for whoever claims it next."""
        await self._change(db, claimed, {"last_error": words})

    async def release(self, db: AsyncSession, worker_id: int, held: Collection[int]) -> None:
        """Free the worker's rows but those `held`: a claim can commit though its answer is lost."""
        row = self.model
        await db.execute(
            update(row)
            .where(row.worker_id == worker_id, row.done_at.is_(None), row.id.not_in(held))
            .values(worker_id=None)
            .execution_options(synchronize_session=False)
        )

    async def _change(self, db: AsyncSession, claimed: Row, values: dict[str, object]) -> None:
        row = self.model
        changed = await db.execute(
            update(row)
            .where(row.id == claimed.id, row.worker_id == claimed.worker_id, row.done_at.is_(None))
            .where(row.attempts == claimed.attempts)
            .values(**values)
            .execution_options(synchronize_session=False)
            .returning(row.id)
        )
        if changed.first() is None:
            raise Overtaken(f"{self.name} {claimed.id}")


# A statement on the table and its columns is compiled once; SQLAlchemy builds one on a model anew each time.


@cache
def _claim(queue: Queue[Any]) -> Executable:
    """The statement of a claim, built once: building it took a third of a claim's time."""
    table, row = _table(queue), inspect(queue.model).columns
    ready = select(row.id.label("key")).where(
        row.done_at.is_(None), row.worker_id.is_(None), row.run_at <= func.clock_timestamp()
    )
    earlier = table.alias()
    unfinished = exists().where(
        earlier.c.chat_id == row.chat_id, earlier.c.done_at.is_(None), earlier.c[row.id.key] < row.id
    )
    if queue.ordered:
        ready = ready.where(~unfinished)
    elif queue.in_turn:
        ready = ready.where(
            row.kind.not_in(queue.in_turn) | ~unfinished.where(earlier.c.kind.in_(queue.in_turn))
        )
    most = bindparam("most", type_=Integer)
    picked = ready.order_by(row.id).limit(most).with_for_update(skip_locked=True).cte("picked")
    claimed = (
        update(table)
        .where(row.id == picked.c.key)
        .values({row.worker_id: bindparam("worker", type_=BigInteger), row.attempts: row.attempts + 1})
        .returning(*table.c)
    )
    return select(queue.model).from_statement(claimed)


@cache
def _finish(queue: Queue[Any], failed: bool) -> Executable:
    """The statement that marks a row done, built once like that of a claim."""
    table, row = _table(queue), inspect(queue.model).columns
    done: dict[Any, Any] = {row.done_at: func.now(), row.failed: failed, row.updated_at: func.now()}
    if not failed:
        done[row.payload] = None
    return (
        update(table)
        .where(row.id == bindparam("claimed"), row.worker_id == bindparam("by"), row.done_at.is_(None))
        .where(row.attempts == bindparam("attempt"))
        .values(done)
        .returning(row.id)
    )


def _table(queue: Queue[Any]) -> Table:
    return Base.metadata.tables[queue.name]


async def wake(db: AsyncSession, queue: str) -> None:
    """Tell every program, when this transaction commits, that `queue` has a new row."""
    await db.execute(text("SELECT pg_notify(:channel, :queue)"), {"channel": CHANNEL, "queue": queue})
