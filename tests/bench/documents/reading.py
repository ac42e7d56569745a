"""The resumes of the corpus, read by ours and by the usual libraries in the same run."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

from tests.bench import Figure
from tests.bench.documents.scores import (
    Resume,
    emails,
    expected,
    f1,
    links_of_pdf,
    recall,
    references,
    resumes,
    words_of_docx,
)
from tests.loopback.documents import order_agreement, tokens

OTHERS = ("pypdf", "pypdfium2", "pdftotext")


@dataclass
class Readings:
    """What one of them made of all files, by path, and its peak of memory in megabytes."""

    files: dict[str, dict[str, Any]]
    peak_mb: float

    def text(self, resume: Resume) -> str:
        return str(self.files[str(resume.path)]["text"])

    @property
    def milliseconds(self) -> float:
        """Per page, the median over the files."""
        pages = [float(1000 * each["seconds"] / each["pages"]) for each in self.files.values()]
        return median(pages)


async def measure() -> list[Figure]:
    return [*await _pdf(), *await _docx()]


async def read_by(who: str, files: list[Resume]) -> Readings:
    command = (sys.executable, "-m", "tests.bench.documents.extractors", who)
    process = await asyncio.create_subprocess_exec(
        *command, *(str(resume.path) for resume in files), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    *lines, last = map(json.loads, output.splitlines())
    return Readings({line["file"]: line for line in lines}, last["peak_mb"])


async def _pdf() -> list[Figure]:
    files = resumes(".pdf")
    others = [who for who in OTHERS if who != "pdftotext" or shutil.which(who)]
    by = {who: await read_by(who, files) for who in ("ours", *others)}
    f1s: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    order, links, contacts, worse = list[float](), list[float](), list[float](), 0
    for resume in files:
        read = {who: readings.text(resume) for who, readings in by.items()}
        scores = {who: f1(read[who], expected(resume, who, read)) for who in by}
        for group in ("all PDF", *resume.groups):
            for who, score in scores.items():
                f1s[group][who].append(score)
        known = references(resume)
        sources = [known["truth"]] if "truth" in known else list(known.values())
        agreement = max(order_agreement(read["ours"], text) for text in sources)
        if resume.columns == "2":
            order.append(agreement)
        found = by["ours"].files[str(resume.path)]
        links.append(recall(found["links"], links_of_pdf(resume.path)))
        contacts.append(recall(emails(read["ours"]), emails(*known.values())))
        worse += scores["ours"] < scores["pypdf"] - 0.01
        say(
            f"{resume.name[:60]:<60} "
            + " ".join(f"{who} {score:.3f}" for who, score in scores.items())
            + f"  order {agreement:.2f}  links {links[-1]:.2f}  emails {contacts[-1]:.2f}"
            + f"  {1000 * found['seconds'] / found['pages']:.0f} ms a page"
            + ("  HIDDEN" if found["hidden"] else "")
        )
    figures = []
    for group, scores_of in f1s.items():
        means = {who: 100 * fmean(scores) for who, scores in scores_of.items()}
        best = max(others, key=lambda who: means[who])
        figures.append(
            Figure(f"F1, {group} ({len(scores_of['ours'])})", means["ours"], means[best], "%", best)
        )
    ours, beside = by["ours"], by[others[-1]]
    return [
        *figures,
        Figure("files that pypdf reads better by .01", float(worse), 1.0, "", "none is the goal"),
        Figure(f"order in two columns, τ ({len(order)})", 100 * fmean(order), 96.0, "%", "the goal"),
        Figure("link targets", 100 * fmean(links), 100.0, "%", "all of them"),
        Figure("email addresses", 100 * fmean(contacts), 100.0, "%", "all of them"),
        Figure("a page, median, in the sandbox", ours.milliseconds, beside.milliseconds, "ms", others[-1]),
        Figure("a page, median", ours.milliseconds, by["pypdf"].milliseconds, "ms", "pypdf"),
        Figure("peak memory of a reader", ours.peak_mb, by["pypdf"].peak_mb, "MB", "pypdf"),
    ]


async def _docx() -> list[Figure]:
    files = resumes(".docx", ".dotx")
    ours, plain = await read_by("ours", files), await read_by("python-docx", files)
    recalls: dict[str, list[tuple[float, float]]] = defaultdict(list)
    links = []
    for resume in files:
        words, targets = words_of_docx(resume.path)
        scores = (recall(tokens(ours.text(resume)), words), recall(tokens(plain.text(resume)), words))
        for group in ("all DOCX", resume.groups[0], resume.groups[1]):
            recalls[group].append(scores)
        links.append(recall(ours.files[str(resume.path)]["links"], targets))
        say(f"{resume.name[:60]:<60} ours {scores[0]:.3f} python-docx {scores[1]:.3f}  links {links[-1]:.2f}")
    return [
        *(
            Figure(
                f"recall, {group} ({len(scores)})",
                100 * fmean(ours for ours, _ in scores),
                100 * fmean(plain for _, plain in scores),
                "%",
                "python-docx",
            )
            for group, scores in recalls.items()
        ),
        Figure("link targets of DOCX", 100 * fmean(links), 100.0, "%", "all of them"),
    ]


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # what it is run for
