"""The figures, against values computed by hand and against what must hold of any."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.evaluation.metrics import (
    Pair,
    estimate,
    mae,
    mean_difference,
    pearson,
    percentile,
    qwk,
    ranks,
    repeats,
    spearman,
)

ratings = st.integers(0, 10).map(float)
pairs = st.lists(st.tuples(ratings, ratings), min_size=2, max_size=30)


def test_pearson_by_hand() -> None:
    # Means 2 and 3; products 2, sums of squares 2 and 8/3·… : r = 3 / sqrt(2 · 14/3) for (1,2), (2,2), (3,5).
    assert pearson([(1, 2), (2, 2), (3, 5)]) == pytest.approx(3 / math.sqrt(2 * 6))


def test_spearman_by_hand() -> None:
    # Ranks 1 2 3 4 5 against 2 1 4 3 5: 1 - 6·(1+1+1+1+0) / (5·24) = 0.8.
    assert spearman([(10, 20), (20, 10), (30, 40), (40, 30), (50, 50)]) == pytest.approx(0.8)


def test_equal_values_share_their_ranks() -> None:
    assert ranks([3.0, 1.0, 3.0, 2.0]) == [3.5, 1.0, 3.5, 2.0]


def test_kappa_by_hand() -> None:
    # Observed squared differences: 0 + 1 + 0 + 1 = 2. Expected: each of 0,0,1,1 with each of 0,1,1,0 over 4:
    # half of the 16 combinations differ by 1, 8 / 4 = 2. So kappa is 1 - 2/2 = 0: no better than chance.
    assert qwk([(0, 0), (0, 1), (1, 1), (1, 0)]) == pytest.approx(0.0)
    # 0,5,10 against 0,5,5: observed 25; expected (0+25+25 + 25+0+0 + 100+25+25) / 3 = 75; 1 - 1/3.
    assert qwk([(0, 0), (5, 5), (10, 5)]) == pytest.approx(2 / 3)
    assert qwk([(0, 10), (10, 0)]) == pytest.approx(-1.0)


def test_differences_by_hand() -> None:
    assert mae([(1, 2), (5, 2)]) == pytest.approx(2.0)
    assert mean_difference([(1, 2), (5, 2)]) == pytest.approx(-1.0)


def test_what_is_not_defined_is_none() -> None:
    assert pearson([]) is pearson([(1, 2)]) is pearson([(1, 2), (1, 3)]) is None
    assert spearman([(1, 2), (1, 3)]) is qwk([]) is qwk([(4, 4), (4, 4)]) is mae([]) is None
    assert percentile([], 0.5) is mean_difference([]) is None


@given(pairs)
def test_every_figure_lies_within_its_bounds(given_pairs: list[Pair]) -> None:
    for measure in (pearson, spearman, qwk):
        value = measure(given_pairs)
        assert value is None or -1.0 - 1e-9 <= value <= 1.0 + 1e-9
    assert 0 <= (mae(given_pairs) or 0) <= 10


@given(st.lists(ratings, min_size=2, max_size=30))
def test_who_agrees_wholly_has_the_best_of_each(values: list[float]) -> None:
    same = [(value, value) for value in values]
    assert mae(same) == 0
    for measure in (pearson, spearman, qwk):
        assert measure(same) is None or measure(same) == pytest.approx(1.0)
    assert (qwk(same) is None) == (len(set(values)) == 1)


@given(pairs)
def test_agreement_does_not_depend_on_who_comes_first(given_pairs: list[Pair]) -> None:
    turned = [(b, a) for a, b in given_pairs]
    for measure in (pearson, spearman, qwk, mae):
        assert measure(turned) == pytest.approx(measure(given_pairs))


@given(pairs)
def test_ranks_outlive_a_rising_scale(given_pairs: list[Pair]) -> None:
    bent = [(a**3 + a, b) for a, b in given_pairs]
    assert spearman(bent) == pytest.approx(spearman(given_pairs))


@given(st.lists(ratings, min_size=1, max_size=30))
def test_ranks_are_as_many_and_sum_up_as_ranks_do(values: list[float]) -> None:
    found = ranks(values)
    assert sum(found) == pytest.approx(len(values) * (len(values) + 1) / 2)
    assert all((found[i] < found[j]) == (values[i] < values[j]) for i in range(len(values)) for j in range(i))


@given(st.lists(pairs, min_size=1, max_size=4))
def test_an_interval_is_the_same_each_time_and_holds_what_can_be(groups: list[list[Pair]]) -> None:
    first = estimate(groups, mae, resamples=40)
    assert first == estimate(groups, mae, resamples=40)
    assert first.n == sum(map(len, groups))
    assert first.low is not None
    assert first.high is not None
    apart = [abs(a - b) for group in groups for a, b in group]
    assert min(apart) <= first.low <= first.high <= max(apart)


def test_an_interval_narrows_with_more_answers_and_covers_what_is_so() -> None:
    few = [(float(i % 11), float((i * 7 + i // 11) % 11)) for i in range(20)]
    narrow, wide = estimate([few * 10], mae), estimate([few], mae)
    assert None not in (narrow.low, narrow.high, wide.low, wide.high)
    assert narrow.high - narrow.low < (wide.high - wide.low) / 2  # type: ignore[operator]  # checked above
    assert wide.low <= wide.value <= wide.high  # type: ignore[operator]  # likewise


def test_groups_are_drawn_too() -> None:
    """Answers to one question are alike: an interval that overlooks it would be of width nought here."""
    groups = [[(0.0, 0.0)] * 5, [(0.0, 4.0)] * 5]
    found = estimate(groups, mae)
    assert (found.low, found.value, found.high) == (0.0, 2.0, 4.0)


def test_repeats() -> None:
    found = repeats([[4.0, 6.0], [5.0, 5.0], [3.0]])
    assert (found.answers, found.spread, found.identical) == (2, 0.5, 0.5)
    assert repeats([[1.0]]).spread is None


def test_percentiles_are_of_the_nearest_rank() -> None:
    values = [float(each) for each in range(1, 101)]
    assert percentile(values, 0.5) == 51
    assert percentile(values, 0.95) == 96
    assert percentile([3.0], 0.95) == 3
