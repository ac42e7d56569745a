"""One question a day: asked for, offered at its time, put off, stopped; never in the middle of something."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import bot.reminders
from bot.playground.models import Message
from bot.reminders import release
from bot.step import Blocked, Command, Location, Tap
from tests.loopback.greenroom import Greenroom
from tests.loopback.scenes import eventually, member
from tests.loopback.stepwise import Stepwise, stepwise

ANA = 1
OFFER = "One question, two minutes?"
IS_DUE = "UPDATE reminders SET due_at = now() - interval '1 minute', next_at = now() - interval '1 minute'"
QUIET = "UPDATE chats SET updated_at = now() - interval '2 hours'"


def labels(message: Message) -> list[str]:
    return [button.text for button in message.buttons]


async def test_from_asking_for_it_to_stopping_it(
    greenroom: Greenroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.reminders, "EVERY_SECONDS", 0.2)
    await greenroom.restarts()
    ana = await member(greenroom)
    await ana.says("/reminders")
    times = await ana.hears("at what time")
    assert len(labels(times)) == 4
    await ana.says("when I wake up")
    await ana.hears("could not find a time of day")
    await ana.hears("at what time")
    await ana.says("7.30 pm")
    await ana.hears("In which city")
    assert [list(row) for row in ana.chat.reply_keyboard] == [["📍 Share where I am"]]
    assert ana.chat.location_buttons == {"📍 Share where I am"}
    await ana.says("Nowhere at all")
    await ana.hears("looking at the map")
    assert not ana.chat.reply_keyboard, "the button under the text field goes with the question"
    await ana.hears("I don't know that place")
    await ana.hears("In which city")
    await ana.says("paris")
    which = await ana.hears("Which one is yours")
    assert labels(which)[0] == "Paris, France"
    assert "Paris, TX, United States" in labels(which)
    await ana.taps("Paris, France")
    done = await ana.hears("One question a day")
    assert "7:30\u202fPM (Europe/Paris)" in done.text
    await ana.says("/reminders")
    card = await ana.hears("One question a day")
    assert labels(card) == ["Change time", "Change place", "Stop these"]
    await ana.taps("Change place")
    await ana.hears("In which city")
    await ana.shares_location(-33.87, 151.21)
    assert "Australia/Sydney" in (await ana.hears("One question a day")).text
    (row,) = await greenroom.rows("SELECT * FROM reminders")
    assert (row["time_zone"], str(row["time_of_day"])) == ("Australia/Sydney", "19:30:00")
    assert (await greenroom.rows("SELECT count(*) FROM jobs WHERE payload IS NOT NULL"))[0]["count"] == 0
    await greenroom.rows(IS_DUE)
    offer = await ana.hears(OFFER)
    assert labels(offer) == ["Yes", "Later", "Stop these"]
    await ana.taps("Yes", on=offer)
    await ana.hears("^One question")
    await ana.taps("Yes", on=offer)
    await ana.hears("^One question")
    assert len(await greenroom.rows("SELECT FROM interview_sessions")) == 1
    await greenroom.rows(f"{IS_DUE}, last_on = last_on + 1")  # today also where midnight has come meanwhile
    await ana.hears_nothing(OFFER, seconds=0.6)
    await ana.taps("Stop these", on=offer)
    await ana.hears("No more reminders")
    await ana.taps("Stop these", on=offer)
    await ana.hears("Reminders are off")
    assert (await greenroom.rows("SELECT due_at FROM reminders"))[0]["due_at"] is None


async def test_who_blocked_the_bot_is_never_reminded_again(
    greenroom: Greenroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By Telegram's 403, when nothing told of the blocking before."""
    monkeypatch.setattr(bot.reminders, "EVERY_SECONDS", 0.2)
    await greenroom.restarts()
    ana = await member(greenroom)
    await ana.says("/reminders")
    await ana.hears("at what time")
    await ana.taps("6:00")
    await ana.hears("In which city")
    await ana.says("Europe/Madrid")
    await ana.hears("One question a day")
    ana.chat.blocked = True  # Telegram's word of it is still on its way
    await greenroom.rows(IS_DUE)

    async def refused() -> bool:
        return bool(await greenroom.rows("SELECT FROM chats WHERE blocked_at IS NOT NULL"))

    await eventually(refused)
    await greenroom.rows(f"{IS_DUE}, last_on = NULL")

    async def switched_off() -> bool:
        return bool(await greenroom.rows("SELECT FROM reminders WHERE due_at IS NULL"))

    await eventually(switched_off)
    await ana.says("/start")
    await ana.hears("Hello Ana")
    await ana.hears_nothing(OFFER, seconds=0.5)


# ---------------------------------------------------------------- at a time of the test's own


@pytest.fixture
async def program(dsn: str, tmp_path: Path) -> AsyncIterator[Stepwise]:
    """Ana has an account, and a question a day at 19:30 in Madrid; it is the day before, at noon."""
    async with stepwise(dsn, tmp_path) as running:
        running.clock.time = datetime(2026, 10, 24, 10, tzinfo=UTC)
        await running.links(ANA, "ana@example.org")
        await running.hears(ANA, "/cancel", "/reminders", "19:30", "Europe/Madrid")
        yield running


async def comes(program: Stepwise, moment: datetime) -> list[str]:
    """It is that time: what Ana is told."""
    program.clock.time = moment
    await release(program.world)
    await program.works()
    return await program.said(ANA)


DUE = datetime(2026, 10, 24, 17, 30, tzinfo=UTC)
NEXT = datetime(2026, 10, 25, 18, 30, tzinfo=UTC)  # clocks went back that night


async def test_once_a_day_whoever_looks_how_often(program: Stepwise) -> None:
    assert await comes(program, DUE - timedelta(seconds=1)) == []
    assert await comes(program, DUE) == [OFFER]
    for later in (timedelta(), timedelta(minutes=5), timedelta(hours=20)):
        assert await comes(program, DUE + later) == []
    assert await comes(program, NEXT) == [OFFER]
    told = await program.hears(ANA, "/reminders 9", "/reminders time", "21:00")
    assert "The first one comes on Mon, Oct 26, 9:00" in told[-1], "not a second one today"
    assert await comes(program, NEXT + timedelta(hours=2)) == []


async def test_typed_answers_to_the_offer(program: Stepwise) -> None:
    await comes(program, DUE)
    (waits,) = await program.hears(ANA, "later")
    assert "I ask again on Sun, Oct 25, 7:30" in waits
    await comes(program, NEXT)
    said = await program.hears(ANA, "yes")
    assert any(each.startswith("One question\n") for each in said)
    await program.hears(ANA, "stop", "/cancel")
    await comes(program, NEXT + timedelta(days=1))
    assert (await program.hears(ANA, "whatever"))[0].startswith("I'm not sure")
    await comes(program, NEXT + timedelta(days=2))
    assert "No more reminders" in (await program.hears(ANA, "stop these"))[0]
    assert await comes(program, NEXT + timedelta(days=3)) == []
    for stale in ("later", "stop"):
        (off,) = await program.hears(ANA, Command("reminders", stale, 1))
        assert off.startswith("Reminders are off")


async def test_not_in_the_middle_of_an_interview_nor_of_a_password(program: Stepwise) -> None:
    await program.hears(ANA, "/interview", "technical", "2", "without")
    assert await comes(program, DUE) == []
    assert await comes(program, DUE + timedelta(minutes=5)) == []
    await program.hears(ANA, "/cancel")
    assert await comes(program, DUE + timedelta(minutes=11)) == [OFFER], "put off, not lost"
    await program.hears(ANA, "/account password")
    program.clock.passes(hours=1)
    await program.hears(ANA, "/delete")
    assert await comes(program, NEXT) == []
    assert await comes(program, NEXT + timedelta(hours=4)) == [], "too late for that day"
    await program.rows(QUIET)
    assert await comes(program, NEXT + timedelta(days=1)) == [OFFER], "a step that was left is no middle"


async def test_an_interview_that_was_left_open_is_what_comes(program: Stepwise) -> None:
    await program.hears(ANA, "/interview", "technical", "2", "without")
    await program.rows(QUIET)
    (told,) = await comes(program, DUE)
    assert "your interview still waits" in told
    answered = await program.hears(ANA, "An answer after a long time.")
    assert any("Key points mentioned" in each for each in answered), "and the answer is still an answer"


async def test_a_chat_whose_session_has_ended_is_offered_a_question_but_told_nothing(
    program: Stepwise,
) -> None:
    await program.rows("UPDATE user_sessions SET is_active = false")
    assert await comes(program, DUE) == [OFFER]
    said = await program.hears(ANA, Tap("/practice", -1, 1))
    assert "type your password" in said[0]
    assert not any("One question" in each for each in said)
    assert await comes(program, NEXT) == []
    await program.rows(QUIET)
    assert await comes(program, NEXT + timedelta(minutes=20)) == [OFFER]


async def test_who_is_gone_is_not_reminded(program: Stepwise) -> None:
    await program.hears(ANA, Blocked(True))
    assert await comes(program, DUE) == []
    await program.hears(ANA, Blocked(False))
    assert await comes(program, NEXT) == [], "nor when they are back, until they ask for it"
    told = await program.hears(ANA, "/reminders", "[20:30]")
    assert "One question a day" in told[-1], "the place is known already"
    await program.hears(ANA, "/logout")
    assert await comes(program, datetime(2026, 10, 26, 19, 30, tzinfo=UTC)) == []


async def test_a_location_out_of_place_is_answered(program: Stepwise) -> None:
    (told,) = await program.hears(ANA, Location(40.4, -3.7, 1))
    assert "I can't use that here" in told
    assert await program.rows("SELECT FROM jobs WHERE kind = 'find_zone'") == []
