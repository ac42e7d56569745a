"""Where a conversation rests: the greeting, the card with the next sensible step, help."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bot.conversations import cards
from bot.conversations.choices import buttons, picked, yes_or_no
from bot.step import Button, Command, Event, Rows, Say, Step, Tap, Text, column, say, t
from domain.resumes.pasted import goes_on, is_link, looks_like_resume
from domain.services import Domain

PASTED = yes_or_no("resume.pasted")


@dataclass(frozen=True)
class Home(Step, name="home"):
    """Nothing is going on."""

    async def ask(self, domain: Domain) -> Say:
        if not domain.who.is_linked:
            modes = (t("home.offline"),) if domain.is_offline else ()
            return say(t("home.greeting"), *modes, buttons=column(Button(t("button.link"), "/link")))
        user = await domain.accounts.user()
        return say(t("home.card", name=user.full_name), buttons=await next_steps(domain))

    async def hear(self, event: Event, domain: Domain) -> Home | Pasted:
        if isinstance(event, Text) and domain.who.is_linked:
            if looks_like_resume(event.text):
                return Pasted(await domain.resumes.pasted.keep(event.text))
            if is_link(event.text):
                return self.saying(t("resume.pasted.link"))
        return self.saying(t("home.unheard"))


@dataclass(frozen=True)
class Pasted(Step, name="resume.pasted"):
    """A text that looks like a resume, sent where nothing was asked: is it one?"""

    resume_id: UUID

    way_back = "/resume"

    async def ask(self, domain: Domain) -> Say:
        return say(t("resume.pasted.ask"), buttons=column(*buttons(PASTED)))

    async def hear(self, event: Event, domain: Domain) -> Pasted | Home:
        assert isinstance(event, Text | Tap)
        choice = picked(event, PASTED)
        if choice == "yes":
            await domain.resumes.pasted.take(self.resume_id)
            return Home().saying(say(t("resume.pasted.taken"), slot=cards.slot(self.resume_id))).quietly()
        if choice == "no":
            await domain.resumes.pasted.forget(self.resume_id)
            return Home().saying(t("resume.pasted.forgotten")).quietly()
        if isinstance(event, Text) and goes_on(event.text):
            await domain.resumes.pasted.add(self.resume_id, event.text)
            return self.saying(t("resume.pasted.added"))
        return self.saying(t("choose_one"))


async def next_steps(domain: Domain) -> Rows:
    """The next sensible step first."""
    steps = []
    if not await domain.background.is_given():
        steps.append(Button(t("button.background"), "/background"))
    if not await domain.resumes.all():
        steps.append(Button(t("button.resume"), "/resume"))
    waiting = await domain.interviews.unfinished()
    interview = Button(t("button.continue" if waiting else "button.interview"), "/interview")
    steps = [interview, *steps] if waiting else [*steps, interview]
    if await domain.interviews.finished():
        steps.append(Button(t("button.recommendations"), "/recommendations"))
        steps.append(Button(t("button.progress"), "/progress"))
    return column(*steps)


async def help_(command: Command, step: Step, domain: Domain) -> Step:
    """/help: what can be done, without leaving what is going on."""
    modes = (t("home.offline"),) if domain.is_offline else ()
    return step.saying(say(t("help"), *modes)).quietly()


async def privacy(command: Command, step: Step, domain: Domain) -> Step:
    """/privacy: what is kept, and how to get rid of it."""
    return step.saying(t("privacy")).quietly()


async def cancel(command: Command, step: Step, domain: Domain) -> Step:
    """/cancel: leave what is going on; nothing that was stored is lost."""
    if isinstance(step, Home):
        return step.saying(t("cancel.nothing"))
    if step.way_back:
        return Home().saying(t("cancel.left", way_back=step.way_back)).quietly()
    return Home().saying(t("cancel.left_plain"))
