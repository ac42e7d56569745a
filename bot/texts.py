"""The catalogue: every sentence a person reads, in every language the bot speaks, and its rendering."""

from __future__ import annotations

import html
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

from babel import Locale
from babel.numbers import format_decimal

from bot.step import Line, Param

LANGUAGES = ("en", "es")
FALLBACK = "en"
PLURAL_BY = "count"


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """The sentences of a language by key; a plural has one key for each of its forms (`key.one`)."""
    source = files("bot.locales").joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(source)))


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterable[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


def language_for(code: str | None) -> str:
    """The language of the catalogue nearest to a Telegram language code such as `es-MX`."""
    spoken = (code or "").lower().split("-")[0]
    return spoken if spoken in LANGUAGES else FALLBACK


def template(key: str, language: str, count: object = None) -> str:
    """The sentence before it is filled; KeyError where the catalogue lacks it."""
    sentences = catalogue(language)
    if key in sentences:
        return sentences[key]
    form = Locale(language).plural_form(count) if isinstance(count, int | float) else "other"
    return sentences.get(f"{key}.{form}") or sentences[f"{key}.other"]


def render(line: Line, language: str) -> str:
    """A sentence as Telegram's HTML; whatever is not of the catalogue is escaped."""
    shown = {name: _shown(value, language) for name, value in line.params.items()}
    return template(line.key, language, line.params.get(PLURAL_BY)).format_map(shown)


def label(text: Line | str, language: str) -> str:
    """The words of a button, which knows no markup."""
    return html.unescape(render(text, language)) if isinstance(text, Line) else text


def _shown(value: Param, language: str) -> str:
    if isinstance(value, Line):
        return render(value, language)
    if isinstance(value, str):
        return html.escape(value, quote=False)
    if isinstance(value, Sequence):
        return "\n".join(_shown(each, language) for each in value)
    return str(format_decimal(value, locale=language))
