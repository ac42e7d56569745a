"""In which order the words of a page are read."""

from __future__ import annotations

import pytest

from domain.adapters.reader.layout import Box, reading_order

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_columns_from_right_to_left_begin_at_their_right_edges() -> None:
    def column(right: float, lines: list[str], first: int) -> list[Box]:
        return [
            Box(line, right - 6 * len(line), 100 + 16 * n, right, 112 + 16 * n, 110 + 16 * n, first + n)
            for n, line in enumerate(lines)
        ]

    skills, languages = (
        ["מיומנויות", "פייתון", "מסדי נתונים", "ניהול"],
        ["שפות", "עברית", "אנגלית", "צרפתית 2015."],
    )
    words = column(540, skills, 0) + column(250, languages[:3], 4)
    words += [Box(".2015", 170, 148, 206, 160, 158, 8), Box("צרפתית", 210, 148, 250, 160, 158, 7)]
    assert reading_order(words).splitlines() == [*skills, *languages]


def spread(text: str, step: float) -> list[Box]:
    """Each letter a word of its own, as pdfium finds it."""
    return [
        Box(letter, 50 + step * at, 0, 57 + step * at, 10, 8, at)
        for at, letter in enumerate(text)
        if letter != " "
    ]


@pytest.mark.parametrize(
    ("letters", "read"),
    [("JANE EXAMPLE", "JANE EXAMPLE"), ("ABCDE", "A B C D E"), ("C R", "C R"), ("2019", "2 0 1 9")],
)
async def test_letters_set_wide_apart_are_words_unless_they_are_a_list(letters: str, read: str) -> None:
    assert reading_order(spread(letters, 11)) == read
