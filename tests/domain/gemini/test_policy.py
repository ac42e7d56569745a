"""The Gemini interviewer against a loopback Gemini: the real SDK over real HTTP."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.adapters.gemini import GeminiInterviewer
from domain.adapters.gemini.client import BUDGETS, Budget, Policy
from domain.calls.breaker import Rules
from domain.errors import Refused, Unavailable
from domain.interviews.plan import Difficulty, PlannedQuestion, QuestionKind
from domain.interviews.rubric import KeyPoint
from domain.ports import Candidate, TurnRequest
from tests.loopback.gemini import Failure, LoopbackGemini

KEY = "canary-key-5f1c"
PATIENCE = 60.0  # a bound for a busy machine
SAID = "The canary-answer situation mattered because users left, so my action was an index"
CANDIDATE = Candidate("en", "Backend engineer")
QUESTION = PlannedQuestion(
    text="Tell me about a slow database query you made faster.",
    kind=QuestionKind.TECHNICAL,
    competency="performance",
    difficulty=Difficulty.MEDIUM,
    key_points=(KeyPoint(text="Names the situation"), KeyPoint(text="Gives a measured result")),
)
TURN = TurnRequest(CANDIDATE, QUESTION, SAID)
ROOMY: dict[Any, Budget] = {kind: Budget(20, 20, 4096) for kind in BUDGETS}
# Where an attempt is ended by the clock: as long as a busy machine may take to make the request at all.
HASTY: dict[Any, Budget] = {kind: Budget(20, 2, 4096) for kind in BUDGETS}


class Time:
    """A clock that moves only when something sleeps by it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def wall(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def ticking() -> Time:
    return Time()


@pytest.fixture
async def interviewer(
    gemini: LoopbackGemini, ticking: Time, request: pytest.FixtureRequest
) -> AsyncIterator[GeminiInterviewer]:
    failure = request.node.callspec.params.get("failure") if hasattr(request.node, "callspec") else None
    made = asking(gemini, ticking, budgets=HASTY if failure in ("hang", "drip") else ROOMY)
    yield made
    await made.close()


def asking(gemini: LoopbackGemini, ticking: Time, **policy: Any) -> GeminiInterviewer:
    made = Policy(**{"budgets": ROOMY, "backoff": 0.1, **policy})
    return GeminiInterviewer(
        KEY,
        "gemini-test",
        gemini.url,
        policy=made,
        clock=ticking.clock,
        now=ticking.wall,
        sleep=ticking.sleep,
    )


# Every failure × what comes of it, and how many requests it costs.


@pytest.mark.parametrize(
    ("failure", "error", "reason", "requests"),
    [
        ("429-bare", Unavailable, "gemini.quota", 3),
        ("500", Unavailable, "gemini.outage", 3),
        ("503", Unavailable, "gemini.outage", 3),
        ("html", Unavailable, "gemini.outage", 3),
        ("html-200", Unavailable, "gemini.outage", 3),
        ("redirect", Unavailable, "gemini.outage", 3),
        ("drop", Unavailable, "gemini.outage", 3),
        ("drop-midway", Unavailable, "gemini.outage", 3),
        ("hang", Unavailable, "gemini.outage", 3),
        ("drip", Unavailable, "gemini.outage", 3),
        ("400-key", Unavailable, "gemini.key", 1),
        ("401", Unavailable, "gemini.key", 1),
        ("403", Unavailable, "gemini.key", 1),
        ("404", Unavailable, "gemini.model", 1),
        ("400", Unavailable, "gemini.rejected", 1),
        ("too-many-tokens", Refused, "gemini.too_long", 1),
        ("blocked", Refused, "gemini.blocked", 1),
        ("safety", Refused, "gemini.blocked", 1),
        ("max_tokens", Unavailable, "gemini.malformed", 2),
        ("bad_json", Unavailable, "gemini.malformed", 2),
        ("wrong_schema", Unavailable, "gemini.malformed", 2),
        ("empty", Unavailable, "gemini.malformed", 2),
        ("huge", Unavailable, "gemini.malformed", 2),
    ],
)
async def test_each_failure_that_stays_is_told_by_its_kind_and_tells_no_secret(
    gemini: LoopbackGemini,
    interviewer: GeminiInterviewer,
    caplog: pytest.LogCaptureFixture,
    failure: Failure,
    error: type[Exception],
    reason: str,
    requests: int,
) -> None:
    caplog.set_level(logging.DEBUG)
    gemini.fail(failure, times=None)

    with pytest.raises(error) as raised:
        await interviewer.evaluate_turn(TURN)

    assert getattr(raised.value, "reason", "") == reason
    assert gemini.count("evaluate_turn") == requests
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    told = "".join(traceback.format_exception(raised.value)) + repr(vars(raised.value)) + caplog.text
    assert KEY not in told
    assert "canary-answer" not in told


@pytest.mark.parametrize(
    "failure",
    ["429", "503", "html", "html-200", "hang", "drop", "drop-midway", "max_tokens", "bad_json", "empty"],
)
async def test_a_failure_that_passes_is_not_noticed(
    gemini: LoopbackGemini, interviewer: GeminiInterviewer, failure: Failure
) -> None:
    gemini.fail(failure, times=1, retry_after=0.5)

    evaluation = await interviewer.evaluate_turn(TURN)

    assert "canary-answer" in evaluation.feedback
    assert gemini.count("evaluate_turn") == 2


async def test_a_refused_connection_is_an_outage(gemini: LoopbackGemini, ticking: Time) -> None:
    gone = GeminiInterviewer(KEY, "m", "http://127.0.0.1:9", sleep=ticking.sleep)

    with pytest.raises(Unavailable, match=r"gemini\.outage"):
        await gone.check()

    assert len(ticking.slept) == 2
    await gone.close()


async def test_a_request_of_ours_that_is_wrong_is_told_by_its_field(
    gemini: LoopbackGemini, interviewer: GeminiInterviewer, caplog: pytest.LogCaptureFixture
) -> None:
    gemini.fail("400")

    with pytest.raises(Unavailable, match=r"gemini\.rejected"):
        await interviewer.check()

    [told] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert vars(told)["error"] == "400 INVALID_ARGUMENT at generation_config.response_json_schema"


@pytest.mark.parametrize("failure", ["429", "429-header"])
async def test_the_wait_that_was_asked_for_is_kept(
    gemini: LoopbackGemini, ticking: Time, failure: Failure
) -> None:
    patient = asking(gemini, ticking, budgets={"check": Budget(60, 5, 2048)})
    gemini.fail(failure, retry_after=7)

    await patient.check()

    assert len(ticking.slept) == 1
    assert 7.0 <= ticking.slept[0] <= 7.1
    await patient.close()


@pytest.mark.parametrize("failure", ["429", "429-header"])
async def test_a_wait_beyond_the_deadline_is_left_to_the_caller(
    gemini: LoopbackGemini, interviewer: GeminiInterviewer, ticking: Time, failure: Failure
) -> None:
    gemini.fail(failure, retry_after=40)

    with pytest.raises(Unavailable) as raised:
        await interviewer.check()

    assert (raised.value.reason, raised.value.retry_after) == ("gemini.quota", 40.0)
    assert ticking.slept == []


async def test_the_jitter_is_full_and_grows(gemini: LoopbackGemini, ticking: Time) -> None:
    stubborn = asking(
        gemini,
        ticking,
        attempts=40,
        backoff=1e-9,
        breaker=Rules(threshold=99),
        budgets={"check": Budget(9e9, 5, 2048)},
    )
    gemini.fail("503", times=None)

    with pytest.raises(Unavailable):
        await stubborn.check()

    shares = [slept / (1e-9 * 2**index) for index, slept in enumerate(ticking.slept)]
    assert len(shares) == 39
    assert all(0 <= share <= 1 for share in shares)
    assert min(shares) < 0.3 < 0.7 < max(shares)
    await stubborn.close()


async def test_a_hang_ends_at_the_deadline(gemini: LoopbackGemini) -> None:
    policy = Policy(budgets={"check": Budget(0.5, 0.3, 2048)}, backoff=0.01)
    strict = GeminiInterviewer(KEY, "m", gemini.url, policy=policy)
    gemini.fail("hang", times=None)
    started = time.monotonic()

    with pytest.raises(Unavailable, match=r"gemini\.outage"):
        await strict.check()

    assert 0.4 < time.monotonic() - started < PATIENCE
    await strict.close()


async def test_more_room_is_given_once_to_a_reply_that_was_cut(
    gemini: LoopbackGemini, interviewer: GeminiInterviewer
) -> None:
    gemini.fail("max_tokens")

    await interviewer.evaluate_turn(TURN)

    asked = [request.body["generationConfig"]["maxOutputTokens"] for request in gemini.requests]
    assert asked == [4096, 8192]


async def test_a_repair_says_what_was_wrong_in_the_system_instruction(
    gemini: LoopbackGemini, interviewer: GeminiInterviewer
) -> None:
    gemini.fail("wrong_schema")

    await interviewer.evaluate_turn(TURN)

    first, second = gemini.requests
    assert second.system.startswith(first.system)
    assert "could not be read" in second.system.removeprefix(first.system)
    assert second.parts == first.parts


# The breaker, and calls in flight.


async def test_the_breaker_opens_probes_and_closes(gemini: LoopbackGemini, ticking: Time) -> None:
    guarded = asking(gemini, ticking, attempts=1, breaker=Rules(threshold=3))
    gemini.fail("503", times=4)

    async def outcome() -> str:
        try:
            await guarded.check()
        except Unavailable as error:
            return error.reason
        return "fine"

    assert [await outcome() for _ in range(5)] == ["gemini.outage"] * 5
    assert len(gemini.requests) == 3
    ticking.now += 31
    assert await outcome() == "gemini.outage"
    assert len(gemini.requests) == 4
    assert await outcome() == "gemini.outage"
    assert len(gemini.requests) == 4
    ticking.now += 31
    assert await outcome() == "gemini.outage"
    assert len(gemini.requests) == 4  # the second pause is twice as long
    ticking.now += 30
    gemini.latency = 0.1
    assert sorted(await asyncio.gather(outcome(), outcome())) == ["fine", "gemini.outage"]
    assert len(gemini.requests) == 5
    assert await outcome() == "fine"
    await guarded.close()


async def test_a_probe_that_is_cancelled_leaves_room_for_the_next(
    gemini: LoopbackGemini, ticking: Time
) -> None:
    guarded = asking(gemini, ticking, attempts=1, breaker=Rules(threshold=1))
    gemini.fail("503")
    with pytest.raises(Unavailable):
        await guarded.check()
    ticking.now += 31
    with gemini.held():
        probe = asyncio.create_task(guarded.check())
        await gemini.holds(1)
        probe.cancel()
        await asyncio.gather(probe, return_exceptions=True)

    await guarded.check()
    await guarded.close()


async def test_what_a_candidate_wrote_does_not_open_the_breaker(
    gemini: LoopbackGemini, ticking: Time
) -> None:
    guarded = asking(gemini, ticking, breaker=Rules(threshold=2))
    gemini.fail("blocked", times=5)
    for _ in range(5):
        with pytest.raises(Refused):
            await guarded.check()

    await guarded.check()
    await guarded.close()


async def test_no_more_calls_in_flight_than_allowed(gemini: LoopbackGemini) -> None:
    narrow = GeminiInterviewer(KEY, "gemini-test", gemini.url, concurrency=3)

    with gemini.held():
        asked = asyncio.gather(*(narrow.check() for _ in range(12)))
        await gemini.holds(3)
        await asyncio.sleep(0.05)  # in which a fourth would come, were it let
    await asked

    assert gemini.most_in_flight == 3
    await narrow.close()


async def test_a_call_that_finds_no_slot_in_time_says_so(gemini: LoopbackGemini) -> None:
    policy = Policy(budgets={**ROOMY, "check": Budget(0.1, 20, 2048)}, concurrency=1, attempts=1)
    narrow = GeminiInterviewer(KEY, "gemini-test", gemini.url, policy=policy)

    with gemini.held("evaluate_turn"):
        first = asyncio.create_task(narrow.evaluate_turn(TURN))
        await gemini.holds(1)
        outcomes = await asyncio.gather(*(narrow.check() for _ in range(3)), return_exceptions=True)

    assert list(map(str, outcomes)) == ["gemini.quota"] * 3
    assert (await first).feedback
    await narrow.close()
