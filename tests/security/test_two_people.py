"""Another person's ids get nothing: every step, command, link and page that takes one, found by reflection.

Ana owns a row of every kind. Eve, with an account of her own or with none, gives Ana's ids wherever an id can
be given. She is told no word of Ana's, and no row of Ana's changes.
"""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import product
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from sqlalchemy import update
from starlette.routing import Route

import bot.conversations
from bot.conversations.commands import COMMANDS
from bot.pages.password import PATH
from bot.pages.shared import PATH as SHARED
from bot.step import Command, Event, Step, Tap
from domain.accounts.models import UserSession
from domain.accounts.pages import PasswordPages
from domain.interviews.plan import DEFAULT_SETTINGS, InterviewSettings
from domain.messaging.chats import locked_chat
from domain.models import Base
from domain.resumes.analysis import FileType
from domain.resumes.models import Resume, ResumeStatus
from tests.loopback.greenroom import on_the_web
from tests.loopback.stepwise import Stepwise, stepwise

ANA, EVE, STRANGER = 1, 2, 3
NAME, EMAIL = "Anastasia Canary", "ana.canary@example.org"
WORDS = {"name": NAME, "email": EMAIL, "resume": "resumecanary", "answer": "answercanary"}
ANSWER = f"The situation mattered ({WORDS['answer']}), my action took a week and the result is a number: 9."
# Which rows a field of this name means; a field of any other name is given every id there is.
FIELDS = {
    "code_id": "email_codes",
    "link_code_id": "email_codes",
    "turn_id": "interview_questions",
    "session_id": "interview_sessions",
    "resume_id": "resumes",
    "earlier_id": "resumes",
}
QUEUES = {"inbox", "jobs", "outbox", "workers"}
# Rows that nothing is done with by their id: of sessions that ended, of tries, and of calls of a model.
NO_ROW_YET = {"token_blacklist", "login_attempts", "model_calls"}
TYPED = ("1", "123456", "four tall herons wade", ANSWER)
# Routes with something in their path that names a row; each has a test of its own below.
PATHS_WITH_IDS = {f"{PATH}/{{token}}", f"{SHARED}/{{token}}", f"{SHARED}/{{token}}/file"}


@dataclass
class Two:
    """The program, and every id of Ana's by table."""

    program: Stepwise
    ids: dict[str, list[str]]
    before: dict[str, set[str]]

    async def rows(self) -> dict[str, set[str]]:
        """Every row as text, by table."""
        tables = set(Base.metadata.tables) - QUEUES
        return {
            table: {each[0] for each in await self.program.rows(f"SELECT t::text FROM {table} t")}  # noqa: S608
            for table in tables
        }

    async def nothing_of_anas_changed(self) -> None:
        now = await self.rows()
        gone = {table: rows - now[table] for table, rows in self.before.items()}
        assert {table: rows for table, rows in gone.items() if rows} == {}

    def every_id(self) -> list[str]:
        return [each for ids in self.ids.values() for each in ids]


@pytest.fixture
async def two(dsn: str, tmp_path: Path) -> AsyncIterator[Two]:
    async with stepwise(dsn, tmp_path, **on_the_web()) as program:
        await program.links(ANA, EMAIL)
        async with program.world.transactions.begin() as db:
            chat = await locked_chat(db, ANA, user_id=ANA)
            await PasswordPages(db, program.clock).open(chat)
            db.add(
                Resume(
                    user_id=chat.user_id,
                    title=WORDS["resume"],
                    file_path="none",
                    file_name=f"{WORDS['resume']}.pdf",
                    file_size=1,
                    file_type=FileType.PDF,
                    status=ResumeStatus.ANALYZED,
                    skills=[WORDS["resume"]],
                )
            )
        await program.rows("UPDATE users SET full_name = $1", NAME)
        await program.hears(ANA, "expert", *["skip"] * 5, "done")
        await program.hears(ANA, "/account chat")
        await program.hears(ANA, "/interview", "technical", "1", f"An engineer, {WORDS['resume']}", ANSWER)
        await program.hears(ANA, "/interview", "technical", "3", "without")
        await program.hears(ANA, "/export")
        ids = {}
        for name, table in Base.metadata.tables.items():
            if name not in QUEUES and "id" in table.columns:
                ids[name] = [str(each["id"]) for each in await program.rows(f"SELECT id FROM {name}")]  # noqa: S608
        found = Two(program, {name: each for name, each in ids.items() if each}, {})
        # Of what Ana has, only that she was here lately may change by itself.
        async with program.world.transactions.begin() as db:
            await db.execute(update(UserSession).values(last_activity=program.clock.now()))
        await program.works()
        found.before = await found.rows()
        await program.links(EVE, "eve@example.org")
        await program.said(EVE)
        await program.hears(STRANGER, "/start")
        program.mails.clear()
        yield found


# ---------------------------------------------------------------- steps


def steps_with_ids() -> dict[str, list[str]]:
    """The fields that hold an id, of each step that has one."""
    found = {}
    for name, step in Step.registry.items():
        hints = get_type_hints(step)
        fields = [
            each.name
            for each in dataclasses.fields(step)
            if UUID in (hints[each.name], *get_args(hints[each.name]))
        ]
        if fields and step.__module__.startswith("bot."):
            found[name] = fields
    return found


def sample(kind: Any) -> Any:
    """A value for a field that holds no id."""
    if get_origin(kind) is tuple:
        return ()
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    if kind is InterviewSettings:
        return DEFAULT_SETTINGS
    return {int: 1, bool: False, str: "email"}[kind]


def with_ids_of(two: Two, step: type[Step]) -> Iterator[Step]:
    """The step with ids of Ana's, each kind of row in turn where it is not known which is meant."""
    hints = get_type_hints(step)
    fields = steps_with_ids()[step.name]
    others = {
        each.name: sample(hints[each.name]) for each in dataclasses.fields(step) if each.name not in fields
    }
    kinds = [two.ids[FIELDS[each]] if each in FIELDS else two.every_id() for each in fields]
    for number in range(max(map(len, kinds))):
        chosen = {field: UUID(ids[number % len(ids)]) for field, ids in zip(fields, kinds, strict=True)}
        yield step(**chosen, **others)


def choices(step: type[Step]) -> list[str]:
    """Whatever the buttons of the step's conversation may stand for: every short text of its module."""
    module = ast.parse(Path(__import__(step.__module__, fromlist=["x"]).__file__ or "").read_text())
    texts = {
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return sorted(each for each in texts if re.fullmatch(r"[a-z]{2,12}", each))


async def each_is_who_they_were(two: Two) -> None:
    """Nothing of Ana's has changed; Eve has an account still, and the stranger none."""
    await two.nothing_of_anas_changed()
    accounts = await two.program.rows("SELECT chat_id FROM chats WHERE user_id IS NOT NULL")
    assert {each["chat_id"] for each in accounts} == {ANA, EVE}


async def learns_nothing(
    two: Two, chat_id: int, event: Event | str, why: object, at: Step | None = None
) -> None:
    said = "\n".join(await two.program.hears(chat_id, event, at=at))
    typed = event if isinstance(event, str) else ""  # a chat may be shown what it typed itself
    found = [
        name
        for name, word in WORDS.items()
        if word.casefold() in said.casefold() and word != ANSWER and word not in typed
    ]
    assert found == [], f"{why}: {said}"


def test_there_are_steps_with_ids() -> None:
    assert len(steps_with_ids()) > 20


async def test_steps_with_anothers_ids(two: Two) -> None:
    assert set(FIELDS.values()) <= set(two.ids)
    for name, whose in product(sorted(steps_with_ids()), (EVE, STRANGER)):
        kind = Step.registry[name]
        for step in with_ids_of(two, kind):
            for typed in TYPED:
                await learns_nothing(two, whose, typed, (step, typed), at=step)
            for choice in choices(kind):
                await learns_nothing(two, whose, f"[{choice}]", (step, choice), at=step)
        await each_is_who_they_were(two)
    assert [mail.to for mail in two.program.mails if mail.to == EMAIL] == []


async def test_taps_that_carry_anothers_ids(two: Two) -> None:
    """Callback data are whatever a client sends: an id in the place of a choice, at every step."""
    for (name, kind), whose in product(sorted(Step.registry.items()), (EVE, STRANGER)):
        if not kind.__module__.startswith("bot.") or name in steps_with_ids():
            continue
        hints = get_type_hints(kind)
        step = kind(**{each.name: sample(hints[each.name]) for each in dataclasses.fields(kind)})
        for anothers in {ids[0] for ids in two.ids.values()}:
            await learns_nothing(two, whose, f"[{anothers}]", (step, anothers), at=step)
    await each_is_who_they_were(two)


# ---------------------------------------------------------------- commands


def buttons_with_ids() -> set[tuple[str, str]]:
    """The commands behind buttons that carry an id, and the word before the id, if any."""
    found = set()
    for path in Path(bot.conversations.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                command = re.fullmatch(r"/([a-z]+) (?:([a-z]+) )?", str(node.values[0].value))
                if command and len(node.values) == 2:
                    found.add((command[1], command[2] or ""))
    return found


def test_the_commands_behind_buttons_are_found() -> None:
    assert {("report", ""), ("resume", "delete"), ("account", "admit")} <= buttons_with_ids()
    assert {name for name, _ in buttons_with_ids()} <= set(COMMANDS)


async def test_commands_with_anothers_ids(two: Two) -> None:
    """Every id behind every word that a button puts before one, and behind every command alone.

    A tap on a button with a command is heard as that command: those that there are are tapped as well.
    """
    with_ids = {name for name, table in Base.metadata.tables.items() if "id" in table.columns}
    assert with_ids - QUEUES - NO_ROW_YET == set(two.ids), "Ana has a row of every kind"
    buttons = buttons_with_ids()
    words = buttons | {(name, "") for name in COMMANDS}
    for (name, word), whose in product(sorted(words), (EVE, STRANGER)):
        for anothers in sorted({ids[0] for ids in two.ids.values()}):
            if whose == EVE and name == "logout":
                continue  # takes no argument, and is her own way out
            argument = f"{word} {anothers}".strip()
            await learns_nothing(two, whose, Command(name, argument, 1), (name, argument))
            if (name, word) in buttons:
                await learns_nothing(two, whose, Tap(f"/{name} {argument}", -1, 1), (name, argument))
        await each_is_who_they_were(two)
    assert [mail.to for mail in two.program.mails if mail.to == EMAIL] == []


# ---------------------------------------------------------------- links and pages


async def test_whoever_claims_a_link_cannot_let_themselves_in(two: Two) -> None:
    """A link lets a chat ask, which is no more than that, and only the chat that made it may answer."""
    program = two.program
    (invited,) = await program.hears(ANA, "/account chat")
    token = re.findall(r"chat_([\w-]{40,})", invited)[0]
    told = await program.hears(STRANGER, f"/start chat_{token}")
    assert "asked in your other chat" in told[0]
    (link,) = await program.rows("SELECT id FROM chat_links WHERE claimed_by_chat_id = $1", STRANGER)
    for whose in (STRANGER, EVE):
        for word in ("admit", "refuse"):
            await learns_nothing(two, whose, f"/account {word} {link['id']}", word)
    (link,) = await program.rows("SELECT * FROM chat_links WHERE id = $1", link["id"])
    assert link["confirmed_at"] is None
    assert link["expires_at"] > program.clock.now()
    assert await program.rows("SELECT FROM chats WHERE chat_id = $1 AND user_id IS NOT NULL", STRANGER) == []
    await program.hears(EVE, f"/start chat_{token}")
    (link,) = await program.rows("SELECT * FROM chat_links WHERE id = $1", link["id"])
    assert link["claimed_by_chat_id"] == STRANGER


def test_every_route_that_names_a_row_is_known(two: Two) -> None:
    """Each is tried with tokens that are good for nothing: tests/pages/, tests/scenarios/test_sharing.py."""
    paths = {route.path for route in two.program.routes if isinstance(route, Route)}
    assert {path for path in paths if "{" in path} == PATHS_WITH_IDS
