"""Greenroom without the pace that it keeps for Telegram's sake, which would be all that is measured."""

from __future__ import annotations

from contextlib import AbstractContextManager
from unittest.mock import patch

from bot.outbox import Pace


def without_pace() -> AbstractContextManager[object]:
    """Messages go out as fast as they are made, within this process and for as long as this is entered."""
    return patch.object(Pace, "wait", _at_once)


async def _at_once(pace: Pace, chat_id: int) -> None:
    return None
