"""After the feedback: a second try at a question, an objection to a judgement, an answer that was edited."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bot.conversations.choices import buttons, picked
from bot.conversations.home import Home
from bot.conversations.identifiers import identifier
from bot.conversations.interview import (
    InInterview,
    Question,
    Transcript,
    Underway,
    gone_on,
)
from bot.step import Button, Command, Edited, Event, Line, Say, Step, Tap, Text, column, say, t
from domain.errors import Refused
from domain.interviews.models import TurnStatus
from domain.services import Domain

COMMAND_MARK = "/"
LEAVE: dict[str, Line | str] = {"leave": t("interview.objecting.leave")}


async def retry(command: Command, step: Step, domain: Domain) -> Step:
    """Behind a button of the feedback: answer a question once more."""
    second = await domain.second_looks.try_again(identifier(command.argument, Refused("interview.gone")))
    return Transcript(second.id) if second.transcript else Question(second.id)


async def disagree(command: Command, step: Step, domain: Domain) -> Step:
    """Behind a button of the feedback: say what is wrong with it."""
    turn = await domain.second_looks.may_object(identifier(command.argument, Refused("interview.gone")))
    return Objecting(turn.id)


async def edited(event: Edited, step: Step, domain: Domain) -> Step:
    """A message that was edited: part of an answer not yet judged, or of one that may be tried again."""
    turn = await domain.answers.answered_in(event.message_id) if domain.who.is_linked else None
    if turn is None or not event.text.strip() or event.text.startswith(COMMAND_MARK):
        return step.saying(t("edited_late")).quietly()
    whole = domain.answers.as_edited(turn, event.text, event.message_id)
    if whole == turn.answer_text:
        return step.quietly()  # Telegram tells of edits that change no word, such as a link's preview
    if turn.status is TurnStatus.ANSWERED:
        await domain.answers.edit(turn.id, event.text, event.message_id)
        return step.saying(t("interview.replaced")).quietly()
    try_it = Button(t("button.second_try"), f"/retry {turn.id}")
    await domain.second_looks.try_again(turn.id, whole)
    offer = say(t("interview.second.offer", position=turn.position), buttons=column(try_it))
    return step.saying(offer).quietly()


@dataclass(frozen=True)
class Objecting(InInterview, name="interview.objecting"):
    """What the candidate holds against a judgement; it is looked at once more while the interview goes on."""

    turn_id: UUID

    async def ask(self, domain: Domain) -> Say:
        turn = await domain.second_looks.may_object(self.turn_id)
        return say(t("interview.objecting.ask", position=turn.position), buttons=column(*buttons(LEAVE)))

    async def hear(self, event: Event, domain: Domain) -> Underway | Objecting | Home:
        assert isinstance(event, Text | Tap)
        turn = await domain.interviews.turn(self.turn_id)
        if picked(event, LEAVE) is not None:
            return await gone_on(turn, domain)
        if isinstance(event, Tap):
            return self.saying(t("choose_one"))
        await domain.second_looks.object(self.turn_id, event.text)
        return (await gone_on(turn, domain)).saying(t("interview.objecting.taken"))
