"""The languages an interview can be held in: how they are called, and which one a typed word means.

Gemini interviews in all of them; the bundled questions exist in those of the bank.
"""

from __future__ import annotations

from functools import cache

from babel import Locale

from domain.interviews.bank import bank_languages
from domain.interviews.keywords import fold

# By code, as those who speak them call them: to ask babel would load the data of each.
SPOKEN = {
    "en": "English",
    "es": "Español",
    "de": "Deutsch",
    "fr": "Français",
    "it": "Italiano",
    "pt": "Português",
    "nl": "Nederlands",
    "pl": "Polski",
    "uk": "Українська",
    "ru": "Русский",
    "tr": "Türkçe",
    "ar": "العربية",
    "hi": "हिन्दी",
    "zh": "中文",
    "ja": "日本語",
    "ko": "한국어",
}


def offered(*, is_offline: bool) -> tuple[str, ...]:
    """The codes of the languages that can be chosen."""
    return bank_languages() if is_offline else tuple(SPOKEN)


def name_of(code: str, language: str) -> str:
    """What a language is called in another; the code where nobody knows."""
    name = str(Locale.parse(language).languages.get(code, code))
    return name[:1].upper() + name[1:]


def named(text: str) -> str | None:
    """The code of the language that is called so, in its own language or in one the bank is in."""
    return _by_name().get(fold(text.strip()))


@cache
def _by_name() -> dict[str, str]:
    names = {fold(name_of(code, spoken)): code for code in SPOKEN for spoken in bank_languages()}
    return names | {fold(name): code for code, name in SPOKEN.items()} | {code: code for code in SPOKEN}
