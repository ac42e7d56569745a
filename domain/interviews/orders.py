"""Sentences that speak to whoever judges an answer, found and set aside: they are no part of an answer.

What people say of their work ("I rated the candidates", "our system prompt") must stay, so one sign is not
enough: a sentence, or a run of them, is set aside where it gives orders of two kinds (to drop the rules, to
award marks, to reveal the prompt, in the form of a prompt), or hides one (encoded, in look-alike letters,
backwards). What stands between quotation marks is told and not ordered. Filters of this kind can be got round
(docs/evaluation.md): `signs` tells single ones too, for `guard` to look twice.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from domain.interviews.disguises import folded, other_views, without_markup
from domain.interviews.sentences import pieces

KINDS_OF_AN_ORDER = 2
HIDDEN, FORM = "hidden", "form"
# Marks of a conversation's own form, which no spoken answer has: delimiters, roles, our JSON.
_FORM = re.compile(
    r"<<<|>>>|<\|\w+\|>|</?(?:system|answer|instructions?|prompt|assistant|user)\b|\[/?(?:inst|system)\]"
    r"|\"(?:judgements|verdict|key_point)\"\s*:|^\W*(?:system|assistant)(?:\s(?:note|prompt|message))?\s*:"
    r"|^\W*end(?: of (?:the )?answer)?\W*$|^\W*(?:new|further|updated) instructions\b\W*$"
)
_QUOTED = re.compile(r"“[^”]*”|«[^»]*»|„[^“”]*[“”]|\"[^\"]*\"|‘[^’]*’|(?<!\w)'[^']*'(?!\w)")
_GAP = r"[^:;]{0,80}?"


@dataclass(frozen=True)
class Split:
    """A text without its orders, and the orders; both as they were written."""

    kept: str
    orders: tuple[str, ...]


def split(text: str) -> Split:
    """Part the sentences that give orders to a judge from those that answer."""
    sentences = [piece for piece in pieces(text) if piece]
    kinds = [_ordered(piece) for piece in sentences]
    if not any(kinds):
        return Split(text, ())
    kept, orders = [], []
    for is_run, group in groupby(zip(sentences, kinds, strict=True), key=lambda each: each[1] is not None):
        run = list(group)
        words = "".join(piece for piece, _ in run)
        found = {kind for _, kinds_of_it in run for kind in kinds_of_it or ()}
        if is_run and len(found) >= KINDS_OF_AN_ORDER:
            orders.append(words.strip())
        else:
            kept.append(words)
    return Split("".join(kept).strip(), tuple(orders)) if orders else Split(text, ())


def without_orders(text: str) -> str:
    """`text` without the sentences that give orders to a judge."""
    return split(text).kept


def signs(piece: str) -> frozenset[str]:
    """The kinds of orders in one sentence, also in what it quotes."""
    return _kinds(piece)


def _ordered(piece: str) -> frozenset[str] | None:
    """The kinds of orders that a sentence gives; None for one that gives none and does not stand in a run.

    A sentence without a letter goes with the run it stands in.
    """
    if not any(each.isalpha() for each in without_markup(piece)):
        return frozenset(_of_form(folded(piece)))
    return _kinds(_QUOTED.sub(" ", piece)) or None


def _kinds(piece: str) -> frozenset[str]:
    plain = folded(piece)
    found = {*_of_form(plain)}
    for language in _languages().values():
        found |= language.kinds(plain)
    # What takes the trouble to hide is looked at in the language that every model understands.
    english = _languages()["en"]
    for view in other_views(piece, plain):
        if hidden := {*_of_form(view), *english.kinds(view)} - found:
            found |= {*hidden, HIDDEN}
    return frozenset(found)


def _of_form(view: str) -> Iterator[str]:
    if _FORM.search(view):
        yield FORM


@dataclass(frozen=True)
class _Language:
    """The patterns of one language: `sign` is quick and must be there for any order to be."""

    sign: re.Pattern[str]
    orders: dict[str, re.Pattern[str]]

    def kinds(self, view: str) -> set[str]:
        """The kinds of orders in a folded text."""
        if not self.sign.search(view):
            return set()
        return {kind for kind, pattern in self.orders.items() if pattern.search(view)}


@cache
def _languages() -> dict[str, _Language]:
    document = tomllib.loads((files(__package__) / "orders.toml").read_text(encoding="utf-8"))
    return {name: _language(entry) for name, entry in document.items()}


def _language(entry: dict[str, Any]) -> _Language:
    licence = entry.get("licence", "")
    before, after = (licence, r"\b") if licence else ("", "")
    orders: dict[str, list[str]] = {"award": list(entry.get("claim", ()))}
    nouns = list(orders["award"])
    for kind, of in (("dismiss", "rules"), ("award", "marks"), ("reveal", "prompt")):
        if kind not in entry:
            continue
        verb, noun = f"{before}(?:{entry[kind]}){after}", f"(?:{entry[of]})"
        nouns.append(noun)
        ways = [f"{verb}{_GAP}{noun}", *([f"{noun}{_GAP}{verb}"] if entry.get("either_way") else [])]
        orders.setdefault(kind, []).extend(ways)
    return _Language(_any(nouns), {kind: _any(ways) for kind, ways in orders.items() if ways})


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
