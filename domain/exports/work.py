"""The job that packs an export: read and sealed piece by piece, with no transaction open for long."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID, uuid4

from domain.errors import Refused
from domain.exports.archive import CHUNK, Archive, safe_name
from domain.exports.contents import record
from domain.exports.facts import as_json, facts, interview, interview_ids, resume_ids
from domain.exports.jobs import ExportPacked, PackExport
from domain.exports.models import Export
from domain.exports.parts import Gone, Part, forget_tries, put, seal
from domain.exports.words import readme
from domain.messaging.happenings import Happening
from domain.messaging.job import Finish, performs
from domain.ports import PersonKey
from domain.services import Domain, reading
from domain.world import World


@performs(PackExport)
async def pack_export(job: PackExport, world: World, chat_id: int) -> Finish | None:
    now = world.clock.now()
    async with world.transactions.begin() as db:
        if await db.get(Export, job.export_id) is None:
            return None
        await forget_tries(db, job.export_id)
    async with world.transactions() as db:
        told = await facts(db, job.user_id, now)
        resumes = await resume_ids(db, job.user_id)
        interviews = await interview_ids(db, job.user_id)
    async with reading(world, chat_id, job.user_id) as domain:
        key = await domain.accounts.key()
    packing = Packing(job, world, key, told["account"]["full_name"], now)
    try:
        await packing.add("greenroom.json", as_json(told))
        for number, resume_id in enumerate(resumes, 1):
            await _add_resume(packing, number, resume_id, chat_id)
        for number, session_id in enumerate(interviews, 1):
            await _add_interview(packing, number, session_id)
        event = await packing.end()
    except Gone:
        return None

    async def finish(domain: Domain) -> Happening | None:
        return event if await domain.exports.packed(event) else None

    return finish


class Packing:
    """One try at packing an export for the person called `name`."""

    def __init__(self, job: PackExport, world: World, key: PersonKey, name: str, now: datetime) -> None:
        self.job = job
        self.world = world
        self._key = key
        self._name = name
        self._now = now
        self._archive_id = uuid4()
        self._chunks = 0
        self._sizes: list[int] = []
        self._archive: Archive | None = None

    async def add(self, name: str, content: bytes) -> None:
        """Add a file, to a further archive where this one is full. Raises `Gone`."""
        if self._archive is not None and not self._archive.has_room(content):
            await self._close(self._archive)
        if self._archive is None:
            self._archive = Archive(self._now)
            number = len(self._sizes) + 1
            note = readme(self.job.language, name=self._name, day=self._day, part=number)
            self._archive.add("README.txt", note.encode())
        await asyncio.to_thread(self._archive.add, name, content)
        await self._keep(self._archive)

    async def end(self) -> ExportPacked:
        """Close the last archive."""
        if self._archive is not None:
            await self._close(self._archive)
        return ExportPacked(self.job.export_id, self._archive_id, self._day, tuple(self._sizes))

    @property
    def _day(self) -> str:
        return f"{self._now:%Y-%m-%d}"

    async def _close(self, archive: Archive) -> None:
        archive.close()
        await self._keep(archive, is_last=True)
        self._sizes.append(archive.size)
        self._archive = None

    async def _keep(self, archive: Archive, *, is_last: bool = False) -> None:
        """Seal what was written, once it is worth a chunk."""
        part = Part(export_id=self.job.export_id, archive_id=self._archive_id, number=len(self._sizes) + 1)
        for content in archive.taken(least=0 if is_last else CHUNK):
            self._chunks += 1
            place = self.job.user_id, self._archive_id, self._chunks
            sealed = await asyncio.to_thread(seal, self._key, content, *place)
            async with self.world.transactions.begin() as db:
                await put(db, part, self._chunks, sealed)


async def _add_resume(packing: Packing, number: int, resume_id: UUID, chat_id: int) -> None:
    """A version of a resume: its file as it was sent, and what is known of it. One deleted since is left."""
    job, world = packing.job, packing.world
    async with world.files_in_hand:
        try:
            async with reading(world, chat_id, job.user_id) as domain:
                resume = await domain.resumes.one(resume_id)
                told = record(resume) | {"extracted_text": await domain.resumes.text_of(resume_id)}
                version, file_name = resume.version, resume.file_name
        except Refused:
            return
        path = f"resumes/{number:02}-v{version}-{safe_name(file_name)}"
        try:
            async with reading(world, chat_id, job.user_id) as domain:
                file = await domain.resumes.original(resume_id)
            await packing.add(path, await file.opened())
        except Refused:
            path = ""
        await packing.add(f"resumes/{number:02}-v{version}.json", as_json(told | {"file": path or None}))


async def _add_interview(packing: Packing, number: int, session_id: UUID) -> None:
    async with packing.world.transactions() as db:
        told = await interview(db, session_id)
    if told is not None:
        day, kind = str(told["started_at"])[:10], told["kind"]
        await packing.add(f"interviews/{number:03}-{day}-{kind}.json", as_json(told))
