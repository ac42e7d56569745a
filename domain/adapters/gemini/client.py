"""Calls Gemini under a policy of our own: deadlines, retries, fair slots, a shared breaker, a fallback.

The SDK's own retries ignore RetryInfo and differ by transport, so they are off.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Generic

import aiohttp
from google.genai import Client, types
from google.genai.errors import APIError, UnknownApiResponseError
from pydantic import ValidationError

from domain.adapters.gemini.failures import NOT_SOON, translated
from domain.adapters.gemini.policy import BUDGETS, ELSEWHERE, TRANSIENT, TRIPPING, Budget, Policy
from domain.adapters.gemini.prompting import Attachment, Prompt
from domain.adapters.gemini.replies import Reading, Reply, read
from domain.adapters.gemini.schemas import Wire, wire_schema
from domain.adapters.gemini.slots import FairSlots
from domain.caller import caller
from domain.calls.breaker import BreakersInMemory, BreakerStore, CircuitBreaker, LeftAlone
from domain.calls.ledger import Call, Ledger, NoLedger
from domain.errors import Refused, Unavailable

__all__ = ["BUDGETS", "Answered", "Budget", "GeminiClient", "Policy"]

Failed = Unavailable | Refused

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
class Answered(Generic[Reply]):
    """A reply, the model that gave it, and the version of the prompt it was given to."""

    reply: Reply
    model: str
    prompt_version: str


@dataclass(frozen=True)
class _Asking(Generic[Reply]):
    """One model being asked one thing, `until` a time of the client's clock."""

    model: str
    prompt: Prompt
    reply: type[Reply]
    until: float


class GeminiClient:
    """Sends prompts and brings back validated replies. One per process and event loop.

    Each request is written into the `ledger`, which also says who may make one; `breakers` hold what all
    programs know of a model. Whom a call is for is `domain.caller`'s to tell.
    """

    def __init__(
        self,
        api_key: str,
        model: str,
        base_url: str | None = None,
        *,
        fallback_model: str | None = None,
        thinking_level: str | None = None,
        policy: Policy | None = None,
        ledger: Ledger | None = None,
        breakers: BreakerStore | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: random.Random | None = None,
    ) -> None:
        self._models = (model, fallback_model) if fallback_model and fallback_model != model else (model,)
        self._thinking = _thinking(thinking_level)
        self._policy = policy or Policy()
        self._ledger = ledger or NoLedger()
        self._clock = clock
        self._sleep = sleep
        self._chance = chance or random.SystemRandom()
        self._slots = FairSlots(self._policy.concurrency, self._policy.per_person)
        store = breakers or BreakersInMemory()
        self._breakers = {
            each: CircuitBreaker(each, store, self._policy.breaker, now, clock) for each in self._models
        }
        self._sdk = Client(api_key=api_key, vertexai=False, http_options=_http_options(base_url))

    async def ask(self, prompt: Prompt, reply: type[Reply]) -> Answered[Reply]:
        """The model's reply to a prompt, in the shape of `reply`; the fallback's where the first one fails.

        A reply that was cut off is asked for again with more room, one that cannot be read with a note,
        once in all; what is sound of one that was cut off is taken where nothing better comes. Raises
        `Unavailable` ("gemini.quota", "gemini.outage", "gemini.key", "gemini.model", "gemini.malformed",
        "gemini.rejected", "gemini.budget", "gemini.budget_person") or `Refused` ("gemini.blocked",
        "gemini.too_long").
        """
        start, deadline = self._clock(), self._policy.budgets[prompt.kind].deadline
        shares = (self._policy.first_share, 1.0) if len(self._models) > 1 else (1.0,)
        first: Failed | None = None
        for model, share in zip(self._models, shares, strict=True):
            outcome = await self._asked(_Asking(model, prompt, reply, start + share * deadline))
            if isinstance(outcome, Answered):
                return outcome
            first = first or outcome
            if not isinstance(outcome, Unavailable) or outcome.reason not in ELSEWHERE:
                break
        assert first is not None
        raise first

    async def close(self) -> None:
        await self._sdk.aio.aclose()
        self._sdk.close()

    async def _asked(self, asking: _Asking[Reply]) -> Answered[Reply] | Failed:
        """Ask one model, twice where its first reply is of no use."""
        prompt = asking.prompt
        system, tokens = prompt.system, self._policy.budgets[prompt.kind].output_tokens
        sound: Answered[Reply] | None = None
        for _ in range(2):
            reading = await self._reply(asking, self._config(system, asking.reply, tokens))
            if not isinstance(reading, Reading):
                return sound or reading
            if reading.outcome == "gemini.blocked":
                return sound or Refused("gemini.blocked")
            if reading.reply is not None:
                sound = Answered(reading.reply, reading.model or asking.model, prompt.version)
            if reading.outcome == "ok" and sound is not None:
                return sound
            if reading.outcome == "cut":
                tokens *= 2
            else:
                system = f"{prompt.system}\n\n{_REPAIR}"
        return sound or Unavailable("gemini.malformed", retry_after=NOT_SOON)

    async def _reply(
        self, asking: _Asking[Reply], config: types.GenerateContentConfig
    ) -> Reading[Reply] | Failed:
        """Send until there is an answer, or no more time, attempts or sense in it."""
        for attempt in count(1):
            outcome = await self._attempt(asking, config)
            is_transient = isinstance(outcome, Unavailable) and outcome.reason in TRANSIENT
            if not is_transient or isinstance(outcome, LeftAlone):
                return outcome
            assert isinstance(outcome, Unavailable)
            jitter = self._chance.uniform(0, self._policy.backoff * 2 ** (attempt - 1))
            wait = (outcome.retry_after or 0.0) + jitter
            if attempt >= self._policy.attempts or self._clock() + wait >= asking.until:
                return outcome
            await self._sleep(wait)
        raise AssertionError("unreachable: count() does not end")

    async def _attempt(
        self, asking: _Asking[Reply], config: types.GenerateContentConfig
    ) -> Reading[Reply] | Failed:
        """One request, if breaker, slots and budget let it through.

        Failures are returned: raised from here, they would drag along the SDK's own error, which holds
        whole bodies.
        """
        breaker = self._breakers[asking.model]
        try:
            await breaker.check()
            async with self._slots.taken(caller(), asking.until - self._clock()):
                # What was learnt while this waited for its slot counts too.
                probe = await breaker.admit()
                try:
                    await self._ledger.admit(caller())
                except BaseException:
                    await breaker.given_back(probe)
                    raise
                outcome = await self._watched(asking, config, breaker, probe)
        except TimeoutError:
            return Unavailable("gemini.quota")
        except Unavailable as refusal:
            return refusal.with_traceback(None)
        return outcome

    async def _watched(
        self, asking: _Asking[Reply], config: types.GenerateContentConfig, breaker: CircuitBreaker, probe: str
    ) -> Reading[Reply] | Failed:
        """One request that is written down, and from whose outcome the breaker learns."""
        started = self._clock()
        outcome: Reading[Reply] | Failed | None = None
        try:
            outcome = await self._sent(asking, config)
            if isinstance(outcome, Unavailable) and outcome.reason in TRIPPING:
                await breaker.failed(outcome.reason, outcome.retry_after, probe)
            else:
                await breaker.succeeded()
        finally:
            if outcome is None:
                await breaker.given_back(probe)
            await self._record(asking, outcome, started)
        return outcome

    async def _sent(
        self, asking: _Asking[Reply], config: types.GenerateContentConfig
    ) -> Reading[Reply] | Failed:
        limit = self._policy.budgets[asking.prompt.kind].attempt
        parts = [_part(part) for part in asking.prompt.parts] or [_part("Go on.")]
        try:
            async with asyncio.timeout(min(limit, asking.until - self._clock())):
                response = await self._sdk.aio.models.generate_content(
                    model=asking.model, contents=types.Content(role="user", parts=parts), config=config
                )
        except APIError as error:
            return translated(error)
        except _TRANSPORT_ERRORS:
            return Unavailable("gemini.outage")
        return read(response, asking.reply)

    async def _record(
        self, asking: _Asking[Reply], outcome: Reading[Reply] | Failed | None, started: float
    ) -> None:
        reading = outcome if isinstance(outcome, Reading) else None
        word = reading.outcome if reading else outcome.reason if isinstance(outcome, Failed) else "cancelled"
        await self._ledger.record(
            Call(
                caller=caller(),
                kind=asking.prompt.kind,
                model=asking.model,
                prompt_version=asking.prompt.version,
                tokens_in=reading.tokens_in if reading else None,
                tokens_out=reading.tokens_out if reading else None,
                latency_ms=round((self._clock() - started) * 1000),
                outcome=word,
            )
        )

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
