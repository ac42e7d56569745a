"""What came of work that the chat's step does not wait for: told without leaving what is going on."""

from __future__ import annotations

from bot.conversations import (
    debrief,
    exporting,
    feedback,
    linking,
    progress,
    reminders,
    resume,
    safety,
    voice,
)
from bot.conversations.interview import (
    Evaluating,
    InInterview,
    Question,
    Transcribing,
    Transcript,
    judged,
)
from bot.conversations.without_ai import told
from bot.step import Button, Step, column, say, t
from domain.accounts.jobs import (
    AccountErased,
    ChatAdmitted,
    ChatClaimed,
    ChatJoined,
    ChatTurnedAway,
    Linked,
    PasswordChanged,
    PasswordGiven,
)
from domain.exports.jobs import ExportPacked
from domain.interviews.jobs import (
    InterviewPlanned,
    ProgressDrawn,
    ReportPrinted,
    ReportWritten,
    TurnEvaluated,
    TurnReconsidered,
    VoiceNotHeard,
    VoiceTranscribed,
)
from domain.interviews.models import TurnStatus
from domain.interviews.service import OPEN
from domain.messaging.happenings import Happening
from domain.personalization.jobs import ReminderDue
from domain.resumes.jobs import OriginalFound, OriginalOpened, ResumeAnalysed, ResumeRead, ResumeRejected
from domain.services import Domain


async def arrived(event: Happening, step: Step, domain: Domain) -> Step:
    """Tell of an event out of turn; one that nobody needs to hear is heard in silence."""
    match event:
        case ResumeRead():
            return await resume.was_read(event, step, domain)
        case ResumeRejected():
            return await resume.was_rejected(event, step, domain)
        case ResumeAnalysed():
            return await resume.was_analysed(event, step, domain)
        case TurnEvaluated():
            return await _judged(event, step, domain)
        case VoiceTranscribed():
            return await _listened(event, step, domain)
        case VoiceNotHeard():
            return step.saying(*voice.unheard(event)).quietly()
        case TurnReconsidered():
            return step.saying(await feedback.reconsidered(event, domain)).quietly()
        case InterviewPlanned():
            return step.saying(*told(event.why, "plan"), t("interview.waits")).quietly()
        case ReportWritten():
            return step.saying(*await debrief.report(event, domain)).quietly()
        case ReportPrinted():
            return step.saying(debrief.printed(event)).quietly()
        case ProgressDrawn():
            return step.saying(*await progress.drawn(event, domain)).quietly()
        case OriginalFound():
            return step.saying(resume.original(event)).quietly()
        case OriginalOpened():
            return step.saying(resume.original_opened(event)).quietly()
        case ReminderDue():
            return await reminders.offered(event, step, domain)
        case ChatClaimed():
            return step.saying(safety.claim(event)).quietly()
        case ChatAdmitted():
            return await safety.admitted(event, step, domain)
        case ChatTurnedAway():
            return step.saying(t("chats.turned_away")).quietly()
        case ChatJoined():
            return step.saying(t("chats.joined", name=event.name)).quietly()
        case PasswordGiven() if domain.who.has_waiting:
            return linking.went_in(domain)
        case Linked():
            return step.saying(t("linking.linked")).quietly()
        case PasswordChanged():
            return step.saying(t("linking.password.changed")).quietly()
        case ExportPacked():
            return await exporting.packed(event, step, domain)
        case AccountErased():
            return step.saying(t("account.erase.done")).quietly()
        case _:
            return step.quietly()


async def _judged(event: TurnEvaluated, step: Step, domain: Domain) -> Step:
    """Feedback to an answer that the chat did not wait for; where it is the latest, the interview waits."""
    if isinstance(step, Transcribing | Transcript) and step.turn_id == event.question_id:
        return await judged(event, domain)
    words = await feedback.feedback(event, domain)
    turn = await domain.interviews.turn(event.question_id)
    goes_on = event.late or turn.attempt > 1 or isinstance(step, InInterview)
    return step.saying(*((words,) if goes_on else (words, say(t("interview.waits"))))).quietly()


async def _listened(event: VoiceTranscribed, step: Step, domain: Domain) -> Step:
    """A voice note that the chat did not wait for any more: shown where its question is still open."""
    turn = await domain.interviews.turn(event.question_id)
    session = await domain.interviews.session(turn.session_id)
    if turn.status is TurnStatus.EVALUATED:
        try_it = Button(t("button.second_try"), f"/retry {turn.id}")
        offer = t("interview.second.offer_spoken", position=turn.position)
        return step.saying(say(offer, buttons=column(try_it))).quietly()
    if turn.status is TurnStatus.SKIPPED or session.status not in OPEN:
        return step.quietly()
    if isinstance(step, Question | Evaluating) and step.turn_id == turn.id:
        return Transcript(turn.id)
    return step.saying(t("interview.waits")).quietly()
