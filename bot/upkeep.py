"""What one program does for all from time to time: rows that have had their day are deleted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, inspect, select
from sqlalchemy.orm import InstrumentedAttribute

from bot.settings import Settings
from bot.worker import is_database_away
from domain.accounts.models import (
    ChatLink,
    EmailCode,
    LoginAttempt,
    PasswordPage,
    PasswordResetToken,
    TokenBlacklist,
    UserSession,
)
from domain.calls.models import ModelCall
from domain.database import Transactions
from domain.exports.models import Export
from domain.messaging.liveness import Liveness, Role
from domain.messaging.models import Inbox, JobRow, Outbox, Queued
from domain.orm import Base
from domain.ports import BlobStore

log = logging.getLogger(__name__)

Moment = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]

EVERY_SECONDS = 600.0
CLEAR_SECONDS = 60.0
BATCH = 1000
# Telegram keeps an update for a day, so an older id cannot come again.
QUEUES_KEPT = timedelta(days=3)
# A year can be held against the one before.
CALLS_KEPT = timedelta(days=400)


@dataclass(frozen=True)
class Rule:
    """Which rows of a table have had their day."""

    table: type[Base]
    old: ColumnElement[bool]


def rules(settings: Settings) -> list[Rule]:
    """What is pruned, and when. Of the queues, what failed stays for the operator."""
    codes = timedelta(days=settings.codes_kept_days)
    sessions = timedelta(days=settings.sessions_kept_days)
    attempts = timedelta(days=settings.attempts_kept_days)
    return [
        Rule(Inbox, _is_done(Inbox)),
        Rule(JobRow, _is_done(JobRow)),
        Rule(Outbox, _is_done(Outbox)),
        Rule(TokenBlacklist, _past(TokenBlacklist.expires_at)),
        Rule(UserSession, _past(UserSession.expires_at, sessions)),
        Rule(PasswordResetToken, _past(PasswordResetToken.expires_at, codes)),
        Rule(EmailCode, _past(EmailCode.expires_at, codes)),
        Rule(ChatLink, _past(ChatLink.expires_at, codes)),
        Rule(PasswordPage, _past(PasswordPage.expires_at, codes)),
        Rule(LoginAttempt, _past(LoginAttempt.created_at, attempts)),
        Rule(Export, _past(Export.created_at, QUEUES_KEPT)),
        Rule(ModelCall, _past(ModelCall.created_at, CALLS_KEPT)),
    ]


async def run(
    transactions: Transactions, liveness: Liveness, pruned: Sequence[Rule], every: float = EVERY_SECONDS
) -> None:
    """Prune until cancelled, while this program leads."""
    while True:
        try:
            for rule in pruned:
                await _prune(transactions, liveness, rule)
        except Exception as error:
            if not is_database_away(error):
                raise
            log.warning("nothing pruned: the database is away")
        await asyncio.sleep(every)


async def clear(blobs: BlobStore, liveness: Liveness, every: float) -> None:
    """Delete files outside the database that nothing names any more, while this program leads."""
    while True:
        try:
            if await liveness.leads(Role.PRUNE) and (count := await blobs.clear()):
                log.info("files deleted", extra={"count": count})
        except Exception as error:
            if not is_database_away(error):
                raise
            log.warning("no files deleted: the database is away")
        await asyncio.sleep(every)


async def _prune(transactions: Transactions, liveness: Liveness, rule: Rule) -> None:
    """In batches, so that no lock is held for long; another leader goes on where this one left off."""
    (key,) = inspect(rule.table).primary_key
    # A row in use is left for the next time, and two leaders in a row never wait for each other.
    old = select(key).where(rule.old).limit(BATCH).with_for_update(skip_locked=True)
    gone, count = BATCH, 0
    while gone == BATCH and await liveness.leads(Role.PRUNE):
        async with transactions.begin() as db:
            deleted = await db.execute(delete(rule.table).where(key.in_(old)).returning(key))
            gone = len(deleted.all())
        count += gone
    if count:
        log.info("pruned", extra={"kind": rule.table.__tablename__, "count": count})


def _is_done(queue: type[Queued]) -> ColumnElement[bool]:
    return _past(queue.done_at, QUEUES_KEPT) & ~queue.failed


def _past(moment: Moment, kept: timedelta = timedelta()) -> ColumnElement[bool]:
    return moment < func.now() - kept
