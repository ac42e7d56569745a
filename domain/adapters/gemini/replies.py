"""What an answer of 200 is worth: a reply, part of one, or nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from google.genai import types
from pydantic import ValidationError
from pydantic_core import from_json

from domain.adapters.gemini.failures import is_blocked
from domain.adapters.gemini.schemas import Wire

Reply = TypeVar("Reply", bound=Wire)

_MAX_REPLY = 500_000  # characters; the longest honest one is about 60,000


@dataclass(frozen=True)
class Reading(Generic[Reply]):
    """`reply` is there where the outcome is "ok", and where it is "cut" but what arrived is sound."""

    outcome: Literal["ok", "cut", "malformed", "gemini.blocked"]
    reply: Reply | None
    tokens_in: int | None
    tokens_out: int | None
    model: str


def read(response: types.GenerateContentResponse, reply: type[Reply]) -> Reading[Reply]:
    """What the first candidate says."""
    outcome: Literal["ok", "cut", "malformed", "gemini.blocked"] = "gemini.blocked"
    found: Reply | None = None
    if not is_blocked(response):
        text = _text(response)
        is_cut = _is_cut(response)
        found = _salvaged(text, reply) if is_cut else _whole(text, reply)
        outcome = "cut" if is_cut else "ok" if found is not None else "malformed"
    used = response.usage_metadata or types.GenerateContentResponseUsageMetadata()
    written = [used.candidates_token_count, used.thoughts_token_count]
    counted = [count for count in written if count is not None]
    return Reading(
        outcome,
        found,
        tokens_in=used.prompt_token_count,
        tokens_out=sum(counted) if counted else None,
        model=re.sub(r"[^\w.:/-]", "", response.model_version or "")[:80],
    )


def _is_cut(response: types.GenerateContentResponse) -> bool:
    candidates = response.candidates or []
    return any(candidate.finish_reason is types.FinishReason.MAX_TOKENS for candidate in candidates)


def _text(response: types.GenerateContentResponse) -> str:
    content = response.candidates[0].content if response.candidates else None
    parts = content.parts if content and content.parts else []
    text = "".join(part.text for part in parts if part.text and not part.thought).strip()
    if fenced := re.fullmatch(r"```(?:json)?\s*(.*?)\s*```", text[:_MAX_REPLY], re.DOTALL):
        text = fenced[1]
    return text if len(text) <= _MAX_REPLY else ""


def _whole(text: str, reply: type[Reply]) -> Reply | None:
    try:
        return reply.model_validate_json(text)
    except ValidationError:
        return None


def _salvaged(text: str, reply: type[Reply]) -> Reply | None:
    """What is sound of a text that ends in the middle: fields before the one it ends in, as a reply says."""
    if whole := _whole(text, reply):
        return whole
    try:
        fields = from_json(text, allow_partial="trailing-strings")
        if not isinstance(fields, dict) or not fields:
            return None
        last = next(reversed(fields))
        sound = reply.sound({name: value for name, value in fields.items() if name != last}, fields[last])
        return reply.model_validate(sound) if sound is not None else None
    except ValueError:  # pydantic's ValidationError is one
        return None
