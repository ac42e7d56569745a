"""What changed from one version of a resume to the next, as far as their analyses say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.resumes.analysis import ResumeAnalysis
from domain.resumes.wording import plain


@dataclass(frozen=True)
class Difference:
    """What one version has that the other lacks, in the words of the version that has it."""

    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class Changes:
    """From an earlier version to a later one; None where both say the same, or one says nothing.

    `read_otherwise` says that one was read by the AI and the other by rules, which see less: part of the
    difference may lie there.
    """

    skills: Difference
    employers: Difference
    sections: Difference
    role: tuple[str, str] | None
    years: tuple[int, int] | None
    read_otherwise: bool

    @property
    def are_none(self) -> bool:
        """Whether nothing changed that an analysis shows."""
        nothing = Difference()
        lists = (self.skills, self.employers, self.sections)
        return all(each == nothing for each in lists) and self.role is None and self.years is None


def changes(before: ResumeAnalysis, after: ResumeAnalysis) -> Changes:
    """What changed; skills that were only inferred, and sections nobody looked for, count for nothing."""
    roles = before.inferred_role, after.inferred_role
    years = before.years_of_experience, after.years_of_experience
    known = bool(before.sections and after.sections)
    return Changes(
        skills=_difference(_named(before), _named(after)),
        employers=_difference(_employers(before), _employers(after)),
        sections=_difference(before.sections, after.sections) if known else Difference(),
        role=roles if all(roles) and plain(roles[0]) != plain(roles[1]) else None,
        years=(years[0], years[1])
        if years[0] is not None and years[1] is not None and years[0] != years[1]
        else None,
        read_otherwise=before.method != after.method,
    )


def _named(analysis: ResumeAnalysis) -> list[str]:
    return [skill for skill in analysis.skills if skill not in analysis.inferred_skills]


def _employers(analysis: ResumeAnalysis) -> list[str]:
    return [entry.employer for entry in analysis.experience if entry.employer and not entry.inferred]


def _difference(before: Iterable[str], after: Iterable[str]) -> Difference:
    old, new = {plain(each): each for each in before}, {plain(each): each for each in after}
    gained = tuple(words for key, words in new.items() if key not in old)
    return Difference(gained, tuple(words for key, words in old.items() if key not in new))


def chain_of(resume_id: UUID, parents: dict[UUID, UUID | None]) -> Sequence[UUID]:
    """All versions of a resume, newest first, given the earlier version of each of a person's resumes."""
    later = {parent: child for child, parent in parents.items() if parent is not None}
    newest = resume_id
    while newest in later:
        newest = later[newest]
    chain = [newest]
    while (earlier := parents.get(chain[-1])) is not None:
        chain.append(earlier)
    return chain
