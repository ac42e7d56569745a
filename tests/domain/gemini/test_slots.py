"""Slots for calls in flight: fair over people, bounded per person, nothing lost when somebody gives up."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID, uuid4

import pytest

from domain.adapters.gemini.slots import FairSlots

LONG = 60.0


class Desk:
    """Calls that hold their slot until they are told to end; `served` says who came when."""

    def __init__(self, slots: FairSlots) -> None:
        self._slots = slots
        self.served: list[UUID | None] = []
        self.in_flight = 0
        self.most = 0

    async def call(self, caller: UUID | None, turns: int = 1) -> None:
        async with self._slots.taken(caller, LONG):
            self.served.append(caller)
            self.in_flight += 1
            self.most = max(self.most, self.in_flight)
            for _ in range(turns):
                await asyncio.sleep(0)
            self.in_flight -= 1


async def test_a_burst_of_one_person_holds_up_nobody_else() -> None:
    desk, busy, others = Desk(FairSlots(2, per_person=2)), uuid4(), [uuid4() for _ in range(5)]

    await asyncio.gather(*(desk.call(busy) for _ in range(50)), *(desk.call(each) for each in others))

    assert len(desk.served) == 55
    assert desk.most == 2
    assert set(others) <= set(desk.served[:14]), "somebody waited for the whole burst"


async def test_people_who_wait_are_served_in_turns() -> None:
    desk, one, other = Desk(FairSlots(1, per_person=1)), uuid4(), uuid4()

    await asyncio.gather(*(desk.call(one) for _ in range(4)), *(desk.call(other) for _ in range(4)))

    assert desk.served == [one, one, other, one, other, one, other, other]


async def test_one_person_never_holds_all_slots_but_the_installation_may() -> None:
    person, own = Desk(FairSlots(8, per_person=3)), Desk(FairSlots(8, per_person=3))
    somebody = uuid4()

    await asyncio.gather(*(person.call(somebody, turns=3) for _ in range(20)))
    await asyncio.gather(*(own.call(None, turns=3) for _ in range(20)))

    assert (person.most, own.most) == (3, 8)


async def test_no_slot_in_time_is_a_timeout_and_costs_none() -> None:
    slots = FairSlots(1, per_person=1)
    async with slots.taken(uuid4(), LONG):
        with pytest.raises(TimeoutError):
            async with slots.taken(uuid4(), 0.02):
                pytest.fail("there was none to give")
    async with slots.taken(uuid4(), LONG):
        pass


async def test_slots_outlive_any_order_of_giving_up() -> None:
    slots, chance = FairSlots(3, per_person=2), random.Random(7)
    desk, people = Desk(slots), [None, *(uuid4() for _ in range(4))]
    for _ in range(40):
        tasks = [
            asyncio.create_task(desk.call(chance.choice(people), chance.randrange(4))) for _ in range(15)
        ]
        for task in tasks:
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
            if chance.random() < 0.5:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        desk.in_flight = 0

    async with asyncio.timeout(60):
        async with slots.taken(None, LONG), slots.taken(None, LONG), slots.taken(None, LONG):
            with pytest.raises(TimeoutError):
                async with slots.taken(None, 0.01):
                    pytest.fail("there are three")
