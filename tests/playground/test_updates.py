"""How updates are kept, handed out, confirmed and dropped."""

from __future__ import annotations

import asyncio

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import Conflict

from bot.playground.local import LocalTelegram
from bot.playground.people import Person
from tests.playground.conftest import ManualClock, bot_of

PATIENCE = 60.0  # a bound for a busy machine


async def polls(telegram: LocalTelegram) -> None:
    """Wait until a poll waits at Telegram."""
    async with asyncio.timeout(PATIENCE):
        while not telegram.playground.updates.bell.is_awaited:  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.01)


def texts(updates: tuple[Update, ...]) -> list[str]:
    return [update.message.text or "" for update in updates if update.message]


async def test_updates_stay_until_an_offset_confirms_them(bot: Bot, ann: Person, clock: ManualClock) -> None:
    for text in "abc":
        await ann.says(text)
    first = await bot.get_updates()
    assert texts(first) == ["a", "b", "c"]
    assert [update.update_id - first[0].update_id for update in first] == [0, 1, 2]
    clock.advance(1)
    assert await bot.get_updates() == first
    clock.advance(1)
    assert texts(await bot.get_updates(offset=first[1].update_id)) == ["b", "c"]
    clock.advance(1)
    assert texts(await bot.get_updates(offset=first[2].update_id + 1)) == []
    assert texts(await bot.get_updates()) == []


async def test_limit_and_negative_offset(bot: Bot, ann: Person, clock: ManualClock) -> None:
    for text in "abcd":
        await ann.says(text)
    assert texts(await bot.get_updates(limit=2)) == ["a", "b"]
    clock.advance(1)
    assert texts(await bot.get_updates(offset=-2)) == ["c", "d"]
    clock.advance(1)
    assert texts(await bot.get_updates()) == ["c", "d"]


async def test_the_same_offset_asked_again_at_once_gives_one_update(bot: Bot, ann: Person) -> None:
    await ann.says("a")
    await ann.says("b")
    assert texts(await bot.get_updates()) == ["a", "b"]
    assert texts(await bot.get_updates()) == ["a"]


async def test_a_long_poll_ends_with_the_first_update(bot: Bot, ann: Person, telegram: LocalTelegram) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=3600))
    await polls(telegram)
    assert not waiting.done()
    await ann.says("now")
    async with asyncio.timeout(PATIENCE):
        assert texts(await waiting) == ["now"]
        assert await bot.get_updates(offset=10**12, timeout=1) == ()


async def test_a_second_poll_ends_the_older_one_with_409(
    bot: Bot, ann: Person, telegram: LocalTelegram
) -> None:
    older = asyncio.create_task(bot.get_updates(timeout=3600))
    await polls(telegram)
    async with bot_of(telegram) as other:
        newer = asyncio.create_task(other.get_updates(timeout=3600))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await older
        await ann.says("to the newer")
        assert texts(await newer) == ["to the newer"]


async def test_no_poll_while_a_webhook_is_set(bot: Bot, ann: Person, telegram: LocalTelegram) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=3600))
    await polls(telegram)
    await bot.set_webhook("http://127.0.0.1:9/telegram")
    with pytest.raises(Conflict, match="terminated by setWebhook request"):
        await waiting
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    await ann.says("kept")
    await bot.delete_webhook()
    assert texts(await bot.get_updates()) == ["kept"]
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates(offset=1) == ()


async def test_allowed_updates_are_remembered(bot: Bot, ann: Person) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    await ann.says("not wanted")
    await bot.send_message(
        ann.id, "x", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("b", callback_data="b")]])
    )
    await ann.taps("b")
    [update] = await bot.get_updates()
    assert update.callback_query
    await bot.get_updates(offset=update.update_id + 1, allowed_updates=[])
    await ann.says("wanted again")
    assert texts(await bot.get_updates()) == ["wanted again"]


async def test_a_tap_not_delivered_within_150_s_is_dropped(bot: Bot, ann: Person, clock: ManualClock) -> None:
    await bot.send_message(
        ann.id, "x", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("b", callback_data="b")]])
    )
    await ann.taps("b")
    await ann.says("a text stays")
    clock.advance(149)
    assert len(await bot.get_updates()) == 2
    clock.advance(2)
    assert texts(await bot.get_updates()) == ["a text stays"]
    clock.advance(24 * 3600)
    assert await bot.get_updates() == ()


async def test_edits_blocks_and_replies_are_told(bot: Bot, ann: Person) -> None:
    asked = await bot.send_message(ann.id, "question?")
    said = await ann.says("answr", reply_to=asked.message_id)
    await ann.edits(said, "answer")
    await ann.blocks()
    await ann.unblocks()
    message, edited, blocked, unblocked = await bot.get_updates()
    assert message.message
    assert message.message.reply_to_message
    assert message.message.reply_to_message.message_id == asked.message_id
    assert edited.edited_message
    assert (edited.edited_message.text, edited.edited_message.message_id) == ("answer", said.message_id)
    for update, status in ((blocked, "kicked"), (unblocked, "member")):
        assert update.my_chat_member
        assert update.my_chat_member.new_chat_member.status == status


async def test_ids_of_a_restarted_playground_are_new(ann: Person, bot: Bot, clock: ManualClock) -> None:
    await ann.says("before")
    [before] = await bot.get_updates()
    clock.advance(60)
    async with LocalTelegram(clock=clock) as restarted, bot_of(restarted) as other:
        await restarted.person("Ann").says("after")
        [after] = await other.get_updates()
    assert after.update_id > before.update_id
    assert after.message
    assert before.message
    assert after.message.message_id > before.message.message_id
