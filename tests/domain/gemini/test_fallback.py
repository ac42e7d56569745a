"""The second model: asked where the first one fails and another may do better, within the same deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from domain.adapters.gemini import GeminiInterviewer
from domain.adapters.gemini.client import Budget, Policy
from domain.caller import on_behalf_of
from domain.calls.breaker import Rules
from domain.calls.ledger import Call
from domain.errors import Refused, Unavailable
from tests.domain.gemini.test_policy import ROOMY, TURN, Time
from tests.loopback.gemini import Failure, LoopbackGemini


class Ledger:
    """Keeps what it is told; `left` calls may still be made."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.left = 100

    async def admit(self, caller: UUID | None) -> None:
        if not self.left:
            raise Unavailable("gemini.budget_person", retry_after=3600)
        self.left -= 1

    async def record(self, call: Call) -> None:
        self.calls.append(call)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
async def pair(gemini: LoopbackGemini, ledger: Ledger) -> AsyncIterator[GeminiInterviewer]:
    time = Time()
    made = GeminiInterviewer(
        "key",
        "first",
        gemini.url,
        fallback_model="second",
        policy=Policy(budgets=ROOMY, breaker=Rules(threshold=3)),
        ledger=ledger,
        clock=time.clock,
        now=time.wall,
        sleep=time.sleep,
    )
    yield made
    await made.close()


def asked(gemini: LoopbackGemini) -> list[str]:
    return [request.path.rpartition("/")[2].removesuffix(":generateContent") for request in gemini.requests]


@pytest.mark.parametrize(
    ("failure", "times"), [("503", 3), ("429-bare", 3), ("404", 1), ("400", 1), ("bad_json", 2), ("empty", 2)]
)
async def test_the_second_model_answers_where_the_first_one_cannot(
    gemini: LoopbackGemini, pair: GeminiInterviewer, ledger: Ledger, failure: Failure, times: int
) -> None:
    gemini.fail(failure, times=times)

    evaluation = await pair.evaluate_turn(TURN)

    assert evaluation.feedback
    assert asked(gemini) == ["first"] * times + ["second"]
    assert [call.model for call in ledger.calls] == asked(gemini)
    assert [call.outcome == "ok" for call in ledger.calls] == [False] * times + [True]


@pytest.mark.parametrize("failure", ["blocked", "safety", "too-many-tokens", "401"])
async def test_the_second_model_is_not_asked_what_it_would_answer_alike(
    gemini: LoopbackGemini, pair: GeminiInterviewer, failure: Failure
) -> None:
    gemini.fail(failure, times=None)

    with pytest.raises((Refused, Unavailable)):
        await pair.evaluate_turn(TURN)

    assert asked(gemini) == ["first"]


async def test_a_model_that_is_left_alone_costs_no_request(
    gemini: LoopbackGemini, pair: GeminiInterviewer
) -> None:
    gemini.fail("503", times=3)
    await pair.evaluate_turn(TURN)

    await pair.evaluate_turn(TURN)

    assert asked(gemini) == ["first"] * 3 + ["second"] * 2


async def test_where_both_fail_it_is_the_first_ones_reason_that_is_told(
    gemini: LoopbackGemini, pair: GeminiInterviewer
) -> None:
    gemini.fail("429-bare", times=3)
    gemini.fail("503", times=None)

    with pytest.raises(Unavailable, match=r"gemini\.quota"):
        await pair.evaluate_turn(TURN)

    assert asked(gemini) == ["first"] * 3 + ["second"] * 3


async def test_a_hang_of_the_first_leaves_time_for_the_second(gemini: LoopbackGemini) -> None:
    # Two seconds for the first: on a busy machine its request has to be there by then.
    policy = Policy(budgets={**ROOMY, "evaluate_turn": Budget(100, 100, 4096)}, first_share=0.02)
    made = GeminiInterviewer("key", "first", gemini.url, fallback_model="second", policy=policy)
    gemini.fail("hang", times=1)

    evaluation = await made.evaluate_turn(TURN)

    assert evaluation.feedback
    assert asked(gemini) == ["first", "second"]
    await made.close()


async def test_a_budget_that_is_used_up_asks_nobody(
    gemini: LoopbackGemini, pair: GeminiInterviewer, ledger: Ledger
) -> None:
    ledger.left = 1
    await pair.evaluate_turn(TURN)

    with pytest.raises(Unavailable) as raised:
        await pair.evaluate_turn(TURN)

    assert (raised.value.reason, raised.value.retry_after) == ("gemini.budget_person", 3600)
    assert asked(gemini) == ["first"]


async def test_a_call_is_written_down_for_whom_it_was_made(
    gemini: LoopbackGemini, pair: GeminiInterviewer, ledger: Ledger
) -> None:
    somebody = uuid4()
    with on_behalf_of(somebody):
        await pair.evaluate_turn(TURN)
    await pair.check()

    assert [(call.caller, call.kind) for call in ledger.calls] == [
        (somebody, "evaluate_turn"),
        (None, "check"),
    ]
    assert all(len(call.prompt_version) == 12 for call in ledger.calls)
    assert len({call.prompt_version for call in ledger.calls}) == 2


async def test_a_call_that_is_cancelled_is_written_down_as_that(
    gemini: LoopbackGemini, pair: GeminiInterviewer, ledger: Ledger
) -> None:
    with gemini.held():
        task = asyncio.create_task(pair.evaluate_turn(TURN))
        await gemini.holds(1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert [call.outcome for call in ledger.calls] == ["cancelled"]
