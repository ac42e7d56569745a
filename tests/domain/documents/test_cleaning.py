"""Text out of a foreign document, cleaned."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.adapters.reader.layout import Box, reading_order
from domain.adapters.reader.text import clean, clean_links

pytestmark = pytest.mark.asyncio(loop_scope="module")


@given(st.text(st.characters(exclude_categories=())))
async def test_nothing_is_left_that_cannot_be_seen_or_stored(text: str) -> None:
    cleaned = clean(text)
    assert all(unicodedata.category(c) not in ("Cc", "Cs", "Co") for c in cleaned.replace("\n", ""))
    assert clean(cleaned) == cleaned


async def test_characters_of_two_halves_are_put_together() -> None:
    assert clean("\ud842\udfb7\u91ce \ud842") == "\U00020bb7\u91ce"


async def test_words_broken_at_line_ends_are_mended() -> None:
    assert clean("develop\u00ad\nment of KI\u00ad\nWorkflows, eﬃcient") == (
        "development of KI-Workflows, efficient"
    )


async def test_addresses_and_numbers_amid_words_from_right_to_left() -> None:
    country = "\u0627\u064a\u0631\u0627\u0646" * 4
    words = [(country, 85, 120), (".com", 60, 80), ("example", 30, 60), ("ana@", 5, 30)]
    line = [Box(text, x0, 0, x1, 10, 8) for text, x0, x1 in words]
    assert reading_order(line) == f"{country} ana@example.com"
    number = [Box(country, 85, 0, 120, 10, 8), Box("2010932345+", 30, 0, 80, 10, 8)]
    assert reading_order(number).endswith(" +2010932345")


async def test_links_are_kept_once_and_only_if_they_can_be_followed() -> None:
    targets = [
        "https://example.com",
        "JavaScript:x",
        "https://example.com",
        " tel:(555) 1 ",
        "../a",
        "https://\0",
    ]
    assert clean_links(targets) == ["https://example.com", "tel:(555) 1"]
