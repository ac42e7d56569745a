"""What the domain needs of the world, said as protocols; `domain/adapters` holds one SDK behind each."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.interviews.plan import Difficulty, InterviewKind, Plan, PlannedQuestion, ProbeReason
from domain.interviews.rubric import Judgement, Verdict
from domain.resumes.analysis import ExtractedText, ResumeAnalysis, ResumeFacts


@dataclass(frozen=True)
class Candidate:
    """What the interviewer may know of a person; `resume_text` and its analysis, `resume`, are untrusted."""

    language: str
    target_role: str = ""
    resume_text: str = ""
    background: Mapping[str, object] = field(default_factory=dict)
    resume: ResumeAnalysis | None = None


@dataclass(frozen=True)
class PlanRequest:
    """`count` questions are wanted; those in `asked_before` are not to be asked again.

    `difficulty` is the one that the candidate chose for all of them; None leaves it to the ladder.
    """

    candidate: Candidate
    kind: InterviewKind
    count: int
    job_description: str = ""
    asked_before: tuple[str, ...] = ()
    difficulty: Difficulty | None = None


@dataclass(frozen=True)
class PastTurn:
    """An earlier turn as the next prompt or the report shows it; `missing` are the key points it lacked."""

    question: str
    answer: str
    competency: str
    score: float | None
    feedback: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Objection:
    """What a candidate says against a judgement of the answer, and the verdicts it is about."""

    argument: str
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class TurnRequest:
    """One answer to judge against the key points of its question.

    `recent` holds at most the last two turns, so that prompts do not grow with the interview.
    `next_question` is the planned one, which the interviewer may word to follow on from the answer. With an
    `objection` the answer is judged once more; what is said only there is no part of the answer. `before` are
    the answers given earlier to the same question, `probed` what it was followed up for so far.
    """

    candidate: Candidate
    question: PlannedQuestion
    answer: str
    recent: tuple[PastTurn, ...] = ()
    may_probe: bool = False
    next_question: PlannedQuestion | None = None
    objection: Objection | None = None
    before: tuple[str, ...] = ()
    probed: tuple[ProbeReason, ...] = ()


@dataclass(frozen=True)
class Evaluation:
    """What the interviewer found in an answer; the score is computed from it in `rubric`, never here.

    `probe` is a follow-up question or "", `probe_reason` what it is asked for. `star` are the words of the
    answer that tell situation, task, action and result, each "" where it tells none. `next_question` is the
    planned question reworded, or "". A provisional evaluation is a keyword check: its judgements say which
    key points were mentioned, it has no score, and it is never shown as one. `evaluated_by` and
    `prompt_version` say which model judged and by which wording of ours; both are "" where no model did.
    `set_aside` are the sentences of the answer that spoke to whoever judges it: they were not judged.
    """

    judgements: tuple[Judgement, ...]
    feedback: str
    model_answer: str = ""
    star: tuple[str, ...] = ()
    probe: str = ""
    probe_reason: ProbeReason | None = None
    next_question: str = ""
    provisional: bool = False
    evaluated_by: str = ""
    prompt_version: str = ""
    set_aside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spoken:
    """What was said in a recording, and the sounds of hesitation that the text leaves out, as heard."""

    text: str
    hesitations: str = ""


@dataclass(frozen=True)
class ReportRequest:
    candidate: Candidate
    kind: InterviewKind
    turns: tuple[PastTurn, ...]


@dataclass(frozen=True)
class Report:
    """The words of a report; its numbers are computed from the turns."""

    summary: str
    practise: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecommendRequest:
    """What the rules recommend, a line each with its reason, and how recent answers stood."""

    candidate: Candidate
    recommendations: tuple[str, ...]
    results: tuple[str, ...] = ()


@dataclass(frozen=True)
class Topic:
    """A topic to look into, and why in one clause."""

    name: str
    because: str


@dataclass(frozen=True)
class Advice:
    """What the interviewer adds to recommendations: reasons by the number of the line, further topics."""

    reasons: Mapping[int, str] = field(default_factory=dict)
    topics: tuple[Topic, ...] = ()


class Interviewer(Protocol):
    """Who plans, judges and reports: Gemini, or the offline one.

    Every call raises `Unavailable` where it may succeed later and `Refused` where the content was declined.
    """

    @property
    def is_offline(self) -> bool: ...

    async def analyse_resume(
        self, document: ExtractedText, language: str, facts: ResumeFacts
    ) -> ResumeAnalysis:
        """What a resume says, in words of `language`; `facts` is what the rules see in the same document."""
        ...

    async def read_pages(self, document: ExtractedText, language: str) -> str:
        """The text on the pictures of a scan, word for word; "" where there is none to read."""
        ...

    async def plan(self, request: PlanRequest) -> Plan: ...

    async def evaluate_turn(self, request: TurnRequest) -> Evaluation: ...

    async def report(self, request: ReportRequest) -> Report: ...

    async def recommend(self, request: RecommendRequest) -> Advice: ...

    async def transcribe(self, voice: bytes, mime_type: str, language: str) -> Spoken: ...


class Content(Protocol):
    """Bytes, `size` of them, that come piece by piece; each time they are asked for, from the beginning."""

    @property
    def size(self) -> int: ...

    def pieces(self) -> AsyncGenerator[bytes, None]: ...


class DocumentReader(Protocol):
    async def read(self, content: Content, file_name: str) -> ExtractedText:
        """Take the text out of a file, or pictures of its pages where it has none.

        Raises what `content` raises, and `Refused` with "file.empty", "file.too_large", "file.too_complex",
        "file.encrypted", "file.damaged", "file.blank", "file.no_text" (pictures that cannot be drawn),
        "file.unsupported", or one that names a common mistake: "file.legacy_word", "file.opendocument",
        "file.pages", "file.rtf", "file.html", "file.office", "file.archive", "file.link", "file.heic",
        "file.other_picture", "file.small_picture".
        """
        ...


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    text: str
    html: str


class Mailer(Protocol):
    @property
    def route(self) -> str:
        """Where mail goes: "mail", "playground" or "log"; the bot tells the person which."""
        ...

    async def send(self, mail: Mail) -> None:
        """Raises `Unavailable` where it may succeed later, `Refused("mail.rejected")` where it will not."""
        ...


@dataclass(frozen=True)
class Sheet:
    """What is to be typeset: a template by its name, and the words and numbers that fill it."""

    template: str
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Printed:
    """A sheet as PNG or PDF; `undrawable` counts its characters that no font at hand draws."""

    content: bytes
    undrawable: int = 0


class Press(Protocol):
    """Who typesets sheets. Raises `Unavailable` where one could not be made now."""

    async def picture(self, sheet: Sheet) -> Printed: ...

    async def document(self, sheet: Sheet) -> Printed: ...


class FileSource(Protocol):
    def fetch(self, file_id: str) -> AsyncGenerator[bytes, None]:
        """The bytes of a file that was sent, as they come. Raises `Refused("file.too_large")`,
        `Refused("file.gone")` or `Unavailable`, also in the middle."""
        ...


@dataclass(frozen=True)
class StoredBlob:
    """Where the sealed chunks of a file are: at a `place`, or in the database where that is None."""

    key: str
    place: str | None
    chunks: int


class BlobStore(Protocol):
    """Where the sealed bytes of files live; they commit with the row that names them.

    `stage`, `fetch` and `discard` may go over the network, so that no transaction is open meanwhile.
    """

    async def stage(self, folder: str, sealed: AsyncIterable[bytes]) -> StoredBlob:
        """Bring chunks to where they will live, under a new key in `folder`; forgotten unless kept soon.

        Raises `Unavailable`, and what `sealed` raises; nothing is left of the file then.
        """
        ...

    async def keep(self, db: AsyncSession, staged: StoredBlob) -> None:
        """Keep what was staged. Raises `Unavailable` where that took too long."""
        ...

    async def discard(self, staged: StoredBlob) -> None:
        """Let go of what was staged; what cannot be reached now is deleted later."""
        ...

    async def put(self, db: AsyncSession, key: str, sealed: bytes) -> None:
        """Keep something small in the database itself, or replace it there."""
        ...

    async def find(self, db: AsyncSession, key: str) -> StoredBlob:
        """Raises `Refused("file.gone")`."""
        ...

    async def fetch(self, stored: StoredBlob, number: int) -> bytes:
        """The chunk of a number, from 0. Raises `Refused("file.gone")` or `Unavailable`."""
        ...

    async def delete(self, db: AsyncSession, key: str) -> None:
        """Let go of a file; bytes outside the database are deleted soon after the commit."""
        ...

    async def clear(self) -> int:
        """Delete what nothing names any more and was not deleted at once; how many files that were."""
        ...


class PersonKey(Protocol):
    """One person's key. What it sealed opens only under the same table, column, user, row and version."""

    def seal(
        self, plaintext: bytes, *, table: str, column: str, user_id: UUID, row_id: UUID, version: int
    ) -> bytes: ...

    def open(
        self, sealed: bytes, *, table: str, column: str, user_id: UUID, row_id: UUID, version: int
    ) -> bytes: ...


class Keyring(Protocol):
    """The operator's keys: they seal what passes through the pipe and wrap the keys of persons."""

    def seal(self, plaintext: bytes, context: str) -> bytes: ...

    def open(self, sealed: bytes, context: str) -> bytes: ...

    def new_person_key(self) -> PersonKey: ...

    def wrap(self, person_key: Any, person_id: UUID) -> bytes: ...

    def unwrap(self, wrapped: bytes, person_id: UUID) -> PersonKey: ...


@dataclass(frozen=True)
class Place:
    """A place by its name, the ISO code of its country and its IANA time zone; `region` is a state's code."""

    name: str
    country: str
    region: str
    zone: str


class Places(Protocol):
    """Where clocks show what. Every call raises `Unavailable` where it may succeed later."""

    async def named(self, words: str) -> tuple[Place, ...]:
        """The places that may be meant, one for each time zone, the largest first; none where unknown."""
        ...

    async def zone_at(self, latitude: float, longitude: float) -> str:
        """The IANA time zone of a point, in degrees."""
        ...


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware and in UTC."""
        ...
