"""The languages an interview can be held in: how they are called, and which one a typed word means.

Gemini interviews in all of them; the bundled questions exist in those of `bank.languages()`.
"""

from __future__ import annotations

from functools import cache

from babel import Locale

from domain.interviews.bank import bank_languages
from domain.interviews.keywords import fold

SPOKEN = ("en", "es", "de", "fr", "it", "pt", "nl", "pl", "uk", "ru", "tr", "ar", "hi", "zh", "ja", "ko")


def offered(*, is_offline: bool) -> tuple[str, ...]:
    """The codes of the languages that can be chosen."""
    return bank_languages() if is_offline else SPOKEN


def name_of(code: str, language: str | None = None) -> str:
    """What a language is called in `language`, or by those who speak it; the code where nobody knows."""
    locale = Locale.parse(code)
    name = locale.get_display_name(language or code) or code
    return name[:1].upper() + name[1:]


def named(text: str) -> str | None:
    """The code of the language that is called so, in its own language or in one the bank is in."""
    return _by_name().get(fold(text.strip()))


@cache
def _by_name() -> dict[str, str]:
    names = {fold(name_of(code, spoken)): code for code in SPOKEN for spoken in (None, *bank_languages())}
    return names | {code: code for code in SPOKEN}
