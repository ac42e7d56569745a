"""`greenroom evaluate`: how far the configured interviewer agrees with people, and with itself."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from bot.app import SystemClock, interviewer
from bot.settings import Settings, WrongSetting
from domain.adapters.offline import OfflineInterviewer
from domain.calls.breaker import BreakersInMemory
from domain.calls.ledger import Call
from domain.calls.prices import Prices
from domain.evaluation.bench import Bench, cases, run
from domain.evaluation.findings import Cost, findings
from domain.evaluation.rated import IllFormed, RatedAnswer, limited, ours, read_file, read_saf
from domain.evaluation.writing import Subject, evaluation_report, evaluation_summary
from domain.interviews.guard import GuardedInterviewer
from domain.ports import Interviewer


@dataclass
class CallLog:
    """A ledger (domain.calls.ledger) in memory: nothing is limited, everything is noted."""

    calls: list[Call] = field(default_factory=list)

    async def admit(self, caller: UUID | None) -> None:
        return None

    async def record(self, call: Call) -> None:
        self.calls.append(call)

    def cost(self, settings: Settings) -> Cost:
        """What the calls took, at the prices that are known."""
        prices, today = Prices(settings.gemini_prices), SystemClock().now().date()
        dollars: float | None = 0.0
        for call in self.calls:
            price = prices.of(call.model, today)
            if price is None or dollars is None:
                dollars = None
            else:
                dollars += float(price.of(call.tokens_in or 0, call.tokens_out or 0))
        return Cost(
            requests=len(self.calls),
            tokens_in=sum(call.tokens_in or 0 for call in self.calls),
            tokens_out=sum(call.tokens_out or 0 for call in self.calls),
            dollars=dollars,
        )


@dataclass(frozen=True)
class Configured:
    """The interviewer of this installation, without its database, and what it stands for."""

    interviewer: Interviewer
    offline: Interviewer
    log: CallLog
    name: str


@asynccontextmanager
async def configured(settings: Settings) -> AsyncIterator[Configured]:
    """Gemini where a key is set, else the keyword check; calls are counted here and not in the database."""
    offline, log = GuardedInterviewer(OfflineInterviewer()), CallLog()
    async with interviewer(settings, offline, log, BreakersInMemory(), SystemClock()) as found:
        name = "the offline keyword check" if found.is_offline else settings.gemini_model
        yield Configured(found, offline, log, name)


async def evaluate(
    settings: Settings, data: Path | None, saf: Path | None, runs: int, limit: int | None, out: Path
) -> int:
    """Run the bench and write its report to the folder `out`; 1 where nothing could be judged."""
    try:
        name, answers = _answers(data, saf)
    except IllFormed as error:
        raise WrongSetting("--saf" if saf else "--data", str(error)) from error
    answers = limited(answers, limit)
    wanted = cases(answers, runs)
    async with configured(settings) as found:
        tell(f"{len(answers)} answers of {name}, judged by {found.name}: {len(wanted)} judgements.")
        bench = await run(found.interviewer, wanted, _progress(len(wanted)))
        subject = Subject(found.name, name, len(answers), runs, found.log.cost(settings))
    return _written(bench, subject, out)


def _answers(data: Path | None, saf: Path | None) -> tuple[str, tuple[RatedAnswer, ...]]:
    if data is not None:
        return data.name, read_file(data)
    if saf is not None:
        return "SAF", read_saf(saf)
    return "the bundled set", ours()


def _written(bench: Bench, subject: Subject, out: Path) -> int:
    figures = findings(bench)
    tell(evaluation_summary(figures, subject))
    if not figures.judged:
        return 1
    # The plots take 30 MB and half a second to import: only where they are drawn.
    from domain.evaluation.plots import draw_evaluation

    make_folder(out)
    plots = draw_evaluation(figures, out)
    (out / "evaluation.md").write_text(evaluation_report(figures, subject, plots), encoding="utf-8")
    tell(f"The report is {out / 'evaluation.md'}.")
    return 0


def make_folder(out: Path) -> None:
    """Make the folder of a report; raises `WrongSetting` where that cannot be."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongSetting("--out", f"{out} cannot be written: {error.strerror}") from error


def tell(text: str) -> None:
    """Say something on standard output."""
    print(text, flush=True)  # noqa: T201  # the command line's own voice


class _progress:
    """A line on a terminal that counts judgements; silent elsewhere."""

    def __init__(self, of: int) -> None:
        self._of = of

    def __call__(self, done: int) -> None:
        if sys.stderr.isatty():
            end = "\n" if done == self._of else ""
            print(f"\r{done} of {self._of}", end=end, file=sys.stderr, flush=True)  # noqa: T201  # likewise
