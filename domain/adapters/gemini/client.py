"""Calls Gemini under a policy of our own: deadlines, retries, a cap on calls in flight, a breaker.

The SDK's own retries ignore RetryInfo and differ by transport (FINDINGS.md), so they are off.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar

import aiohttp
from google.genai import Client, types
from google.genai.errors import APIError, UnknownApiResponseError
from pydantic import ValidationError

from domain.adapters.gemini.breaker import TRANSIENT, CircuitBreaker
from domain.adapters.gemini.failures import RequestRejected, is_blocked, translated
from domain.adapters.gemini.prompting import Attachment, CallKind, Prompt
from domain.adapters.gemini.schemas import Wire, wire_schema
from domain.errors import Refused, Unavailable

__all__ = ["Budget", "GeminiClient", "Policy", "Reply", "RequestRejected"]

Reply = TypeVar("Reply", bound=Wire)
Failed = Unavailable | Refused | RequestRejected

_MAX_REPLY = 500_000  # characters; the longest honest one is about 60,000
_REPAIR = (
    "Your reply to this could not be read. Return one JSON object that matches the given schema, "
    "complete, with every field, and nothing around it."
)
# Everything the transport and the SDK raise while they send or read; no APIError, and no common base.
_TRANSPORT_ERRORS = (
    aiohttp.ClientError,
    OSError,  # TimeoutError is one
    UnknownApiResponseError,
    json.JSONDecodeError,
    UnicodeDecodeError,
    ValidationError,
    RecursionError,  # an answer nested without end
)


@dataclass(frozen=True)
class Budget:
    """What one kind of call may take: seconds in all, seconds per attempt, output tokens with thinking."""

    deadline: float
    attempt: float
    output_tokens: int


BUDGETS: Mapping[CallKind, Budget] = {
    "analyse_resume": Budget(120, 60, 8_192),
    "plan": Budget(120, 60, 16_384),
    "evaluate_turn": Budget(45, 25, 4_096),
    "report": Budget(120, 60, 8_192),
    "transcribe": Budget(90, 60, 8_192),
    "check": Budget(15, 15, 2_048),
}


@dataclass(frozen=True)
class Policy:
    """How a client behaves towards a service that fails. Seconds throughout.

    The wait before retry n is drawn from 0 to `backoff` × 2ⁿ⁻¹ ("full jitter"), on top of what the
    service asked for. `concurrency` calls at most are in flight.
    """

    budgets: Mapping[CallKind, Budget] = field(default_factory=lambda: BUDGETS)
    attempts: int = 3
    backoff: float = 1.0
    concurrency: int = 64
    breaker_threshold: int = 5
    breaker_pause: float = 30.0


class GeminiClient:
    """Sends prompts and brings back validated replies. One per process and event loop."""

    def __init__(
        self,
        api_key: str,
        model: str,
        base_url: str | None = None,
        *,
        thinking_level: str | None = None,
        policy: Policy | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: random.Random | None = None,
    ) -> None:
        self._model = model
        self._thinking = _thinking(thinking_level)
        self._policy = policy or Policy()
        self._clock = clock
        self._sleep = sleep
        self._chance = chance or random.SystemRandom()
        self._slots = asyncio.Semaphore(self._policy.concurrency)
        self._breaker = CircuitBreaker(clock, self._policy.breaker_threshold, self._policy.breaker_pause)
        self._sdk = Client(api_key=api_key, vertexai=False, http_options=_http_options(base_url))

    async def ask(self, prompt: Prompt, reply: type[Reply]) -> Reply:
        """The model's reply to a prompt, in the shape of `reply`.

        A reply that was cut off is asked for again with more room, one that cannot be read with a note;
        once in all. Raises `Unavailable` ("gemini.quota", "gemini.outage", "gemini.key", "gemini.model",
        "gemini.malformed"), `Refused` ("gemini.blocked", "gemini.too_long") or `RequestRejected`.
        """
        budget = self._policy.budgets[prompt.kind]
        deadline = self._clock() + budget.deadline
        system, tokens = prompt.system, budget.output_tokens
        with self._breaker.guard():
            for _ in range(2):
                response = await self._reply(prompt, self._config(system, reply, tokens), deadline)
                if is_blocked(response):
                    raise Refused("gemini.blocked")
                if _is_cut(response):
                    tokens *= 2
                elif (read := _read(response, reply)) is not None:
                    return read
                else:
                    system = f"{prompt.system}\n\n{_REPAIR}"
            raise Unavailable("gemini.malformed")

    async def close(self) -> None:
        await self._sdk.aio.aclose()
        self._sdk.close()

    async def _reply(
        self, prompt: Prompt, config: types.GenerateContentConfig, deadline: float
    ) -> types.GenerateContentResponse:
        """Send until there is an answer, or no more time, attempts or sense in it."""
        contents = types.Content(
            role="user", parts=[_part(part) for part in prompt.parts] or [_part("Go on.")]
        )
        for attempt in count(1):
            outcome = await self._attempt(
                contents, config, self._policy.budgets[prompt.kind].attempt, deadline
            )
            if isinstance(outcome, types.GenerateContentResponse):
                return outcome
            if not isinstance(outcome, Unavailable) or outcome.reason not in TRANSIENT:
                raise outcome
            wait = (outcome.retry_after or 0.0) + self._chance.uniform(
                0, self._policy.backoff * 2 ** (attempt - 1)
            )
            if attempt >= self._policy.attempts or self._clock() + wait >= deadline:
                raise outcome
            await self._sleep(wait)
        raise AssertionError("unreachable: count() does not end")

    async def _attempt(
        self, contents: types.Content, config: types.GenerateContentConfig, limit: float, deadline: float
    ) -> types.GenerateContentResponse | Failed:
        """One request. Failures are returned: raised from here, they would drag along the SDK's own
        error, which holds whole bodies."""
        try:
            async with asyncio.timeout(deadline - self._clock()):
                await self._slots.acquire()
        except TimeoutError:
            return Unavailable("gemini.quota")
        try:
            async with asyncio.timeout(min(limit, deadline - self._clock())):
                return await self._sdk.aio.models.generate_content(
                    model=self._model, contents=contents, config=config
                )
        except APIError as error:
            return translated(error)
        except _TRANSPORT_ERRORS:
            return Unavailable("gemini.outage")
        finally:
            self._slots.release()

    def _config(self, system: str, reply: type[Wire], tokens: int) -> types.GenerateContentConfig:
        return types.GenerateContentConfig(
            system_instruction=system,
            response_mime_type="application/json",
            response_json_schema=wire_schema(reply),
            max_output_tokens=tokens,
            thinking_config=self._thinking,
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
            automatic_continuation=False,
        )


def _http_options(base_url: str | None) -> types.HttpOptions:
    """`base_url` may name the API version; otherwise it is v1beta, where the `*-latest` models live."""
    root, version = base_url, "v1beta"
    if base_url and (named := re.fullmatch(r"(.+?)/(v\d\w*)/?", base_url)):
        root, version = named[1], named[2]
    return types.HttpOptions(
        base_url=root,
        api_version=version,
        retry_options=types.HttpRetryOptions(attempts=1),
        # aiohttp would take the key along to wherever it is sent.
        async_client_args={"allow_redirects": False},
    )


def _thinking(level: str | None) -> types.ThinkingConfig | None:
    if level is None:
        return None
    if level.upper() not in types.ThinkingLevel.__members__:
        raise ValueError(f"no such thinking level: {level}")
    return types.ThinkingConfig(thinking_level=types.ThinkingLevel(level.upper()))


def _part(part: str | Attachment) -> types.Part:
    if isinstance(part, Attachment):
        return types.Part.from_bytes(data=part.content, mime_type=part.mime_type)
    return types.Part.from_text(text=part)


def _is_cut(response: types.GenerateContentResponse) -> bool:
    candidates = response.candidates or []
    return any(candidate.finish_reason is types.FinishReason.MAX_TOKENS for candidate in candidates)


def _read(response: types.GenerateContentResponse, reply: type[Reply]) -> Reply | None:
    """The reply of the first candidate, or None where it is not one."""
    content = response.candidates[0].content if response.candidates else None
    parts = content.parts if content and content.parts else []
    text = "".join(part.text for part in parts if part.text and not part.thought).strip()
    if fenced := re.fullmatch(r"```(?:json)?\s*(.*?)\s*```", text[:_MAX_REPLY], re.DOTALL):
        text = fenced[1]
    if len(text) > _MAX_REPLY:
        return None
    try:
        return reply.model_validate_json(text)
    except ValidationError:
        return None
