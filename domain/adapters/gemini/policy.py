"""How a client behaves towards a service that fails, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.adapters.gemini.prompting import CallKind
from domain.calls.breaker import Rules

# It passes soon: worth another try at once, after a pause.
TRANSIENT = frozenset({"gemini.quota", "gemini.outage"})
# Every call would fail alike: the breaker counts them.
TRIPPING = TRANSIENT | {"gemini.key", "gemini.model"}
# Another model may do better.
ELSEWHERE = TRANSIENT | {"gemini.model", "gemini.malformed", "gemini.rejected"}


@dataclass(frozen=True)
class Budget:
    """What one kind of call may take: seconds in all, seconds per attempt, output tokens with thinking."""

    deadline: float
    attempt: float
    output_tokens: int


BUDGETS: Mapping[CallKind, Budget] = {
    "analyse_resume": Budget(120, 60, 8_192),
    "read_pages": Budget(120, 60, 8_192),
    "plan": Budget(120, 60, 16_384),
    "evaluate_turn": Budget(45, 25, 4_096),
    "report": Budget(120, 60, 8_192),
    "recommend": Budget(60, 40, 4_096),
    "transcribe": Budget(90, 60, 8_192),
    "check": Budget(15, 15, 2_048),
}


@dataclass(frozen=True)
class Policy:
    """Seconds throughout.

    The wait before retry n is drawn from 0 to `backoff` × 2ⁿ⁻¹ ("full jitter"), on top of what the
    service asked for. `concurrency` calls at most are in flight, `per_person` of them for one person.
    Where there is a fallback, the first model has `first_share` of the deadline.
    """

    budgets: Mapping[CallKind, Budget] = field(default_factory=lambda: BUDGETS)
    attempts: int = 3
    backoff: float = 1.0
    concurrency: int = 64
    per_person: int = 8
    first_share: float = 0.6
    breaker: Rules = field(default_factory=Rules)
