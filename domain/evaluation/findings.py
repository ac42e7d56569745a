"""What a bench comes to, in figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.evaluation.bench import Bench, Judged
from domain.evaluation.metrics import (
    Estimate,
    Measure,
    Pair,
    Repeats,
    estimate,
    mae,
    mean_difference,
    pearson,
    percentile,
    qwk,
    repeats,
    spearman,
)

MEASURES: Mapping[str, Measure] = {"QWK": qwk, "Pearson": pearson, "Spearman": spearman, "MAE": mae}
SAME = 0.05  # scores have one decimal


@dataclass(frozen=True)
class Effect:
    """What another form of the same answers did to their values; `raised` and `lowered` count answers."""

    difference: Estimate
    raised: int
    lowered: int


@dataclass(frozen=True)
class Cost:
    """What the calls took: requests as they were sent, tokens as the API counted them, dollars if known."""

    requests: int
    tokens_in: int
    tokens_out: int
    dollars: float | None


@dataclass(frozen=True)
class Findings:
    """The figures of a bench. `human_and_found` are the pairs of each question, from 0 to 10."""

    is_score: bool
    human_and_found: dict[str, list[Pair]]
    pooled: dict[str, Estimate]
    per_question: dict[str, dict[str, Estimate]]
    repeats: Repeats
    padding: Effect
    injection: Effect
    injection_by_kind: dict[str, Effect]
    latency: tuple[float | None, float | None]
    failures: dict[str, int]
    judged: int


def findings(bench: Bench, resamples: int = 1_000) -> Findings:
    """Compute everything; with thousands of answers some seconds of computing."""
    groups: dict[str, list[Pair]] = {}
    for each in bench.first().values():
        groups.setdefault(each.case.rated.question, []).append((each.case.rated.human, _value(each)))
    attacked = bench.pairs("injected")
    kinds = {pair[1].case.injection.kind: None for pair in attacked if pair[1].case.injection}
    seconds = [each.assessment.seconds for each in bench.judged if not each.assessment.failure]
    return Findings(
        is_score=bench.is_score,
        human_and_found=groups,
        pooled=_agreement(list(groups.values()), resamples),
        per_question={question: _agreement([pairs], resamples) for question, pairs in groups.items()},
        repeats=repeats(list(bench.runs().values())),
        padding=_effect(bench.pairs("padded"), resamples),
        injection=_effect(attacked, resamples),
        injection_by_kind={kind: _effect(_of_kind(attacked, kind), resamples) for kind in kinds},
        latency=(percentile(seconds, 0.5), percentile(seconds, 0.95)),
        failures=bench.failures,
        judged=sum(each.assessment.value is not None for each in bench.judged),
    )


def _value(judged: Judged) -> float:
    assert judged.assessment.value is not None
    return judged.assessment.value


def _agreement(groups: Sequence[Sequence[Pair]], resamples: int) -> dict[str, Estimate]:
    return {name: estimate(groups, measure, resamples) for name, measure in MEASURES.items()}


def _of_kind(pairs: list[tuple[Judged, Judged]], kind: str) -> list[tuple[Judged, Judged]]:
    return [pair for pair in pairs if pair[1].case.injection and pair[1].case.injection.kind == kind]


def _effect(pairs: list[tuple[Judged, Judged]], resamples: int) -> Effect:
    groups: dict[str, list[Pair]] = {}
    for plain, other in pairs:
        groups.setdefault(plain.case.rated.question, []).append((_value(plain), _value(other)))
    changes = [b - a for group in groups.values() for a, b in group]
    return Effect(
        difference=estimate(list(groups.values()), mean_difference, resamples),
        raised=sum(change > SAME for change in changes),
        lowered=sum(change < -SAME for change in changes),
    )
