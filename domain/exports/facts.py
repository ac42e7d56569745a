"""What is kept of a person, read from the database as an export tells it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts.models import LoginAttempt, PasswordHistory, TokenBlacklist, User, UserSession
from domain.background.models import BackgroundInformation
from domain.calls.models import ModelCall
from domain.exports.contents import plain, record
from domain.interviews.models import InterviewQuestion, InterviewSession
from domain.messaging.models import Chat
from domain.orm import Base
from domain.personalization.models import PersonalizationProfile, PracticeCard, Reminder
from domain.resumes.models import Resume

MANY: dict[str, type[Base]] = {
    "chats": Chat,
    "sessions": UserSession,
    "ended_sessions": TokenBlacklist,
    "login_attempts": LoginAttempt,
    "password_changes": PasswordHistory,
    "practice_cards": PracticeCard,
}
ONE: dict[str, type[Base]] = {
    "background": BackgroundInformation,
    "profile": PersonalizationProfile,
    "reminders": Reminder,
}


async def facts(db: AsyncSession, user_id: UUID, now: datetime) -> dict[str, Any]:
    """Everything but resumes and interviews, which have files of their own."""
    told: dict[str, Any] = {"exported_at": plain(now), "account": record(await db.get_one(User, user_id))}
    for name, table in MANY.items():
        told[name] = await _records(db, table, user_id)
    for name, table in ONE.items():
        told[name] = next(iter(await _records(db, table, user_id)), None)
    return told | {"model_calls": await _calls(db, user_id)}


async def _records(db: AsyncSession, table: type[Base], user_id: UUID) -> list[dict[str, Any]]:
    columns = table.__table__.c
    wanted = select(table).where(columns.user_id == user_id).order_by(columns.created_at)
    return [record(row) for row in await db.scalars(wanted)]


async def _calls(db: AsyncSession, user_id: UUID) -> list[dict[str, Any]]:
    """How many calls of models there were, by month, kind, model and outcome."""
    month = func.to_char(func.timezone("UTC", ModelCall.created_at), "YYYY-MM").label("month")
    groups = (month, ModelCall.kind, ModelCall.model, ModelCall.outcome)
    sums = [func.sum(each).label(each.key) for each in _SUMMED]
    found = await db.execute(
        select(*groups, func.count().label("calls"), *sums)
        .where(ModelCall.user_id == user_id)
        .group_by(*groups)
        .order_by(*groups)
    )
    return [{name: plain(value) for name, value in row.items()} for row in found.mappings()]


_SUMMED = (ModelCall.tokens_in, ModelCall.tokens_out, ModelCall.cost_usd)


async def resume_ids(db: AsyncSession, user_id: UUID) -> list[UUID]:
    """Every version of every resume, the oldest first."""
    wanted = select(Resume.id).where(Resume.user_id == user_id)
    return list(await db.scalars(wanted.order_by(Resume.created_at, Resume.id)))


async def interview_ids(db: AsyncSession, user_id: UUID) -> list[UUID]:
    """Every interview and every question practised by itself, the oldest first."""
    wanted = select(InterviewSession.id).where(InterviewSession.user_id == user_id)
    return list(await db.scalars(wanted.order_by(InterviewSession.started_at, InterviewSession.id)))


async def interview(db: AsyncSession, session_id: UUID) -> dict[str, Any] | None:
    """An interview with its questions, second tries beside the first ones; None where it is gone."""
    session = await db.get(InterviewSession, session_id)
    if session is None:
        return None
    turns = await db.scalars(
        select(InterviewQuestion)
        .where(InterviewQuestion.session_id == session_id)
        .order_by(InterviewQuestion.position, InterviewQuestion.follow_up, InterviewQuestion.attempt)
    )
    return record(session) | {"questions": [record(turn) for turn in turns]}


def as_json(value: object) -> bytes:
    """What a person may read as well as a program."""
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"
