"""What job an interview is for: a description as pasted text or as a file, or none."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from bot.conversations.choices import buttons, picked
from bot.conversations.interview import Planning
from bot.conversations.waiting import Waiting
from bot.step import Event, File, Line, Say, Step, Tap, Text, column, say, t
from domain.interviews.jobs import JobDescriptionRead, JobDescriptionUnread
from domain.interviews.plan import DEFAULT_SETTINGS, InterviewKind, InterviewSettings
from domain.services import Domain

NO_JOB: dict[str, Line | str] = {"without": t("interview.job.without")}
ALSO_NO_JOB: dict[str, Line | str] = {
    "skip": t("button.skip"),
    "no": "No",
    "none": t("interview.resume.none"),
}


@dataclass(frozen=True)
class ChooseJob(Step, name="interview.job"):
    resume_id: UUID | None
    kind: InterviewKind
    count: int
    settings: InterviewSettings = DEFAULT_SETTINGS

    way_back = "/interview"
    hears = (Text, Tap, File)

    async def ask(self, domain: Domain) -> Say:
        return say(t("interview.job.ask"), buttons=column(*buttons(NO_JOB)))

    async def hear(self, event: Event, domain: Domain) -> ChooseJob | ReadingJob | Planning:
        if isinstance(event, File):
            reading_id = uuid4()
            await domain.setup.read_job(reading_id, event.file_id, event.name, event.size)
            return ReadingJob(self.resume_id, self.kind, self.count, self.settings, reading_id)
        assert isinstance(event, Text | Tap)
        choice = picked(event, NO_JOB | ALSO_NO_JOB)
        if choice is None and isinstance(event, Tap):
            return self.saying(t("choose_one"))
        return await self.with_job(event.text if choice is None and isinstance(event, Text) else None, domain)

    async def with_job(self, job: str | None, domain: Domain) -> Planning:
        """Begin the interview, for a job of this description."""
        return Planning(
            await domain.interviews.begin(self.resume_id, self.kind, self.count, job, self.settings)
        )


@dataclass(frozen=True)
class ReadingJob(Waiting, name="interview.reading_job"):
    """The file with the job description is being read."""

    resume_id: UUID | None
    kind: InterviewKind
    count: int
    settings: InterviewSettings
    reading_id: UUID

    way_back = "/interview"
    awaits = (JobDescriptionRead, JobDescriptionUnread)
    waits_for = ("read_job_description",)

    async def ask(self, domain: Domain) -> Say:  # type: ignore[override]  # this wait is worth a word
        return say(t("interview.job.reading"))

    def back(self) -> ChooseJob:
        return ChooseJob(self.resume_id, self.kind, self.count, self.settings)

    async def arrived(
        self, event: JobDescriptionRead | JobDescriptionUnread, domain: Domain
    ) -> ReadingJob | ChooseJob | Planning:
        if event.reading_id != self.reading_id:
            return self.saying().quietly()
        if isinstance(event, JobDescriptionUnread):
            return self.back().saying(t(f"interview.job.unread.{event.why.value}"))
        words = t("interview.job.read", name=event.file_name, count=len(event.text.split()))
        return (await self.back().with_job(event.text, domain)).saying(words)
