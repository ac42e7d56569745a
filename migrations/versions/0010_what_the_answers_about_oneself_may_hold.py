"""what the answers about oneself may hold."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLE = "background_information"
# What domain.background.schema.check said of the schemas of this day.
RULES = {
    "programming_languages": """
        jsonb_typeof(programming_languages) = 'array' AND programming_languages @@ 'strict $.size() <= 40'
        AND NOT programming_languages
        @? 'strict $[*] ? (!(@.type() == "string" && @ like_regex "^.{1,60}$" flag "s"))'
    """,
    "software_tools": """
        jsonb_typeof(software_tools) = 'array' AND software_tools @@ 'strict $.size() <= 40'
        AND NOT software_tools
        @? 'strict $[*] ? (!(@.type() == "string" && @ like_regex "^.{1,60}$" flag "s"))'
    """,
    "hardware_setup": """
        CASE jsonb_typeof(hardware_setup) WHEN 'object' THEN hardware_setup
        - '{operating_systems,machine,memory_gb,gpu,devices,notes}'::text[] = '{}'
        AND coalesce(jsonb_typeof((hardware_setup -> 'operating_systems')) = 'array'
        AND (hardware_setup -> 'operating_systems') @@ 'strict $.size() <= 10'
        AND NOT (hardware_setup -> 'operating_systems')
        @? 'strict $[*] ? (!(@.type() == "string" && @ like_regex "^.{1,60}$" flag "s"))', true)
        AND coalesce(jsonb_typeof((hardware_setup -> 'machine')) = 'string'
        AND char_length(((hardware_setup -> 'machine') #>> '{}')) BETWEEN 1 AND 100, true)
        AND coalesce(jsonb_typeof((hardware_setup -> 'memory_gb')) = 'number'
        AND (hardware_setup -> 'memory_gb') BETWEEN '1' AND '4096'
        AND (hardware_setup -> 'memory_gb') @@ '$ == $.floor()', true)
        AND coalesce(jsonb_typeof((hardware_setup -> 'gpu')) = 'string'
        AND char_length(((hardware_setup -> 'gpu') #>> '{}')) BETWEEN 1 AND 100, true)
        AND coalesce(jsonb_typeof((hardware_setup -> 'devices')) = 'array'
        AND (hardware_setup -> 'devices') @@ 'strict $.size() <= 20' AND NOT (hardware_setup -> 'devices')
        @? 'strict $[*] ? (!(@.type() == "string" && @ like_regex "^.{1,100}$" flag "s"))', true)
        AND coalesce(jsonb_typeof((hardware_setup -> 'notes')) = 'string'
        AND char_length(((hardware_setup -> 'notes') #>> '{}')) BETWEEN 1 AND 1000, true)
        ELSE false END
    """,
    "technical_preferences": """
        CASE jsonb_typeof(technical_preferences) WHEN 'object' THEN technical_preferences
        - '{interview_language,answer_by,feedback_depth,daily_practice_time,notes}'::text[] = '{}'
        AND coalesce(jsonb_typeof((technical_preferences -> 'interview_language')) = 'string'
        AND ((technical_preferences -> 'interview_language') #>> '{}') ~ '^[a-z]{2}$'
        AND char_length(((technical_preferences -> 'interview_language') #>> '{}')) BETWEEN 0 AND 2, true)
        AND coalesce(jsonb_typeof((technical_preferences -> 'answer_by')) = 'string'
        AND ((technical_preferences -> 'answer_by') #>> '{}') IN ('voice', 'text'), true)
        AND coalesce(jsonb_typeof((technical_preferences -> 'feedback_depth')) = 'string'
        AND ((technical_preferences -> 'feedback_depth') #>> '{}') IN ('brief', 'full'), true)
        AND coalesce(jsonb_typeof((technical_preferences -> 'daily_practice_time')) = 'string'
        AND ((technical_preferences -> 'daily_practice_time') #>> '{}') ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'
        AND char_length(((technical_preferences -> 'daily_practice_time') #>> '{}')) BETWEEN 0 AND 5, true)
        AND coalesce(jsonb_typeof((technical_preferences -> 'notes')) = 'string'
        AND char_length(((technical_preferences -> 'notes') #>> '{}')) BETWEEN 1 AND 1000, true)
        ELSE false END
    """,
}
BEFORE = {
    "hardware_setup": "object",
    "programming_languages": "array",
    "software_tools": "array",
    "technical_preferences": "object",
}

# The one text of the earlier form becomes the notes.
TO_NOTES = """
    UPDATE background_information SET hardware_setup = CASE
        WHEN btrim(hardware_setup ->> 'description') <> ''
        THEN jsonb_build_object('notes', left(hardware_setup ->> 'description', 1000))
        ELSE '{}' END
    WHERE hardware_setup <> '{}'
"""
# All that is known becomes that one text again.
TO_DESCRIPTION = """
    UPDATE background_information SET hardware_setup = jsonb_build_object('description', left(concat_ws(', ',
        (SELECT string_agg(each, ', ')
            FROM jsonb_array_elements_text(hardware_setup -> 'operating_systems') each),
        hardware_setup ->> 'machine',
        (hardware_setup ->> 'memory_gb') || ' GB',
        nullif(hardware_setup ->> 'gpu', 'none'),
        (SELECT string_agg(each, ', ') FROM jsonb_array_elements_text(hardware_setup -> 'devices') each),
        hardware_setup ->> 'notes'), 1000))
    WHERE hardware_setup <> '{}'
"""
# The earlier form knew notes only, and showed nothing else.
TO_NOTES_ONLY = """
    UPDATE background_information SET technical_preferences = CASE
        WHEN technical_preferences ? 'notes'
        THEN jsonb_build_object('notes', technical_preferences -> 'notes')
        ELSE '{}' END
    WHERE technical_preferences <> '{}'
"""


def upgrade() -> None:
    for column, kind in BEFORE.items():
        op.drop_constraint(op.f(f"ck_{TABLE}_{column}_{kind}"), TABLE, type_="check")
    op.execute(TO_NOTES)
    for column, rule in RULES.items():
        op.create_check_constraint(op.f(f"ck_{TABLE}_{column}_schema"), TABLE, rule)


def downgrade() -> None:
    for column in RULES:
        op.drop_constraint(op.f(f"ck_{TABLE}_{column}_schema"), TABLE, type_="check")
    op.execute(TO_DESCRIPTION)
    op.execute(TO_NOTES_ONLY)
    for column, kind in BEFORE.items():
        op.create_check_constraint(
            op.f(f"ck_{TABLE}_{column}_{kind}"), TABLE, f"jsonb_typeof({column}) = '{kind}'"
        )
