"""advance(): one event, one step, one transaction."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeGuard

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from bot.step import (
    Attached,
    Blocked,
    Button,
    Command,
    Edited,
    Event,
    File,
    FileKind,
    Line,
    OnCommand,
    Packed,
    PasswordTyped,
    Rows,
    Say,
    Step,
    Tap,
    Text,
    delete,
    restored,
    stored,
    t,
)
from bot.texts import label, render
from domain.errors import Refused
from domain.messaging.happenings import Happening, JobFailed, JobRefused
from domain.messaging.job import Job
from domain.messaging.models import Chat
from domain.services import Domain, domain_of
from domain.world import World

log = logging.getLogger(__name__)

Announce = Callable[[Happening, Step, Domain], Awaitable[Step]]
OnFile = Callable[[File, Step, Domain], Awaitable[Step]]
OnEdit = Callable[[Edited, Step, Domain], Awaitable[Step]]
OnEnded = Callable[[Event, Step, Domain], Awaitable[Step]]
Picks = Callable[[Text, Mapping[str, Line | str]], str | None]
OnSecret = Callable[[AsyncSession, Chat], Awaitable[Button | None]]

COMMAND_MARK = "/"
# What is heard also in a chat whose session has ended, as it is in one that has no account.
OPEN_COMMANDS = frozenset({"help", "privacy", "language", "logout"})
SHARED = ("share_", "file_")
LONGEST_COMMAND = 32  # as long as Telegram lets one be
LONGEST_LABEL = 64
LONGEST_MESSAGE = 4096
LONGEST_CAPTION = 1024


class Engine:
    """Lets the chat's step hear an event and writes down what follows; the caller commits.

    `commands` are heard before the step, at any time. `on_file` takes a file that the step does not ask
    for, `on_edit` a message that was edited, `announce` words a happening that the step does not wait for,
    `on_ended` asks for the password in a chat whose session has ended, `picks` tells which of some buttons
    was typed instead of tapped. `page` makes the button that opens a
    page on which a secret that the chat is asked for, in its turn as it now stands, may be typed.
    """

    def __init__(
        self,
        world: World,
        commands: Mapping[str, OnCommand],
        on_file: OnFile,
        on_edit: OnEdit,
        announce: Announce,
        on_ended: OnEnded,
        home: Step,
        picks: Picks,
        page: OnSecret | None = None,
    ) -> None:
        self._world = world
        self._commands = commands
        self._on_file = on_file
        self._on_edit = on_edit
        self._announce = announce
        self._on_ended = on_ended
        self._home = home
        self._picks = picks
        self._page = page

    async def advance(self, db: AsyncSession, chat: Chat, event: Event) -> Refused | None:
        """One event of a chat whose row is locked: facts, the next step, messages and jobs.

        What was refused has been told in the chat by then; it is returned for who can tell it better.
        """
        domain = domain_of(db, chat, self._world)
        step = self.step_of(chat)
        refused: Refused | None = None
        try:
            async with db.begin_nested():
                has_ended = await self._has_ended(domain)
                heard = self._hear_ended if has_ended else self._hear
                arrived = await heard(event, step, domain)
                asked = None if arrived.is_quiet else await arrived.ask(domain)
        except Refused as refusal:
            refused = refusal
            await db.refresh(chat)
            arrived = step.saying(t(f"refused.{refusal.reason}", **refusal.details)).quietly()
            asked = None
            if isinstance(event, Happening) and is_awaited(event, step):
                # Nothing else will come that this step could go on waiting for.
                arrived = self._home.saying(*arrived.said)
                asked = await arrived.ask(domain)
        await self._arrive(db, chat, event, step, arrived, asked)
        return refused

    def step_of(self, chat: Chat) -> Step:
        """The chat's step; home, should its row not be understood, so that nobody is stuck for good."""
        try:
            return restored(chat.step) if chat.step else self._home
        except (KeyError, ValueError) as error:
            log.error("step not understood", extra={"error": type(error).__name__})
            return self._home

    async def decline_group(self, db: AsyncSession, chat: Chat) -> None:
        """In a group the bot says once that it works in private chats only."""
        if chat.step is None:
            chat.step = stored(self._home)
            await self._say(db, chat, Say((t("private_only"),)))

    async def _has_ended(self, domain: Domain) -> bool:
        """Whether the chat has an account, but no session any more in which to speak for it."""
        return domain.who.is_linked and not await domain.accounts.sessions.is_open()

    async def _hear_ended(self, event: Event, step: Step, domain: Domain) -> Step:
        """In a chat whose session has ended only what leads back in is heard, and what tells nothing."""
        if isinstance(event, Happening) and not is_open(event, step):
            await domain.who.hold(event)
            return step.quietly()
        if is_command(event):
            event = command_of(event.choice, event.message_id)
        if not is_open(event, step):
            return await self._on_ended(event, step, domain)
        arrived = await self._hear(event, step, domain)
        stays = arrived.is_quiet and stored(arrived) == stored(step)
        if stays or not arrived.needs_session or not await self._has_ended(domain):
            return arrived
        return (await self._on_ended(event, step, domain)).saying(*arrived.said)

    async def _hear(self, event: Event, step: Step, domain: Domain) -> Step:
        if isinstance(event, Happening):
            return await self._happen(event, step, domain)
        if isinstance(event, Blocked):
            domain.who.chat.blocked_at = func.now() if event.blocked else None
            return step.quietly()
        domain.who.chat.blocked_at = None
        if is_command(event):
            event = command_of(event.choice, event.message_id)
        if isinstance(event, Command):
            return await self._command(event, step, domain)
        if isinstance(event, Tap) and event.turn != domain.who.chat.turn:
            asks = await step.ask(domain) is not None
            return step.saying(t("old_button" if asks else "waiting"))
        if isinstance(event, Text) and (command := await self._typed(event, step, domain)):
            return await self._command(command, step, domain)
        if isinstance(event, step.hears) or (isinstance(event, PasswordTyped) and step.secret):
            return await step.hear(event, domain)
        if isinstance(event, File):
            return await self._on_file(event, step, domain)
        if isinstance(event, Edited):
            return await self._on_edit(event, step, domain)
        return step.saying(t("out_of_place")).quietly()

    async def _typed(self, text: Text, step: Step, domain: Domain) -> Command | None:
        """The command of a button that the step shows, where its words were typed."""
        if step.secret or step.awaits or len(text.text) > LONGEST_LABEL:
            return None
        asked = await step.ask(domain)
        shown = [button for row in asked.buttons for button in row] if asked else []
        commands = {each.value: each.label for each in shown if each.value.startswith(COMMAND_MARK)}
        # A number picks by place, so it means the step's own choices where there are any.
        if not commands or (text.text.strip().isdecimal() and len(commands) < len(shown)):
            return None
        named = self._picks(text, commands)
        return command_of(named, text.message_id) if named else None

    async def _command(self, command: Command, step: Step, domain: Domain) -> Step:
        heard = self._commands.get(command.name)
        if heard is None:
            return step.saying(t("unknown_command", command=f"/{command.name[:LONGEST_COMMAND]}")).quietly()
        return await heard(command, step, domain)

    async def _happen(self, event: Happening, step: Step, domain: Domain) -> Step:
        if isinstance(event, step.awaits):
            return await step.hear(event, domain)
        if isinstance(event, JobFailed | JobRefused):
            words = failure(event)
            if event.job in step.waits_for:
                return step.back().saying(words)
            return step.saying(words).quietly()
        return await self._announce(event, step, domain)

    async def _arrive(
        self, db: AsyncSession, chat: Chat, event: Event, left: Step, arrived: Step, asked: Say | None
    ) -> None:
        answered = asked_in(chat.turn)
        moved = chat.step != stored(arrived)
        if moved:
            chat.step = stored(arrived)
            chat.turn += 1
        said = list(arrived.said)
        if left.secret and isinstance(event, Text):
            said.insert(0, delete(event.message_id))
        if moved and isinstance(event, Text | PasswordTyped):
            await self._world.pipe.send(db, chat.chat_id, "clear", {"slot": answered})
        if moved and is_choice(event) and not any(each.replaces == event.message_id for each in said):
            await self._world.pipe.send(db, chat.chat_id, "clear", {"message_id": event.message_id})
        clears = moved and left.asks_location and not arrived.asks_location
        for each in said:
            await self._say(db, chat, each, clears=clears)
        if asked is not None:
            if arrived.secret and self._page is not None and (page := await self._page(db, chat)):
                asked = replace(asked, buttons=((page,), *asked.buttons))
            slot = asked_in(chat.turn) if asked.buttons else None
            await self._say(db, chat, replace(asked, slot=slot), kind="ask", clears=clears)
        elif arrived.awaits and not arrived.is_quiet:
            await self._world.pipe.send(db, chat.chat_id, "action", {"action": "typing"})
        await db.flush()

    async def _say(
        self, db: AsyncSession, chat: Chat, said: Say, kind: str = "message", *, clears: bool = False
    ) -> None:
        if said.deletes is not None:
            await self._world.pipe.send(db, chat.chat_id, "delete", {"message_id": said.deletes})
            return
        if said.action is not None:
            await self._world.pipe.send(db, chat.chat_id, "action", {"action": said.action})
            return
        if said.attached is not None:
            await self._send_file(db, chat, said, said.attached)
            return
        *earlier, text = messages([render(paragraph, chat.language) for paragraph in said.paragraphs])
        for part in earlier:
            await self._world.pipe.send(db, chat.chat_id, "message", {"text": part, "buttons": []})
        content: dict[str, Any] = {"text": text, "buttons": keyboard(said.buttons, chat.turn, chat.language)}
        if said.asks_location is not None:
            content["asks_location"] = label(said.asks_location, chat.language)
        elif clears and not said.buttons:
            content["clears_keyboard"] = True
        kind = "nudge" if said.once else kind
        if said.replaces is not None:
            content["message_id"] = said.replaces
            kind = "edit"
        await self._world.pipe.send(db, chat.chat_id, kind, content, slot=said.slot)

    async def _send_file(self, db: AsyncSession, chat: Chat, said: Say, file: Attached | Packed) -> None:
        caption = "\n\n".join(render(paragraph, chat.language) for paragraph in said.paragraphs)
        fits = utf16_length(caption) <= LONGEST_CAPTION
        content: dict[str, Any] = {
            "name": file.name,
            "text": caption if fits else "",
            "buttons": keyboard(said.buttons, chat.turn, chat.language) if fits else [],
        }
        if isinstance(file, Packed):
            content |= {"part": file.parcel.row(), "otherwise": render(file.otherwise, chat.language)}
            content["language"] = chat.language
            kind = FileKind.DOCUMENT
        else:
            content["content"] = b64encode(file.content).decode()
            kind = file.kind
        await self._world.pipe.send(db, chat.chat_id, kind.value, content, slot=said.slot)
        if not fits:
            await self._say(db, chat, replace(said, attached=None))


def asked_in(turn: int) -> str:
    """The slot of the question of a turn, whose keyboard goes once it is answered."""
    return f"turn-{turn}"


def failure(event: JobFailed | JobRefused) -> Line:
    """What a person is told of a job that came to nothing."""
    if isinstance(event, JobFailed):
        return t("error.bug", id=event.error_id)
    if event.reason == "later":
        return t(f"unavailable.{event.job}")
    return t(f"refused.{event.reason}", **dict(event.details))


def messages(paragraphs: Sequence[str]) -> list[str]:
    """Paragraphs as one message, or as several where they are too long for one."""
    texts = [""]
    for paragraph in paragraphs:
        joined = f"{texts[-1]}\n\n{paragraph}" if texts[-1] else paragraph
        if texts[-1] and utf16_length(joined) > LONGEST_MESSAGE:
            texts.append(paragraph)
        else:
            texts[-1] = joined
    return texts


def utf16_length(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def is_choice(event: Event) -> TypeGuard[Tap]:
    """Whether a button was tapped that is used up by it; one that stands for a command never is."""
    return isinstance(event, Tap) and not event.choice.startswith(COMMAND_MARK)


def is_command(event: Event) -> TypeGuard[Tap]:
    """Whether a button was tapped that stands for a command."""
    return isinstance(event, Tap) and event.choice.startswith(COMMAND_MARK)


def is_awaited(event: Happening, step: Step) -> bool:
    """Whether the step waits for this."""
    if isinstance(event, JobFailed | JobRefused):
        return event.job in step.waits_for
    return isinstance(event, step.awaits)


def is_open(event: Event, step: Step) -> bool:
    """Whether an event is heard though the chat's session has ended."""
    if isinstance(event, Command):
        return event.name in OPEN_COMMANDS or (event.name == "start" and event.argument.startswith(SHARED))
    if isinstance(event, Blocked):
        return True
    if isinstance(event, JobFailed) and event.job not in Job.kinds:
        return True
    if isinstance(event, Happening):
        return not event.is_private or (is_awaited(event, step) and not step.needs_session)
    heard = isinstance(event, (*step.hears, Edited, PasswordTyped))
    return heard and not step.needs_session


def command_of(text: str, message_id: int) -> Command:
    """The command that a text such as "/start@bot share_x" names."""
    name, _, argument = text.strip().removeprefix(COMMAND_MARK).partition(" ")
    return Command(name.partition("@")[0].casefold(), argument.strip(), message_id)


def keyboard(rows: Rows, turn: int, language: str) -> list[list[dict[str, Any]]]:
    """Buttons as Telegram is given them: a choice is good for its turn, a command always."""
    return [[_button(button, turn, language) for button in row] for row in rows]


def _button(button: Button, turn: int, language: str) -> dict[str, Any]:
    text = label(button.label, language)[:LONGEST_LABEL]
    if button.url is not None:
        return {"text": text, "url": button.url}
    is_command = button.value.startswith(COMMAND_MARK)
    callback = button.value if is_command else f"{turn}:{button.value}"
    if len(callback.encode()) > 64:
        raise ValueError(f"callback data of {len(callback.encode())} bytes: Telegram takes 64")
    return {"text": text, "data": callback}


def tap_of(callback: str, message_id: int) -> Tap:
    """The tap that a button's callback data means; anything malformed is a tap of no turn."""
    if callback.startswith(COMMAND_MARK):
        return Tap(callback, -1, message_id)
    turn, colon, choice = callback.partition(":")
    return Tap(choice, int(turn) if colon and turn.isdecimal() else -1, message_id)
