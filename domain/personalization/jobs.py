"""Work that keeps a profile up to date, and brings practice to the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.messaging.happenings import Happening
from domain.messaging.job import OwnedJob
from domain.ports import Place


class RefreshProfile(OwnedJob, name="refresh_profile"):
    """Have cards and profile follow what has become known of a person."""

    patience = 3600.0
    in_turns = True


class WordProfile(OwnedJob, name="word_profile"):
    """Have the interviewer word what the rules recommend, and name further topics."""

    patience = 3600.0


class FindPlaces(OwnedJob, name="find_places"):
    """Look a city up, so that a time of day has a time zone."""

    patience = 60.0

    words: str


class FindZone(OwnedJob, name="find_zone"):
    """Look up the time zone of a shared location, which is kept nowhere else."""

    patience = 60.0

    latitude: float
    longitude: float


class Remind(OwnedJob, name="remind"):
    """Offer one question at the time of day that was asked for."""

    due: datetime


@dataclass(frozen=True)
class PlacesFound(Happening):
    """The places that may be meant, one for each time zone; none where none is known."""

    places: tuple[Place, ...]


@dataclass(frozen=True)
class ReminderDue(Happening):
    """It is the time of day at which the person wants to be offered a question."""

    # It says nothing of the person, and is what brings them back to a chat whose session has ended.
    is_private: ClassVar[bool] = False

    due: datetime
