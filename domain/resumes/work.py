"""The jobs of resumes, done: the file is fetched, read in the sandbox, and understood."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import ParamSpec, TypeVar

from domain.errors import Refused, Unavailable
from domain.messaging.happenings import Happening
from domain.messaging.job import Finish, performs
from domain.messaging.parcel import opens
from domain.ports import Interviewer
from domain.resumes.analysis import ExtractedText, ResumeAnalysis
from domain.resumes.checking import checked
from domain.resumes.jobs import (
    AnalyseResume,
    AnalyseResumeAgain,
    Original,
    OriginalFound,
    ReceiveResume,
    ResumeAnalysed,
    ResumeRead,
    ResumeRejected,
    SendOriginal,
    SendShared,
    SharedFile,
)
from domain.resumes.originals import SealedFile, stage_sent
from domain.resumes.planted import parted
from domain.resumes.rules import read_resume
from domain.services import Domain, reading, shares_of
from domain.world import World

P = ParamSpec("P")
T = TypeVar("T")


@performs(ReceiveResume)
async def receive_resume(job: ReceiveResume, world: World, chat_id: int) -> Finish | None:
    started = time.monotonic()
    try:
        async with world.files_in_hand:
            file = await stage_sent(world, job.file_id, job.file_name, job.user_id, job.resume_id)
            if file is None:
                return None
            document = await _read(file, world)
    except Refused as refusal:
        return _rejected(job, refusal)
    seconds = time.monotonic() - started

    async def finish(domain: Domain) -> Happening:
        await domain.resumes.store(job, file, document, seconds)
        return ResumeRead(job.resume_id, seconds)

    return finish


async def _read(file: SealedFile, world: World) -> ExtractedText:
    """What a staged file holds; one that holds nothing of use is not kept."""
    try:
        document = await world.reader.read(file, file.name)
        if document.is_scan and world.interviewer.is_offline:
            raise Refused("file.no_text")
    except Exception:
        await file.discard()
        raise
    return _seen(document, world)


def _seen(document: ExtractedText, world: World) -> ExtractedText:
    """What there is to be understood: of a scan its pictures, where there is somebody to read them."""
    return document if world.interviewer.is_offline else document.as_seen()


@performs(AnalyseResume)
async def analyse_resume(job: AnalyseResume, world: World, chat_id: int) -> Finish | None:
    started = time.monotonic()
    document, language = await _document(job, world, chat_id)
    if document is None:
        return None
    why, again = "", False
    try:
        analysis = await _understood(world.interviewer, document, language, world)
    except (Unavailable, Refused) as error:
        if document.is_scan:
            return _unread(job, error)
        why, again = error.reason, isinstance(error, Unavailable)
        analysis = await _understood(world.offline, document, language, world)
    seconds = job.read_seconds + time.monotonic() - started

    async def finish(domain: Domain) -> Happening:
        if not analysis.is_resume:
            await domain.resumes.delete(job.resume_id)
            return ResumeRejected(job.resume_id, "file.no_resume")
        needs_place = await domain.resumes.store_analysis(job.resume_id, analysis, seconds)
        await domain.personalization.refresh()
        if again:
            await domain.resumes.have_read_again(job.resume_id)
        return ResumeAnalysed(job.resume_id, needs_place, why)

    return finish


def _unread(job: AnalyseResume, error: Unavailable | Refused) -> Finish:
    """Rules read no pictures: without the interviewer nothing is known of a scan."""

    async def finish(domain: Domain) -> Happening:
        await domain.resumes.delete(job.resume_id)
        reason = "file.scan_later" if isinstance(error, Unavailable) else "file.no_text"
        return ResumeRejected(job.resume_id, reason)

    return finish


@performs(AnalyseResumeAgain)
async def analyse_resume_again(job: AnalyseResumeAgain, world: World, chat_id: int) -> Finish | None:
    started = time.monotonic()
    document, language = await _document(job, world, chat_id)
    if document is None:
        return None
    try:
        analysis = await _understood(world.interviewer, document, language, world)
    except Refused:
        return None  # declined for good: what the rules found stays, and says that it is theirs
    if not analysis.is_resume:
        return None
    seconds = time.monotonic() - started

    async def finish(domain: Domain) -> Happening | None:
        if not await domain.resumes.is_there(job.resume_id):
            return None
        await domain.resumes.store_analysis(job.resume_id, analysis, seconds)
        return ResumeAnalysed(job.resume_id, needs_place=False, again=True)

    return finish


@performs(SendOriginal)
async def send_original(job: SendOriginal, world: World, chat_id: int) -> Finish:
    async with reading(world, chat_id, job.user_id) as domain:
        file = await domain.resumes.original(job.resume_id)
    return await _found(file, Original(resume_id=job.resume_id))


@performs(SendShared)
async def send_shared(job: SendShared, world: World, chat_id: int) -> Finish:
    async with world.transactions() as db:
        file = await shares_of(db, world).resumes.file(job.token)
    if file is None:
        raise Refused("share.gone")
    return await _found(file, SharedFile(token=job.token))


async def _found(file: SealedFile, parcel: Original | SharedFile) -> Finish:
    """A file that begins to come now is opened as a whole when it is sent."""
    async with aclosing(file.pieces()) as pieces:
        await anext(pieces)

    async def finish(domain: Domain) -> Happening:
        return OriginalFound(file.name, parcel)

    return finish


@opens(Original)
async def open_original(parcel: Original, world: World, chat_id: int) -> AsyncGenerator[bytes, None]:
    async with reading(world, chat_id) as domain:
        file = await domain.resumes.original(parcel.resume_id)
    async with aclosing(file.pieces()) as pieces:
        async for piece in pieces:
            yield piece


@opens(SharedFile)
async def open_shared(parcel: SharedFile, world: World, chat_id: int) -> AsyncGenerator[bytes, None]:
    async with world.transactions() as db:
        file = await shares_of(db, world).resumes.file(parcel.token)
    if file is None:
        raise Refused("share.gone")
    async with aclosing(file.pieces()) as pieces:
        async for piece in pieces:
            yield piece


async def _document(
    job: AnalyseResume | AnalyseResumeAgain, world: World, chat_id: int
) -> tuple[ExtractedText | None, str]:
    """What was taken out of the file, and the language of the chat; None once the resume is deleted.

    Of a scan no text is kept, so its pages are taken from the file again.
    """
    async with reading(world, chat_id, job.user_id) as domain:
        if not await domain.resumes.is_there(job.resume_id):
            return None, domain.who.language
        resume = await domain.resumes.one(job.resume_id)
        text = await domain.resumes.text_of(job.resume_id)
        original = None if text else await domain.resumes.original(job.resume_id)
        language = domain.who.language
    if original is not None:
        return _seen(await world.reader.read(original, original.name), world), language
    return ExtractedText(
        file_type=resume.file_type, text=text, links=job.links, hidden_text=resume.hidden_text
    ), language


async def _understood(
    interviewer: Interviewer, document: ExtractedText, language: str, world: World
) -> ResumeAnalysis:
    """What the interviewer makes of a resume, held against its text.

    What speaks to an AI the interviewer is not shown. The text of a scan is what the interviewer reads there.
    """
    parts = await _computed(world, parted, document.text)
    shown = document.model_copy(update={"text": parts.kept})
    today = world.clock.now().date()
    facts = await _computed(world, read_resume, shown, language, today)
    analysis = await interviewer.analyse_resume(shown, language, facts)
    if document.is_scan:
        parts = await _computed(world, parted, analysis.transcript)
        shown = shown.model_copy(update={"text": parts.kept})
        facts = await _computed(world, read_resume, shown, language, today)
    return await _computed(world, checked, analysis, parts, facts, today)


async def _computed(world: World, compute: Callable[P, T], *of: P.args, **by: P.kwargs) -> T:
    """Off the event loop, which gets no turn while another thread computes, and therefore in turns."""
    async with world.file_turns.turn():
        return await asyncio.to_thread(compute, *of, **by)


def _rejected(job: ReceiveResume, refusal: Refused) -> Finish:
    async def finish(domain: Domain) -> Happening:
        return ResumeRejected(job.resume_id, refusal.reason, tuple(refusal.details.items()))

    return finish
