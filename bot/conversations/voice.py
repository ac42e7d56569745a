"""A voice note in place of a typed answer: which one is taken, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from bot.conversations.choices import buttons
from bot.conversations.feedback import clipped
from bot.conversations.without_ai import told
from bot.step import Line, Say, Voice, column, say, t
from domain.errors import Refused
from domain.interviews.jobs import VoiceNotHeard
from domain.interviews.models import InterviewQuestion, TurnStatus
from domain.services import Domain

LONGEST_SECONDS = 300
LARGEST = 10 * 1024 * 1024
LONGEST_SHOWN = 1800  # of a transcript, so that it fits into a message in every script
ANSWER: dict[str, Line | str] = {"use": t("interview.voice.use"), "again": t("interview.voice.again")}
ADDITION: dict[str, Line | str] = {"use": t("interview.voice.add"), "again": t("interview.voice.leave_out")}


async def listen(turn_id: UUID, note: Voice, domain: Domain) -> None:
    """Have a voice note turned into text; raises `Refused` for one that cannot be."""
    if domain.is_offline:
        raise Refused("voice.offline")
    if note.seconds > LONGEST_SECONDS or note.size > LARGEST:
        raise Refused("voice.too_long", minutes=LONGEST_SECONDS // 60)
    await domain.answers.transcribe(turn_id, note.file_id, note.mime_type, note.seconds)


def adds(turn: InterviewQuestion) -> bool:
    """Whether what is said adds to an answer that is not judged yet."""
    return turn.status is TurnStatus.ANSWERED


def choices(turn: InterviewQuestion) -> dict[str, Line | str]:
    """What may be done with a transcript but typing it anew."""
    return ADDITION if adds(turn) else ANSWER


def heard(turn: InterviewQuestion) -> Say:
    """What was understood of a voice note, or waits as a second try, to be confirmed."""
    key = "interview.voice.heard" if turn.delivery or adds(turn) else "interview.second.waiting"
    asked = t("interview.voice.ask_to_add" if adds(turn) else "interview.voice.ask")
    shown = t(key, text=clipped(turn.transcript or "", LONGEST_SHOWN))
    return say(shown, asked, buttons=column(*buttons(choices(turn))))


def unheard(event: VoiceNotHeard) -> Sequence[Line]:
    """Why a voice note was not heard, and what to do instead."""
    if event.why:
        return told(event.why, "transcribe")
    return (t(f"refused.{event.reason}", **dict(event.details)),)
