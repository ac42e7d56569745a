"""The job of a voice note, done: turned into text for the candidate to confirm, its delivery taken down."""

from __future__ import annotations

import asyncio

from domain.errors import Refused, Unavailable
from domain.interviews.delivery import delivery
from domain.interviews.jobs import TranscribeVoice, VoiceNotHeard, VoiceTranscribed
from domain.interviews.models import TurnStatus
from domain.messaging.happenings import Happening
from domain.messaging.job import Finish, performs
from domain.pieces import whole
from domain.ports import Spoken
from domain.services import Domain, reading
from domain.world import World

FETCH_PAUSES = (1.0, 4.0)  # seconds before Telegram is asked for the note once more; a candidate waits


@performs(TranscribeVoice)
async def transcribe_voice(job: TranscribeVoice, world: World, chat_id: int) -> Finish:
    async with reading(world, chat_id, job.user_id) as domain:
        turn = await domain.interviews.turn(job.question_id)
        language = (await domain.interviews.session(turn.session_id)).language
    spoken, reason, why = Spoken(""), "", ""
    details: tuple[tuple[str, str | int], ...] = ()
    try:
        voice = await _fetched(job.file_id, world)
        try:
            spoken = await world.interviewer.transcribe(voice, job.mime_type, language)
        except Unavailable as away:
            reason, why = "voice.away", away.reason
    except Refused as refusal:
        reason, details = refusal.reason, tuple(refusal.details.items())
    except Unavailable:
        reason = "voice.away"
    told = delivery(spoken.text, spoken.hesitations, job.seconds, language)

    async def finish(domain: Domain) -> Happening:
        if reason:
            await domain.answers.discard(job.question_id)
            return VoiceNotHeard(job.question_id, reason, details, why)
        turn = await domain.interviews.turn(job.question_id)
        if turn.status is TurnStatus.EVALUATED:
            await domain.second_looks.try_again(turn.id, spoken.text, told)
        else:
            await domain.answers.heard(turn.id, spoken.text, told)
        return VoiceTranscribed(job.question_id)

    return finish


async def _fetched(file_id: str, world: World) -> bytes:
    """The note as it was sent. Raises `Unavailable` where Telegram does not give it in three tries."""
    for pause in FETCH_PAUSES:
        try:
            return await whole(world.files.fetch(file_id))
        except Unavailable:
            await asyncio.sleep(pause)
    return await whole(world.files.fetch(file_id))
