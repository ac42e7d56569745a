"""docs/security.md leaves out no requirement, and names tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
# How many requirements of levels 1 and 2 each section of OWASP ASVS 5.0.0 has; they are its first ones.
LEVEL_2 = {
    "6": {1: 3, 2: 12, 3: 4, 4: 4, 5: 5, 6: 3, 8: 4},
    "7": {1: 3, 2: 4, 3: 2, 4: 5, 5: 2, 6: 2},
    "8": {1: 2, 2: 3, 3: 1, 4: 1},
}
REQUIREMENTS = [
    f"{chapter}.{section}.{number}"
    for chapter, sections in LEVEL_2.items()
    for section, count in sections.items()
    for number in range(1, count + 1)
]
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in DOCUMENT.splitlines()
    if re.match(r"\| \d+\.\d+\.\d+ \|", line)
]


def named_in(cell: str) -> list[str]:
    return re.findall(r"`(tests/[\w/]+\.py::\w+)`", cell)


def test_every_requirement_has_one_row_in_its_order() -> None:
    assert [number for number, *_ in ROWS] == REQUIREMENTS
    assert len(REQUIREMENTS) == 60


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_row_names_a_test_or_says_why_it_does_not_apply(row: list[str]) -> None:
    _, asked, how, shown = row
    assert asked
    assert how
    assert bool(named_in(shown)) != how.startswith("Does not apply: ")
    assert re.sub(r"`tests/[\w/]+\.py::\w+`(?:, )?", "", shown) == ""


@pytest.mark.parametrize("named", sorted({each for row in ROWS for each in named_in(row[-1])}))
def test_the_test_exists(named: str) -> None:
    path, _, name = named.partition("::")
    functions = ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
    assert name in {
        each.name for each in functions if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_the_links_within_lead_to_headings() -> None:
    headings = {
        re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", DOCUMENT, re.M)
    }
    links = set(re.findall(r"\]\(#([\w-]+)\)", DOCUMENT))
    assert links
    assert links <= headings
