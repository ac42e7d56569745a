"""A walk that presses every button of the interview, those that nobody has thought of yet too."""

from __future__ import annotations

import importlib
import pkgutil
import random
import re
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from inspect import getsource
from pathlib import Path
from types import ModuleType

import bot.conversations
from bot.conversations import debrief, feedback, second_look
from bot.conversations.waiting import Waiting
from bot.engine import tap_of
from bot.step import Event, File, Step, Voice
from tests.loopback.gemini import LoopbackGemini
from tests.loopback.scenes import ANSWER, resume_pdf
from tests.loopback.stepwise import Stepwise, stepwise

ANA = 1
SEED = 20261122
MOST_ACTS = 1000
BY_CHANCE = 0.35  # the share of acts that do not aim at what is new
INTERVIEW = "interview."
RESUME = File("resume", "cv.pdf", 1000, "application/pdf", 1)
SPOKEN = Voice("voice", 20, 1000, "audio/ogg", 1)
HERE = "SELECT step->>'name' AS step, turn FROM chats"
FAILED = "SELECT kind FROM jobs WHERE failed"
COMMAND = re.compile(r'Button\(t\("[\w.]+"\), f?"(/[a-z]+(?: [a-z]+)*)')

Choice = tuple[str, str]  # a step, and what may be done there


class Files:
    """`domain.ports.FileSource` of what is sent here."""

    async def fetch(self, file_id: str) -> AsyncGenerator[bytes, None]:
        yield resume_pdf() if file_id == RESUME.file_id else b"OggS" + bytes(200)


def modules() -> list[ModuleType]:
    """The conversations of an interview."""
    names = [each.name for each in pkgutil.iter_modules(bot.conversations.__path__)]
    found = [importlib.import_module(f"bot.conversations.{each}") for each in names]
    set_up = [each for each in found if each.__name__.startswith("bot.conversations.interview")]
    return [*set_up, second_look, feedback, debrief]


def resting_places() -> set[str]:
    """The steps at which the chat waits for the person."""
    steps = {name: step for name, step in Step.registry.items() if name.startswith(INTERVIEW)}
    return {name for name, step in steps.items() if not issubclass(step, Waiting)}


def choices() -> set[str]:
    """The values of the buttons that steps ask with; a table named ALSO_… holds words without a button."""
    tables = [
        table
        for module in modules()
        for name, table in vars(module).items()
        if name.isupper() and not name.startswith("ALSO_")
    ]
    return {value for table in tables if isinstance(table, dict) for value in table}


def commands() -> set[str]:
    """The commands behind buttons, without the ids that follow them."""
    return {command for module in modules() for command in COMMAND.findall(getsource(module))}


@dataclass
class Walk:
    """What one person does, and how often; a button that was not pressed yet comes first."""

    program: Stepwise
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))
    done: Counter[Choice] = field(default_factory=Counter)
    visited: set[str] = field(default_factory=set)
    shown: dict[Choice, Event] = field(default_factory=dict)
    led_to: dict[Choice, set[str]] = field(default_factory=dict)
    step: str = ""
    turn: int = 0

    @property
    def new(self) -> set[Choice]:
        """The buttons that were shown and never pressed."""
        return {each for each in self.shown if not self.done[each]}

    @property
    def left(self) -> set[str]:
        """The steps, buttons and commands that there are, and were never come across or never pressed."""
        pressed = {value for each, value in self.done}
        return resting_places() - self.visited | (choices() | commands()) - pressed

    async def looks(self) -> None:
        """See where the chat is, and which buttons have been sent to it."""
        (here,) = await self.program.rows(HERE)
        self.step, self.turn = here["step"], here["turn"]
        self.visited.add(self.step)
        sent = await self.program.sent(ANA)
        assert [each["text"] for each in sent if each.get("text")], f"silence at {self.step}"
        for button in (each for content in sent for row in content.get("buttons", ()) for each in row):
            assert "my fault" not in str(sent)
            self._notice(str(button["data"]))

    def _notice(self, callback: str) -> None:
        turn, _, choice = callback.partition(":")
        command = re.sub(r" [0-9a-f-]{36}$", "", callback)
        if turn == str(self.turn) and self.step.startswith(INTERVIEW):
            self.shown[self.step, choice] = tap_of(callback, 1)
        elif command in commands():
            self.shown["", command] = tap_of(callback, 1)

    async def goes_on(self) -> None:
        """Do one thing, and all the work that comes of it."""
        possible = self._buttons() | self._words()
        shuffled = self.chance.sample(list(possible), len(possible))
        chosen = next((each for each in shuffled if each in self.new), None)
        if chosen is None and self.chance.random() > BY_CHANCE:
            chosen = self._towards_new(shuffled)
        chosen = chosen or next(each for each in shuffled if each[0])
        self.done[chosen] += 1
        await self.program.lets_hear(ANA, possible[chosen])
        await self.looks()
        self.led_to.setdefault(chosen, set()).add(self.step)

    def _buttons(self) -> dict[Choice, Event | str]:
        """Those of the step where the chat is, as they stand now, and the commands."""
        return {
            (step, value): event
            for (step, value), event in self.shown.items()
            if not step or (step == self.step and getattr(event, "turn", None) == self.turn)
        }

    def _words(self) -> dict[Choice, Event | str]:
        """What may be said here."""
        if not self.step.startswith(INTERVIEW):
            return {(self.step, each): each for each in ("/interview", "/practice")}
        words: list[Event | str] = [ANSWER, "2", "/interview", "/cancel", SPOKEN]
        return {(self.step, str(each)): each for each in words}

    def _towards_new(self, possible: list[Choice]) -> Choice | None:
        """What leads, as far as is known, to the nearest step with a new button."""
        wanted = {step for step, _ in self.new}
        ways = [(choice, there) for choice in possible for there in self.led_to.get(choice, ())]
        seen = {self.step}
        while ways:
            seen |= {there for _, there in ways}
            if found := next((first for first, there in ways if there in wanted), None):
                return found
            ways = [
                (first, beyond)
                for first, there in ways
                for (step, _), places in self.led_to.items()
                if step == there
                for beyond in places - seen
            ]
        return None


async def test_every_button_and_every_step(dsn: str, tmp_path: Path) -> None:
    """With one resume until nothing new is shown, then with two until nothing is left."""
    async with (
        LoopbackGemini() as gemini,
        stepwise(dsn, tmp_path, files=Files(), gemini_api_key="a-key", gemini_base_url=gemini.url) as program,
    ):
        await program.links(ANA, "ana@example.org")
        await program.hears(ANA, "[advanced]", "/cancel", RESUME)
        walk = Walk(program)
        await program.lets_hear(ANA, "/interview")
        await walk.looks()
        while walk.new and walk.done.total() < MOST_ACTS:
            await walk.goes_on()
        await program.hears(ANA, "/cancel", RESUME, "[another]")
        await program.lets_hear(ANA, "/interview")
        await walk.looks()
        while walk.left | walk.new and walk.done.total() < MOST_ACTS:
            await walk.goes_on()
        assert not walk.left
        assert not walk.new
        assert not await program.rows(FAILED)
