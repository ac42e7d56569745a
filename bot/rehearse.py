"""`greenroom rehearse`: simulated candidates of known strength before the configured interviewer."""

from __future__ import annotations

from pathlib import Path

from bot.evaluate import configured, make_folder, tell
from bot.settings import Settings, WrongSetting
from domain.evaluation.personas import PERSONAS
from domain.evaluation.rehearsal import Interviewers, Rehearsal
from domain.evaluation.rehearsal import rehearse as interview
from domain.evaluation.writing import rehearsal_report, rehearsal_summary
from domain.interviews.plan import MAX_QUESTIONS, MIN_QUESTIONS


async def rehearse(settings: Settings, persona: str, interviews: int, questions: int, out: Path) -> int:
    """Run the interviews one after another and write a report to the folder `out`."""
    if not MIN_QUESTIONS <= questions <= MAX_QUESTIONS:
        raise WrongSetting("--questions", f"expected {MIN_QUESTIONS} to {MAX_QUESTIONS}")
    chosen = PERSONAS.values() if persona == "all" else [PERSONAS[persona]]
    found: list[Rehearsal] = []
    async with configured(settings) as given:
        tell(f"{len(chosen) * interviews} interviews before {given.name}.")
        who = Interviewers(given.interviewer, given.offline)
        for each in chosen:
            found += [await interview(who, each, questions, number) for number in range(interviews)]
    tell(rehearsal_summary(found))
    # The plots take 30 MB and half a second to import: only where they are drawn.
    from domain.evaluation.plots import draw_rehearsal

    make_folder(out)
    plots = draw_rehearsal(found, out)
    (out / "rehearsal.md").write_text(rehearsal_report(found, given.name, plots), encoding="utf-8")
    tell(f"The report is {out / 'rehearsal.md'}.")
    return 0
