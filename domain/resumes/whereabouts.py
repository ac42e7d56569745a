"""Places as resumes write them: a city, and the state or country it lies in."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

from domain.background.vocabulary import fold
from domain.resumes.vocabulary import folded

# In whose words the countries are known.
_LANGUAGES = ("en", "es", "de", "fr", "it", "pt")
_STATE = re.compile(r"[A-Z]{2}(?: \d{5})?")
_WORD = r"[^\W\d_][^\W_]*(?:[.'’-][^\W_]*)*"
_ENDS_IN_PLACE = re.compile(rf"(?:^|\s)(?P<city>(?:{_WORD} )?{_WORD}), (?P<region>[^\W\d_][^,|]{{1,30}})$")


def is_region(text: str) -> bool:
    """Whether a text is a state, as the United States write theirs, or a country."""
    return _STATE.fullmatch(text) is not None or fold(text).replace(".", "") in _countries()


@cache
def _countries() -> frozenset[str]:
    named = (Locale(language).territories.items() for language in _LANGUAGES)
    countries = {fold(name) for names in named for code, name in names if len(code) == 2}
    return frozenset(countries) | folded("places", "countries")


def without_place(line: str) -> str:
    """A line without the place at its end: "Example Ltd Austin, TX" is "Example Ltd"."""
    found = _ENDS_IN_PLACE.search(line)
    if found is None or not is_region(found["region"].strip()):
        return line
    first, _, second = found["city"].rpartition(" ")
    # Of two words the first is the city's only where cities begin so: "San Francisco", not "Inc. Seoul".
    begin = found.start("city")
    if first and fold(first) not in folded("places", "first_words"):
        begin = found.end("city") - len(second)
    return line[:begin].rstrip(" ,|·•–-")


def is_remote(text: str) -> bool:
    """Whether a text says that work was done from anywhere."""
    return fold(text) in folded("places", "anywhere")
