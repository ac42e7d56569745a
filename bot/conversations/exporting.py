"""Everything that is kept about a person, sent to them as one archive or several."""

from __future__ import annotations

from bot.conversations import safety
from bot.step import Command, Line, Say, Step, parcel, say, t
from domain.exports.jobs import ExportPacked
from domain.exports.parts import Part
from domain.exports.service import slot
from domain.services import Domain

A_MEGABYTE = 1_000_000


async def export(command: Command, step: Step, domain: Domain) -> Step:
    """/export: have everything packed, after the password if that was not given lately."""
    await domain.accounts.user()
    if not await domain.accounts.sessions.is_confirmed():
        return await safety.sensitive("export", domain)
    return step.saying(await safety.exporting(domain)).quietly()


async def packed(event: ExportPacked, step: Step, domain: Domain) -> Step:
    """The progress message says that it is done, and the archives follow."""
    if not await domain.exports.is_there(event.export_id):
        return step.saying(t("export.gone")).quietly()
    size = round(sum(event.sizes) / A_MEGABYTE, 1)
    done = t("export.packed", count=len(event.sizes), size=max(size, 0.1))
    return step.saying(say(done, slot=slot(event.export_id)), *_parts(event)).quietly()


def _parts(event: ExportPacked) -> list[Say]:
    of = len(event.sizes)
    return [
        parcel(
            f"greenroom-{event.day}.zip" if of == 1 else f"greenroom-{event.day}-{number}-of-{of}.zip",
            Part(export_id=event.export_id, archive_id=event.archive_id, number=number),
            _caption(number, of),
            slot=f"{slot(event.export_id)}-{number}",
            otherwise=t("export.not_taken"),
        )
        for number in range(1, of + 1)
    ]


def _caption(number: int, of: int) -> Line:
    if of == 1:
        return t("export.archive")
    return t("export.part", number=number, of=of)
