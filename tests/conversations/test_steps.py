"""Steps as rows that outlive a release, and the map of conversations that their annotations draw."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import json
import pkgutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any, Self, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bot.conversations
from bot.conversations import arrivals, background, interview, interview_job, interview_setup, linking, resume
from bot.conversations.commands import COMMANDS
from bot.conversations.home import Home
from bot.conversations.passwords import ChosenPassword, KnownPassword
from bot.conversations.waiting import Waiting
from bot.engine import keyboard
from bot.step import Button, Step, restored, stored
from bot.texts import LANGUAGES
from domain.messaging.happenings import Happening
from domain.messaging.job import Job

EVER_STORED = Path(__file__).with_name("stored_steps.txt")
LARGEST_TURN = 2**31 - 1
LARGEST_ID = str(UUID(int=2**128 - 1))

for each in pkgutil.iter_modules(bot.conversations.__path__):
    importlib.import_module(f"bot.conversations.{each.name}")

STEPS = {name: step for name, step in Step.registry.items() if step.__module__.startswith("bot.")}
every_step = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)

# ---------------------------------------------------------------- rows


@every_step
@settings(max_examples=20)
@given(chance=st.data())
def test_a_step_comes_back_from_its_row(step: type[Step], chance: st.DataObject) -> None:
    before = chance.draw(st.builds(step, **{field.name: ... for field in dataclasses.fields(step)}))
    row = stored(before)
    after = restored(json.loads(json.dumps(row, allow_nan=False)))
    assert after == before
    assert type(after) is step
    assert row["name"] == step.name
    assert (after.said, after.is_quiet) == ((), False)


def test_words_on_the_way_are_no_part_of_the_row() -> None:
    assert stored(Home().saying().quietly()) == stored(Home()) == {"name": "home"}


def rows_ever_stored() -> list[dict[str, Any]]:
    lines = EVER_STORED.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("row", rows_ever_stored(), ids=lambda row: "-".join([row["name"], *list(row)[1:]]))
def test_every_row_that_was_ever_stored_still_loads(row: dict[str, Any]) -> None:
    step = restored(row)
    again = stored(step)
    if again["name"] == row["name"]:
        assert again.items() >= row.items(), "a field was renamed, dropped or is read otherwise"


@every_step
def test_what_is_stored_today_is_on_the_list_of_all_times(step: type[Step]) -> None:
    shapes = [set(row) for row in rows_ever_stored() if row["name"] == step.name]
    today = {"name", *(field.name for field in dataclasses.fields(step))}
    assert today in shapes, f"append a row of {step.name} with {sorted(today)} to {EVER_STORED.name}"


# ---------------------------------------------------------------- the map

# What waited for a password goes on wherever it was: this one says only `Step`, and its body is read.
OPEN_ENDED = {"account.reentering"}


def named_steps(function: Callable[..., Any], owner: type[Step] | None) -> set[type[Step]]:
    """The step classes that a return annotation names."""
    hint = get_type_hints(function)["return"]
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    found = {owner if part is Self else part for part in parts}
    return {part for part in found if isinstance(part, type) and issubclass(part, Step)}


def following(
    function: Callable[..., Any],
    owner: type[Step] | None = None,
    seen: frozenset[Callable[..., Any]] = frozenset(),
) -> set[type[Step]]:
    """The steps a function may lead to: those of its annotation, or of its body where that says `Step`."""
    named = named_steps(function, owner)
    if Step not in named:
        return concrete(named)
    if function in seen:
        return set()
    found = {step for step in constructed(function, owner) if step.name}
    for callee in called(function, owner):
        found |= following(callee, owner, seen | {function})
    return found


def concrete(steps: set[type[Step]]) -> set[type[Step]]:
    """A class without a name stands for the steps below it."""
    return {
        below for step in steps for below in ([step] if step.name else concrete(set(step.__subclasses__())))
    }


def references(function: Callable[..., Any], owner: type[Step] | None) -> Iterator[Any]:
    """What a function calls or names by `name`, `module.name` or `self.name`."""
    module = sys.modules[function.__module__]
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Name):
            yield getattr(module, node.id, None)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            holder = owner if node.value.id == "self" else getattr(module, node.value.id, None)
            if isinstance(holder, ModuleType) or holder is owner:
                yield getattr(holder, node.attr, None)


def constructed(function: Callable[..., Any], owner: type[Step] | None) -> set[type[Step]]:
    found = {each for each in references(function, owner) if isinstance(each, type)}
    return {each for each in found if issubclass(each, Step)}


def called(function: Callable[..., Any], owner: type[Step] | None) -> set[Callable[..., Any]]:
    """The functions of conversations that lead to a step, apart from `saying` and `quietly`."""
    found = {each for each in references(function, owner) if inspect.isfunction(each)}
    return {
        each for each in found if each.__module__.startswith("bot.conversations") and named_steps(each, owner)
    }


def hearing(step: type[Step]) -> list[Callable[..., Any]]:
    """What decides where a step leads: its own `hear`, or what one that steps share asks of it."""
    ends: list[Callable[..., Any]] = [step.back] if step.waits_for else []
    if issubclass(step, KnownPassword):
        return [step.given, step.without, *ends]
    if issubclass(step, ChosenPassword):
        return [step.given, *ends]
    if not issubclass(step, Waiting):
        return [step.hear, *ends]
    return [step.arrived, *ends] if step.hear is Waiting.hear else [step.arrived, step.hear, *ends]


def conversation_map() -> dict[type[Step], set[type[Step]]]:
    """Which steps may follow which; commands lead from anywhere and are not drawn."""
    return {
        step: {to for function in hearing(step) for to in following(function, step)}
        for step in STEPS.values()
    }


def entrances() -> set[type[Step]]:
    """Where commands, files and happenings lead, and where everybody begins."""
    doors: list[Callable[..., Any]] = [*COMMANDS.values(), resume.sent, arrivals.arrived, linking.ended]
    return {Home, *(step for door in doors for step in following(door))}


def reachable(start: set[type[Step]]) -> set[type[Step]]:
    drawn, found, new = conversation_map(), set[type[Step]](), start
    while new:
        found |= new
        new = {to for step in new for to in drawn[step]} - found
    return found


@every_step
def test_the_annotation_names_the_steps_that_follow(step: type[Step]) -> None:
    decides, *_ = hearing(step)
    named = named_steps(decides, step)
    assert named, f"{decides.__qualname__} does not say which step follows"
    assert (Step in named) == (step.name in OPEN_ENDED), "name the steps themselves"


def test_every_step_can_be_reached() -> None:
    assert set(STEPS.values()) - reachable(entrances()) == set()


@every_step
def test_no_step_is_a_dead_end(step: type[Step]) -> None:
    assert Home in reachable({step})


def test_the_map_shows_the_roads_that_candidates_take() -> None:
    drawn = conversation_map()
    roads: list[list[type[Step]]] = [
        [linking.Email, linking.Code, linking.CheckingCode, linking.Name, linking.AccountPassword],
        [linking.AccountPassword, linking.Registering, background.Level, background.PrimaryDomain],
        [background.PrimaryDomain, background.Languages, background.Tools, background.Hardware],
        [background.Hardware, background.Preferences, background.Card, Home],
        [interview_setup.ChooseResume, interview_setup.ChooseKind, interview_setup.ChooseLength],
        [interview_setup.ChooseLength, interview_job.ChooseJob, interview.Planning],
        [interview_job.ChooseJob, interview_job.ReadingJob, interview_job.ChooseJob],
        [interview_setup.ChooseKind, interview_setup.Settings, interview_setup.SetRole],
        [interview_setup.SetRole, interview_setup.Settings, interview_setup.ChooseKind, interview.Planning],
        [interview.Planning, interview.Question, interview.Evaluating],
        [interview.Evaluating, interview.Question, interview.Stop, interview.Reporting, Home],
        [interview.Question, interview.Transcribing, interview.Transcript, interview.Evaluating],
    ]
    for road in roads:
        for here, there in pairwise(road):
            assert there in drawn[here], f"{here.name} does not lead to {there.name}"
    assert interview.Planning not in drawn[Home]


@every_step
def test_a_step_waits_for_what_exists(step: type[Step]) -> None:
    assert set(step.waits_for) <= set(Job.kinds)
    assert all(issubclass(each, Happening) for each in step.awaits)
    assert not step.way_back or step.way_back.removeprefix("/") in COMMANDS
    if issubclass(step, Waiting):
        assert step.awaits
        assert step.waits_for


# ---------------------------------------------------------------- buttons

# Values that do not stand in the call: keys of options.
COUNTED = {"value"}


def button_values() -> list[tuple[str, str]]:
    """The value of each button that conversations construct, with the largest id in its gaps."""
    return [
        (f"{path.name}:{node.lineno}", _value(node.args[1]))
        for path in sorted(Path(bot.conversations.__path__[0]).glob("*.py"))
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Button"
    ]


def _value(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(
                str(part.value) if isinstance(part, ast.Constant) else LARGEST_ID for part in parts
            )
        case _:
            return ast.unparse(node)


def option_keys() -> set[str]:
    """The keys of every fixed set of answers."""
    modules = [module for name, module in sys.modules.items() if name.startswith("bot.conversations.")]
    constants = [table for module in modules for name, table in vars(module).items() if name.isupper()]
    return {key for table in constants if isinstance(table, dict) for key in table}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_button_says_more_than_telegram_takes_back(language: str) -> None:
    values = {value for _, value in button_values()} | option_keys() | {LARGEST_ID, "9999"}
    assert f"/resume versions {LARGEST_ID}" in values
    assert "behavioural" in values
    for value in values:
        ((button,),) = keyboard(((Button("x", value),),), LARGEST_TURN, language)
        assert 1 <= len(button["data"].encode()) <= 64


@pytest.mark.parametrize(("where", "value"), button_values(), ids=lambda text: text)
def test_a_button_is_a_known_command_or_a_listed_choice(where: str, value: str) -> None:
    if value.startswith("/"):
        assert value[1:].partition(" ")[0] in COMMANDS
    else:
        assert value in COUNTED
