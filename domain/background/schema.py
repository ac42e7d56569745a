"""The rules of the background's JSON columns: a JSON Schema each, kept by service and database alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Column = Literal["programming_languages", "software_tools", "hardware_setup", "technical_preferences"]
Schema = Mapping[str, Any]

FILES: Mapping[Column, str] = {
    "programming_languages": "names",
    "software_tools": "names",
    "hardware_setup": "hardware_setup",
    "technical_preferences": "technical_preferences",
}


@cache
def schema_of(column: Column) -> Schema:
    """The JSON Schema of a column."""
    source = files("domain.background").joinpath(f"schemas/{FILES[column]}.json").read_text(encoding="utf-8")
    schema: Schema = json.loads(source)
    return schema


@cache
def _validator(column: Column) -> Any:
    from jsonschema import Draft202012Validator  # 5 MB that a program which nobody talks to does without

    return Draft202012Validator(schema_of(column))


def is_valid(column: Column, value: object) -> bool:
    """Whether a column may hold `value`."""
    return bool(_validator(column).is_valid(value))


def checked(column: Column, value: Any) -> Any:
    """`value`; raises ValueError where the column may not hold it."""
    if not is_valid(column, value):
        raise ValueError(f"not a {column}: {value!r}"[:200])
    return value


# The same rules as SQL


def check(column: Column) -> str:
    """The condition of a CHECK that lets into the column what its schema does.

    It knows the keywords that the schemas use, and needs no function of our own, so that a dump restores.
    """
    return _condition(column, schema_of(column))


def _condition(value: str, schema: Schema) -> str:
    """The condition on `value`, an expression of type jsonb; never NULL, unless `value` is."""
    return _CONDITIONS[schema["type"]](value, schema)


def _string(value: str, schema: Schema) -> str:
    text = f"({value} #>> '{{}}')"
    parts = [f"jsonb_typeof({value}) = 'string'"]
    if "enum" in schema:
        allowed = ", ".join(f"'{each}'" for each in schema["enum"])
        parts.append(f"{text} IN ({allowed})")
    if "pattern" in schema:
        parts.append(f"{text} ~ '{schema['pattern']}'")
    if "maxLength" in schema:
        parts.append(f"char_length({text}) BETWEEN {schema.get('minLength', 0)} AND {schema['maxLength']}")
    return " AND ".join(parts)


def _integer(value: str, schema: Schema) -> str:
    # Numbers of jsonb compare as numbers; 32.0 is an integer to JSON Schema too.
    between = f"{value} BETWEEN '{schema['minimum']}' AND '{schema['maximum']}'"
    return f"jsonb_typeof({value}) = 'number' AND {between} AND {value} @@ '$ == $.floor()'"


def _array(value: str, schema: Schema) -> str:
    """`strict` does not look into nested arrays; for what is no array `@@` and `@?` are NULL, no error."""
    length = schema["items"]["minLength"], schema["items"]["maxLength"]
    fits = f'@.type() == "string" && @ like_regex "^.{{{length[0]},{length[1]}}}$" flag "s"'
    parts = [
        f"jsonb_typeof({value}) = 'array'",
        f"{value} @@ 'strict $.size() <= {schema['maxItems']}'",
        f"NOT {value} @? 'strict $[*] ? (!({fits}))'",
    ]
    return " AND ".join(parts)


def _object(value: str, schema: Schema) -> str:
    """A key that is absent makes its own condition NULL."""
    keys = ",".join(schema["properties"])
    rules = (f"AND coalesce({rule}, true)" for rule in _properties(value, schema))
    known = f"{value} - '{{{keys}}}'::text[] = '{{}}'"
    return f"CASE jsonb_typeof({value}) WHEN 'object' THEN {known} {' '.join(rules)} ELSE false END"


def _properties(value: str, schema: Schema) -> Iterator[str]:
    for key, rules in schema["properties"].items():
        yield _condition(f"({value} -> '{key}')", rules)


_CONDITIONS: Mapping[str, Callable[[str, Schema], str]] = {
    "string": _string,
    "integer": _integer,
    "array": _array,
    "object": _object,
}
