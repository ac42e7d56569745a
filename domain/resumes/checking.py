"""An analysis held against the text it was made from: by code, whoever made it.

What does not occur in the text is marked as inferred, years are counted from dates, and the confidence is
no greater than the share of what could be found again. What it leaves blank is what the rules find.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import ceil

from domain.background.vocabulary import skills_in
from domain.resumes.analysis import Experience, ResumeAnalysis, ResumeFacts, YearsBasis
from domain.resumes.planted import Parted
from domain.resumes.timeline import Range, months_covered, ranges_in
from domain.resumes.vocabulary import folded, writes_no_spaces
from domain.resumes.wording import plain

# A rating in the prose is an opinion that somebody asked for: scores are computed from answers alone.
_RATING = re.compile(r"\b(?:10|ten)\s?(?:/|out of|de|sobre)\s?(?:10|ten)\b", re.IGNORECASE)
_FILLED = ("inferred_role", "skills", "experience", "education", "languages")


@dataclass(frozen=True)
class _Words:
    """A text as whole words, and without spaces for scripts that write none."""

    spaced: str
    joined: str

    @classmethod
    def of(cls, text: str) -> _Words:
        words = plain(text)
        return cls(f" {words} ", words.replace(" ", ""))

    def hold(self, phrase: str) -> bool:
        """Whether the words of `phrase` occur one after the other."""
        words = plain(phrase)
        if not words:
            return False
        return f" {words} " in self.spaced or (
            writes_no_spaces(words.replace(" ", "")) and words.replace(" ", "") in self.joined
        )


def checked(analysis: ResumeAnalysis, document: Parted, rules: ResumeFacts, today: date) -> ResumeAnalysis:
    """The analysis with what the text says of it. `rules` is what the rules see in the same text.

    A document without text (a scan) holds nothing against which to check: its years stay unchecked.
    """
    if not analysis.is_resume:
        return analysis
    analysis = _completed(analysis, rules.analysis)
    words = _Words.of(document.kept)
    known = set(skills_in(document.kept))
    absent = [skill for skill in analysis.skills if not _occurs(skill, words, known)]
    experience = [_experience(entry, words) for entry in analysis.experience]
    role, role_inferred = _role(analysis.inferred_role, words, document, rules.analysis.inferred_role)
    years, basis = _years(analysis, document.kept, rules, today)
    found = [skill not in absent for skill in analysis.skills]
    found += [not entry.inferred for entry in experience if entry.employer]
    share = sum(found) / len(found) if found else 1.0
    return analysis.model_copy(
        update={
            "skills": sorted(analysis.skills, key=lambda skill: skill in absent),
            "inferred_skills": absent,
            "experience": experience,
            "inferred_role": role,
            "role_inferred": role_inferred,
            "years_of_experience": years,
            "claimed_years": analysis.years_of_experience,
            "years_basis": basis,
            "strengths": [line for line in analysis.strengths if not _RATING.search(line)],
            "confidence": round(min(analysis.confidence, share), 2),
            "sections": list(rules.headings),
            "set_aside": list(document.set_aside),
        }
    )


def _completed(analysis: ResumeAnalysis, by_rules: ResumeAnalysis) -> ResumeAnalysis:
    """The analysis with its blanks filled by the rules: they find less, but only what the text says."""
    blanks = {name: getattr(by_rules, name) for name in _FILLED if not getattr(analysis, name)}
    contact = {name: value for name, value in by_rules.contact if not getattr(analysis.contact, name)}
    return analysis.model_copy(update={**blanks, "contact": analysis.contact.model_copy(update=contact)})


def _occurs(skill: str, words: _Words, known: set[str]) -> bool:
    """Whether the text names a skill, in these words or in others that mean it ("k8s", "Kubernetes")."""
    return words.hold(skill) or bool(known & set(skills_in(skill)))


def _experience(entry: Experience, words: _Words) -> Experience:
    employer = entry.employer
    named = words.hold(employer) or words.hold(re.split(r"[,(|·–-]", employer)[0])
    return entry.model_copy(update={"inferred": bool(employer) and not named})


def _role(claimed: str, words: _Words, document: Parted, by_rules: str) -> tuple[str, bool]:
    """The role, and whether it is inferred: none of the text's own, apart from how senior it is.

    One that occurs only in what was set aside was asked for, not read: that of the rules takes its place.
    """
    said = plain(claimed).split()
    telling = [word for word in said if word not in folded("titles", "levels")] or said
    if all(words.hold(word) for word in telling):
        return claimed, False
    planted = _Words.of(" ".join(document.set_aside))
    if any(planted.hold(word) and not words.hold(word) for word in telling):
        return by_rules, False
    return claimed, bool(claimed)


def _years(
    analysis: ResumeAnalysis, text: str, rules: ResumeFacts, today: date
) -> tuple[int | None, YearsBasis | None]:
    """Never more years than the dates cover; a year that has begun may be counted."""
    claimed = analysis.years_of_experience
    months = max(months_covered(_ranges(analysis.experience, text, today)), rules.months)
    if months:
        most = ceil(months / 12)
        return (months // 12 if claimed is None else min(claimed, most)), YearsBasis.DATES
    if claimed is None:
        return None, None
    is_stated = re.search(rf"(?<![\d.,/-]){claimed}(?![\d/]|[.,-]\d)", text)
    return claimed, YearsBasis.STATED if is_stated else YearsBasis.UNCHECKED


def _ranges(entries: Iterable[Experience], text: str, today: date) -> list[Range]:
    """The ranges of employments whose years stand in the text."""
    found = []
    for entry in entries:
        if (
            entry.start
            and entry.end
            and all(year in text for year in re.findall(r"\d{4}", f"{entry.start} {entry.end}"))
        ):
            found.extend(ranges_in(f"{entry.start} - {entry.end}", today))
    return found
