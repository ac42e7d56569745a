"""A Gemini on loopback that the real SDK talks to: sensible by default, and able to fail in each way.

    async with LoopbackGemini() as gemini:
        interviewer = GeminiInterviewer("key", "gemini-test", base_url=gemini.url)
        gemini.latency = 2.0
        gemini.fail("503", times=2, kind="evaluate_turn")
        with gemini.held("evaluate_turn"):  # its answer comes when this ends
            await gemini.holds(1)

The kind of a call is told from its JSON schema, as a server would have to; faults are switched on by
tests, never by chance.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

from aiohttp import web

from tests.loopback.gemini_answers import ANSWERS, material

Kind = Literal[
    "analyse_resume", "read_pages", "plan", "evaluate_turn", "report", "recommend", "transcribe", "check"
]
Failure = Literal[
    "429",  # RetryInfo in the details, as Google sends it
    "429-header",  # Retry-After instead
    "429-bare",  # neither
    "500",
    "503",
    "400",
    "400-key",  # what Google answers to a key it does not know
    "401",
    "403",
    "404",
    "too-many-tokens",
    "html",  # a proxy's error page, with 502
    "html-200",
    "redirect",
    "hang",
    "drip",  # one byte at a time, without end
    "drop",  # the connection is cut instead of an answer
    "drop-midway",
    "blocked",
    "safety",
    "max_tokens",  # JSON cut in the middle
    "max_tokens_late",  # cut shortly before its end
    "bad_json",
    "wrong_schema",
    "empty",
    "huge",
]
Answer = Mapping[str, object] | Callable[["Request"], Mapping[str, object]]

PATIENCE = 60.0  # a bound for a busy machine
KINDS: dict[str, Kind] = {
    "judgements": "evaluate_turn",
    "questions": "plan",
    "practise": "report",
    "topics": "recommend",
    "transcript": "transcribe",
    "skills": "analyse_resume",
    "page_text": "read_pages",
    "ready": "check",
}
STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}
STATUS |= {429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}


@dataclass(frozen=True)
class Request:
    """One generateContent call as it arrived."""

    kind: Kind
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    size: int

    @property
    def system(self) -> str:
        return "\n".join(part.get("text", "") for part in self.body["systemInstruction"]["parts"])

    @property
    def parts(self) -> list[str]:
        """The texts of the contents, one per part."""
        return [part["text"] for c in self.body["contents"] for part in c["parts"] if "text" in part]

    @property
    def pictures(self) -> list[bytes]:
        """The pictures that came along."""
        parts = [part for content in self.body["contents"] for part in content["parts"]]
        inline = [part["inlineData"] for part in parts if "inlineData" in part]
        pictures = [each for each in inline if "image/jpeg" in each.values()]
        return [base64.urlsafe_b64decode(each["data"]) for each in pictures]

    @property
    def material(self) -> dict[str, str]:
        """What stands between the delimiters, by name."""
        return material(self.parts)

    @property
    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = self.body["generationConfig"]["responseJsonSchema"]
        return schema


@dataclass
class _Scripted:
    failure: Failure
    kind: Kind | None
    left: int | None
    retry_after: float


@dataclass
class LoopbackGemini:
    """Serves on a free port while entered. `latency` is in seconds; `requests` grows by each call.

    With `port` set it serves there, so that an outage and a return can be told as a story.
    """

    latency: float = 0.0
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    _failures: list[_Scripted] = field(default_factory=list)
    _answers: dict[Kind, Answer] = field(default_factory=dict)
    _gates: list[tuple[tuple[Kind, ...], asyncio.Event]] = field(default_factory=list)
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fail(
        self, failure: Failure, times: int | None = 1, kind: Kind | None = None, retry_after: float = 1.0
    ) -> None:
        """Fail the next `times` calls (None: every call until `heal`) of `kind` (None: of any)."""
        self._failures.append(_Scripted(failure, kind, times, retry_after))

    @contextmanager
    def held(self, *kinds: Kind) -> Iterator[None]:
        """Calls of these kinds, or of any, that come meanwhile are answered when it ends."""
        gate = (kinds or tuple(KINDS.values()), asyncio.Event())
        self._gates.append(gate)
        try:
            yield
        finally:
            self._gates.remove(gate)
            gate[1].set()

    async def holds(self, calls: int) -> None:
        """Wait until so many calls are in flight at once."""
        async with asyncio.timeout(PATIENCE):
            while self.in_flight < calls:  # noqa: ASYNC110  # a number that is reached and lost again
                await asyncio.sleep(0.02)

    def heal(self) -> None:
        """Forget every failure that was asked for."""
        self._failures.clear()

    def answers(self, kind: Kind, answer: Answer) -> None:
        """Answer calls of `kind` with this JSON from now on, or with what the callable makes of a request."""
        self._answers[kind] = answer

    def count(self, kind: Kind) -> int:
        return sum(request.kind == kind for request in self.requests)

    def count_different(self, kind: Kind) -> int:
        """Calls of `kind`, but those that say the same: one that a kill cuts off is made again."""
        return len({str(request.material) for request in self.requests if request.kind == kind})

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/{version}/models/{model}:generateContent", self._generate)
        app.router.add_get("/{version}/models/{model}", self._model)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, backlog=2048)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _model(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"name": f"models/{request.match_info['model']}"})

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        body = json.loads(raw)
        properties = body["generationConfig"]["responseJsonSchema"]["properties"]
        kind = next(kind for name, kind in KINDS.items() if name in properties)
        call = Request(kind, request.path, dict(request.headers), body, len(raw))
        self.requests.append(call)
        scripted = self._next_failure(kind)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.latency)
            for kinds, opened in tuple(self._gates):
                if kind in kinds:
                    await opened.wait()
            if scripted is not None:
                return await _failed(scripted, request, call, self._json(call))
            return web.json_response(_candidate(self._json(call)))
        finally:
            self.in_flight -= 1

    def _json(self, call: Request) -> str:
        answer = self._answers.get(call.kind)
        if answer is None:
            told = {"system": call.system, "pictures": str(len(call.pictures))}
            return json.dumps(ANSWERS[call.kind](call.material | told))
        return json.dumps(answer(call) if callable(answer) else answer)

    def _next_failure(self, kind: Kind) -> _Scripted | None:
        for scripted in self._failures:
            if scripted.kind in (None, kind) and scripted.left != 0:
                if scripted.left is not None:
                    scripted.left -= 1
                return scripted
        return None


def _candidate(text: str, finish: str = "STOP") -> dict[str, object]:
    content = {"role": "model", "parts": [{"text": "(thinking)", "thought": True}, {"text": text}]}
    return {
        "candidates": [{"content": content, "finishReason": finish, "index": 0}],
        "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 10, "totalTokenCount": 20},
        "modelVersion": "loopback",
    }


def _error(
    code: int, message: str, *details: object, headers: Mapping[str, str] | None = None
) -> web.Response:
    error = {"code": code, "message": message, "status": STATUS[code], "details": details}
    return web.json_response({"error": error}, status=code, headers=headers)


async def _failed(scripted: _Scripted, request: web.Request, call: Request, text: str) -> web.StreamResponse:
    if scripted.failure == "hang":
        await asyncio.sleep(3600)
    if scripted.failure == "drop":
        return _cut(request, web.Response())
    if scripted.failure in ("drip", "drop-midway"):
        return await _trickle(scripted.failure, request)
    return _erring(scripted, call) or web.json_response(_spoilt(scripted.failure, text))


def _cut(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return response


async def _trickle(failure: Failure, request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "10000"})
    await response.prepare(request)
    await response.write(b"{")
    if failure == "drop-midway":
        return _cut(request, response)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.05)


def _erring(scripted: _Scripted, call: Request) -> web.Response | None:
    """The failures that are an HTTP status; None for those that hide in an answer of 200."""
    quota = "Quota exceeded"
    retry_info = {
        "@type": "type.googleapis.com/google.rpc.RetryInfo",
        "retryDelay": f"{scripted.retry_after}s",
    }
    key_info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
    page = "<!doctype html><title>502</title><h1>Bad Gateway</h1>"
    match scripted.failure:
        case "429":
            return _error(429, quota, retry_info)
        case "429-header":
            return _error(429, quota, headers={"Retry-After": f"{scripted.retry_after:.0f}"})
        case "429-bare":
            return _error(429, quota)
        case "500" | "503" | "401" | "403" | "404":
            return _error(int(scripted.failure), "The service said no")
        case "400":
            field = {"field": "generation_config.response_json_schema", "description": "Unknown name"}
            violation = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [field]}
            return _error(400, f"Invalid value: {call.parts}", violation)  # Google echoes what it was sent
        case "400-key":
            return _error(400, "API key not valid. Please pass a valid API key.", key_info)
        case "too-many-tokens":
            return _error(400, "The input token count (9) exceeds the maximum number of tokens allowed (8).")
        case "html":
            return web.Response(status=502, text=page, content_type="text/html")
        case "html-200":
            return web.Response(text=page, content_type="text/html")
        case "redirect":
            return web.Response(status=302, headers={"Location": "http://127.0.0.1:9/elsewhere"})
        case _:
            return None


def _spoilt(failure: Failure, text: str) -> dict[str, object]:
    """An answer of 200 that cannot be used."""
    match failure:
        case "blocked":
            return {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}
        case "safety":
            return {"candidates": [{"finishReason": "SAFETY", "index": 0}]}
        case "max_tokens":
            return _candidate(text[: len(text) // 2], finish="MAX_TOKENS")
        case "max_tokens_late":
            return _candidate(text[: len(text) * 9 // 10], finish="MAX_TOKENS")
        case "bad_json":
            return _candidate("Sure! Here is the JSON: {" + text)
        case "wrong_schema":
            return _candidate(json.dumps({"verdict": "perfect", "score": 10}))
        case "huge":
            return _candidate(json.dumps({"feedback": "x" * 4_000_000}))
        case _:
            return {"candidates": []}
