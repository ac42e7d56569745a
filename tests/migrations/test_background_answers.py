"""Answers of the earlier form become those of today, and go back."""

from __future__ import annotations

import json
from typing import Any

import asyncpg
import pytest

import migrations
from tests.loopback.databases import empty_database

BEFORE, AFTER = "0009", "0010"
PEOPLE = """
    INSERT INTO users (id, email, full_name, hashed_password)
    SELECT gen_random_uuid(), 'p' || n || '@example.org', 'P', 'x' FROM generate_series(1, $1::int) AS n
"""
ANSWERS = """
    INSERT INTO background_information (id, user_id, hardware_setup, technical_preferences)
    SELECT gen_random_uuid(), id, $2, $3 FROM users WHERE email = 'p' || $1::int || '@example.org'
"""
STORED = """
    SELECT hardware_setup, technical_preferences FROM background_information
    JOIN users ON users.id = user_id ORDER BY email
"""
Answers = tuple[dict[str, Any], dict[str, Any]]
EARLIER: list[Answers] = [
    ({"description": "ThinkPad, 32 GB 🖥"}, {"notes": "Tabs & <b>"}),
    ({}, {}),
    ({"description": " "}, {}),
    ({"description": "x" * 1000}, {"notes": "y" * 1000}),
]
MIGRATED: list[Answers] = [
    ({"notes": "ThinkPad, 32 GB 🖥"}, {"notes": "Tabs & <b>"}),
    ({}, {}),
    ({}, {}),
    ({"notes": "x" * 1000}, {"notes": "y" * 1000}),
]
TODAY: Answers = (
    {
        "operating_systems": ["Linux", "Windows 11"],
        "machine": "ThinkPad",
        "memory_gb": 32,
        "gpu": "none",
        "devices": ["iPhone"],
        "notes": "a desk",
    },
    {"interview_language": "es", "daily_practice_time": "19:30", "notes": "tabs"},
)


async def stored(connection: Any) -> list[Answers]:
    return [(json.loads(row[0]), json.loads(row[1])) for row in await connection.fetch(STORED)]


async def test_there_and_back(postgres: str) -> None:
    async with empty_database(postgres) as dsn:
        await migrations.upgrade(dsn, BEFORE)
        connection = await asyncpg.connect(dsn)
        await connection.execute(PEOPLE, len(EARLIER) + 1)
        for number, answers in enumerate(EARLIER, start=1):
            await connection.execute(ANSWERS, number, *map(json.dumps, answers))
        await migrations.upgrade(dsn, AFTER)
        assert await stored(connection) == MIGRATED
        await connection.execute(ANSWERS, len(EARLIER) + 1, *map(json.dumps, TODAY))
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(
                'UPDATE background_information SET hardware_setup = \'{"description": "x"}\''
            )
        await migrations.downgrade(dsn, BEFORE)
        *others, last = await stored(connection)
        assert others == [EARLIER[0], EARLIER[1], EARLIER[1], EARLIER[3]]
        assert last == (
            {"description": "Linux, Windows 11, ThinkPad, 32 GB, iPhone, a desk"},
            {"notes": "tabs"},
        )
        await connection.close()
