"""What a call costs, by the dated price table beside this module and what the operator knows better."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

MILLION = 1_000_000


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens."""

    input: Decimal
    output: Decimal

    def of(self, tokens_in: int, tokens_out: int) -> Decimal:
        """The estimate for a call, in US dollars."""
        return (self.input * tokens_in + self.output * tokens_out) / MILLION


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("prices.toml").read_text(encoding="utf-8"))


class Prices:
    """Prices by model; `known` are the operator's own, which come first."""

    def __init__(self, known: Mapping[str, Price] | None = None) -> None:
        self._known = dict(known or {})

    @property
    def as_of(self) -> date:
        """The day on which the bundled table was read."""
        day: date = _table()["as_of"]
        return day

    def of(self, model: str, day: date) -> Price | None:
        """The price of a model on a day; None where nobody knows it."""
        if model in self._known:
            return self._known[model]
        found = [
            row for row in _table()["price"] if row["model"] == model and row.get("since", date.min) <= day
        ]
        if not found:
            return None
        last = max(found, key=lambda row: row.get("since", date.min))
        return Price(Decimal(str(last["input"])), Decimal(str(last["output"])))


def parsed(text: str) -> dict[str, Price]:
    """Prices as an operator writes them: "model=0.75/3.75, other=…"; raises ValueError saying so."""
    prices = {}
    for each in filter(None, (part.strip() for part in text.split(","))):
        model, equals, numbers = each.partition("=")
        first, slash, second = numbers.partition("/")
        try:
            price = Price(Decimal(first.strip()), Decimal(second.strip()))
        except ArithmeticError:
            price = Price(Decimal(-1), Decimal(-1))
        if not (
            model.strip() and equals and slash and all(_is_price(p) for p in (price.input, price.output))
        ):
            raise ValueError("expected model=input/output in dollars per million tokens, with commas between")
        prices[model.strip()] = price
    return prices


def _is_price(number: Decimal) -> bool:
    return number.is_finite() and number >= 0
