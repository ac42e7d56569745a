"""What one program does for all from time to time: rows that are done are taken out of the queues."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from sqlalchemy import delete, func, literal_column, select
from sqlalchemy.sql.elements import ColumnElement

from bot.worker import is_database_away
from domain.database import Transactions
from domain.messaging.liveness import Liveness, Role
from domain.messaging.models import Inbox, JobRow, Outbox, Queued

log = logging.getLogger(__name__)

EVERY_SECONDS = 600.0
BATCH = 1000
TABLES: Iterable[type[Queued]] = (Inbox, JobRow, Outbox)
# Telegram keeps an update for a day, so an older id cannot come again (FINDINGS.md).
KEPT: ColumnElement[object] = literal_column("interval '3 days'")


async def run(transactions: Transactions, liveness: Liveness) -> None:
    """Prune until cancelled, while this program leads."""
    while True:
        try:
            if await liveness.leads(Role.PRUNE):
                for table in TABLES:
                    await _prune(transactions, table)
        except Exception as error:
            if not is_database_away(error):
                raise
            log.warning("nothing pruned: the database is away")
        await asyncio.sleep(EVERY_SECONDS)


async def _prune(transactions: Transactions, table: type[Queued]) -> None:
    """In batches, so that no lock is held for long. What failed stays for the operator."""
    while True:
        async with transactions.begin() as db:
            old = select(table.id).where(table.done_at < func.now() - KEPT, ~table.failed).limit(BATCH)
            gone = (await db.execute(delete(table).where(table.id.in_(old)).returning(table.id))).all()
        if len(gone) < BATCH:
            return
