"""What the adapter adds to the bare SDK, with its ledger and breaker in a real database."""

from __future__ import annotations

import asyncio

from tests.bench import gemini as bench

MOST_OVERHEAD = 2.0  # milliseconds of CPU a call
TRIES = 5  # on a machine that others keep busy the same work takes more CPU


async def test_the_adapter_adds_little_to_a_call_and_has_500_in_flight(dsn: str) -> None:
    async with bench.both(dsn) as pair:
        for _ in range(TRIES):
            call = await pair.cost()
            if call.ours - call.floor < MOST_OVERHEAD:
                break
        async with asyncio.timeout(60):
            seconds = await bench.at_once(pair.gemini, pair.ours)

    print(call, f"overhead: {call.ours - call.floor:.2f} ms a call", sep="\n")  # noqa: T201  # measured figures
    print(f"{bench.IN_FLIGHT} calls at once: {seconds:.1f} s")  # noqa: T201
    assert call.ours - call.floor < MOST_OVERHEAD
    assert pair.gemini.most_in_flight == bench.IN_FLIGHT >= 500
