"""What goes into the pipe: updates, jobs and messages, sealed before they are written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.messaging.job import Job
from domain.messaging.models import Inbox, JobRow, Outbox, Queued
from domain.messaging.queue import Queue, wake
from domain.ports import Keyring

INBOX = Queue(Inbox, ordered=True)
JOBS = Queue(JobRow, ordered=False, in_turn=("receive_resume", "analyse_resume"))  # files keep their order
OUTBOX = Queue(Outbox, ordered=True)


@dataclass(frozen=True)
class Received:
    """An update as it came. `chat_id` is None where it belongs to no chat."""

    update_id: int
    chat_id: int | None
    payload: bytes


class Pipe:
    """Writes to the three queues within the caller's transaction, and opens what was sealed."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    async def receive(self, db: AsyncSession, updates: Sequence[Received]) -> None:
        """Store updates; one that is already known changes nothing."""
        rows = [
            {"id": u.update_id, "chat_id": u.chat_id, "payload": self._seal("inbox", u.chat_id, u.payload)}
            for u in updates
        ]
        if rows:
            await db.execute(insert(Inbox).on_conflict_do_nothing(), rows)
            await wake(db, INBOX.name)

    async def schedule(self, db: AsyncSession, job: Job, chat_id: int | None, *, after: float = 0.0) -> None:
        """Have a job done once this transaction commits, or `after` seconds later."""
        sealed = self._seal("jobs", chat_id, job.model_dump_json().encode())
        row = JobRow(kind=job.name, chat_id=chat_id, payload=sealed)
        if after:
            row.run_at = func.clock_timestamp() + timedelta(seconds=after)
        db.add(row)
        await wake(db, JOBS.name)

    async def send(
        self,
        db: AsyncSession,
        chat_id: int,
        kind: str,
        content: Mapping[str, Any],
        *,
        slot: str | None = None,
    ) -> None:
        """Put a message into the outbox; the chat's row is locked, so that order is that of commits."""
        sealed = self._seal("outbox", chat_id, json.dumps(content).encode())
        db.add(Outbox(chat_id=chat_id, kind=kind, slot=slot, payload=sealed))
        await db.flush()
        await wake(db, OUTBOX.name)

    async def message_in_slot(self, db: AsyncSession, chat_id: int, slot: str) -> int | None:
        """Telegram's id of the message that was last sent into `slot` of a chat."""
        found: int | None = await db.scalar(
            select(Outbox.message_id)
            .where(Outbox.chat_id == chat_id, Outbox.slot == slot, Outbox.message_id.is_not(None))
            .order_by(Outbox.id.desc())
            .limit(1)
        )
        return found

    def open(self, row: Queued) -> bytes:
        """The payload of a claimed row."""
        assert row.payload is not None
        return self._keyring.open(row.payload, self._context(row.__tablename__, row.chat_id))  # type: ignore[attr-defined]  # every concrete row has a table

    def job(self, row: JobRow) -> Job:
        """The job a row describes; KeyError for a kind this program does not know."""
        return Job.kinds[row.kind].model_validate_json(self.open(row))

    def _seal(self, table: str, chat_id: int | None, plain: bytes) -> bytes:
        return self._keyring.seal(plain, self._context(table, chat_id))

    @staticmethod
    def _context(table: str, chat_id: int | None) -> str:
        return f"{table}|payload|{chat_id}"
