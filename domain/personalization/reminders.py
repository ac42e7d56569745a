"""Reminders: one question a day, at a time of day in the person's own time zone, off until asked for.

`release_due` hands over to the queue in the transaction that moves a reminder on, so each is handed over
once, however many programs look; `take` lets each be told once a day, in the transaction that tells it.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.messaging.chats import Who
from domain.messaging.models import Chat
from domain.messaging.pipe import Pipe
from domain.personalization.due import next_due
from domain.personalization.jobs import FindPlaces, FindZone, Remind
from domain.personalization.models import Reminder
from domain.ports import Clock

LATEST = timedelta(hours=3)  # later than that a reminder disturbs more than it helps
PAUSE = timedelta(minutes=10)
AT_REST = timedelta(hours=1)
AT_ONCE = 100
LONGEST_CITY = 100


class Reminders:
    """What a chat's conversation asks of reminders; they are always those of the person in the chat."""

    def __init__(self, db: AsyncSession, who: Who, clock: Clock) -> None:
        self._db = db
        self._who = who
        self._clock = clock

    async def wanted(self) -> Reminder | None:
        """The person's reminder, on or off; None where there never was one."""
        return await self._db.get(Reminder, self._who.user_id, populate_existing=True)

    async def find(self, words: str) -> None:
        """Have a city looked up."""
        await self._who.schedule(FindPlaces(user_id=self._who.user_id, words=words[:LONGEST_CITY]))

    async def locate(self, latitude: float, longitude: float) -> None:
        """Have the time zone of a place looked up."""
        await self._who.schedule(FindZone(user_id=self._who.user_id, latitude=latitude, longitude=longitude))

    async def switch_on(self, at: time, zone: str) -> datetime:
        """Offer a question in this chat every day at `at`; the first time it is due."""
        before = await self.wanted()
        due = next_due(self._clock.now(), at, ZoneInfo(zone), before.last_on if before else None)
        values = {
            "chat_id": self._who.chat.chat_id,
            "time_of_day": at,
            "time_zone": zone,
            "due_at": due,
            "next_at": due,
        }
        made = insert(Reminder).values(user_id=self._who.user_id, **values)
        await self._db.execute(
            made.on_conflict_do_update(index_elements=["user_id"], set_={**values, "updated_at": func.now()})
        )
        return due

    async def switch_off(self) -> bool:
        """No more reminders until they are asked for again; whether they were on."""
        reminder = await self.wanted()
        if reminder is None or reminder.due_at is None:
            return False
        reminder.due_at = reminder.next_at = None
        return True

    async def take(self, due: datetime) -> bool:
        """Whether the reminder that was due then is to be told now; it is told once, and one a day.

        Where the person has blocked the bot there are no more of them, also when they are back.
        """
        reminder = await self._db.get(
            Reminder, self._who.user_id, with_for_update=True, populate_existing=True
        )
        if reminder is None or reminder.due_at is None:
            return False
        if self._who.chat.blocked_at is not None:
            reminder.due_at = reminder.next_at = None
            return False
        day = due.astimezone(ZoneInfo(reminder.time_zone)).date()
        if reminder.last_on is not None and reminder.last_on >= day:
            return False
        reminder.last_on = day
        return True

    async def postpone(self, due: datetime) -> None:
        """Try again in a while, unless that would be too late."""
        reminder = await self.wanted()
        later = self._clock.now() + PAUSE
        if reminder is not None and reminder.due_at is not None and later <= due + LATEST:
            reminder.due_at, reminder.next_at = due, later

    async def is_at_work(self) -> bool:
        """Whether the conversation in this chat moved lately."""
        moved = Chat.updated_at > func.clock_timestamp() - AT_REST
        found = await self._db.scalar(select(moved).where(Chat.chat_id == self._who.chat.chat_id))
        return bool(found)


async def release_due(db: AsyncSession, pipe: Pipe, now: datetime) -> int:
    """Have the reminders told whose time has come, and find the next time of each; how many there were.

    One that is very late, since no program ran, is left out for that day.
    """
    rows = await db.scalars(
        select(Reminder)
        .where(Reminder.next_at <= now)
        .order_by(Reminder.next_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    released = rows.all()
    for reminder in released:
        assert reminder.due_at is not None
        due, zone = reminder.due_at, ZoneInfo(reminder.time_zone)
        if now - due <= LATEST:
            await pipe.schedule(db, Remind(user_id=reminder.user_id, due=due), reminder.chat_id)
        reminder.due_at = reminder.next_at = next_due(
            max(due, now - LATEST), reminder.time_of_day, zone, due.astimezone(zone).date()
        )
    return len(released)
