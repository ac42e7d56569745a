"""Which questions come back: cards brought up to date with the answers that were given since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.personalization.facts import Answered, Card
from domain.personalization.schedule import recall, reviewed


def caught_up(cards: Mapping[str, Card], answers: Iterable[Answered]) -> dict[str, Card]:
    """The cards by the identity of their question, after these answers.

    A weak answer, or a question that was skipped, begins a card; every later answer to it moves it. What
    was looked at before changes nothing.
    """
    found = dict(cards)
    for answered in sorted(answers, key=lambda each: each.at):
        before = found.get(answered.identity)
        if before is not None and answered.at <= before.review.last_review:
            continue
        rating = recall(0.0 if answered.skipped else answered.credit)
        if before is None and not rating.is_weak:
            continue
        review = reviewed(before.review if before else None, rating, answered.at)
        question_id = before.question_id if before else answered.question_id
        found[answered.identity] = Card(question_id, review, answered)
    return found
