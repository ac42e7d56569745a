"""Whatever is typed into whichever question, the conversation goes on, and what is kept comes back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.conversations.background import CHANGES, Filled, Several
from bot.step import Text
from domain.background.answers import cleaned, items
from domain.background.schema import is_valid
from domain.background.service import KNOWN, OTHER_KIND
from domain.background.vocabulary import domain_named
from tests.loopback.stepwise import Stepwise, stepwise

ANA = 1
QUESTIONS = [name for name in CHANGES if name != "level"]
GIVEN = "SELECT * FROM background_information"
STEP = "SELECT step->>'name' AS name, (step->>'alone')::boolean AS alone FROM chats"
EMPTY = """
    UPDATE background_information SET primary_domain = NULL, programming_languages = '[]',
        software_tools = '[]', hardware_setup = '{}', technical_preferences = '{}'
"""
# What people type, and what they do not: any Unicode, markup, separators, very long texts.
TYPED = st.one_of(
    st.text(max_size=60),
    st.text(st.characters(categories=("Zs", "Cf", "Cc", "P", "S", "M")), max_size=20),
    st.lists(st.sampled_from(["python", "C++", "32 GB", "<b>", "&", "y", "/", "skip it", "🐍"])).map(
        " ".join
    ),
    st.integers(900, 4096).map(lambda length: "ñ" * length),
    st.sampled_from(["✓ Python", "+python", "{items}", "%s", "null", "\u202e\u200b", "0", "1"]),
)


@pytest.fixture
async def program(dsn: str, tmp_path: Path) -> AsyncIterator[Stepwise]:
    async with stepwise(dsn, tmp_path) as running:
        await running.links(ANA, "ana@example.org")
        await running.hears(ANA, "expert", *["skip"] * 5)
        yield running


@settings(
    max_examples=6,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(typed=st.tuples(*[TYPED] * len(QUESTIONS)))
@example(typed=("\x00", "\ud800", "a\x00b", "\u2028", "\t"))
async def test_any_text_in_any_question(program: Stepwise, typed: tuple[str, ...]) -> None:
    await program.rows(EMPTY)
    for name, words in zip(QUESTIONS, typed, strict=True):
        (before,) = await program.rows(GIVEN)
        said = await program.hears(ANA, "/background", f"[{name}]", Text(words, 1))
        assert said
        assert not any("my fault" in each for each in said), said
        (step,) = await program.rows(STEP)
        assert step["name"] in ("background.card", CHANGES[name].name)
        assert step["alone"] is None or step["alone"]
        (after,) = await program.rows(GIVEN)
        if before == after:
            continue
        await came_back(program, name, words, after)


async def came_back(program: Stepwise, name: str, words: str, given: Any) -> None:
    """What is kept is what was typed, taken apart; typed again as it is kept, it stays what it is."""
    question = CHANGES[name]
    kept = given[question.column]
    if issubclass(question, Several):
        other = OTHER_KIND[question.field]
        moved = KNOWN[other](items(words))
        assert json.loads(kept) == [each for each in items(words) if each not in moved]
        assert set(moved) <= set(json.loads(given[other]))
        again = ", ".join(json.loads(kept))
    elif issubclass(question, Filled):
        assert is_valid(question.form, json.loads(kept))
        again = json.loads(kept).get("notes", words)
    else:
        assert kept == domain_named(cleaned(words)) or kept == " ".join(cleaned(words).split())
        again = kept
    await program.hears(ANA, "/background", f"[{name}]", Text(again, 1))
    (row,) = await program.rows(GIVEN)
    assert row[question.column] == kept
