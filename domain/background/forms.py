"""The answers that are objects: what is said anew joins what was said before. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from domain.background.answers import distinct
from domain.background.schema import schema_of

Form = Literal["hardware_setup", "technical_preferences"]
Answers = dict[str, Any]


def most(form: Form, key: str) -> int:
    """How many values a key of a form takes: 1 for what is no list."""
    rules = schema_of(form)["properties"][key]
    return int(rules["maxItems"]) if rules["type"] == "array" else 1


def is_list(form: Form, key: str) -> bool:
    """Whether a key of a form takes several values."""
    return bool(schema_of(form)["properties"][key]["type"] == "array")


def merged(form: Form, answers: Mapping[str, Any], found: Mapping[str, Any]) -> Answers:
    """The answers with what was found anew: lists grow, everything else is replaced."""
    lists = {
        key: distinct([*answers.get(key, ()), *values])[: most(form, key)]
        for key, values in found.items()
        if is_list(form, key)
    }
    return {**answers, **found, **lists}


def toggled(form: Form, answers: Mapping[str, Any], key: str, value: str | int, *, picked: bool) -> Answers:
    """The answers with a value picked or not; doing so twice changes nothing."""
    if not is_list(form, key):
        kept: Any = value if picked else answers.get(key)
        return _with(answers, key, None if kept == value and not picked else kept)
    others = [each for each in answers.get(key, ()) if each != value]
    return _with(answers, key, [*others, value][: most(form, key)] if picked else others)


def _with(answers: Mapping[str, Any], key: str, value: Any) -> Answers:
    """The answers with a value; without the key where there is none."""
    others = {name: each for name, each in answers.items() if name != key}
    return {**others, key: value} if value else others
