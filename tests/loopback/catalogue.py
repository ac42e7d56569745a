"""What a database's own catalogue says of its schema (there is not a pg_dump on every machine)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import asyncpg

OURS = "n.nspname = 'public' AND c.relname <> 'alembic_version'"
COLUMNS = f"""
    SELECT c.relname AS table, a.attname AS name, a.attstorage::text AS storage,
        format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS is_required,
        pg_get_expr(d.adbin, d.adrelid) AS default, a.attidentity::text AS identity
    FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE {OURS} AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""  # noqa: S608  # constants of this module
CONSTRAINTS = f"""
    SELECT c.relname AS table, o.conname AS name, o.contype::text AS kind,
        pg_get_constraintdef(o.oid) AS definition
    FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE {OURS}
"""  # noqa: S608
INDEXES = f"""
    SELECT i.tablename AS table, i.indexname AS name, i.indexdef AS definition
    FROM pg_indexes i JOIN pg_class c ON c.relname = i.tablename JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE {OURS} AND i.schemaname = n.nspname
"""  # noqa: S608
OTHERS = """
    SELECT 'relation' AS what, c.relname::text AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind <> 'i'
    UNION ALL SELECT 'type', t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE n.nspname = 'public' AND t.typtype IN ('e', 'd')
    UNION ALL SELECT 'function', p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'public'
    UNION ALL SELECT 'trigger', t.tgname FROM pg_trigger t WHERE NOT t.tgisinternal
"""


@dataclass(frozen=True)
class Schema:
    """Everything that a migration could get wrong, in one order."""

    columns: list[dict[str, Any]]
    constraints: list[dict[str, Any]]
    indexes: list[dict[str, Any]]
    others: list[dict[str, Any]]

    @property
    def tables(self) -> set[str]:
        return {column["table"] for column in self.columns}

    def column(self, table: str, name: str) -> dict[str, Any] | None:
        found = [each for each in self.columns if (each["table"], each["name"]) == (table, name)]
        return found[0] if found else None

    def definitions(self, table: str, kind: str) -> list[str]:
        """Of a kind of constraint: "p" primary key, "u" unique, "f" foreign key, "c" check."""
        return [c["definition"] for c in self.constraints if (c["table"], c["kind"]) == (table, kind)]

    def is_unique(self, table: str, column: str) -> bool:
        return f"UNIQUE ({column})" in self.definitions(table, "u")

    def values(self, table: str, column: str) -> set[str]:
        """What a CHECK lets into a column of a few words."""
        words = re.compile(rf"\(\({column}\)::text = ANY .*ARRAY\[(.*)\]")
        found = [match[1] for each in self.definitions(table, "c") if (match := words.search(each))]
        return set(re.findall(r"'([^']*)'", " ".join(found)))

    def is_indexed(self, table: str, column: str) -> bool:
        """Whether some index begins with the column."""
        begins = re.compile(rf"\({column}[,)]")
        return any(each["table"] == table and begins.search(each["definition"]) for each in self.indexes)


async def schema_of(dsn: str) -> Schema:
    """What stands in the database at `dsn`."""
    connection = await asyncpg.connect(dsn)
    try:
        found = [await connection.fetch(each) for each in (COLUMNS, CONSTRAINTS, INDEXES, OTHERS)]
    finally:
        await connection.close()
    columns, constraints, indexes, others = (sorted(map(dict, rows), key=str) for rows in found)
    return Schema(columns, constraints, indexes, others)
