"""What of every table an export tells, and what it leaves out with the reason.

A table or column that is in neither fails `tests/domain/test_exports.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from domain.orm import Base

_TIMES = ("created_at", "updated_at")
_SHARED = ("is_public", "share_expires_at", "share_views", "share_parts")

TOLD: Mapping[str, tuple[str, ...]] = {
    "users": (
        *("id", "email", "full_name", "avatar_url", "is_active", "is_email_verified", "last_login_at"),
        *_TIMES,
    ),
    "chats": (
        *("chat_id", "telegram_user_id", "telegram_name", "telegram_username", "language"),
        *("step", "turn", "memo", "blocked_at"),
        *_TIMES,
    ),
    "user_sessions": (
        *("id", "expires_at", "last_activity", "ip_address", "user_agent", "session_data", "is_active"),
        *_TIMES,
    ),
    "token_blacklist": ("expires_at", "reason", *_TIMES),
    "login_attempts": ("ip_address", "success", "locked_until", *_TIMES),
    "password_history": ("is_active", *_TIMES),
    "background_information": (
        *("experience_level", "primary_domain", "programming_languages", "software_tools"),
        *("hardware_setup", "technical_preferences"),
        *_TIMES,
    ),
    "personalization_profiles": (
        *("recommended_content", "preferred_categories", "last_personalization_update"),
        *_TIMES,
    ),
    "practice_cards": (
        *("id", "question_id", "due", "last_review", "stability", "difficulty", "rating"),
        *_TIMES,
    ),
    "reminders": ("chat_id", "time_of_day", "time_zone", "due_at", "next_at", "last_on", *_TIMES),
    "resumes": (
        *("id", "title", "description", "version", "parent_version_id", "status"),
        *("file_name", "file_size", "file_type", "inferred_role", "years_of_experience", "skills"),
        *("confidence_score", "processing_time", "hidden_text", "analysis", "extracted_text"),
        *_SHARED,
        *_TIMES,
    ),
    "interview_sessions": (
        *("id", "resume_id", "is_practice", "kind", "question_count", "language", "difficulty"),
        *("target_role", "job_description", "status", "plan", "started_at", "completed_at"),
        *("final_score", "feedback_summary", "practise", "provisional"),
        *_SHARED,
        *_TIMES,
    ),
    "interview_questions": (
        *("id", "position", "plan_index", "follow_up", "follow_up_of", "follow_up_reason", "attempt"),
        *("status", "kind", "competency", "difficulty", "question_text", "earlier_wordings"),
        *("hint", "hint_used", "rubric", "transcript", "answer_text", "answer_parts", "delivery"),
        *("answered_at", "revision", "verdicts", "evidence", "star", "objection", "verdicts_before"),
        *("evaluation_score", "feedback_comment", "model_answer", "provisional", "declined"),
        *("evaluated_by", "prompt_version", "set_aside"),
        *_TIMES,
    ),
    "model_calls": ("kind", "model", "outcome", "tokens_in", "tokens_out", "cost_usd", "created_at"),
}

_OWNER = "whose it is stands once, as the account"
_SHORT_LIVED = "good for minutes and deleted within days; what it holds besides is a hash or told elsewhere"
_PASSING = "work that passes through: once done it holds no content, and what came of it is told"
_HASH = "a hash, which opens nothing for its owner and might help others"

LEFT_OUT: Mapping[str, str] = {
    "person_keys": "the key that seals the files, which come opened",
    "blobs": "the files themselves, which come as they were sent",
    "blob_chunks": "parts of these files",
    "email_codes": _SHORT_LIVED,
    "chat_links": _SHORT_LIVED,
    "password_pages": _SHORT_LIVED,
    "password_reset_tokens": _SHORT_LIVED,
    "inbox": _PASSING,
    "jobs": _PASSING,
    "outbox": _PASSING,
    "exports": "the export itself",
    "export_chunks": "the export itself",
    "workers": "programs, no persons",
    "model_breakers": "of the installation, no person's",
    "users.hashed_password": _HASH,
    "chats.user_id": _OWNER,
    "chats.session_id": "which session it is says the session, by the number of its chat",
    "user_sessions.user_id": _OWNER,
    "user_sessions.session_id": "part of what signs a chat in",
    "user_sessions.session_token": _HASH,
    "token_blacklist.id": "names a row that nothing else names",
    "token_blacklist.user_id": _OWNER,
    "token_blacklist.token_id": "part of what signed a chat in",
    "login_attempts.id": "names a row that nothing else names",
    "login_attempts.user_id": _OWNER,
    "password_history.id": "names a row that nothing else names",
    "password_history.user_id": _OWNER,
    "password_history.password_hash": _HASH,
    "background_information.id": "names a row that nothing else names",
    "background_information.user_id": _OWNER,
    "personalization_profiles.id": "names a row that nothing else names",
    "personalization_profiles.user_id": _OWNER,
    "practice_cards.user_id": _OWNER,
    "reminders.user_id": _OWNER,
    "resumes.user_id": _OWNER,
    "resumes.file_path": "where the sealed file lies; the file itself comes along",
    "resumes.share_token": _HASH,
    "interview_sessions.user_id": _OWNER,
    "interview_sessions.share_token": _HASH,
    "interview_questions.session_id": "told within its interview",
    "model_calls.id": "calls are counted by month",
    "model_calls.user_id": _OWNER,
    "model_calls.prompt_version": "of the program, no person's",
    "model_calls.latency_ms": "of the program, no person's",
    "model_calls.updated_at": "calls are counted by month",
}


def record(row: Base) -> dict[str, Any]:
    """What is told of a row: its columns by their names."""
    return {column: plain(getattr(row, column)) for column in TOLD[row.__tablename__]}


def plain(value: Any) -> Any:
    """A value as JSON knows it; times are ISO 8601 with their zone."""
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case Enum():
            return value.value
        case UUID():
            return str(value)
        case Decimal():
            return float(value)
        case _:
            return value
