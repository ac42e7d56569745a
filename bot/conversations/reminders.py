"""One question a day, at the person's own time: switched on, changed, offered, and stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton, format_time

from bot.conversations.background import Card
from bot.conversations.choices import buttons, picked
from bot.conversations.home import Home
from bot.conversations.interview import (
    InInterview,
    Underway,
    taken_up,
)
from bot.conversations.waiting import Waiting
from bot.step import (
    Button,
    Command,
    Event,
    Line,
    Location,
    Say,
    Step,
    Tap,
    Text,
    column,
    grid,
    say,
    t,
)
from domain.background.times import read_time
from domain.personalization.due import is_zone
from domain.personalization.jobs import PlacesFound, ReminderDue
from domain.personalization.models import Reminder
from domain.ports import Place
from domain.services import Domain

TIMES = ("08:00", "12:30", "18:00", "20:30")
SHORT = "short"
OFFERED: dict[str, Line | str] = {
    "yes": t("reminders.yes"),
    "later": t("reminders.later"),
    "stop": t("reminders.stop"),
}
OFFER = column(
    Button(t("reminders.yes"), "/practice"),
    Button(t("reminders.later"), "/reminders later"),
    Button(t("reminders.stop"), "/reminders stop"),
)
WAITING = column(
    Button(t("button.continue"), "/interview"),
    Button(t("reminders.stop"), "/reminders stop"),
)


async def reminders(command: Command, step: Step, domain: Domain) -> Step:
    """/reminders: switch them on, or what they are set to and what can be changed."""
    await domain.accounts.user()
    wanted = await domain.reminders.wanted()
    match command.argument:
        case "stop":
            return settled(step, await stopped(domain))
        case "later":
            return settled(step, await waiting(domain))
        case "time":
            return TimeOfDay()
        case "place" if wanted is not None:
            return City(wanted.time_of_day.strftime("%H:%M"))
    if wanted is None and (at := (await domain.background.preferences()).daily_practice_time):
        return City(at.strftime("%H:%M")).saying(t("reminders.at_your_time", time=clock(at, domain)))
    if wanted is None or wanted.due_at is None:
        return TimeOfDay()
    return step.saying(card(wanted, wanted.due_at, domain)).quietly()


def settled(step: Step, said: Line) -> Step:
    """An offer that was answered is over; anything else goes on."""
    return Home().saying(said).quietly() if isinstance(step, Offer) else step.saying(said).quietly()


async def stopped(domain: Domain) -> Line:
    """Switch them off, however often that is asked for."""
    return t("reminders.stopped" if await domain.reminders.switch_off() else "reminders.off")


async def waiting(domain: Domain) -> Line:
    """Not now: the question waits, and the next offer comes in its time."""
    wanted = await domain.reminders.wanted()
    if wanted is None or wanted.due_at is None:
        return t("reminders.off")
    return t("reminders.waits", when=moment(wanted.due_at, wanted, domain))


def card(reminder: Reminder, due: datetime, domain: Domain) -> Say:
    """What reminders are set to, and what can be changed."""
    shown = t(
        "reminders.card",
        time=clock(reminder.time_of_day, domain),
        zone=reminder.time_zone,
        when=moment(due, reminder, domain),
    )
    changes = (
        Button(t("reminders.change_time"), "/reminders time"),
        Button(t("reminders.change_place"), "/reminders place"),
        Button(t("reminders.stop"), "/reminders stop"),
    )
    return say(shown, buttons=column(*changes))


def clock(at: time, domain: Domain) -> str:
    """A time of day as the person's language writes it."""
    return str(format_time(at, SHORT, locale=domain.who.language))


def moment(due: datetime, reminder: Reminder, domain: Domain) -> str:
    """A day and time as clocks show it where the person is, such as "Mon, Nov 23, 8:15 AM"."""
    local, language = due.astimezone(ZoneInfo(reminder.time_zone)), domain.who.language
    return f"{format_skeleton('MMMEd', local, locale=language)}, {clock(local.time(), domain)}"


# Switching on


@dataclass(frozen=True)
class TimeOfDay(Step, name="reminders.time"):
    way_back = "/reminders"

    async def ask(self, domain: Domain) -> Say:
        options: dict[str, Line | str] = {each: clock(time.fromisoformat(each), domain) for each in TIMES}
        return say(t("reminders.time.ask"), buttons=grid(buttons(options), 2))

    async def hear(self, event: Event, domain: Domain) -> TimeOfDay | City | Home:
        assert isinstance(event, Text | Tap)
        at = read_time(event.choice if isinstance(event, Tap) else event.text)
        if at is None:
            return self.saying(t("reminders.time.unclear"))
        wanted = await domain.reminders.wanted()
        if wanted is None:
            return City(at.strftime("%H:%M"))
        return await switched_on(at, wanted.time_zone, domain)


async def switched_on(at: time, zone: str, domain: Domain) -> Home:
    """From now on, with the first time told."""
    due = await domain.reminders.switch_on(at, zone)
    await domain.background.practises_at(at)
    wanted = await domain.reminders.wanted()
    assert wanted is not None
    done = t("reminders.done", time=clock(at, domain), zone=zone, when=moment(due, wanted, domain))
    return Home().saying(done).quietly()


@dataclass(frozen=True)
class City(Step, name="reminders.city"):
    """Where the person's clock is: a city is typed, or a location shared, of which only the zone is kept."""

    at: str

    hears = (Text, Tap, Location)
    asks_location = True
    way_back = "/reminders"

    async def ask(self, domain: Domain) -> Say:
        return Say((t("reminders.city.ask"),), asks_location=t("reminders.city.share"))

    async def hear(self, event: Event, domain: Domain) -> City | Looking | Home:
        if isinstance(event, Location):
            await domain.reminders.locate(event.latitude, event.longitude)
            return Looking(self.at)
        if not isinstance(event, Text) or not any(letter.isalpha() for letter in event.text):
            return self.saying(t("reminders.city.unknown"))
        if is_zone(event.text.strip()):
            return await switched_on(time.fromisoformat(self.at), event.text.strip(), domain)
        await domain.reminders.find(event.text)
        return Looking(self.at)


@dataclass(frozen=True)
class Looking(Waiting, name="reminders.looking"):
    at: str

    awaits = (PlacesFound,)
    waits_for = ("find_places", "find_zone")
    way_back = "/reminders"

    def back(self) -> City:
        return City(self.at)

    async def ask(self, domain: Domain) -> Say:  # type: ignore[override]  # a look at the map takes a second
        return say(t("reminders.looking"))

    async def arrived(self, event: PlacesFound, domain: Domain) -> City | Which | Home:
        known = tuple(each for each in event.places if is_zone(each.zone))
        if not known:
            return City(self.at).saying(t("reminders.city.unknown"))
        if len(known) > 1:
            return Which(self.at, known)
        return await switched_on(time.fromisoformat(self.at), known[0].zone, domain)


@dataclass(frozen=True)
class Which(Step, name="reminders.which"):
    """Which of the places of that name, where their clocks differ."""

    at: str
    places: tuple[Place, ...]

    way_back = "/reminders"

    async def ask(self, domain: Domain) -> Say:
        return say(t("reminders.which.ask"), buttons=column(*buttons(self._options(domain))))

    async def hear(self, event: Event, domain: Domain) -> Which | Looking | Home:
        assert isinstance(event, Text | Tap)
        choice = picked(event, self._options(domain))
        if choice is not None:
            return await switched_on(time.fromisoformat(self.at), self.places[int(choice)].zone, domain)
        if isinstance(event, Tap):
            return self.saying(t("choose_one"))
        await domain.reminders.find(event.text)
        return Looking(self.at)

    def _options(self, domain: Domain) -> dict[str, Line | str]:
        return {str(number): called(each, domain.who.language) for number, each in enumerate(self.places)}


def called(place: Place, language: str) -> str:
    """A place with its country, and its state where that has several clocks."""
    country = str(Locale(language).territories.get(place.country, place.country))
    return ", ".join(part for part in (place.name, place.region, country) if part)


# Offering


async def offered(event: ReminderDue, step: Step, domain: Domain) -> Step:
    """The time has come: one question is offered, later where the person is in the middle of something."""
    rests = isinstance(step, Home | Card | Offer)
    if not rests and await domain.reminders.is_at_work():
        await domain.reminders.postpone(event.due)
        return step.quietly()
    if not await domain.reminders.take(event.due):
        return step.quietly()
    if isinstance(step, InInterview):
        return step.saying(Say((t("reminders.interview_waits"),), WAITING, once=True)).quietly()
    offer = Say((t("reminders.offer"),), OFFER, once=True)
    # Elsewhere, and where the session has ended, what is typed next is heard as it would have been.
    moves = rests and await domain.accounts.sessions.is_open()
    return (Offer() if moves else step).saying(offer).quietly()


@dataclass(frozen=True)
class Offer(Step, name="reminders.offer"):
    """A question was offered; the buttons are commands, which hold whenever they are tapped."""

    way_back = "/practice"

    async def ask(self, domain: Domain) -> Say:
        return say(t("reminders.offer"), buttons=OFFER)

    async def hear(self, event: Event, domain: Domain) -> Underway | Offer | Home:
        assert isinstance(event, Text | Tap)
        match picked(event, OFFERED):
            case "yes":
                return await taken_up(await domain.practice.begin(), domain)
            case "later":
                return Home().saying(await waiting(domain)).quietly()
            case "stop":
                return Home().saying(await stopped(domain)).quietly()
        return Home().saying(t("home.unheard"))
