"""Where a conversation rests: the greeting, the card with the next sensible step, help."""

from __future__ import annotations

from dataclasses import dataclass

from bot.step import Button, Command, Event, Rows, Say, Step, column, say, t
from domain.services import Domain


@dataclass(frozen=True)
class Home(Step, name="home"):
    """Nothing is going on."""

    async def ask(self, domain: Domain) -> Say:
        if not domain.who.is_linked:
            modes = (t("home.offline"),) if domain.is_offline else ()
            return say(t("home.greeting"), *modes, buttons=column(Button(t("button.link"), "/link")))
        user = await domain.accounts.user()
        return say(t("home.card", name=user.full_name), buttons=await next_steps(domain))

    async def hear(self, event: Event, domain: Domain) -> Home:
        return self.saying(t("home.unheard"))


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
