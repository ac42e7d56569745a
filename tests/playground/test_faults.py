"""Each fault as python-telegram-bot meets it, and what has been done by then."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from telegram import Bot
from telegram.error import Forbidden, NetworkError, RetryAfter, TimedOut

from bot.playground.faults import FaultKind
from bot.playground.local import LocalTelegram
from bot.playground.people import NotHeard, Person


async def test_nothing_goes_wrong_by_itself(bot: Bot, ann: Person, telegram: LocalTelegram) -> None:
    await asyncio.gather(*(bot.send_message(ann.id, f"message {number}") for number in range(15)))
    assert len(ann.bot_messages) == 15
    assert all(call.error == 0 and call.fault is None for call in telegram.calls)


async def test_429_for_one_chat_lets_others_go_on(bot: Bot, ann: Person, telegram: LocalTelegram) -> None:
    ben = telegram.person("Ben")
    await ben.says("/start")
    telegram.faults.too_many_requests("sendMessage", chat_id=ann.id, times=2, retry_after=7)
    for _ in range(2):
        with pytest.raises(RetryAfter) as refused:
            await bot.send_message(ann.id, "hello")
        assert int(refused.value._retry_after.total_seconds()) == 7
    await bot.send_message(ben.id, "hello")
    await bot.send_message(ann.id, "at last")
    assert [message.text for message in ann.bot_messages] == ["at last"]


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_server_errors(bot: Bot, ann: Person, telegram: LocalTelegram, status: int) -> None:
    telegram.faults.server_error("sendMessage", status=status)
    with pytest.raises(NetworkError):
        await bot.send_message(ann.id, "hello")
    assert not ann.bot_messages
    assert telegram.calls[-1].fault is FaultKind.SERVER_ERROR


async def test_a_page_instead_of_an_answer(bot: Bot, ann: Person, telegram: LocalTelegram) -> None:
    telegram.faults.garbage()
    with pytest.raises(NetworkError, match="Parsing the server response"):
        await bot.send_message(ann.id, "hello")
    assert not ann.bot_messages


async def test_a_connection_dropped_before_anything_is_done(
    bot: Bot, ann: Person, telegram: LocalTelegram
) -> None:
    telegram.faults.dropped("sendMessage")
    with pytest.raises(NetworkError) as failed:
        await bot.send_message(ann.id, "hello")
    assert isinstance(failed.value.__cause__, httpx.RemoteProtocolError | httpx.ReadError)
    assert not ann.bot_messages
    await bot.send_message(ann.id, "the next one passes")


async def test_an_answer_that_is_lost_was_still_done(bot: Bot, ann: Person, telegram: LocalTelegram) -> None:
    telegram.faults.answer_lost("sendMessage", chat_id=ann.id)
    with pytest.raises(NetworkError) as failed:
        await bot.send_message(ann.id, "hello")
    assert isinstance(failed.value.__cause__, httpx.RemoteProtocolError | httpx.ReadError)
    await ann.hears("hello")


async def test_a_slow_answer_times_out_after_it_was_done(
    bot: Bot, ann: Person, telegram: LocalTelegram
) -> None:
    telegram.faults.slow("sendMessage", seconds=0.5)
    with pytest.raises(TimedOut):
        await bot.send_message(ann.id, "hello", read_timeout=0.1)
    await ann.hears("hello")


async def test_an_answer_to_a_poll_that_is_lost_confirms_nothing(
    bot: Bot, ann: Person, telegram: LocalTelegram
) -> None:
    await ann.says("important")
    telegram.faults.answer_lost("getUpdates")
    with pytest.raises(NetworkError):
        await bot.get_updates()
    [update] = await bot.get_updates()
    assert update.message
    assert update.message.text == "important"


async def test_redelivery_of_what_was_confirmed(bot: Bot, ann: Person, telegram: LocalTelegram) -> None:
    for text in "abc":
        await ann.says(text)
    first = await bot.get_updates()
    following = first[-1].update_id + 1
    assert await bot.get_updates(offset=following) == ()
    assert telegram.faults.redeliver(2) == 2
    again = await bot.get_updates(offset=following)
    assert [update.update_id for update in again] == [update.update_id for update in first[1:]]
    assert await bot.get_updates(offset=following) == ()


async def test_faults_end_when_cleared(bot: Bot, ann: Person, telegram: LocalTelegram) -> None:
    telegram.faults.server_error(times=1000)
    with pytest.raises(NetworkError):
        await bot.send_message(ann.id, "hello")
    telegram.faults.clear()
    await bot.send_message(ann.id, "hello")


async def test_switches_over_http(bot: Bot, ann: Person, telegram: LocalTelegram) -> None:
    async with httpx.AsyncClient(base_url=f"{telegram.url}/playground") as http:
        planned = await http.post(
            "/faults", json={"kind": "too_many_requests", "chat_id": ann.id, "seconds": 3}
        )
        assert planned.status_code == 201
        with pytest.raises(RetryAfter):
            await bot.send_message(ann.id, "hello")
        await http.post("/faults", json={"kind": "dropped", "times": 99})
        await http.delete("/faults")
        await bot.send_message(ann.id, "hello")
        assert (await http.post("/faults", json={"kind": "earthquake"})).status_code == 400
        await http.post(f"/chats/{ann.id}/block")
        with pytest.raises(Forbidden):
            await bot.send_message(ann.id, "hello")
        calls = (await http.get("/calls")).json()
        assert [call["error"] for call in calls if call["method"] == "sendMessage"] == [0, 0, 403]
        update = (await bot.get_updates())[-1]
        await bot.get_updates(offset=update.update_id + 1)
        assert (await http.post("/redeliver", json={"count": 1})).json() == {"updates": 1}


async def test_without_control_there_are_no_switches() -> None:
    async with LocalTelegram(control=False) as telegram, httpx.AsyncClient(base_url=telegram.url) as http:
        assert (await http.post("/playground/faults", json={"kind": "dropped"})).status_code == 404
        assert (await http.get("/playground/calls")).status_code == 404


async def test_a_person_who_hears_nothing_shows_the_chat(bot: Bot, ann: Person) -> None:
    await bot.send_message(ann.id, "something else")
    with pytest.raises(NotHeard, match="something else"):
        await ann.hears("the answer", timeout=0.1)
