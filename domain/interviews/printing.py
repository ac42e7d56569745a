"""The jobs that turn reports and progress into pictures and documents. A report is told without one too."""

from __future__ import annotations

from domain.errors import Unavailable
from domain.interviews.jobs import (
    DrawProgress,
    DrawReport,
    PrintReport,
    ProgressDrawn,
    ReportPrinted,
    ReportWritten,
)
from domain.interviews.models import InterviewStatus
from domain.interviews.sheets import progress_picture, report_document, report_picture
from domain.messaging.happenings import Happening
from domain.messaging.job import Finish, performs
from domain.ports import Sheet
from domain.services import Domain, reading
from domain.world import World


@performs(DrawReport)
async def draw_report(job: DrawReport, world: World, chat_id: int) -> Finish | None:
    async with reading(world, chat_id, job.user_id) as domain:
        session = await domain.interviews.session(job.session_id)
        if session.status is InterviewStatus.ABANDONED:
            return None
        is_new = job.again or session.status is InterviewStatus.REPORTING
        sheet = report_picture(await domain.reports.debrief(job.session_id), domain.who.language)
    picture = await _picture(sheet, world)

    async def finish(domain: Domain) -> Happening | None:
        if not await domain.interviews.tell_report(job.session_id):
            return None
        if is_new:
            await domain.personalization.refresh()
        return ReportWritten(job.session_id, job.again, job.why, job.was, picture)

    return finish


@performs(DrawProgress)
async def draw_progress(job: DrawProgress, world: World, chat_id: int) -> Finish:
    async with reading(world, chat_id, job.user_id) as domain:
        sheet = progress_picture(await domain.reports.progress(), domain.who.language)
    picture = await _picture(sheet, world)

    async def finish(domain: Domain) -> Happening:
        return ProgressDrawn(picture)

    return finish


async def _picture(sheet: Sheet, world: World) -> bytes:
    """The picture; empty where it cannot be drawn now, since words need not wait for it."""
    try:
        return (await world.press.picture(sheet)).content
    except Unavailable:
        return b""


@performs(PrintReport)
async def print_report(job: PrintReport, world: World, chat_id: int) -> Finish:
    async with reading(world, chat_id, job.user_id) as domain:
        debrief = await domain.reports.debrief(job.session_id)
        transcript = await domain.reports.transcript(job.session_id)
        sheet = report_document(debrief, transcript, domain.who.language)
        name = f"greenroom-{debrief.session.started_at:%Y-%m-%d}-{debrief.session.kind.value}.pdf"
    printed = await world.press.document(sheet)

    async def finish(domain: Domain) -> Happening:
        return ReportPrinted(job.session_id, name, printed.content, printed.undrawable)

    return finish
