"""A simulated month of people who are reminded, on the real queue, engine and outbox, while programs die.

The clock jumps from one due time to the next. At times two programs look for what is due at once; at times
one dies with rows in hand, or right after Telegram took a message; at times none runs for a while.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from bot.conversations.home import Home
from bot.outbox import OutboxConsumer, Pace
from bot.reminders import release
from bot.step import Command, stored
from bot.telegram import ChatClosed, MaybeSent, NotSent
from domain.messaging.parcel import Parcels
from domain.messaging.pipe import JOBS, OUTBOX
from domain.personalization.due import next_due
from tests.loopback.greenroom import UNPACED
from tests.loopback.stepwise import AT_ONCE, WORKER, Stepwise, stepwise

# October 2026: clocks go back in Madrid (25th), forward in Sydney (4th) and, by half an hour, on Lord Howe.
BEGIN, DAYS = datetime(2026, 10, 1, tzinfo=UTC), 31
ZONES = ("Europe/Madrid", "Australia/Sydney", "Australia/Lord_Howe", "America/New_York", "Asia/Kathmandu")
TIMES = (time(2, 15), time(2, 30), time(8), time(19, 30), time(23, 45))
OUTAGES = ((3, 9.0, 40), (17, 18.5, 95), (24, 0.2, 60))  # day, hour (UTC), minutes without any program
LONGEST_OUTAGE = timedelta(minutes=95)
DEATHS = 0.05  # of the batches that a program has in hand
PEOPLE = """
    WITH person AS (
        INSERT INTO users (id, email, full_name, hashed_password) VALUES ($1::uuid, $2, 'P', '-') RETURNING id
    ), session AS (
        INSERT INTO user_sessions (id, session_id, session_token, user_id, created_at, expires_at)
        SELECT gen_random_uuid(), id, id, id, $5::timestamptz, $5::timestamptz + interval '30 days'
        FROM person RETURNING id, user_id
    )
    INSERT INTO chats (chat_id, telegram_user_id, user_id, session_id, step)
    SELECT $3, $3, user_id, id, $4::jsonb FROM session
"""
REMINDER = """
    INSERT INTO reminders (user_id, chat_id, time_of_day, time_zone, due_at, next_at)
    VALUES ($1, $2, $3, $4, $5, $5)
"""


@dataclass(frozen=True)
class Wish:
    """Who wants to be reminded when; from `blocks` or `stops` on, a day of the month, not any more."""

    chat_id: int
    at: time
    zone: str
    blocks: int = 0
    stops: int = 0


class Died(BaseException):
    """The program was killed here."""


@dataclass
class Phone:
    """Telegram as the outbox sees it: what each chat was shown, and when by the simulated clock."""

    wishes: dict[int, Wish]
    program: Stepwise
    chance: random.Random
    shown: list[tuple[int, datetime]] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    deaths: int = 0

    async def deliver(self, chat_id: int, kind: str, content: dict[str, Any]) -> int | None:
        now, wish = self.program.clock.now(), self.wishes[chat_id]
        if kind != "nudge":
            return None
        if wish.blocks and now.astimezone(ZoneInfo(wish.zone)).day >= wish.blocks:
            self.refused[chat_id] += 1
            raise ChatClosed
        fate = self.chance.random()
        if fate < DEATHS:
            raise NotSent("unreachable")
        self.shown.append((chat_id, now))
        if fate < 2 * DEATHS:
            raise MaybeSent
        if fate < 3 * DEATHS:
            self.deaths += 1
            raise Died
        return 1


def wishes(people: int) -> list[Wish]:
    """Every time in every zone; some block the bot on the 11th, some stop reminders on the 21st."""
    return [
        Wish(
            chat_id=number + 1,
            at=TIMES[(number + number // len(ZONES)) % len(TIMES)],
            zone=ZONES[number % len(ZONES)],
            blocks=11 if number % 20 == 7 else 0,
            stops=21 if number % 20 == 3 else 0,
        )
        for number in range(people)
    ]


async def simulated(dsn: str, home: Path, people: int, seed: int = 1) -> tuple[list[Wish], Phone]:
    """Live through the month; what everybody was shown."""
    wanted = wishes(people)
    async with stepwise(dsn, home) as program:
        program.clock.time = BEGIN
        await _settle(program, wanted)
        phone = Phone({each.chat_id: each for each in wanted}, program, random.Random(seed))
        sender = OutboxConsumer(
            program.world.transactions,
            program.liveness,
            program.world.pipe,
            phone,  # type: ignore[arg-type]  # only `deliver` is asked of it
            Parcels(program.world),
            AT_ONCE,
            Pace(burst=UNPACED, chat_burst=UNPACED),
        )
        stopping = {each.chat_id: each for each in wanted if each.stops}
        while (due := await _next(program)) < BEGIN + timedelta(days=DAYS):
            program.clock.time = _after_outage(max(due, program.clock.now()))
            looking = 2 if phone.chance.random() < 4 * DEATHS else 1
            await asyncio.gather(*(release(program.world) for _ in range(looking)))
            await _worked(program, phone.chance)
            await _sent(program, sender)
            for chat_id, at in phone.shown[-AT_ONCE:]:
                wish = stopping.get(chat_id)
                if wish and at.astimezone(ZoneInfo(wish.zone)).day == wish.stops - 1:
                    await program.rows("DELETE FROM outbox")
                    await program.hears(chat_id, Command("reminders", "stop", 1))
                    del stopping[chat_id]
        return wanted, phone


async def _settle(program: Stepwise, wanted: Iterable[Wish]) -> None:
    step = json.dumps(stored(Home()))
    for each in wanted:
        user_id = uuid4()
        await program.rows(PEOPLE, user_id, f"p{each.chat_id}@example.org", each.chat_id, step, BEGIN)
        due = next_due(BEGIN, each.at, ZoneInfo(each.zone))
        await program.rows(REMINDER, user_id, each.chat_id, each.at, each.zone, due)


async def _next(program: Stepwise) -> datetime:
    (row,) = await program.rows("SELECT coalesce(min(next_at), 'infinity') AS due FROM reminders")
    due: datetime = row["due"]
    return due.replace(tzinfo=UTC) if due.year < 9999 else datetime.max.replace(tzinfo=UTC)


def _after_outage(now: datetime) -> datetime:
    for day, hour, minutes in OUTAGES:
        begin = BEGIN + timedelta(days=day, hours=hour)
        if begin <= now < begin + timedelta(minutes=minutes):
            return begin + timedelta(minutes=minutes)
    return now


async def _worked(program: Stepwise, chance: random.Random) -> None:
    """Do all jobs; at times a program dies with some of them in hand, and another takes them over."""
    if chance.random() < DEATHS:
        async with program.world.transactions.begin() as db:
            await JOBS.claim(db, WORKER, AT_ONCE)
        await _taken_over(program, "jobs")
    await program.works()


async def _sent(program: Stepwise, sender: OutboxConsumer) -> None:
    """Send everything, what a program that died had in hand too."""
    while True:
        async with program.world.transactions.begin() as db:
            rows = await OUTBOX.claim(db, WORKER, AT_ONCE)
        for row in rows:
            try:
                await sender.handle(row)
            except Died:
                break
        left = await program.rows("SELECT FROM outbox WHERE done_at IS NULL LIMIT 1")
        if not left:
            return
        await _taken_over(program, "outbox")


async def _taken_over(program: Stepwise, queue: str) -> None:
    """What another program does once a worker is known to be dead (`domain.messaging.liveness`)."""
    await program.rows(  # what was put off for a moment has waited long enough
        f"UPDATE {queue} SET worker_id = NULL, run_at = now() WHERE done_at IS NULL"  # noqa: S608  # our names
    )


# What should have come of it, found without the code under test


def expected(wish: Wish) -> dict[date, datetime]:
    """By local day, when clocks first showed the time; where they skipped it, so much later."""
    zone = ZoneInfo(wish.zone)
    shown: dict[date, dict[time, datetime]] = {}
    for quarter in range(-96, (DAYS + 1) * 96):
        at = BEGIN + timedelta(minutes=15 * quarter)
        local = at.astimezone(zone)
        shown.setdefault(local.date(), {}).setdefault(local.time(), at)
    found = {}
    for day, times in shown.items():
        first, last = (times[each].astimezone(zone).utcoffset() for each in (min(times), max(times)))
        assert first is not None
        assert last is not None
        skipped = (datetime.combine(day, wish.at) + (last - first)).time()
        due = times.get(wish.at) or times.get(skipped)
        if due is not None and BEGIN < due < BEGIN + timedelta(days=DAYS):
            found[day] = due
    return found


def due(wish: Wish) -> dict[date, datetime]:
    """What was to come until the person blocked the bot or stopped it."""
    first = min(filter(None, (wish.blocks, wish.stops)), default=99)
    return {day: at for day, at in expected(wish).items() if day < BEGIN.date() + timedelta(days=first - 1)}


def due_in_all(wanted: Iterable[Wish]) -> int:
    return sum(len(due(each)) for each in wanted)


def judged(wish: Wish, shown: list[datetime]) -> list[str]:
    """What is wrong with what somebody was shown; nothing, if all is well."""
    wanted = due(wish)
    days = Counter(max((day for day, at in wanted.items() if at <= now), default=None) for now in shown)
    wrong = [f"{count} on {day}" for day, count in days.items() if count > 1]
    wrong += [f"none on {day}" for day in wanted if day not in days]
    ends = {BEGIN + timedelta(days=day, hours=hour, minutes=minutes) for day, hour, minutes in OUTAGES}
    for now in shown:
        late = min((now - at for at in wanted.values() if at <= now), default=timedelta.max)
        if late > (LONGEST_OUTAGE if now in ends else timedelta()):
            wrong.append(f"{late} late at {now}")
    return wrong
