"""The interview once it is set up: question, answer, feedback, the next question, the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from bot.conversations import debrief, feedback
from bot.conversations.choices import buttons, picked
from bot.conversations.home import Home
from bot.conversations.waiting import Waiting
from bot.conversations.without_ai import told
from bot.step import Button, Event, Line, Rows, Say, Step, Tap, Text, Voice, column, grid, say, t
from domain.background.preferences import AnswerBy
from domain.errors import Refused
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

ON_FOLLOW_UP: dict[str, Line | str] = {
    "hint": t("interview.hint"),
    "skip": t("interview.skip"),
    "stop": t("interview.stop_button"),
}
ON_QUESTION: dict[str, Line | str] = {**ON_FOLLOW_UP, "differently": t("interview.differently")}
ON_SECOND_TRY: dict[str, Line | str] = {"hint": t("interview.hint"), "back": t("interview.second.back")}
# One question by itself is left at once: there is no report to ask about.
ON_PRACTICE: dict[str, Line | str] = {"hint": t("interview.hint"), "skip": t("interview.skip")}
AFTER_PRACTICE: Rows = column(
    Button(t("button.another_question"), "/practice"),
    Button(t("button.recommendations"), "/recommendations"),
)
LONGEST_VOICE_SECONDS = 300
LONGEST_SHOWN = 1800  # of a transcript, so that it fits into a message in every script
LARGEST_VOICE = 10 * 1024 * 1024


async def taken_up(
    session: InterviewSession, domain: Domain
) -> Planning | Question | Evaluating | Transcript | Reporting:
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

    async def hear(
        self, event: Event, domain: Domain
    ) -> Planning | Question | Evaluating | Transcript | Reporting:
        if isinstance(event, InterviewPlanned):
            return await self.arrived(event, domain)
        if isinstance(event, Text) and await domain.interviews.add_to_job(self.session_id, event.text):
            return self.saying(t("interview.job.added")).quietly()
        return self.still()

    async def arrived(
        self, event: InterviewPlanned, domain: Domain
    ) -> Planning | Question | Evaluating | Transcript | Reporting:
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
        asked = t("plain", text=turn.question_text)
        invited = (t("interview.by_voice"),) if await _likes_to_speak(domain) else ()
        keyboard = grid(buttons(_choices(turn, session)), 3)
        return say(*_head(turn, session), asked, *invited, buttons=keyboard)

    async def hear(
        self, event: Event, domain: Domain
    ) -> Question | Evaluating | Transcribing | Transcript | Stop | Planning | Reporting | Home:
        if isinstance(event, Voice):
            return await spoken(self.turn_id, event, domain)
        assert isinstance(event, Text | Tap)
        turn = await domain.interviews.turn(self.turn_id)
        choices = ON_SECOND_TRY if turn.attempt > 1 else ON_QUESTION
        is_number = isinstance(event, Text) and event.text.strip().isdecimal()
        choice = None if is_number else picked(event, choices)
        if choice is not None:
            return await self._chosen(choice, domain)
        if isinstance(event, Tap):
            return self.saying(t("choose_one"))
        await domain.answers.give(self.turn_id, event.text, event.message_id)
        return Evaluating(self.turn_id)

    async def _chosen(
        self, choice: str, domain: Domain
    ) -> Question | Evaluating | Transcript | Stop | Planning | Reporting | Home:
        turn = await domain.interviews.turn(self.turn_id)
        if choice == "hint":
            hint = await domain.interviews.hint(self.turn_id)
            told_hint = t("interview.hint_is", hint=hint) if hint else t("interview.no_hint")
            why = course.why(await domain.interviews.session(turn.session_id), turn)
            return self.saying(say(told_hint, *([t("interview.why", why=why)] if why else []))).quietly()
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


async def _likes_to_speak(domain: Domain) -> bool:
    """Whether the person chose to answer by voice, and somebody is there to listen."""
    preferred = await domain.background.preferences()
    return preferred.answer_by is AnswerBy.VOICE and not domain.is_offline


def _choices(turn: InterviewQuestion, session: InterviewSession) -> dict[str, Line | str]:
    if turn.attempt > 1:
        return ON_SECOND_TRY
    if session.is_practice:
        return ON_PRACTICE
    return ON_FOLLOW_UP if turn.follow_up else ON_QUESTION


def _head(turn: InterviewQuestion, session: InterviewSession) -> tuple[Line, ...]:
    if turn.attempt > 1:
        return (t("interview.second.head", position=turn.position),)
    if session.is_practice:
        return (t("practice.question"),)
    if not turn.follow_up:
        return (t("interview.question", position=turn.position, of=session.question_count),)
    head = t("interview.follow_up", position=turn.position)
    if turn.follow_up_reason is None:
        return (head,)
    return (head, t(f"interview.follow_up_because.{turn.follow_up_reason.value}"))


async def gone_on(
    turn: InterviewQuestion, domain: Domain
) -> Question | Evaluating | Transcript | Planning | Reporting | Home:
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

    async def hear(
        self, event: Event, domain: Domain
    ) -> Stop | Question | Evaluating | Transcript | Planning | Reporting | Home:
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

    async def hear(
        self, event: Event, domain: Domain
    ) -> Evaluating | Transcribing | Question | Transcript | Planning | Reporting | Home:
        if isinstance(event, TurnEvaluated):
            return await self.arrived(event, domain)
        if isinstance(event, Text):
            await domain.answers.add(self.turn_id, event.text, event.message_id)
            return self.saying(t("interview.added")).quietly()
        if isinstance(event, Voice):
            return await spoken(self.turn_id, event, domain)
        return self.still()

    async def arrived(
        self, event: TurnEvaluated, domain: Domain
    ) -> Evaluating | Question | Transcript | Planning | Reporting | Home:
        if event.question_id != self.turn_id:
            return self.saying(await feedback.feedback(event, domain)).quietly()
        return await judged(event, domain)


async def judged(
    event: TurnEvaluated, domain: Domain
) -> Question | Evaluating | Transcript | Planning | Reporting | Home:
    """The feedback to the answer that the chat was at, and where the interview goes on."""
    words = await feedback.feedback(event, domain)
    turn = await domain.interviews.turn(event.question_id)
    session = await domain.interviews.session(turn.session_id)
    if session.is_practice and turn.attempt == 1:
        return await practised(words, turn.session_id, domain)
    return (await gone_on(turn, domain)).saying(words)


# Voice


async def spoken(turn_id: UUID, voice: Voice, domain: Domain) -> Transcribing:
    """Have a voice note turned into text; raises `Refused` for one that cannot be."""
    if domain.is_offline:
        raise Refused("voice.offline")
    if voice.seconds > LONGEST_VOICE_SECONDS or voice.size > LARGEST_VOICE:
        raise Refused("voice.too_long", minutes=LONGEST_VOICE_SECONDS // 60)
    await domain.answers.transcribe(turn_id, voice.file_id, voice.mime_type, voice.seconds)
    turn = await domain.interviews.turn(turn_id)
    return Transcribing(turn_id, adds=turn.status is TurnStatus.ANSWERED)


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
            return self.back().saying(*unheard(event))
        return Transcript(self.turn_id)


def unheard(event: VoiceNotHeard) -> Sequence[Line]:
    """Why a voice note was not heard, and what to do instead."""
    if event.why:
        return told(event.why, "transcribe")
    return (t(f"refused.{event.reason}", **dict(event.details)),)


VOICE: dict[str, Line | str] = {"use": t("interview.voice.use"), "again": t("interview.voice.again")}
VOICE_ADDED: dict[str, Line | str] = {
    "use": t("interview.voice.add"),
    "again": t("interview.voice.leave_out"),
}


@dataclass(frozen=True)
class Transcript(InInterview, name="interview.transcript"):
    """What was understood of a voice note, or waits as a second try: it is to be confirmed first."""

    turn_id: UUID

    hears = (Text, Tap, Voice)

    async def ask(self, domain: Domain) -> Say:
        turn = await domain.interviews.turn(self.turn_id)
        adds = turn.status is TurnStatus.ANSWERED
        text = feedback.clipped(turn.transcript or "", LONGEST_SHOWN)
        heard = t("interview.voice.heard" if turn.delivery or adds else "interview.second.waiting", text=text)
        asked = t("interview.voice.ask_to_add" if adds else "interview.voice.ask")
        return say(heard, asked, buttons=column(*buttons(VOICE_ADDED if adds else VOICE)))

    async def hear(self, event: Event, domain: Domain) -> Transcript | Question | Evaluating | Transcribing:
        if isinstance(event, Voice):
            return await spoken(self.turn_id, event, domain)
        assert isinstance(event, Text | Tap)
        adds = (await domain.interviews.turn(self.turn_id)).status is TurnStatus.ANSWERED
        choice = picked(event, VOICE_ADDED if adds else VOICE)
        if choice == "again":
            await domain.answers.discard(self.turn_id)
            return Evaluating(self.turn_id) if adds else Question(self.turn_id)
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
