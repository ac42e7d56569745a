"""The interview once it is set up: question, answer, feedback, the next question, the report."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bot.conversations import debrief
from bot.conversations.choices import buttons, picked
from bot.conversations.home import Home
from bot.conversations.waiting import Waiting
from bot.conversations.without_ai import told
from bot.step import Button, Edited, Event, Line, Rows, Say, Step, Tap, Text, Voice, column, grid, say, t
from domain.errors import Refused
from domain.interviews.jobs import (
    InterviewPlanned,
    ReportWritten,
    TurnEvaluated,
    VoiceNotHeard,
    VoiceTranscribed,
)
from domain.interviews.models import InterviewSession, InterviewStatus, TurnStatus
from domain.services import Domain

ON_QUESTION: dict[str, Line | str] = {
    "hint": t("interview.hint"),
    "skip": t("interview.skip"),
    "stop": t("interview.stop_button"),
}
# One question by itself is left at once: there is no report to ask about.
ON_PRACTICE: dict[str, Line | str] = {"hint": t("interview.hint"), "skip": t("interview.skip")}
AFTER_PRACTICE: Rows = column(
    Button(t("button.another_question"), "/practice"),
    Button(t("button.recommendations"), "/recommendations"),
)
LONGEST_VOICE_SECONDS = 300
LONGEST_SHOWN = 1800  # of a transcript, so that it fits into a message in every script
LARGEST_VOICE = 10 * 1024 * 1024


async def taken_up(session: InterviewSession, domain: Domain) -> Planning | Question | Evaluating | Reporting:
    """Where a session that waited goes on."""
    if session.status is InterviewStatus.PLANNING:
        return Planning(session.id)
    if session.status is InterviewStatus.REPORTING:
        return Reporting(session.id)
    turn = await domain.interviews.latest_turn(session.id)
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
        return say(t("interview.planning"))

    async def hear(self, event: Event, domain: Domain) -> Planning | Question | Evaluating | Reporting:
        if isinstance(event, InterviewPlanned):
            return await self.arrived(event, domain)
        if isinstance(event, Text) and await domain.interviews.add_to_job(self.session_id, event.text):
            return self.saying(t("interview.job.added")).quietly()
        return self.still()

    async def arrived(
        self, event: InterviewPlanned, domain: Domain
    ) -> Planning | Question | Evaluating | Reporting:
        step = await taken_up(await domain.interviews.session(self.session_id), domain)
        return step.saying(*told(event.why, "plan"))


@dataclass(frozen=True)
class Question(InInterview, name="interview.question"):
    turn_id: UUID

    hears = (Text, Tap, Voice)

    async def ask(self, domain: Domain) -> Say:
        turn = await domain.interviews.turn(self.turn_id)
        session = await domain.interviews.session(turn.session_id)
        head = t("interview.question", position=turn.position, of=session.question_count)
        if session.is_practice:
            head = t("practice.question")
        elif turn.follow_up:
            head = t("interview.follow_up", position=turn.position)
        choices = ON_PRACTICE if session.is_practice else ON_QUESTION
        return say(head, t("plain", text=turn.question_text), buttons=grid(buttons(choices), 3))

    async def hear(
        self, event: Event, domain: Domain
    ) -> Question | Evaluating | Transcribing | Stop | Reporting | Home:
        if isinstance(event, Voice):
            return await self._spoken(event, domain)
        assert isinstance(event, Text | Tap)
        choice = (
            None if isinstance(event, Text) and event.text.strip().isdecimal() else picked(event, ON_QUESTION)
        )
        if choice == "hint":
            hint = await domain.interviews.hint(self.turn_id)
            return self.saying(
                t("interview.hint_is", hint=hint) if hint else t("interview.no_hint")
            ).quietly()
        if choice == "skip":
            following = await domain.interviews.skip(self.turn_id)
            return await onward(
                following.id if following else None, self.turn_id, t("interview.skipped"), domain
            )
        if choice == "stop":
            turn = await domain.interviews.turn(self.turn_id)
            if (await domain.interviews.session(turn.session_id)).is_practice:
                return await practised(t("practice.stopped"), turn.session_id, domain)
            return Stop(self.turn_id)
        if isinstance(event, Tap):
            return self.saying(t("choose_one"))
        await domain.interviews.answer(self.turn_id, event.text)
        return Evaluating(self.turn_id, event.message_id)

    async def _spoken(self, voice: Voice, domain: Domain) -> Question | Transcribing:
        if domain.is_offline:
            raise Refused("voice.offline")
        if voice.seconds > LONGEST_VOICE_SECONDS or voice.size > LARGEST_VOICE:
            raise Refused("voice.too_long", minutes=LONGEST_VOICE_SECONDS // 60)
        await domain.interviews.transcribe(self.turn_id, voice.file_id, voice.mime_type)
        return Transcribing(self.turn_id)


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
    await domain.personalization.refresh()
    return Home().saying(said, say(t("practice.done"), buttons=AFTER_PRACTICE)).quietly()


STOP: dict[str, Line | str] = {"stop": t("interview.stop.yes"), "on": t("interview.stop.no")}


@dataclass(frozen=True)
class Stop(InInterview, name="interview.stop"):
    """Whether to end here and have the report of what was answered."""

    turn_id: UUID

    async def ask(self, domain: Domain) -> Say:
        return say(t("interview.stop.ask"), buttons=column(*buttons(STOP)))

    async def hear(self, event: Event, domain: Domain) -> Stop | Question | Reporting | Home:
        assert isinstance(event, Text | Tap)
        choice = picked(event, STOP)
        if choice is None:
            return self.saying(t("choose_one"))
        if choice == "on":
            return Question(self.turn_id)
        return await onward(None, self.turn_id, t("interview.stopped"), domain)


@dataclass(frozen=True)
class Evaluating(InInterview, Waiting, name="interview.evaluating"):
    """The answer is stored and being judged; what comes before the feedback is added to it.

    `message_id` is the message whose edit replaces the answer; 0 once the answer is more than that one.
    """

    turn_id: UUID
    message_id: int = 0

    hears = (Text, Tap, Edited)
    awaits = (TurnEvaluated,)
    waits_for = ("evaluate_turn",)

    async def hear(self, event: Event, domain: Domain) -> Evaluating | Question | Reporting | Home:
        if isinstance(event, TurnEvaluated):
            return await self.arrived(event, domain)
        if isinstance(event, Text):
            await domain.interviews.add_to_answer(self.turn_id, event.text)
            return Evaluating(self.turn_id).saying(t("interview.added")).quietly()
        if isinstance(event, Edited):
            if not event.text or event.message_id != self.message_id:
                return self.saying(t("edited_late")).quietly()
            await domain.interviews.replace_answer(self.turn_id, event.text)
            return self.saying(t("interview.replaced")).quietly()
        return self.still()

    async def arrived(self, event: TurnEvaluated, domain: Domain) -> Evaluating | Question | Reporting | Home:
        feedback = await debrief.feedback(event, domain)
        if event.question_id != self.turn_id:
            return self.saying(feedback).quietly()
        turn = await domain.interviews.turn(self.turn_id)
        following = await domain.interviews.turn_after(turn)
        if following is not None:
            return Question(following.id).saying(feedback)
        if (await domain.interviews.session(turn.session_id)).is_practice:
            return await practised(feedback, turn.session_id, domain)
        return Reporting(turn.session_id).saying(feedback)


# Voice


@dataclass(frozen=True)
class Transcribing(InInterview, Waiting, name="interview.transcribing"):
    turn_id: UUID

    awaits = (VoiceTranscribed, VoiceNotHeard)
    waits_for = ("transcribe_voice",)

    def back(self) -> Question:
        return Question(self.turn_id)

    async def arrived(self, event: VoiceTranscribed | VoiceNotHeard, domain: Domain) -> Transcript | Question:
        if isinstance(event, VoiceNotHeard):
            if event.why:
                return self.back().saying(*told(event.why, "transcribe"))
            return self.back().saying(t(f"refused.{event.reason}", **dict(event.details)))
        return Transcript(self.turn_id)


VOICE: dict[str, Line | str] = {"use": t("interview.voice.use"), "again": t("interview.voice.again")}


@dataclass(frozen=True)
class Transcript(InInterview, name="interview.transcript"):
    """What was understood of a voice note, to be confirmed or corrected before it is an answer."""

    turn_id: UUID

    async def ask(self, domain: Domain) -> Say:
        turn = await domain.interviews.turn(self.turn_id)
        heard = t("interview.voice.heard", text=debrief.clipped(turn.transcript or "", LONGEST_SHOWN))
        return say(heard, t("interview.voice.ask"), buttons=column(*buttons(VOICE)))

    async def hear(self, event: Event, domain: Domain) -> Transcript | Question | Evaluating:
        assert isinstance(event, Text | Tap)
        choice = picked(event, VOICE)
        if choice == "again":
            return Question(self.turn_id)
        if choice is None and isinstance(event, Tap):
            return self.saying(t("choose_one"))
        turn = await domain.interviews.turn(self.turn_id)
        if isinstance(event, Text) and choice is None:
            await domain.interviews.answer(self.turn_id, event.text)
            return Evaluating(self.turn_id, event.message_id)
        await domain.interviews.answer(self.turn_id, turn.transcript or "")
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
