"""What the background's JSON columns may hold: one schema, kept alike by the service and by the database."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from domain.background.schema import FILES, Column, check, checked, is_valid, schema_of

GOOD: dict[Column, list[Any]] = {
    "programming_languages": [[], ["Python", "Go"], ["x" * 60], ["a\nb"], ["🐍"] * 40],
    "software_tools": [["Git"]],
    "hardware_setup": [
        {},
        {"operating_systems": ["Linux", "Windows 11"], "machine": "laptop", "memory_gb": 32, "gpu": "none"},
        {"devices": ["iPhone"], "notes": "n" * 1000, "memory_gb": 4096.0},
        {
            "machine": "m" * 100,
            "gpu": "🖥" * 100,
            "devices": ["d" * 100] * 20,
            "operating_systems": ["o"] * 10,
        },
    ],
    "technical_preferences": [
        {},
        {"interview_language": "es", "answer_by": "voice", "feedback_depth": "brief"},
        {"daily_practice_time": "23:59", "notes": "Tabs, no spaces", "interview_language": "eu"},
        {"daily_practice_time": "00:00", "answer_by": "text", "feedback_depth": "full"},
    ],
}
BAD: dict[Column, list[Any]] = {
    "programming_languages": [None, {}, "Python", [""], ["x" * 61], [1], [["Go"]], [None], ["x"] * 41],
    "software_tools": [1, True, [{"name": "Git"}]],
    "hardware_setup": [
        *([], "a laptop", None, {"colour": "red"}, {"memory_gb": 0}, {"memory_gb": 4097}),
        *({"memory_gb": 1.5}, {"memory_gb": "32"}, {"memory_gb": True}, {"machine": ""}, {"machine": None}),
        *({"machine": "m" * 101}, {"devices": "iPhone"}, {"devices": [[]]}, {"devices": [["iPhone"]]}),
        *({"operating_systems": ["o"] * 11}, {"notes": "n" * 1001}, {"notes": ["n"]}),
    ],
    "technical_preferences": [
        *(True, [], {"interview_language": "ES"}, {"interview_language": "yue"}, {"answer_by": "phone"}),
        *({"interview_language": "es\n"}, {"daily_practice_time": "24:00"}, {"daily_practice_time": "9:00"}),
        *({"daily_practice_time": "09:00\n"}, {"daily_practice_time": "٠٩:٠٠"}, {"feedback_depth": ""}),
        *({"answer_by": ["voice"]}, {"answer_by": None}, {"theme": "dark"}, {"notes": ""}),
    ],
}


@pytest.mark.parametrize("column", FILES)
def test_the_schema_is_one_and_says_what_each_key_means(column: Column) -> None:
    schema = schema_of(column)
    Draft202012Validator.check_schema(schema)
    assert schema["description"]
    assert all(rules["description"] for rules in schema.get("properties", {}).values())
    assert all(is_valid(column, value) for value in GOOD[column])
    assert not any(is_valid(column, value) for value in BAD[column])
    with pytest.raises(ValueError, match=column):
        checked(column, BAD[column][0])


@pytest.fixture
async def connection(dsn: str) -> AsyncIterator[Any]:
    connected = await asyncpg.connect(dsn)
    yield connected
    await connected.close()


async def accepted(connection: Any, column: Column, documents: list[str]) -> list[bool]:
    """What the rule that stands in the database says to each document."""
    definition = await connection.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1",
        f"ck_background_information_{column}_schema",
    )
    rule = definition.removeprefix("CHECK ")
    rows = await connection.fetch(
        f"SELECT {rule} IS NOT FALSE AS fits FROM unnest($1::text[]) WITH ORDINALITY AS given(text, place),"  # noqa: S608  # of the database's own catalogue
        f" LATERAL (SELECT text::jsonb) AS row({column}) ORDER BY place",
        documents,
    )
    return [row["fits"] for row in rows]


async def test_the_database_agrees_on_what_is_good_and_what_is_not(connection: Any) -> None:
    for column in FILES:
        documents = [json.dumps(each) for each in (*GOOD[column], *BAD[column])]
        expected = [True] * len(GOOD[column]) + [False] * len(BAD[column])
        assert await accepted(connection, column, documents) == expected, column


LETTERS = st.characters(codec="utf-8", exclude_characters="\0")
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 5000),
    st.floats(-2, 5000, allow_nan=False),
    st.text(LETTERS, max_size=6),
    st.sampled_from(
        ["voice", "text", "brief", "full", "es", "yue", "e\n", "09:30", "24:00", "x" * 60, "x" * 61]
    ),
    st.sampled_from(["m" * 100, "m" * 101, "n" * 1000, "n" * 1001]),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(LETTERS, max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def nearly(draw: st.DrawFn, column: Column) -> Any:
    """A good value with something changed in it, or anything at all."""
    value = copy.deepcopy(draw(st.sampled_from(GOOD[column])))
    if isinstance(value, list):
        return [*value, *draw(st.lists(ANYTHING, max_size=2))]
    keys = st.sampled_from([*schema_of(column).get("properties", {}), "other"])
    for key in draw(st.lists(keys, max_size=3)):
        value[key] = draw(ANYTHING)
    return value


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(chance=st.data())
async def test_service_and_database_accept_and_refuse_the_same(
    connection: Any, chance: st.DataObject
) -> None:
    for column in FILES:
        values = chance.draw(st.lists(nearly(column) | ANYTHING, min_size=1, max_size=40))
        documents = [json.dumps(value) for value in values]
        expected = [is_valid(column, json.loads(document)) for document in documents]
        assert await accepted(connection, column, documents) == expected


async def test_the_rule_of_the_database_is_the_one_of_the_schema(connection: Any) -> None:
    """Before PostgreSQL words it anew; what it makes of it is compared in tests/migrations."""
    for column in FILES:
        assert await connection.fetchval(
            f"SELECT {check(column)} FROM (SELECT $1::jsonb) AS row({column})",  # noqa: S608  # of this program
            json.dumps(GOOD[column][0]),
        )
