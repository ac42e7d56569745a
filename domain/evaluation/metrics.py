"""Agreement between two raters, with intervals. Small, without I/O; None where a figure is not defined."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation, fmean, pstdev

RESAMPLES = 1_000
CONFIDENCE = 0.95
LOWEST, HIGHEST = 0, 10

Pair = tuple[float, float]
Measure = Callable[[Sequence[Pair]], float | None]


def pearson(pairs: Sequence[Pair]) -> float | None:
    """The product-moment correlation, from -1 to 1; None where a side does not vary."""
    if len(pairs) < 2:
        return None
    try:
        return correlation([a for a, _ in pairs], [b for _, b in pairs])
    except StatisticsError:
        return None


def ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1 up; equal values share the mean of the ranks they take."""
    order = sorted(range(len(values)), key=values.__getitem__)
    result = [0.0] * len(values)
    start = 0
    while start < len(order):
        stop = start
        while stop < len(order) and values[order[stop]] == values[order[start]]:
            stop += 1
        for index in order[start:stop]:
            result[index] = (start + 1 + stop) / 2
        start = stop
    return result


def spearman(pairs: Sequence[Pair]) -> float | None:
    """The correlation of ranks (ties shared), from -1 to 1; None where a side does not vary."""
    first, second = ranks([a for a, _ in pairs]), ranks([b for _, b in pairs])
    return pearson(list(zip(first, second, strict=True)))


def mae(pairs: Sequence[Pair]) -> float | None:
    """The mean absolute difference, on the scale of the ratings."""
    return fmean(abs(a - b) for a, b in pairs) if pairs else None


def qwk(pairs: Sequence[Pair]) -> float | None:
    """Cohen's kappa with quadratic weights (Cohen 1968) over whole ratings from 0 to 10, up to 1.

    None where both sides give one and the same rating to everything: chance alone would agree.
    """
    rated = [(_whole(a), _whole(b)) for a, b in pairs]
    if not rated:
        return None
    observed = sum((a - b) ** 2 for a, b in rated)
    first, second = Counter(a for a, _ in rated), Counter(b for _, b in rated)
    by_chance = sum(n * m * (a - b) ** 2 for a, n in first.items() for b, m in second.items()) / len(rated)
    return 1 - observed / by_chance if by_chance else None


def _whole(rating: float) -> int:
    return min(HIGHEST, max(LOWEST, int(rating + 0.5)))


@dataclass(frozen=True)
class Estimate:
    """A figure of `n` cases with the bounds of its interval; None where it is not defined."""

    value: float | None
    low: float | None
    high: float | None
    n: int


def estimate(
    groups: Sequence[Sequence[Pair]], measure: Measure, resamples: int = RESAMPLES, seed: int = 7
) -> Estimate:
    """A measure over all groups together, with a bootstrap interval of 95 % (percentile method).

    Answers to one question are alike, so with several groups the groups are drawn first and then the cases
    within each (two-stage bootstrap, Davison and Hinkley 1997, §3.8). The same seed gives the same bounds.
    """
    everything = [pair for group in groups for pair in group]
    chance = random.Random(seed)  # noqa: S311  # resampling keeps no secret
    drawn = (_resampled(groups, chance) for _ in range(resamples if len(everything) > 1 else 0))
    values = sorted(value for each in drawn if (value := measure(each)) is not None)
    low, high = _bounds(values)
    return Estimate(measure(everything), low, high, len(everything))


def _resampled(groups: Sequence[Sequence[Pair]], chance: random.Random) -> list[Pair]:
    chosen = chance.choices(groups, k=len(groups)) if len(groups) > 1 else groups
    return [pair for group in chosen if group for pair in chance.choices(group, k=len(group))]


def _bounds(values: Sequence[float]) -> tuple[float | None, float | None]:
    if not values:
        return None, None
    tail = (1 - CONFIDENCE) / 2
    return values[int(tail * (len(values) - 1))], values[round((1 - tail) * (len(values) - 1))]


def mean_difference(pairs: Sequence[Pair]) -> float | None:
    """How much higher the second of each pair is, at the mean."""
    return fmean(b - a for a, b in pairs) if pairs else None


@dataclass(frozen=True)
class Repeats:
    """How far runs over the same answers agree: mean standard deviation, and the share of equal scores."""

    answers: int
    spread: float | None
    identical: float | None


def repeats(runs: Sequence[Sequence[float]]) -> Repeats:
    """Test-retest, of the scores that each answer was given; answers with one score tell nothing."""
    several = [scores for scores in runs if len(scores) > 1]
    if not several:
        return Repeats(0, None, None)
    identical = sum(max(scores) == min(scores) for scores in several) / len(several)
    return Repeats(len(several), fmean(pstdev(scores) for scores in several), identical)


def percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile; None of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None
