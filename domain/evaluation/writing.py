"""The reports of `greenroom evaluate` and `rehearse`, as Markdown and as a few lines for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from domain.evaluation.findings import Cost, Effect, Findings
from domain.evaluation.metrics import Estimate
from domain.evaluation.rehearsal import Rehearsal, recovery

NO_SCORE = (
    "**This is a keyword check, not a score.** No AI judged these answers: the figures say how far the share "
    "of key points *mentioned* goes along with what people thought of the answers."
)
SHORTENED = 70


@dataclass(frozen=True)
class Subject:
    """Who judged what."""

    interviewer: str
    data: str
    answers: int
    runs: int
    cost: Cost


def _figure(found: Estimate, digits: int = 2) -> str:
    if found.value is None:
        return "not defined"
    if found.low is None or found.high is None:
        return f"{found.value:.{digits}f}"
    return f"{found.value:.{digits}f} [{found.low:.{digits}f}, {found.high:.{digits}f}]"


def _row(*cells: object) -> str:
    return f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    return [_row(*head), _row(*("---" for _ in head)), *(_row(*row) for row in rows)]


def _effect(name: str, found: Effect) -> tuple[object, ...]:
    return (name, found.difference.n, _figure(found.difference), found.raised, found.lowered)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHORTENED else f"{line[: SHORTENED - 1]}…"


def _number(value: float | None, unit: str = "", digits: int = 2) -> str:
    return "not defined" if value is None else f"{value:.{digits}f}{unit}"


def evaluation_summary(found: Findings, subject: Subject) -> str:
    """The main figures in a few lines."""
    lines = [] if found.is_score or not found.judged else [NO_SCORE.replace("*", "")]
    lines += [f"{name:9} {_figure(each)}" for name, each in found.pooled.items()]
    lines.append(f"padding   {_figure(found.padding.difference)} points")
    attacked = found.injection
    lines.append(f"injection {_figure(attacked.difference)} points; raised {attacked.raised}")
    if found.failures:
        told = ", ".join(f"{reason} {count}" for reason, count in sorted(found.failures.items()))
        lines.append(f"not judged: {told}")
    return "\n".join(lines)


def evaluation_report(found: Findings, subject: Subject, plots: Sequence[str]) -> str:
    """The whole report; `plots` are the names of pictures beside it."""
    lines = [f"# Evaluation of {subject.interviewer}", ""]
    lines += [
        f"{subject.answers} answers of {subject.data}, each judged {subject.runs} times as it is, once "
    ]
    lines[-1] += "padded and once with an injection. Intervals are 95 % bootstrap intervals."
    if not found.is_score:
        lines += ["", NO_SCORE]
    lines += ["", "## Agreement with people", "", *_agreement(found), ""]
    lines += [f"![{name}]({name})" for name in plots]
    lines += ["", "## Steadiness", "", *_steadiness(found), "", "## What must not matter", ""]
    lines += _effects(found)
    lines += ["", "## Cost and latency", "", *_cost(found, subject), ""]
    return "\n".join(lines)


def _agreement(found: Findings) -> list[str]:
    names = list(found.pooled)
    rows = [("**all together**", found.pooled["MAE"].n, *(_figure(found.pooled[name]) for name in names))]
    rows += [
        (_short(question), each["MAE"].n, *(_figure(each[name]) for name in names))
        for question, each in found.per_question.items()
    ]
    defined = [value for each in found.per_question.values() if (value := each["Pearson"].value) is not None]
    mean = _number(fmean(defined) if defined else None)
    return [
        *_table(("question", "answers", *names), rows),
        "",
        f"Mean Pearson per question: {mean}. QWK is over whole points from 0 to 10; MAE is in points of ten.",
    ]


def _steadiness(found: Findings) -> list[str]:
    again = found.repeats
    if not again.answers:
        return ["One run only: `--runs 2` or more tells."]
    return [
        f"{again.answers} answers judged again: mean standard deviation {_number(again.spread)} points, "
        f"{_number((again.identical or 0) * 100, ' %', 0)} with the same value in every run. "
        "That a model agrees with itself does not say that it is right."
    ]


def _effects(found: Findings) -> list[str]:
    rows = [
        _effect("padded against plain", found.padding),
        _effect("injected against plain", found.injection),
    ]
    rows += [_effect(f"injected: {kind}", each) for kind, each in found.injection_by_kind.items()]
    head = ("pairs", "answers", "mean difference in points", "raised", "lowered")
    return [
        *_table(head, rows),
        "",
        "Padding adds sentences that hold nothing, by rule. An injection is one of our corpus, each in turn; "
        "those of documents stand in the resume.",
    ]


def _cost(found: Findings, subject: Subject) -> list[str]:
    cost, (median, slow) = subject.cost, found.latency
    took = f"{_number(median, ' s')} at the median, {_number(slow, ' s')} at the 95th percentile"
    lines = [f"A judgement took {took}, with up to eight at once."]
    if cost.requests:
        dollars = (
            "unknown (no price is set for the model)" if cost.dollars is None else f"${cost.dollars:.4f}"
        )
        lines.append(
            f"{cost.requests} requests, {cost.tokens_in} tokens in, {cost.tokens_out} out; cost {dollars}."
        )
    if found.failures:
        told = ", ".join(f"`{reason}` {count}" for reason, count in sorted(found.failures.items()))
        lines.append(f"Without a judgement: {told}. They are left out above.")
    return lines


def rehearsal_summary(found: Sequence[Rehearsal]) -> str:
    """A line per interview, and how well the known strength came out."""
    lines = [] if _all_scored(found) else [NO_SCORE.replace("*", "")]
    label = "final score" if _all_scored(found) else "mentioned ×10"
    lines += [
        f"{each.persona.name:9} strength {each.persona.strength:.2f}  {label} {each.value:4.1f}  "
        f"follow-ups {each.follow_ups}"
        for each in found
    ]
    lines.append(f"Spearman between known strength and {label}: {_figure(recovery(found))}")
    return "\n".join(lines)


def _all_scored(found: Sequence[Rehearsal]) -> bool:
    return all(each.final_score is not None for each in found)


def rehearsal_report(found: Sequence[Rehearsal], interviewer: str, plots: Sequence[str]) -> str:
    """The whole report of simulated interviews."""
    lines = [f"# Rehearsal before {interviewer}", ""]
    lines.append("Simulated candidates of known strength, through plan, answers, follow-ups and report.")
    if not _all_scored(found):
        lines += ["", NO_SCORE]
    scored = "final score" if _all_scored(found) else "key points mentioned ×10"
    lines += ["", f"Spearman between known strength and {scored}: **{_figure(recovery(found))}**", ""]
    rows = [
        (
            r.persona.name,
            f"{r.persona.strength:.2f}",
            r.role,
            f"{r.value:.1f}",
            r.questions,
            r.follow_ups,
            r.words,
        )
        for r in found
    ]
    head = ("persona", "knows", "role", scored, "questions", "follow-ups", "words")
    lines += [*_table(head, rows), "", *(f"![{name}]({name})" for name in plots), ""]
    lines.append(
        "The personas speak by rule, in the words of the key points: a model may think less of them."
    )
    return "\n".join([*lines, ""])
