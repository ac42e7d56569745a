"""The interview once it is set up: question, answer, feedback, the next question, the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from bot.conversations import debrief, feedback, questions, voice
from bot.conversations.choices import buttons, picked
from bot.conversations.home import Home
from bot.conversations.waiting import Waiting
from bot.conversations.without_ai import told
from bot.step import Button, Event, Line, Rows, Say, Step, Tap, Text, Voice, column, say, t
from domain.interviews import course, languages
from domain.interviews.answering import Wording
from domain.interviews.jobs import (
    InterviewPlanned,
    ReportWritten,
    TurnEvaluated,
    VoiceNotHeard,
    VoiceTranscribed,
)
from domain.interviews.models import InterviewQuestion, InterviewSession, InterviewStatus, TurnStatus
from domain.interviews.service import OPEN
from domain.services import Domain

AFTER_PRACTICE: Rows = column(
    Button(t("button.another_question"), "/practice"),
    Button(t("button.recommendations"), "/recommendations"),
)


async def taken_up(session: InterviewSession, domain: Domain) -> Underway:
    """Where a session that waited goes on."""
    if session.status is InterviewStatus.PLANNING:
        return Planning(session.id)
    if session.status is InterviewStatus.REPORTING:
        return Reporting(session.id)
    turn = await domain.interviews.latest_turn(session.id)
    if turn.transcript:
        return Transcript(turn.id)
    return Question(turn.id) if turn.status is TurnStatus.ASKED else Evaluating(turn.id)


class InInterview(Step):
    """The interview is on: /interview asks again what is open."""

    way_back = "/interview"


@dataclass(frozen=True)
class Planning(InInterview, Waiting, name="interview.planning"):
    session_id: UUID

    awaits = (InterviewPlanned,)
    waits_for = ("plan_interview",)

    def back(self) -> Home:
        return Home()

    async def ask(self, domain: Domain) -> Say:  # type: ignore[override]  # this wait is worth a word
        session = await domain.interviews.session(self.session_id)
        return say(t("practice.planning" if session.is_practice else "interview.planning"))

    async def hear(self, event: Event, domain: Domain) -> Underway:
        if isinstance(event, InterviewPlanned):
            return await self.arrived(event, domain)
        if isinstance(event, Text) and await domain.interviews.add_to_job(self.session_id, event.text):
            return self.saying(t("interview.job.added")).quietly()
        return self.still()

    async def arrived(self, event: InterviewPlanned, domain: Domain) -> Underway:
        session = await domain.interviews.session(self.session_id)
        step = await taken_up(session, domain)
        return step.saying(*told(event.why, "plan"), *_in_another_language(session, domain))


def _in_another_language(session: InterviewSession, domain: Domain) -> tuple[Line, ...]:
    """Told where the bank stands in, and has no questions in the language that was chosen."""
    other = course.other_language(session) if session.plan else ""
    if not other:
        return ()
    wanted, language = (languages.name_of(each, domain.who.language) for each in (session.language, other))
    return (t("interview.language.stand_in", wanted=wanted, language=language),)


@dataclass(frozen=True)
class Question(InInterview, name="interview.question"):
    """A question that waits for its answer; `wordings` counts how often it was put differently."""

    turn_id: UUID
    wordings: int = 0

    hears = (Text, Tap, Voice)

    async def ask(self, domain: Domain) -> Say:
        turn = await domain.interviews.turn(self.turn_id)
        session = await domain.interviews.session(turn.session_id)
        return await questions.shown(turn, session, domain)

    async def hear(self, event: Event, domain: Domain) -> Underway | Transcribing | Stop | Home:
        if isinstance(event, Voice):
            return await spoken(self.turn_id, event, domain)
        assert isinstance(event, Text | Tap)
        turn = await domain.interviews.turn(self.turn_id)
        choices = questions.ON_SECOND_TRY if turn.attempt > 1 else questions.ON_QUESTION
        is_number = isinstance(event, Text) and event.text.strip().isdecimal()
        choice = None if is_number else picked(event, choices)
        if choice is not None:
            return await self._chosen(choice, domain)
        if isinstance(event, Tap):
            return self.saying(t("choose_one"))
        await domain.answers.give(self.turn_id, event.text, event.message_id)
        return Evaluating(self.turn_id)

    async def _chosen(self, choice: str, domain: Domain) -> Underway | Stop | Home:
        turn = await domain.interviews.turn(self.turn_id)
        if choice == "hint":
            return self.saying(await questions.hint(turn, domain)).quietly()
        if choice == "differently":
            return await self._differently(domain)
        if choice == "back":
            return await gone_on(turn, domain)
        if choice == "skip":
            following = await domain.interviews.skip(self.turn_id)
            return await onward(
                following.id if following else None, self.turn_id, t("interview.skipped"), domain
            )
        if (await domain.interviews.session(turn.session_id)).is_practice:
            return await practised(t("practice.stopped"), turn.session_id, domain)
        if await domain.interviews.loses_by_stopping(turn.session_id):
            return Stop(self.turn_id)
        return await onward(None, self.turn_id, t("interview.stopped"), domain)

    async def _differently(self, domain: Domain) -> Question:
        match await domain.answers.ask_differently(self.turn_id):
            case Wording.OTHER_WORDS:
                return Question(self.turn_id, self.wordings + 1).saying(t("interview.other_words"))
            case Wording.OTHER_QUESTION:
                return Question(self.turn_id, self.wordings + 1).saying(t("interview.other_question"))
            case Wording.NONE_LEFT:
                return self.saying(t("interview.no_other_words")).quietly()


async def gone_on(turn: InterviewQuestion, domain: Domain) -> Underway | Home:
    """Where the interview goes on after a second look at one of its turns; home where it is over."""
    session = await domain.interviews.session(turn.session_id)
    return await taken_up(session, domain) if session.status in OPEN else Home()


async def onward(
    following: UUID | None, turn_id: UUID, said: Say | Line, domain: Domain
) -> Question | Reporting | Home:
    """The next question, or the report; a session without an answer has none."""
    if following is not None:
        return Question(following).saying(said)
    turn = await domain.interviews.turn(turn_id)
    if (await domain.interviews.session(turn.session_id)).is_practice:
        return await practised(said, turn.session_id, domain)
    if await domain.interviews.stop(turn.session_id):
        return Reporting(turn.session_id).saying(said)
    return Home().saying(said, t("interview.nothing_to_report"))


async def practised(said: Say | Line, session_id: UUID, domain: Domain) -> Home:
    """The end of one question by itself; one that was stopped is given up."""
    session = await domain.interviews.session(session_id)
    if session.status is InterviewStatus.ACTIVE:
        await domain.interviews.abandon(session_id)
        return Home().saying(said).quietly()
    await domain.personalization.refresh()
    return Home().saying(said, say(t("practice.done"), buttons=AFTER_PRACTICE)).quietly()


STOP: dict[str, Line | str] = {"stop": t("interview.stop.yes"), "on": t("interview.stop.no")}


@dataclass(frozen=True)
class Stop(InInterview, name="interview.stop"):
    """Whether to end here and have the report of what was answered."""

    turn_id: UUID

    async def ask(self, domain: Domain) -> Say:
        return say(t("interview.stop.ask"), buttons=column(*buttons(STOP)))

    async def hear(self, event: Event, domain: Domain) -> Underway | Stop | Home:
        assert isinstance(event, Text | Tap)
        choice = picked(event, STOP)
        if choice is None:
            return self.saying(t("choose_one"))
        if choice == "on":
            return await gone_on(await domain.interviews.turn(self.turn_id), domain)
        return await onward(None, self.turn_id, t("interview.stopped"), domain)


@dataclass(frozen=True)
class Evaluating(InInterview, Waiting, name="interview.evaluating"):
    """The answer is stored and being judged; what is typed before the feedback comes is added to it.

    `message_id` is of rows from before an answer knew its messages; nothing reads it.
    """

    turn_id: UUID
    message_id: int = 0

    hears = (Text, Tap, Voice)
    awaits = (TurnEvaluated,)
    waits_for = ("evaluate_turn",)

    async def hear(self, event: Event, domain: Domain) -> Underway | Transcribing | Home:
        if isinstance(event, TurnEvaluated):
            return await self.arrived(event, domain)
        if isinstance(event, Text):
            await domain.answers.add(self.turn_id, event.text, event.message_id)
            return self.saying(t("interview.added")).quietly()
        if isinstance(event, Voice):
            return await spoken(self.turn_id, event, domain)
        return self.still()

    async def arrived(self, event: TurnEvaluated, domain: Domain) -> Underway | Home:
        if event.question_id != self.turn_id:
            return self.saying(await feedback.feedback(event, domain)).quietly()
        return await judged(event, domain)


async def judged(event: TurnEvaluated, domain: Domain) -> Underway | Home:
    """The feedback to the answer that the chat was at, and where the interview goes on."""
    words = await feedback.feedback(event, domain)
    turn = await domain.interviews.turn(event.question_id)
    session = await domain.interviews.session(turn.session_id)
    if session.is_practice and turn.attempt == 1:
        return await practised(words, turn.session_id, domain)
    return (await gone_on(turn, domain)).saying(words)


# Voice


async def spoken(turn_id: UUID, note: Voice, domain: Domain) -> Transcribing:
    """Listen to a voice note; raises `Refused` for one that is not taken."""
    await voice.listen(turn_id, note, domain)
    return Transcribing(turn_id, adds=voice.adds(await domain.interviews.turn(turn_id)))


@dataclass(frozen=True)
class Transcribing(InInterview, Waiting, name="interview.transcribing"):
    """A voice note is being listened to: an answer, or what it `adds` to one that is not judged yet."""

    turn_id: UUID
    adds: bool = False

    awaits = (VoiceTranscribed, VoiceNotHeard)
    waits_for = ("transcribe_voice",)

    def back(self) -> Question | Evaluating:
        return Evaluating(self.turn_id) if self.adds else Question(self.turn_id)

    async def hear(self, event: Event, domain: Domain) -> Transcribing | Transcript | Question | Evaluating:
        if isinstance(event, VoiceTranscribed | VoiceNotHeard):
            return await self.arrived(event, domain)
        if isinstance(event, Text) and self.adds:
            await domain.answers.add(self.turn_id, event.text, event.message_id)
            return self.saying(t("interview.added")).quietly()
        return self.still()

    async def arrived(
        self, event: VoiceTranscribed | VoiceNotHeard, domain: Domain
    ) -> Transcribing | Transcript | Question | Evaluating:
        if event.question_id != self.turn_id:
            return self.saying().quietly()
        if isinstance(event, VoiceNotHeard):
            return self.back().saying(*voice.unheard(event))
        return Transcript(self.turn_id)


@dataclass(frozen=True)
class Transcript(InInterview, name="interview.transcript"):
    """What was understood of a voice note, or waits as a second try: it is to be confirmed first."""

    turn_id: UUID

    hears = (Text, Tap, Voice)

    async def ask(self, domain: Domain) -> Say:
        return voice.heard(await domain.interviews.turn(self.turn_id))

    async def hear(self, event: Event, domain: Domain) -> Transcript | Question | Evaluating | Transcribing:
        if isinstance(event, Voice):
            return await spoken(self.turn_id, event, domain)
        assert isinstance(event, Text | Tap)
        turn = await domain.interviews.turn(self.turn_id)
        choice = picked(event, voice.choices(turn))
        if choice == "again":
            await domain.answers.discard(self.turn_id)
            return Evaluating(self.turn_id) if voice.adds(turn) else Question(self.turn_id)
        if choice == "use":
            await domain.answers.confirm(self.turn_id)
        elif isinstance(event, Text):
            await domain.answers.confirm(self.turn_id, event.text, event.message_id)
        else:
            return self.saying(t("choose_one"))
        return Evaluating(self.turn_id)


# The end


@dataclass(frozen=True)
class Reporting(InInterview, Waiting, name="interview.reporting"):
    session_id: UUID

    awaits = (ReportWritten,)
    waits_for = ("write_report", "draw_report")

    def back(self) -> Home:
        return Home()

    async def ask(self, domain: Domain) -> Say:  # type: ignore[override]  # this wait is worth a word
        return say(t("interview.reporting"))

    async def arrived(self, event: ReportWritten, domain: Domain) -> Home:
        return Home().saying(*await debrief.report(event, domain)).quietly()


# Where a session that is not over stands.
Underway: TypeAlias = Planning | Question | Evaluating | Transcript | Reporting
