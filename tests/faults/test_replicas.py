"""Several programs on one database: they share the work, follow each other, and stop without a trace."""

# ruff: noqa: ASYNC110  it watches Gemini and the database, which set no Event

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg
import httpx

from bot.playground.people import Person
from domain.messaging.liveness import LEADER_LOCKS, WORKER_LOCKS, Role
from tests.loopback.candidates import FEEDBACK, Candidate, prove_nothing_lost, rehearse_during, sign_up
from tests.loopback.gemini import LoopbackGemini
from tests.loopback.processes import POLLING, Installation

PATIENCE = 60.0  # a bound for a busy machine
MOST_MEMORY = 150 * 1024 * 1024
LEADER = """
    SELECT worker.objid::bigint FROM pg_locks leader JOIN pg_locks worker USING (pid)
    WHERE leader.classid = $1 AND leader.objid = $2 AND leader.granted AND worker.classid = $3
        AND leader.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
ANSWER = "The situation mattered: I took an action of my own, and the result is a number."


async def asked(dsn: str, query: str, *arguments: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        return list(await connection.fetch(query, *arguments))
    finally:
        await connection.close()


async def leader(dsn: str) -> int | None:
    """The worker that polls."""
    rows = await asked(dsn, LEADER, LEADER_LOCKS, Role.POLL.value, WORKER_LOCKS)
    return int(rows[0][0]) if rows else None


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


async def new_leader(dsn: str, former: int | None) -> int:
    async with asyncio.timeout(PATIENCE):
        while (found := await leader(dsn)) in (None, former):
            await asyncio.sleep(0.02)
    assert found is not None
    return found


# Sharing, and following


async def test_two_share_the_work_and_one_takes_over(dsn: str, tmp_path: Path) -> None:
    """One polls, both work; it is killed in the middle, and the other goes on with what it had in hand."""
    gemini = LoopbackGemini(latency=0.3)
    async with Installation(dsn, tmp_path, gemini=gemini) as installation:
        candidates = [Candidate(installation.telegram.person(f"P{number}")) for number in range(6)]
        await sign_up(dsn, [each.person for each in candidates])
        first = await installation.serves(forked=True)
        polls = await new_leader(dsn, None)
        await installation.serves(forked=True)
        assert await leader(dsn) == polls

        async def dies() -> None:
            await until_both_worked(dsn)
            await until(lambda: gemini.in_flight >= 2)
            assert await leader(dsn) == polls
            conflicts = [call for call in installation.telegram.calls if call.error == 409]
            assert not conflicts
            first.kill()
            killed_at = time.monotonic()
            await new_leader(dsn, polls)
            taken_over = time.monotonic() - killed_at
            print(f"polling was taken over {taken_over:.1f} s after the kill")  # noqa: T201  # a measurement

        await rehearse_during(dies(), candidates, questions=2)
        await prove_nothing_lost(dsn, candidates)


async def until_both_worked(dsn: str) -> None:
    """Wait until two programs have had a hand in each queue."""
    async with asyncio.timeout(PATIENCE):
        while {row["workers"] for row in await asked(dsn, WORKED)} != {2}:
            await asyncio.sleep(0.05)


WORKED = " UNION ALL ".join(
    f"SELECT '{queue}' AS queue, count(DISTINCT worker_id) AS workers FROM {queue} WHERE done_at IS NOT NULL"  # noqa: S608  # three names
    for queue in ("inbox", "jobs", "outbox")
)


async def test_a_leader_that_hangs_is_replaced_and_may_come_back(dsn: str, tmp_path: Path) -> None:
    async with Installation(dsn, tmp_path) as installation:
        ana = installation.telegram.person("Ana")
        hanging = await installation.serves(forked=True)
        polls = await new_leader(dsn, None)
        await installation.serves(forked=True)
        hanging.freeze()
        await asked(dsn, "UPDATE workers SET seen_at = seen_at - interval '31 seconds' WHERE id = $1", polls)
        await new_leader(dsn, polls)
        await ana.says("/start")
        await ana.hears("Welcome", PATIENCE)
        hanging.thaw()
        await hanging.logs("database away")  # its connection was taken from it
        await ana.says("/help")
        await ana.hears("What I can do", PATIENCE)
        assert hanging.is_running
        assert len([each for each in ana.bot_messages if "Welcome" in each.text]) == 1
        await until_workers(dsn, 2)


async def until_workers(dsn: str, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(await asked(dsn, "SELECT id FROM workers")) != count:
            await asyncio.sleep(0.05)


# Stopping


async def test_sigterm_finishes_what_is_in_hand(dsn: str, tmp_path: Path) -> None:
    """The evaluation that runs is finished and told; what comes meanwhile waits for the next program."""
    gemini = LoopbackGemini()
    async with Installation(dsn, tmp_path, gemini=gemini, SHUTDOWN_GRACE=str(PATIENCE)) as installation:
        ana = installation.telegram.person("Ana")
        await sign_up(dsn, [ana], questions=2)
        replica = await installation.serves()
        with gemini.held():
            await ana.says(ANSWER)
            await gemini.holds(1)
            replica.terminate()
            await replica.logs("stopping")
        await ana.hears(FEEDBACK, PATIENCE)
        assert await replica.exit_code() == 0
        assert len([each for each in gemini.requests if each.kind == "evaluate_turn"]) == 1
        assert "Traceback" not in "".join(replica.lines)
        assert await asked(dsn, "SELECT id FROM workers") == []
        await ana.says("/help")
        await installation.serves(forked=True)
        await ana.hears("^Question 2 of 2", PATIENCE)
        await ana.hears("What I can do", PATIENCE)


async def test_sigterm_leaves_to_others_what_takes_too_long(dsn: str, tmp_path: Path) -> None:
    gemini = LoopbackGemini()
    gemini.fail("hang", kind="evaluate_turn")
    async with Installation(dsn, tmp_path, gemini=gemini, SHUTDOWN_GRACE="1") as installation:
        ana = installation.telegram.person("Ana")
        await sign_up(dsn, [ana], questions=1)
        replica = await installation.serves(forked=True)
        await ana.says(ANSWER)
        await gemini.holds(1)
        replica.terminate()
        assert await replica.exit_code() == 0
        assert "Traceback" not in "".join(replica.lines)
        assert any("not all was finished in time" in event for event in replica.events())
        await installation.serves(forked=True)
        await ana.hears(FEEDBACK, PATIENCE)
        await ana.hears("Final score", PATIENCE)
        assert len([each for each in gemini.requests if each.kind == "evaluate_turn"]) == 2


# Many at once


async def test_fifty_answer_at_once(dsn: str, tmp_path: Path) -> None:
    """All are judged at the same time, and a command is answered while fifty wait for their feedback."""
    gemini = LoopbackGemini()
    async with Installation(dsn, tmp_path, gemini=gemini) as installation:
        people = [installation.telegram.person(f"P{number}") for number in range(50)]
        other = installation.telegram.person("Other")
        await sign_up(dsn, people, questions=3)
        await sign_up(dsn, [other])
        await installation.serves(forked=True)
        gemini.latency = 2.0
        waits = await all_answer(people)
        print(  # noqa: T201  # a measurement
            f"fifty at once, a model that takes 2 s: feedback after {waits[0]:.1f} s, half of them after "
            f"{waits[25]:.1f} s, all after {waits[-1]:.1f} s; {gemini.most_in_flight} calls at once"
        )
        await asyncio.gather(*(each.hears("^Question 2 of 3", PATIENCE) for each in people))
        gemini.latency = 0.0
        with gemini.held():
            answering = asyncio.create_task(all_answer(people))
            await gemini.holds(50)
            await other.says("/help")
            await other.hears("What I can do", PATIENCE)
            assert not answering.done()
        await answering
        await asyncio.gather(*(each.hears("^Question 3 of 3", PATIENCE) for each in people))


async def all_answer(people: Sequence[Person]) -> list[float]:
    """Everybody answers; the seconds until their feedback, shortest first."""
    started = time.monotonic()
    for each in people:
        await each.says(ANSWER)
    return sorted(await asyncio.gather(*(seconds_to_feedback(each, started) for each in people)))


async def seconds_to_feedback(person: Person, started: float) -> float:
    await person.hears(FEEDBACK, PATIENCE)
    return time.monotonic() - started


# Small and quick


async def test_start_to_first_reply_and_idle_memory(tmp_path: Path) -> None:
    """An installation that was set up before, with the embedded database."""
    gemini = LoopbackGemini()
    async with Installation(None, tmp_path, gemini=gemini) as installation:
        ana = installation.telegram.person("Ana")
        earlier = await installation.serves()
        earlier.terminate()
        assert await earlier.exit_code() == 0
        await ana.says("/start")
        started = time.monotonic()
        replica = await installation.starts()
        await ana.hears("Welcome", PATIENCE)  # measured: 3 to 4 s with half a core, 15 s with a sixth of one
        first_reply = time.monotonic() - started
        await replica.logs(POLLING)
        await asyncio.sleep(2)
        own, of_children = replica.memory()
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"http://127.0.0.1:{replica.port}/readyz")).status_code == 200
    print(  # noqa: T201  # a measurement
        f"first reply after {first_reply:.1f} s; idle memory {own / 2**20:.0f} MB, "
        f"its children {of_children / 2**20:.0f} MB"
    )
    assert own < MOST_MEMORY
