"""The languages of interviews: which are offered, how they are called, and which one a typed word means.

Gemini interviews in all of them and in more that are typed; the bundled questions exist in those of the bank.
"""

from __future__ import annotations

from domain.background.preferences import language_name, language_named
from domain.interviews.bank import bank_languages

CODES = ("en", "es", "de", "fr", "it", "pt", "nl", "pl", "uk", "ru", "tr", "ar", "hi", "zh", "ja", "ko")
# By code, as those who speak them call them.
SPOKEN = {code: language_name(code) for code in CODES}


def offered(*, is_offline: bool) -> tuple[str, ...]:
    """The codes of the languages that are offered; others may be typed where Gemini interviews."""
    return bank_languages() if is_offline else CODES


def name_of(code: str, language: str) -> str:
    """What a language is called in another; the code where nobody knows."""
    return language_name(code, language)


def named(text: str) -> str | None:
    """The code of the language that is called so, in its own language or in one the bank is in."""
    code = text.strip().casefold()
    return language_named(text) or (code if code in SPOKEN else None)
