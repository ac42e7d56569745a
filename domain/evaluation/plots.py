"""Pictures of a report. Matplotlib's `Figure` on Agg, without pyplot, which would keep every figure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from domain.evaluation.findings import Findings
from domain.evaluation.metrics import Estimate
from domain.evaluation.rehearsal import Rehearsal

INK, LIGHT, LINE = "#2b5c8a", "#8fb3d4", "#999999"
TOP = 10


def draw_evaluation(found: Findings, folder: Path) -> tuple[str, ...]:
    """Draw agreement and effects into the folder; the names of the files."""
    label = "score" if found.is_score else "key points mentioned ×10 (not a score)"
    return (_agreement(found, label, folder), _effects(found, folder))


def _figure(wide: float, high: float) -> Figure:
    figure = Figure(figsize=(wide, high), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _agreement(found: Findings, label: str, folder: Path) -> str:
    figure = _figure(9, 4.2)
    scatter, bars = figure.subplots(1, 2, width_ratios=(1, 1.2))
    pairs = [pair for group in found.human_and_found.values() for pair in group]
    scatter.plot([0, TOP], [0, TOP], color=LINE, linewidth=1, linestyle="--")
    scatter.scatter([a for a, _ in pairs], [b for _, b in pairs], color=INK, alpha=0.35, s=22)
    scatter.set(xlabel="people", ylabel=label, xlim=(-0.5, TOP + 0.5), ylim=(-0.5, TOP + 0.5))
    named = {"all": found.pooled["Pearson"]}
    named |= {f"Q{n}": each["Pearson"] for n, each in enumerate(found.per_question.values(), start=1)}
    defined = {name: each for name, each in named.items() if each.value is not None}
    for place, each in enumerate(defined.values()):
        bars.barh(place, each.value or 0.0, color=LIGHT if place else INK)
        _whiskers(bars, place, each)
    bars.set_yticks(range(len(defined)), list(defined), fontsize=8)
    bars.invert_yaxis()
    bars.set(xlabel="Pearson with people, 95 % interval", xlim=(-1, 1))
    return _saved(figure, folder, "agreement.png")


def _whiskers(axes: object, place: int, each: Estimate) -> None:
    if each.low is not None and each.high is not None:
        axes.plot([each.low, each.high], [place, place], color="#222222", linewidth=1)  # type: ignore[attr-defined]  # Axes, typed loosely by subplots


def _effects(found: Findings, folder: Path) -> str:
    figure = _figure(7, 3.2)
    axes = figure.subplots()
    named = {"padded": found.padding, "injected": found.injection}
    named |= {f"  {kind}": each for kind, each in found.injection_by_kind.items()}
    for place, each in enumerate(named.values()):
        if each.difference.value is not None:
            axes.plot(each.difference.value, place, "o", color=INK)
            _whiskers(axes, place, each.difference)
    axes.axvline(0, color=LINE, linewidth=1)
    axes.set_yticks(range(len(named)), list(named), fontsize=8)
    axes.invert_yaxis()
    axes.set(xlabel="points against the plain answer, 95 % interval")
    return _saved(figure, folder, "effects.png")


def draw_rehearsal(found: Sequence[Rehearsal], folder: Path) -> tuple[str, ...]:
    """Draw known strength against the final value; the names of the files."""
    figure = _figure(6, 4)
    axes = figure.subplots()
    for name in dict.fromkeys(each.persona.name for each in found):
        of_it = [each for each in found if each.persona.name == name]
        axes.scatter([e.persona.strength for e in of_it], [e.value for e in of_it], label=name, alpha=0.7)
    axes.plot([0, 1], [0, TOP], color=LINE, linewidth=1, linestyle="--")
    scored = all(each.final_score is not None for each in found)
    axes.set(
        xlabel="share of key points the persona knows",
        ylabel="final score" if scored else "key points mentioned ×10 (not a score)",
        ylim=(-0.5, TOP + 0.5),
    )
    axes.legend(fontsize=8)
    return (_saved(figure, folder, "personas.png"),)


def _saved(figure: Figure, folder: Path, name: str) -> str:
    figure.savefig(folder / name)
    return name
