"""The vocabulary of skills and domains, and typed answers taken apart with it."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.background.answers import LONGEST_ITEM, MOST_ITEMS, items, note
from domain.background.vocabulary import (
    domain_named,
    offered,
    programming_languages,
    skill_areas,
    skill_named,
    software_tools,
    tokens,
    vocabulary,
)
from domain.errors import Refused

AREAS = vocabulary()["skills"]
SKILLS = [name for area in AREAS.values() for name in area]


def test_it_is_wide_and_no_term_means_two_things() -> None:
    assert len(SKILLS) >= 250
    assert len(set(SKILLS)) == len(SKILLS)
    meanings = defaultdict(set)
    for area in AREAS.values():
        for name, aliases in area.items():
            for written in (name, *aliases, *vocabulary()["counted_as"].get(name, ())):
                meanings[tuple(token.lower for token in tokens(written))].add(name)
    assert [names for names in meanings.values() if len(names) > 1] == []
    assert skill_areas(["Kotlin", "Python"]) == ["mobile"]


@pytest.mark.parametrize(
    "names",
    [
        vocabulary()["list_only"],
        vocabulary()["capitalised"],
        vocabulary()["counted_as"],
        *vocabulary()["kinds"].values(),
        vocabulary()["offered"]["languages"],
        vocabulary()["offered"]["tools"],
        *vocabulary()["offered"]["languages_of"].values(),
        *vocabulary()["offered"]["tools_of"].values(),
    ],
)
def test_every_list_names_known_skills_once(names: list[str]) -> None:
    assert set(names) <= set(SKILLS)
    assert len(set(names)) == len(names)


def test_what_is_offered_is_of_its_kind_and_begins_with_what_is_usual_in_the_domain() -> None:
    lists = vocabulary()["offered"]
    assert set(lists["languages_of"]) == set(lists["tools_of"]) == set(vocabulary()["domains"])
    for domain in (None, "Fintech", *vocabulary()["domains"]):
        languages, tools = offered("languages", domain), offered("tools", domain)
        assert programming_languages(languages) == list(languages)
        assert software_tools(tools) == list(tools)
        assert 14 <= len(languages) <= 18
        assert 14 <= len(tools) <= 18
        assert {"Python", "SQL"} <= set(languages)
        assert {"Git", "Docker"} <= set(tools)
    assert offered("languages", "games")[0] == "C#"
    assert offered("languages", None) == offered("languages", "Fintech") == tuple(lists["languages"])


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        *(("k8s", "Kubernetes"), ("POSTGRES", "PostgreSQL"), ("golang", "Go"), ("go", "Go"), ("c++", "C++")),
        *(("C sharp", "C#"), (".net", ".NET"), ("node js", "Node.js"), ("gcp", "Google Cloud")),
        *(("estadistica", "Statistics"), ("Estadística", "Statistics"), ("vs code", "VS Code")),
        *(("Podman", None), ("Ubuntu", None), ("MariaDB", None), ("Klingon", None), ("", None), ("🐍", None)),
    ],
)
def test_a_name_is_known_by_its_aliases_and_not_by_its_kin(typed: str, name: str | None) -> None:
    assert skill_named(typed) == name


@pytest.mark.parametrize(
    ("typed", "domain"),
    [("AI", "ai"), ("inteligencia artificial", "ai"), ("Móvil", "mobile"), ("games", "games"), ("Law", None)],
)
def test_a_domain_is_known_by_its_aliases(typed: str, domain: str | None) -> None:
    assert domain_named(typed) == domain


def test_every_name_stands_for_itself() -> None:
    for name in SKILLS:
        assert skill_named(name) == name
        assert items(name) == items(name.upper()) == [name]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("python, go & SQL", ["Python", "Go", "SQL"]),
        ("python go rust", ["Python", "Go", "Rust"]),
        ("- Python\n- k8s\n2) docker", ["Python", "Kubernetes", "Docker"]),
        ("C/C++, CI/CD", ["C", "C++", "CI/CD"]),
        ("html/css", ["HTML", "CSS"]),
        ("Java y Kotlin; java", ["Java", "Kotlin"]),
        ("I mostly use Python and a bit of Rust at home", ["Python", "Rust"]),
        ("Emacs Lisp, <i>APL</i>", ["Emacs Lisp", "<i>APL</i>"]),
        ("react native, spring boot", ["React Native", "spring boot"]),
        ("Proprietary in-house tool", ["Proprietary in-house tool"]),
        ("עברית, 汉语、日本語", ["עברית", "汉语", "日本語"]),
        ("x\x00y\ud800z", ["xyz"]),
    ],
)
def test_a_list_is_split_where_people_split_it(typed: str, expected: list[str]) -> None:
    assert items(typed) == expected


@given(st.text(max_size=300) | st.lists(st.sampled_from([*SKILLS, "and", ",", "&", "/", "x"])).map(" ".join))
def test_any_text_names_things_or_is_refused_and_what_is_named_names_itself(typed: str) -> None:
    try:
        named = items(typed)
    except Refused:
        assert not any(letter.isalnum() for letter in typed)
        return
    assert 1 <= len(named) <= MOST_ITEMS
    assert all(1 <= len(each) <= LONGEST_ITEM for each in named)
    assert items(", ".join(named)) == named


@given(st.text(max_size=1100))
def test_a_note_is_kept_as_it_was_typed(typed: str) -> None:
    try:
        kept = note(typed)
    except Refused:
        return
    assert note(kept) == kept
    assert kept.encode().decode() == kept
    assert "\x00" not in kept
