"""Looks, every few seconds, whose time of day for a question has come; every program may."""

from __future__ import annotations

import asyncio
import logging

from bot.worker import is_database_away
from domain.personalization.reminders import AT_ONCE, release_due
from domain.world import World

log = logging.getLogger(__name__)

EVERY_SECONDS = 10.0


async def run(world: World) -> None:
    """Hand over what is due until cancelled."""
    while True:
        try:
            while await release(world) == AT_ONCE:
                pass
        except Exception as error:
            if not is_database_away(error):
                raise
            log.warning("no reminders: the database is away")
        await asyncio.sleep(EVERY_SECONDS)


async def release(world: World) -> int:
    """Hand over a batch in one transaction; how many there were."""
    async with world.transactions.begin() as db:
        return await release_due(db, world.pipe, world.clock.now())
