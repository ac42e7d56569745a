"""Mails, per language: a subject, a text and the same as plain HTML."""

from __future__ import annotations

import html
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from domain.ports import Mail

FALLBACK = "en"
LANGUAGES = ("en", "es")

PAGE = """<!doctype html><html lang="{language}"><body style="font:16px/1.5 sans-serif;max-width:36em">
{paragraphs}</body></html>"""


@cache
def sentences(language: str) -> Mapping[str, Mapping[str, str]]:
    """The letters of a language by name, each with `subject` and `text`."""
    source = files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)


def letter(name: str, language: str, *, to: str, **details: str) -> Mail:
    """The letter `name` to an address, filled with `details`."""
    language = language if language in LANGUAGES else FALLBACK
    words = sentences(language)[name]
    text = words["text"].format_map(details).strip() + "\n"
    paragraphs = "\n".join(f"<p>{html.escape(each)}</p>" for each in text.split("\n\n"))
    page = PAGE.format(language=language, paragraphs=paragraphs)
    return Mail(to=to, subject=words["subject"].format_map(details), text=text, html=page)
