"""When a question comes back: FSRS, with the rating taken from how much of the rubric an answer covered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fsrs import Scheduler

LONGEST_DAYS = 180  # a search for employment rarely takes longer


class Recall(IntEnum):
    """How well a question was answered, by the values of `fsrs.Rating`."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4

    @property
    def is_weak(self) -> bool:
        """Whether an answer so rated begins a card."""
        return self <= Recall.HARD


# From 0 to 10: below 4 less than half of the key points is there, from 6.5 on the most of them.
STEPS = ((8.5, Recall.EASY), (6.5, Recall.GOOD), (4.0, Recall.HARD))


@dataclass(frozen=True)
class Review:
    """A card after an answer; `stability` is in days."""

    due: datetime
    last_review: datetime
    stability: float
    difficulty: float
    rating: Recall


def recall(credit: float) -> Recall:
    """The rating of an answer that earned so much, from 0 to 10."""
    return next((rating for least, rating in STEPS if credit >= least), Recall.AGAIN)


def reviewed(before: Review | None, rating: Recall, at: datetime) -> Review:
    """The card after an answer given `at`, the first one where there is no card `before`.

    It never comes back on the same day: steps of minutes are for flash cards.
    """
    # 5 MB and a tenth of a second to import: only where something is practised.
    from fsrs import Card, Rating, State

    at = at.astimezone(UTC)
    card = Card(card_id=1)
    if before is not None:
        card = Card(
            card_id=1,
            state=State.Review,
            stability=before.stability,
            difficulty=before.difficulty,
            due=before.due.astimezone(UTC),
            last_review=before.last_review.astimezone(UTC),
        )
    after, _ = _scheduler().review_card(card, Rating(rating), at)
    assert after.stability is not None
    assert after.difficulty is not None
    return Review(after.due, at, after.stability, after.difficulty, rating)


@cache
def _scheduler() -> Scheduler:
    from fsrs import Scheduler

    return Scheduler(
        learning_steps=(), relearning_steps=(), maximum_interval=LONGEST_DAYS, enable_fuzzing=False
    )
