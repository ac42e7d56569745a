"""The jobs of personalization, done."""

from __future__ import annotations

import asyncio

from domain.errors import Refused, Unavailable
from domain.messaging.happenings import Happening
from domain.messaging.job import Finish, performs
from domain.personalization.advice import Advised, request_for
from domain.personalization.cards import caught_up
from domain.personalization.facts import Card, Facts
from domain.personalization.jobs import (
    FindPlaces,
    FindZone,
    PlacesFound,
    RefreshProfile,
    Remind,
    ReminderDue,
    WordProfile,
)
from domain.personalization.profile import Profile
from domain.personalization.reminders import LATEST
from domain.personalization.rules import profile_of
from domain.ports import Place
from domain.services import Domain, reading
from domain.world import World


@performs(RefreshProfile)
async def refresh_profile(job: RefreshProfile, world: World, chat_id: int) -> Finish:
    async with reading(world, chat_id, job.user_id) as domain:
        facts = await domain.personalization.facts()
        before = await domain.personalization.profile()
        language = domain.who.language
    ruled, cards = await asyncio.to_thread(_by_rules, facts)
    kept = Advised(ruled, before).kept(language)

    async def finish(domain: Domain) -> None:
        await domain.personalization.store(kept or ruled, cards)
        if kept is None and not domain.is_offline:
            await domain.personalization.word()

    return finish


@performs(WordProfile)
async def word_profile(job: WordProfile, world: World, chat_id: int) -> Finish | None:
    """Where the interviewer's words are not to be had, the rules stand."""
    async with reading(world, chat_id, job.user_id) as domain:
        facts = await domain.personalization.facts()
        before = await domain.personalization.profile()
        candidate = await domain.personalization.candidate(facts)
    ruled, cards = await asyncio.to_thread(_by_rules, facts)
    advised = Advised(ruled, before)
    if world.interviewer.is_offline or advised.kept(candidate.language):
        return None
    try:
        advice = await world.interviewer.recommend(request_for(ruled, facts, candidate))
    except (Unavailable, Refused):
        return None

    async def finish(domain: Domain) -> None:
        await domain.personalization.store(advised.with_words(advice, candidate.language), cards)

    return finish


@performs(FindPlaces)
async def find_places(job: FindPlaces, world: World, chat_id: int) -> Finish:
    return _tell(PlacesFound(await world.places.named(job.words)))


@performs(FindZone)
async def find_zone(job: FindZone, world: World, chat_id: int) -> Finish:
    zone = await world.places.zone_at(job.latitude, job.longitude)
    return _tell(PlacesFound((Place("", "", "", zone),)))


def _tell(happening: Happening) -> Finish:
    async def finish(domain: Domain) -> Happening:
        return happening

    return finish


@performs(Remind)
async def remind(job: Remind, world: World, chat_id: int) -> Finish | None:
    if world.clock.now() - job.due > LATEST:
        return None
    return _tell(ReminderDue(job.due))


def _by_rules(facts: Facts) -> tuple[Profile, tuple[Card, ...]]:
    cards = caught_up({each.answered.identity: each for each in facts.cards}, facts.answers)
    found = tuple(cards.values())
    return profile_of(facts.with_cards(found)), found
