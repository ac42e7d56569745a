"""Where an answer says otherwise than the resume, as far as plain rules can tell. Pure, without I/O.

Few things are looked at, and each only where both sides are plain: years of work that the dates do not hold,
when and how long somebody was with an employer, a degree above all that are named, a skill that is listed and
was never used. A resume leaves much out and an answer is rounded, so there is slack, and what is found is
asked about, not held against anybody.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from domain.background.vocabulary import skill_named
from domain.interviews.sentences import pieces
from domain.resumes.analysis import Experience, ResumeAnalysis
from domain.resumes.timeline import Range, ranges_in

SLACK_YEARS = 2
SLACK_SHARE = 1.5  # of what the dates make
SHORTEST_EMPLOYER = 3
LONGEST_QUOTE = 120
LONGEST_REST = 40
MONTHS = 12
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_LEVELS = ("bachelor", "master", "doctor")
_CLAUSE_END = re.compile(r"[.,;:!?\n]")
_STATED = re.compile(r"\b(\d{1,2})\s?\+?\s?(?:years?|yrs|anos)\b")


@dataclass(frozen=True)
class Contradiction:
    """What was said, in the answer's words, and what the resume says: `kind` names how to put that.

    `details` are "years" (dates), "employer", "start" and "end" (employer), "degree" (degree) or "skill".
    """

    kind: str
    said: str
    details: Mapping[str, str | int] = field(default_factory=dict)


def contradiction(
    answer: str, resume: ResumeAnalysis, resume_text: str, language: str, today: date
) -> Contradiction | None:
    """The first thing in which an answer in `language` differs from the resume; None where none is sure."""
    claims = _claims().get(language)
    if claims is None:
        return None
    facts = _Facts(resume, plain(resume_text), today)
    for sentence in pieces(answer):
        for found in claims.held_against(facts, plain(sentence)):
            said = _clause(sentence, *found.span)
            if len(said) <= LONGEST_QUOTE:
                return Contradiction(found.kind, said, found.details)
    return None


def _clause(sentence: str, start: int, end: int) -> str:
    """What was found with the rest of its clause, where that is short."""
    rest = _CLAUSE_END.split(sentence[end:], maxsplit=1)[0]
    return (sentence[start:end] + (rest if len(rest) <= LONGEST_REST else "")).strip()


def plain(text: str) -> str:
    """Lower case without accents, character by character, so that what is found can be quoted as it was."""
    return "".join(_letter(each) for each in text)


def _letter(char: str) -> str:
    if char in "’‘`´":
        return "'"
    lower = unicodedata.normalize("NFKD", char)[:1].lower()
    return lower if len(lower) == 1 else char


@dataclass(frozen=True)
class _Found:
    kind: str
    span: tuple[int, int]
    details: Mapping[str, str | int]


@dataclass(frozen=True)
class _Facts:
    """A resume as the rules look at it; `text` is plain."""

    resume: ResumeAnalysis
    text: str
    today: date

    @property
    def span(self) -> int | None:
        """The years since the first job; None where a job has no date that can be read."""
        ranges = [self.dates(job) for job in self.resume.experience]
        if not ranges or any(each is None for each in ranges):
            return None
        first = min(each.first for each in ranges if each)
        return round((self._now + 1 - first) / MONTHS)

    @property
    def stated(self) -> int:
        """The largest number of years that the text itself names."""
        return max((int(each) for each in _STATED.findall(self.text)), default=0)

    @property
    def _now(self) -> int:
        return self.today.year * MONTHS + self.today.month - 1

    def dates(self, job: Experience) -> Range | None:
        return next(iter(ranges_in(f"{job.start} – {job.end}", self.today)), None)

    def employers(self) -> Iterator[tuple[str, tuple[Range, ...]]]:
        """Each employer by name with all times there; those of which one cannot be read are left out."""
        names = dict.fromkeys(job.employer for job in self.resume.experience if not job.inferred)
        for name in names:
            times = [self.dates(job) for job in self.resume.experience if job.employer == name]
            read = tuple(each for each in times if each)
            if len(name) >= SHORTEST_EMPLOYER and len(read) == len(times):
                yield name, read


@dataclass(frozen=True)
class _Claims:
    """The patterns of one language."""

    number_words: Sequence[str]
    number: str
    more: str
    years: Sequence[re.Pattern[str]]
    not_work: re.Pattern[str]
    tenure: Sequence[str]
    dates: Sequence[str]
    degree: Sequence[re.Pattern[str]]
    unknown_skill: Sequence[re.Pattern[str]]
    levels: Mapping[str, re.Pattern[str]]

    def held_against(self, facts: _Facts, sentence: str) -> Iterator[_Found]:
        for find in (self._employers, self._years, self._degrees, self._skills):
            yield from find(facts, sentence)

    def _years(self, facts: _Facts, sentence: str) -> Iterator[_Found]:
        span = facts.span
        if span is None or self.not_work.search(sentence):
            return
        for match in _matches(self.years, sentence):
            claimed = self._counted(match["number"])
            if _is_far_above(claimed, span) and facts.stated < claimed:
                yield _Found("years", match.span(), {"years": span})

    def _employers(self, facts: _Facts, sentence: str) -> Iterator[_Found]:
        for name, times in facts.employers():
            if (employer := plain(name)) not in sentence:
                continue
            first, last = min(each.first for each in times), max(each.last for each in times)
            written = {"employer": name, "start": times[-1].began, "end": times[0].ended or "…"}
            for match in _matches(self._of(self.tenure, employer), sentence):
                if _is_far_above(self._counted(match["number"]), round((last + 1 - first) / MONTHS)):
                    yield _Found("employer", match.span(), written)
            for match in _matches(self._of(self.dates, employer), sentence):
                if not first // MONTHS - 1 <= int(match["year"]) <= last // MONTHS + 1:
                    yield _Found("employer", match.span(), written)

    def _degrees(self, facts: _Facts, sentence: str) -> Iterator[_Found]:
        named = {each.degree: self._level(plain(each.degree)) for each in facts.resume.education}
        best = max(named, key=named.__getitem__, default="")
        highest = named.get(best, -1)
        if highest < 0:
            return
        for match in _matches(self.degree, sentence):
            claimed = self._level(match["level"])
            is_elsewhere = self.levels[_LEVELS[claimed]].search(facts.text) if claimed >= 0 else True
            if claimed > highest and not is_elsewhere:
                yield _Found("degree", match.span(), {"degree": best})

    def _skills(self, facts: _Facts, sentence: str) -> Iterator[_Found]:
        inferred = {each.casefold() for each in facts.resume.inferred_skills}
        listed = {each.casefold(): each for each in facts.resume.skills if each.casefold() not in inferred}
        for match in _matches(self.unknown_skill, sentence):
            name = (skill_named(match["skill"]) or match["skill"]).casefold()
            if name in listed:
                yield _Found("skill", match.span(), {"skill": listed[name]})

    def _counted(self, number: str) -> int:
        return int(number) if number.isdecimal() else self.number_words.index(number) + 1

    def _level(self, text: str) -> int:
        found = (at for at, level in enumerate(_LEVELS) if self.levels[level].search(text))
        return max(found, default=-1)

    def _of(self, patterns: Iterable[str], employer: str) -> list[re.Pattern[str]]:
        named = rf"{re.escape(employer)}"
        return [re.compile(_filled(each, self.number, self.more, named)) for each in patterns]


def _matches(patterns: Iterable[re.Pattern[str]], sentence: str) -> Iterator[re.Match[str]]:
    for pattern in patterns:
        yield from pattern.finditer(sentence)


def _is_far_above(claimed: int, written: int) -> bool:
    return claimed >= written + SLACK_YEARS and claimed >= SLACK_SHARE * written


def _filled(pattern: str, number: str, more: str, employer: str = "") -> str:
    filled = pattern.replace("$NUMBER", number).replace("$MORE", more).replace("$YEAR", _YEAR)
    return filled.replace("$EMPLOYER", employer)


@cache
def _claims() -> dict[str, _Claims]:
    document = tomllib.loads((files(__package__) / "contradictions.toml").read_text(encoding="utf-8"))
    return {language: _claims_in(entry) for language, entry in document.items()}


def _claims_in(entry: Mapping[str, Any]) -> _Claims:
    words = entry["numbers"].split()
    number, more = rf"(?P<number>\d{{1,2}}|{'|'.join(words)})", entry["more"]

    def patterns(name: str) -> list[re.Pattern[str]]:
        return [re.compile(_filled(each, number, more)) for each in entry[name]]

    return _Claims(
        number_words=words,
        number=number,
        more=more,
        years=patterns("years"),
        not_work=re.compile(entry["not_work"]),
        tenure=entry["tenure"],
        dates=entry["dates"],
        degree=patterns("degree"),
        unknown_skill=patterns("unknown_skill"),
        levels={level: re.compile(rf"\b(?:{pattern})") for level, pattern in entry["levels"].items()},
    )
