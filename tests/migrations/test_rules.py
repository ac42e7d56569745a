"""What the database itself refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

ANA = "'11111111-1111-4111-8111-111111111111'"
LEAST = {
    "users": {"email": "'bo@example.org'", "full_name": "'Bo'", "hashed_password": "'x'"},
    "user_sessions": {"user_id": ANA, "session_id": "'s'", "session_token": "'t'", "expires_at": "now()"},
    "token_blacklist": {"user_id": ANA, "token_id": "'t'", "expires_at": "now()"},
    "password_reset_tokens": {"user_id": ANA, "token": "'t'", "expires_at": "now()"},
    "background_information": {"user_id": ANA},
    "personalization_profiles": {"user_id": ANA},
    "resumes": {
        "user_id": ANA,
        "title": "'CV'",
        "file_path": "'key'",
        "file_name": "'cv.pdf'",
        "file_size": "1",
        "file_type": "'pdf'",
    },
    "interview_sessions": {"user_id": ANA, "kind": "'mixed'", "question_count": "3", "language": "'en'"},
}

Values = list[str]
RULES: list[tuple[str, str, str, Values, Values]] = [
    (
        "users",
        "email",
        "email",
        ["'bo@example.org'", "'ñandú@example.org'"],
        ["'Bo@example.org'", "'bo'", "'@example.org'", "'ÑANDÚ@example.org'"],
    ),
    (
        "user_sessions",
        "expires_at",
        "thirty_days",
        ["now() + interval '30 days'"],
        ["now() + interval '30 days 1 second'"],
    ),
    (
        "password_reset_tokens",
        "expires_at",
        "fifteen_minutes",
        ["now() + interval '15 minutes'"],
        ["now() + interval '15 minutes 1 second'"],
    ),
    (
        "background_information",
        "software_tools",
        "software_tools_schema",
        ["'[\"git\"]'"],
        ["'{}'", "'\"git\"'", "'null'"],
    ),
    (
        "background_information",
        "programming_languages",
        "programming_languages_schema",
        ["'[]'"],
        ["'{}'", "'1'"],
    ),
    (
        "background_information",
        "hardware_setup",
        "hardware_setup_schema",
        ["'{}'"],
        ["'[]'", "'\"a laptop\"'", "'null'"],
    ),
    (
        "background_information",
        "technical_preferences",
        "technical_preferences_schema",
        ['\'{"notes": "tabs"}\''],
        ["'[]'", "'true'"],
    ),
    (
        "background_information",
        "experience_level",
        "experience_level",
        ["'expert'", "NULL"],
        ["'Expert'", "''"],
    ),
    (
        "personalization_profiles",
        "recommended_content",
        "recommended_content_array",
        ["'[]'"],
        ["'{}'", "'\"x\"'"],
    ),
    ("personalization_profiles", "preferred_categories", "preferred_categories_array", ["'[]'"], ["'{}'"]),
    ("resumes", "file_type", "file_type", ["'pdf'", "'docx'", "'jpeg'", "'png'", "'text'"], ["'exe'"]),
    ("resumes", "status", "status", ["'pending'", "'analyzed'", "'failed'"], ["'analysed'"]),
    ("resumes", "version", "version", ["1"], ["0"]),
    ("resumes", "confidence_score", "confidence_score", ["0", "1", "NULL"], ["1.1", "-0.1"]),
    ("interview_sessions", "final_score", "final_score", ["0", "10", "NULL"], ["10.1", "-1"]),
    ("interview_sessions", "question_count", "question_count", ["1", "20"], ["0", "21"]),
]


def inserted(table: str, **values: str) -> str:
    """SQL for a new row with these expressions as values, and what else the table must have."""
    row = LEAST[table] | values
    if "id" not in row and table != "password_reset_tokens":
        row["id"] = "gen_random_uuid()"
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(row.values())})"  # noqa: S608  # of this module


@pytest.fixture
async def connection(dsn: str) -> AsyncIterator[Any]:
    """A connection to a database in which Ana has an account."""
    connected = await asyncpg.connect(dsn)
    await connected.execute(inserted("users", id=ANA, email="'ana@example.org'"))
    yield connected
    await connected.close()


@pytest.mark.parametrize(
    ("table", "column", "rule", "good", "bad"), RULES, ids=[f"{table}-{rule}" for table, _, rule, *_ in RULES]
)
async def test_rules(connection: Any, table: str, column: str, rule: str, good: Values, bad: Values) -> None:
    for value in good:
        undone = connection.transaction()
        await undone.start()
        await connection.execute(inserted(table, **{column: value}))
        await undone.rollback()
    for value in bad:
        with pytest.raises(asyncpg.CheckViolationError) as refused:
            await connection.execute(inserted(table, **{column: value}))
        assert refused.value.constraint_name == f"ck_{table}_{rule}"


@pytest.mark.parametrize(
    "table",
    ["users", "background_information", "personalization_profiles", "user_sessions", "token_blacklist"],
)
async def test_one_of_a_kind(connection: Any, table: str) -> None:
    await connection.execute(inserted(table))
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute(inserted(table))


async def test_erasing_a_person_erases_all_that_is_theirs(connection: Any) -> None:
    """Every reference to a user is followed or let go by the database itself."""
    references = await connection.fetch(
        "SELECT conrelid::regclass::text AS table, confdeltype::text AS rule FROM pg_constraint"
        " WHERE confrelid = 'users'::regclass"
    )
    kept = {row["table"]: row["rule"] for row in references if row["rule"] != "c"}
    # A call has nobody's words, and what it cost the installation stays true.
    assert kept == {"chats": "n", "model_calls": "n"}
    assert len(references) > 10
