"""Addresses: which one was probably meant, and what is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts.addresses import ALSO_REAL, COMMON_DOMAINS, SLIPS, is_one_slip, meant

LONG = [domain for domain in COMMON_DOMAINS if len(domain) >= 8]


@pytest.mark.parametrize(
    ("typed", "likely"),
    [
        ("gmial.com", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmail.cm", "gmail.com"),
        ("hotmial.com", "hotmail.com"),
        ("hotmal.com", "hotmail.com"),
        ("outlok.com", "outlook.com"),
        ("yaho.com", "yahoo.com"),
        ("iclud.com", "icloud.com"),
        ("gmail.con", "gmail.com"),
    ],
)
def test_a_slip_is_asked_about(typed: str, likely: str) -> None:
    assert meant(f"ana.b+c@{typed}") == f"ana.b+c@{likely}"


@pytest.mark.parametrize(
    "domain", [*sorted({*COMMON_DOMAINS, *ALSO_REAL}), "example.org", "mailinator.com", "mit.edu", "aol.de"]
)
def test_other_addresses_are_left_alone(domain: str) -> None:
    assert meant(f"ana@{domain}") is None


def test_a_listed_slip_leads_to_a_common_domain() -> None:
    assert set(SLIPS.values()) <= set(COMMON_DOMAINS)
    assert not set(SLIPS) & ({*COMMON_DOMAINS} | ALSO_REAL)


@given(st.sampled_from(LONG), st.data())
def test_every_single_slip_is_one(word: str, chance: st.DataObject) -> None:
    place = chance.draw(st.integers(0, len(word) - 1))
    letter = chance.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    slips = {
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
        word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
    }
    assert all(is_one_slip(slip, word) for slip in slips - {word})
    assert not is_one_slip(word, word)
    assert not is_one_slip(f"xx{word}", word)
    assert not is_one_slip(word[::-1], word)
