"""The jobs of personalization, done."""

from __future__ import annotations

import asyncio

from domain.messaging.job import Finish, performs
from domain.personalization.cards import caught_up
from domain.personalization.facts import Card, Facts
from domain.personalization.jobs import RefreshProfile
from domain.personalization.profile import Profile
from domain.personalization.rules import profile_of
from domain.services import Domain, reading
from domain.world import World


@performs(RefreshProfile)
async def refresh_profile(job: RefreshProfile, world: World, chat_id: int) -> Finish:
    async with reading(world, chat_id, job.user_id) as domain:
        facts = await domain.personalization.facts()
    profile, cards = await asyncio.to_thread(_by_rules, facts)

    async def finish(domain: Domain) -> None:
        await domain.personalization.store(profile, cards)

    return finish


def _by_rules(facts: Facts) -> tuple[Profile, tuple[Card, ...]]:
    cards = caught_up({each.answered.identity: each for each in facts.cards}, facts.answers)
    found = tuple(cards.values())
    return profile_of(facts.with_cards(found)), found
