"""A Gemini that keeps to the schema it is given and to nothing else: it knows neither prompt nor product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

How = Literal["emptiest", "plain", "fullest"]
_COUNTS: Final[Mapping[How, int]] = {"emptiest": 0, "plain": 1, "fullest": 12}
_NUMBERS: Final[Mapping[How, int]] = {"emptiest": 0, "plain": 1, "fullest": 10**9}
_LONG: Final = "<b>& “quoted” 🙂 \u202eمرحبا {name} %s </blockquote> \n\n• " * 60
_STRINGS: Final[Mapping[How, str]] = {"emptiest": "", "plain": "Some text.", "fullest": _LONG}


def answered(schema: Mapping[str, Any], how: How) -> dict[str, object]:
    """An object that is valid by the schema: as little, as plain or as much as it allows."""
    made = _value(schema, schema, how)
    assert isinstance(made, dict)
    return made


def _value(schema: Mapping[str, Any], root: Mapping[str, Any], how: How) -> object:
    if "$ref" in schema:
        return _value(root["$defs"][schema["$ref"].rpartition("/")[2]], root, how)
    if "anyOf" in schema:
        return _value(schema["anyOf"][-1 if how == "emptiest" else 0], root, how)
    if "enum" in schema:
        return schema["enum"][-1 if how == "fullest" else 0]
    match schema["type"]:
        case "object":
            return {name: _value(each, root, how) for name, each in schema["properties"].items()}
        case "array":
            return [_value(schema["items"], root, how) for _ in range(_COUNTS[how])]
        case "string":
            return _STRINGS[how]
        case "boolean":
            return how != "emptiest"
        case "null":
            return None
        case "integer" | "number":
            return _NUMBERS[how]
    raise AssertionError(schema)
