"""How often one address may ask for a page, by a clock of the test's own."""

from __future__ import annotations

import pytest

from bot.pages.pace import Visitors, address_of


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_one_address_is_slowed_down_and_no_other() -> None:
    clock = Clock()
    visitors = Visitors(burst=3, per_second=0.5, now=clock)
    one, other = address_of("192.0.2.1"), address_of("192.0.2.2")
    assert [visitors.may_ask(one) for _ in range(5)] == [True, True, True, False, False]
    assert visitors.may_ask(other)
    clock.now += 2.0
    assert [visitors.may_ask(one) for _ in range(2)] == [True, False]
    clock.now += 3600.0
    assert [visitors.may_ask(one) for _ in range(4)] == [True, True, True, False]


def test_a_household_of_ipv6_is_one_visitor() -> None:
    visitors = Visitors(burst=2, per_second=0.0)
    addresses = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:2::3", "2001:db8:1:3::1"]
    assert [visitors.may_ask(address_of(each)) for each in addresses] == [True, True, False, True]


def test_what_is_remembered_is_bounded() -> None:
    visitors = Visitors(burst=1, per_second=0.0, most=100)
    for number in range(1000):
        assert visitors.may_ask(address_of(f"10.0.{number >> 8}.{number & 255}"))
    assert len(visitors._left) == 100
    assert visitors.may_ask(address_of("10.0.0.0")), "forgotten by now"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("unknown", None),
        ("", None),
        (None, None),
        ("192.0.2.1, 10.0.0.1", None),
        ("x" * 5000, None),
    ],
)
def test_only_addresses_are_addresses(host: str | None, address: str | None) -> None:
    found = address_of(host)
    assert (str(found) if found else None) == address


def test_those_without_an_address_share_one() -> None:
    visitors = Visitors(burst=1, per_second=0.0)
    assert [visitors.may_ask(None), visitors.may_ask(address_of("nonsense"))] == [True, False]
