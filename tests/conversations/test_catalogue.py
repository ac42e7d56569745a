"""The catalogues are complete: the same sentences in every language, each one used, each use filled."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest
from pydantic.fields import FieldInfo

from bot.conversations import (
    account,
    background,
    background_offers,
    interview,
    interview_job,
    interview_setup,
    linking,
    reminders,
    resume,
    second_look,
    sharing,
)
from bot.conversations.choices import picked
from bot.conversations.commands import COMMANDS, MENU
from bot.playground.entities import utf16_length
from bot.playground.html import parse_html
from bot.step import Line, Text
from bot.texts import LANGUAGES, catalogue, label, language_for, render, template
from domain.accounts import letters
from domain.accounts.jobs import PasswordVerdict, SendNotice
from domain.adapters import documents
from domain.adapters.mail import CallbackMailer, LogMailer, SmtpMailer
from domain.background.models import ExperienceLevel
from domain.background.service import OTHER_KIND
from domain.interviews.bank import AREAS
from domain.interviews.jobs import Unread
from domain.interviews.plan import Difficulty, InterviewKind, ProbeReason
from domain.interviews.refining import STAR
from domain.interviews.roles import packs
from domain.interviews.rubric import Verdict
from domain.messaging.job import Job
from domain.personalization.profile import Because
from domain.sharing import SharePart

ROOT = Path(__file__).parent.parent.parent
LONGEST_MESSAGE = 4096
TEXTS = {"bot/texts.py", "bot/step.py"}  # they pass keys on and have none of their own

# ---------------------------------------------------------------- what the code asks for


@dataclass(frozen=True)
class Use:
    """A sentence asked for; `given` are the names that fill it, None where they are passed on (`**`).

    `key` has {} in place of what is put in when the program runs.
    """

    key: str
    given: frozenset[str] | None
    where: str


@cache
def sources(*folders: str) -> dict[str, ast.Module]:
    """The syntax trees below these folders by path."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_bytes()) for path in paths}


def calls(name: str, *folders: str) -> Iterator[tuple[str, ast.Module, ast.Call]]:
    """Every call of a function or class by its bare name."""
    for path, module in sources(*folders).items():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield path, module, node


def keys(node: ast.expr, module: ast.Module) -> set[str]:
    """The texts an expression may be; a name may be whatever is assigned to it in the module."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.JoinedStr(values=parts):
            return {"".join(part.value if isinstance(part, ast.Constant) else "{}" for part in parts)}  # type: ignore[misc]  # the constants of an f-string are text
        case ast.IfExp(body=one, orelse=other):
            return keys(one, module) | keys(other, module)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            values = [
                value for value in assigned(name, module) if not isinstance(value, ast.Name | ast.Attribute)
            ]
            return {key for value in values for key in keys(value, module)}
        case _:
            return set()


def assigned(name: str, module: ast.Module) -> Iterator[ast.expr]:
    """What a name is set to anywhere in the module."""
    for node in ast.walk(module):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            assert isinstance(node, ast.Assign)
            yield node.value


def named(call: ast.Call) -> frozenset[str] | None:
    given = [keyword.arg for keyword in call.keywords]
    return None if None in given else frozenset(name for name in given if name)


@cache
def uses() -> tuple[Use, ...]:
    """Every sentence that the program asks the catalogue for."""
    return tuple(
        Use(key, named(call), f"{path}:{call.lineno}")
        for function in ("t", "template")
        for path, module, call in calls(function, "bot", "domain")
        if path not in TEXTS
        for key in sorted(keys(call.args[0], module)) or ["?"]
    )


def passwords_reasons() -> set[str]:
    """The reasons of `check_policy` that stand as keys of a dict, the longest of which is raised."""
    module = sources("domain")["domain/accounts/passwords.py"]
    (reasons,) = (value for value in assigned("predictable", module) if isinstance(value, ast.Dict))
    return {key.value for key in reasons.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}


def literals(name: str, position: int, folder: str = "domain") -> set[str]:
    """The texts that stand at a place of every call of this name in the domain."""
    found = (keys(call.args[position], module) for _, module, call in calls(name, folder))
    return {key for each in found for key in each}


@cache
def passed_on() -> dict[str, set[str]]:
    """Where a `Refused` is raised with a reason that does not stand there, and what it may be."""
    return {
        "domain/accounts/passwords.py": passwords_reasons(),
        "domain/adapters/documents.py": set(get_args(documents.Reason)) | literals("Unreadable", 0),
    }


@cache
def refusals() -> tuple[Use, ...]:
    """Every reason with which something is refused, with its details."""
    raised = [
        Use(f"refused.{reason}", named(call), f"{path}:{call.lineno}")
        for path, module, call in calls("Refused", "bot", "domain")
        for reason in sorted(keys(call.args[0], module)) or sorted(passed_on().get(path, {"?"}))
    ]
    told = sorted(literals("ResumeRejected", 1) | literals("VoiceNotHeard", 1))
    return (*raised, *(Use(f"refused.{reason}", None, "an event") for reason in told))


def why_without_ai() -> list[str]:
    """Every reason with which a call of Gemini comes to nothing."""
    reasons = literals("Unavailable", 0) | literals("Refused", 0)
    return sorted(reason for reason in reasons if reason.startswith("gemini."))


def jobs() -> list[str]:
    return sorted(name for name, kind in Job.kinds.items() if kind.__module__.startswith("domain."))


def mail_routes() -> list[str]:
    return [SmtpMailer.route, LogMailer.route, CallbackMailer(lambda _: None).route]


def asked_yes_or_no() -> list[str]:
    found = [keys(call.args[0], module) for _, module, call in calls("yes_or_no", "bot")]
    return sorted({key for each in found for key in each})


@cache
def put_in() -> dict[str, list[str]]:
    """What may stand in the gap of a key that is put together when the program runs."""
    return {
        "{}.yes": asked_yes_or_no(),
        "{}.no": asked_yes_or_no(),
        "area.{}": [area for area in AREAS if area != "behavioural"],
        "because.{}": [each.value for each in Because],
        "background.change.{}": list(background.CHANGES),
        "background.domain.{}": list(background_offers.DOMAINS),
        "background.moved.{}": list(OTHER_KIND),
        "background.level.{}": [level.value for level in ExperienceLevel],
        "feedback.part.{}": list(STAR),
        "feedback.verdict.{}": [verdict.value for verdict in Verdict],
        "interview.follow_up_because.{}": [reason.value for reason in ProbeReason],
        "interview.job.unread.{}": [why.value for why in Unread],
        "interview.difficulty.{}": ["adaptive", *Difficulty],
        "interview.kind.{}": [kind.value for kind in InterviewKind],
        "linking.code.route_{}": mail_routes(),
        "linking.password.{}": [verdict.value for verdict in PasswordVerdict],
        "menu.{}": list(MENU),
        "refused.{}": sorted({use.key.removeprefix("refused.") for use in refusals()}),
        "report.compared.{}": ["up", "down"],
        "resume.changes.{}": [
            f"{what}_{how}" for what in ("skills", "employers", "sections") for how in ("gained", "lost")
        ],
        "share.part.{}": [part.value for part in SharePart],
        "share.shows.{}": [kind.value for kind in sharing.ShareKind],
        "role.{}": list(packs()),
        "then.{}": sorted(literals("told", 1, "bot")),
        "unavailable.{}": jobs(),
        "why.{}": why_without_ai(),
    }


@cache
def all_uses() -> tuple[Use, ...]:
    """Every use with its key in full; that of a refusal is filled by whoever refuses."""
    complete = [
        Use(use.key.replace("{}", value), use.given, use.where)
        for use in uses()
        if use.key != "refused.{}"
        for value in put_in().get(use.key, [""])
    ]
    return (*complete, *refusals())


# ---------------------------------------------------------------- what the catalogue has


def plurals(sentences: Iterable[str]) -> set[str]:
    """Keys that come in forms, one for each kind of number."""
    held = set(sentences)
    return {key.removesuffix(".one") for key in held if key.endswith(".one") and f"{key[:-3]}other" in held}


def forms(key: str, language: str) -> list[str]:
    """The sentences under a key: one, or the forms of a plural; none where the catalogue lacks it."""
    sentences = catalogue(language)
    names = [key, f"{key}.one", f"{key}.other"] if key in plurals(sentences) else [key]
    return [sentences[name] for name in names if name in sentences]


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def commands_in(sentence: str) -> set[str]:
    return set(re.findall(r"(?<![\w<])/([a-z]{3,})", sentence))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_sentences(language: str) -> None:
    assert set(catalogue(language)) == set(catalogue("en"))
    assert all(sentence.strip() for sentence in catalogue(language).values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_has_the_same_gaps_marks_and_commands_in_every_language(language: str) -> None:
    for key, sentence in catalogue(language).items():
        english = catalogue("en")[key]
        assert gaps(sentence) == gaps(english), key
        assert _marks(sentence) == _marks(english), key
        assert commands_in(sentence) == commands_in(english), key


def _marks(sentence: str) -> Counter[str]:
    """The kinds of Telegram's markup in a sentence; raises `ApiError` for markup Telegram would refuse."""
    filled = sentence.format_map(defaultdict(lambda: "x"))
    return Counter(entity.type for entity in parse_html(filled).entities)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_good_html_and_fits_a_message(language: str) -> None:
    for key, sentence in catalogue(language).items():
        hostile = dict.fromkeys(gaps(sentence), '<b>& "')
        shown = parse_html(render(Line(key, hostile), language))
        assert hostile == {} or '<b>& "' in shown.text, key
        assert utf16_length(shown.text) < LONGEST_MESSAGE, key


def test_the_commands_that_sentences_name_are_known() -> None:
    found = {command for sentence in catalogue("en").values() for command in commands_in(sentence)}
    assert found >= {"interview", "help", "link", "start"}
    assert found <= set(COMMANDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_are_chosen_by_their_number_also_where_a_form_is_missing(language: str) -> None:
    counted = plurals(catalogue(language))
    assert len(counted) >= 5
    for key in counted:
        one, other = catalogue(language)[f"{key}.one"], catalogue(language)[f"{key}.other"]
        chosen = [template(key, language, count) for count in (0, 1, 2, 21, 1_000_000, 1.5)]
        assert chosen == [other, one, other, other, other, other], key


@pytest.mark.parametrize(
    ("code", "language"), [("es-MX", "es"), ("ES", "es"), ("de", "en"), ("", "en"), (None, "en")]
)
def test_a_telegram_language_finds_the_nearest_one(code: str | None, language: str) -> None:
    assert language_for(code) == language


# ---------------------------------------------------------------- code and catalogue agree


def test_every_key_that_is_put_together_is_listed_with_what_goes_into_it() -> None:
    put_together = {use.key for use in uses() if "{}" in use.key or use.key == "?"}
    assert put_together == set(put_in())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_that_is_asked_for_exists_and_is_filled(language: str) -> None:
    assert len(all_uses()) > 150
    counted = plurals(catalogue(language))
    wrong = []
    for use in all_uses():
        sentences = forms(use.key, language)
        if not sentences:
            wrong.append(f"{use.where}: {language}.toml has no {use.key}")
        if use.given is None:
            continue
        needed = set().union({"count"} if use.key in counted else (), *map(gaps, sentences))
        if missing := needed - use.given:
            wrong.append(f"{use.where}: {use.key} is not given {sorted(missing)}")
    assert wrong == []


def test_no_sentence_is_left_over() -> None:
    wanted = {use.key for use in all_uses()}
    left = [
        key
        for key in catalogue("en")
        if key not in wanted and key.rpartition(".")[0] not in wanted & plurals(catalogue("en"))
    ]
    assert left == []


def test_every_refusal_passes_its_details_on_to_its_sentence() -> None:
    assert [use.where for use in uses() if use.key == "refused.{}" and use.given is not None] == []


def test_every_command_of_the_menu_exists() -> None:
    assert set(MENU) <= set(COMMANDS)


# ---------------------------------------------------------------- no words outside the catalogue


@pytest.mark.parametrize("path", sorted(sources("bot/conversations")))
def test_conversations_have_no_words_of_their_own(path: str) -> None:
    assert list(_words(sources("bot/conversations")[path])) == []


def _words(module: ast.Module) -> Iterator[str]:
    """Texts with a letter and a space, apart from docstrings, raises and commands behind buttons."""
    for node in _spoken(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            if " " in text and any(each.isalpha() for each in text) and not text.startswith("/"):
                yield f"{node.lineno}: {text}"


def _spoken(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if not is_docstring and not isinstance(child, ast.Raise):
            yield child
            yield from _spoken(child)


# ---------------------------------------------------------------- buttons and what sentences say of them


def choices() -> list[dict[str, Line | str]]:
    """Every fixed set of answers that conversations offer."""
    tables = [
        value
        for module in (
            *(account, background, background_offers, interview, interview_job, interview_setup, linking),
            *(reminders, resume, second_look, sharing),
        )
        for value in vars(module).values()
        if isinstance(value, dict) and any(isinstance(each, Line) for each in value.values())
    ]
    return [*tables, background_offers.DOMAINS | background.SKIP, background.DONE | background.SKIP]


@pytest.mark.parametrize("options", choices(), ids=lambda options: "-".join(options))
def test_typing_what_a_button_says_picks_it_in_every_language(options: dict[str, Line | str]) -> None:
    for value, text in options.items():
        for language in LANGUAGES:
            words = label(text, language)
            assert not re.search("[<>{}]", words)
            assert picked(Text(words, 1), options) == value
            assert picked(Text(words.upper(), 1), options) == value


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("sentence", "button"),
    [
        ("background.added", "button.done"),
        ("refused.background.nothing_named", "button.skip"),
        ("linking.password.locked.one", "linking.password.forgot"),
        ("linking.password.locked.other", "linking.password.forgot"),
    ],
)
def test_a_sentence_calls_a_button_what_the_button_says(sentence: str, button: str, language: str) -> None:
    assert catalogue(language)[button] in catalogue(language)[sentence]


# ---------------------------------------------------------------- letters


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_have_the_same_shape_in_every_language(language: str) -> None:
    assert letters.LANGUAGES == LANGUAGES
    english, translated = letters.sentences("en"), letters.sentences(language)
    assert set(translated) == set(english)
    assert all(set(letter) == {"subject", "text"} for letter in translated.values())
    for name, letter in translated.items():
        for part, text in letter.items():
            assert gaps(text) == gaps(english[name][part]), (name, part)
        assert "\n" not in letter["subject"]
        assert letter["text"].strip()


def test_every_letter_that_is_sent_exists_and_none_is_left_over() -> None:
    written = {key for _, module, call in calls("letter", "domain") for key in keys(call.args[0], module)}
    notice: FieldInfo = SendNotice.model_fields["notice"]
    assert written | set(get_args(notice.annotation)) == set(letters.sentences("en"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", ["password_reset", "chat_linked"])
def test_a_letter_calls_the_button_what_the_button_says(letter: str, language: str) -> None:
    assert catalogue(language)["linking.password.forgot"] in letters.sentences(language)[letter]["text"]
