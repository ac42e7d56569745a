"""What went wrong in a call, said in the domain's words and without anybody else's."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from google.genai import types
from google.genai.errors import APIError

from domain.errors import Refused, Unavailable

log = logging.getLogger(__name__)

NOT_SOON = 6 * 3600.0  # seconds; what was wrong with a request or a reply is rarely right a minute later

_BLOCKED = frozenset(
    {
        types.FinishReason.SAFETY,
        types.FinishReason.RECITATION,
        types.FinishReason.BLOCKLIST,
        types.FinishReason.PROHIBITED_CONTENT,
        types.FinishReason.SPII,
        types.FinishReason.MODEL_ARMOR,
        types.FinishReason.ESCALATION,
    }
)
_TOO_LONG = re.compile(r"token count.*exceeds|payload size exceeds", re.IGNORECASE)


def translated(error: APIError) -> Unavailable | Refused:
    """What an HTTP error of the API means.

    `Unavailable`: "gemini.quota" (429), "gemini.key" (401, 403, an invalid key or a forbidden place),
    "gemini.model" (404: no such model), "gemini.rejected" (it takes our request for malformed: a bug of
    ours, which is logged as one, while people go on without Gemini), "gemini.outage" (the rest).
    `Refused("gemini.too_long")` for a prompt beyond the model's window.
    """
    details = _details(error)
    reasons = {detail.get("reason") for detail in details}
    match error.code:
        case 429:
            return Unavailable("gemini.quota", retry_after=_retry_after(error, details))
        case 401 | 403:
            return Unavailable("gemini.key")
        case 404:
            return Unavailable("gemini.model")
        case 400 if "API_KEY_INVALID" in reasons or "api key" in str(error.message).lower():
            return Unavailable("gemini.key")
        case 400 if error.status == "FAILED_PRECONDITION":  # billing, or a country without the service
            return Unavailable("gemini.key")
        case 400 | 413 if error.code == 413 or _TOO_LONG.search(str(error.message)):
            return Refused("gemini.too_long")
        case 400 | 405 | 411 | 414 | 415 | 422 | 431:
            log.error("Gemini rejects our request", extra={"error": _where(error, details)})
            return Unavailable("gemini.rejected", retry_after=NOT_SOON)
        case _:
            return Unavailable("gemini.outage", retry_after=_retry_after(error, details))


def is_blocked(response: types.GenerateContentResponse) -> bool:
    """Whether the prompt or the reply was declined for what it says."""
    reason = response.prompt_feedback.block_reason if response.prompt_feedback else None
    if reason and reason is not types.BlockedReason.BLOCKED_REASON_UNSPECIFIED:
        return True
    return any(candidate.finish_reason in _BLOCKED for candidate in response.candidates or ())


def _details(error: APIError) -> list[Mapping[str, Any]]:
    body = error.details if isinstance(error.details, dict) else {}
    inner = body.get("error")
    details = inner.get("details") if isinstance(inner, dict) else None
    return [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []


def _where(error: APIError, details: list[Mapping[str, Any]]) -> str:
    """Status and fields complained of; messages are left out: they may quote the prompt."""
    status = re.sub(r"\W", "", str(error.status))[:40]
    violations = [v for detail in details for v in detail.get("fieldViolations") or () if isinstance(v, dict)]
    paths = [re.sub(r"[^\w.\[\]]", "", str(violation.get("field", "")))[:80] for violation in violations]
    return f"{error.code} {status}" + (f" at {', '.join(paths[:5])}" if paths else "")


def _retry_after(error: APIError, details: list[Mapping[str, Any]]) -> float | None:
    """The seconds asked for by RetryInfo, else by the Retry-After header (seconds, or a date)."""
    for detail in details:
        if found := re.fullmatch(r"(\d+(?:\.\d+)?)s", str(detail.get("retryDelay", ""))):
            return float(found[1])
    header = str(getattr(error.response, "headers", {}).get("Retry-After", "")).strip()
    if re.fullmatch(r"\d+(\.\d+)?", header):
        return float(header)
    try:
        asked = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (asked.replace(tzinfo=asked.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
