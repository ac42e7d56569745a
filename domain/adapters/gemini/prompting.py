"""Builds prompts: rules in the system instruction, foreign text in delimited parts of its own.

Each part is capped, so that a prompt stays as long as it is however long the interview becomes.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from babel import Locale, UnknownLocaleError

from domain import prompts
from domain.adapters.gemini.text import clean

CallKind = Literal[
    "analyse_resume", "read_pages", "plan", "evaluate_turn", "report", "recommend", "transcribe", "check"
]

# Characters of a part, at most; four of them are about one token.
_LIMITS: Mapping[CallKind, Mapping[str, int]] = {
    "analyse_resume": {"resume": 30_000, "links": 2_000},
    "read_pages": {},
    "plan": {
        "target_role": 200,
        "background": 2_000,
        "resume": 12_000,
        "job_description": 6_000,
        "asked_before": 6_000,
    },
    "evaluate_turn": {
        "target_role": 200,
        "background": 800,
        "resume": 1_500,
        "earlier_turns": 4_500,
        "question": 3_000,
        "anchors": 800,
        "answer": 8_000,
        "next_question": 600,
        "verdicts": 1_500,
        "objection": 2_000,
    },
    "report": {"target_role": 200, "background": 800, "turns": 60_000},
    "recommend": {"target_role": 200, "background": 800, "recommendations": 5_000, "results": 2_000},
    "transcribe": {},
    "check": {},
}


# The files each kind of prompt is written in besides its own; a change of one is another version.
_FILES: Mapping[CallKind, tuple[str, ...]] = {
    "read_pages": ("scan",),
    "plan": ("ladder", "one_difficulty"),
    "evaluate_turn": ("probe", "no_probe", "reconsider"),
}


@dataclass(frozen=True)
class Attachment:
    """Bytes that the model is to hear or see."""

    content: bytes
    mime_type: str


@dataclass(frozen=True)
class Prompt:
    """What one call says. `parts` never holds a rule; `version` tells which wording of ours it has."""

    kind: CallKind
    system: str
    parts: tuple[str | Attachment, ...]
    version: str


def prompt(
    kind: CallKind,
    language: str,
    material: Mapping[str, str],
    attachments: tuple[Attachment, ...] = (),
    **values: str | int,
) -> Prompt:
    """The prompt of a call; `values` are ours and fill the system instruction, `material` is anybody's."""
    nonce = secrets.token_hex(8)
    named = {"language": language_name(language), "nonce": nonce, **values}
    system = "\n\n".join(prompts.load(name).substitute(named) for name in ("rules", kind))
    parts: list[str | Attachment] = [
        f"<<<{nonce} {name}>>>\n{text}\n<<<{nonce} end>>>"
        for name, given in material.items()
        if (text := clean(given, _LIMITS[kind][name]))
    ]
    return Prompt(kind, system, (*parts, *attachments), prompt_version(kind))


def prompt_version(kind: CallKind) -> str:
    """A short hash of the files that prompts of this kind are written in."""
    return prompts.version("rules", kind, *_FILES.get(kind, ()))


def language_name(code: str) -> str:
    """The English name of an ISO language code ("es" → "Spanish"); English where the code is unknown."""
    try:
        return Locale.parse(code.replace("_", "-"), sep="-").get_display_name("en") or "English"
    except (ValueError, UnknownLocaleError):
        return "English"
