"""The jobs of resumes, done: the file is fetched, read in the sandbox, and understood."""

from __future__ import annotations

import time

from domain.errors import Refused, Unavailable
from domain.messaging.happenings import Happening
from domain.messaging.job import Finish, performs
from domain.resumes.analysis import ExtractedText
from domain.resumes.jobs import AnalyseResume, ReceiveResume, ResumeAnalysed, ResumeRead, ResumeRejected
from domain.services import Domain, reading
from domain.world import World


@performs(ReceiveResume)
async def receive_resume(job: ReceiveResume, world: World, chat_id: int) -> Finish:
    try:
        content = await world.files.fetch(job.file_id)
        document = await world.reader.read(content, job.file_name)
    except Refused as refusal:
        return _rejected(job, refusal)

    async def finish(domain: Domain) -> Happening:
        await domain.resumes.store(job, content, document)
        return ResumeRead(job.resume_id)

    return finish


@performs(AnalyseResume)
async def analyse_resume(job: AnalyseResume, world: World, chat_id: int) -> Finish:
    started = time.monotonic()
    async with reading(world, chat_id, job.user_id) as domain:
        resume = await domain.resumes.one(job.resume_id)
        text, language = await domain.resumes.text_of(job.resume_id), domain.who.language
    document = ExtractedText(file_type=resume.file_type, text=text, hidden_text=resume.hidden_text)
    why = ""
    try:
        analysis = await world.interviewer.analyse_resume(document, language)
    except (Unavailable, Refused) as error:
        why = error.reason
        analysis = await world.offline.analyse_resume(document, language)
    seconds = time.monotonic() - started

    async def finish(domain: Domain) -> Happening:
        if not analysis.is_resume:
            await domain.resumes.delete(job.resume_id)
            return ResumeRejected(job.resume_id, "file.no_resume")
        needs_place = await domain.resumes.store_analysis(job.resume_id, analysis, seconds)
        return ResumeAnalysed(job.resume_id, needs_place, why)

    return finish


def _rejected(job: ReceiveResume, refusal: Refused) -> Finish:
    async def finish(domain: Domain) -> Happening:
        return ResumeRejected(job.resume_id, refusal.reason, tuple(refusal.details.items()))

    return finish
