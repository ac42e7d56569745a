"""A resume understood by rules alone: what is certain enough to show where no AI is at hand.

The rules look for the parts every resume has (contact, dates, headings, titles, skills, education) and
claim no more than they found: the confidence is a tenth for each part, 0.6 at most.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.background.vocabulary import fold, skills_in, tokens
from domain.resumes.analysis import Contact, Education, Experience, ExtractedText, ResumeAnalysis, ResumeFacts
from domain.resumes.contacts import EMAIL, PHONE, TOP_LINES, contact_in
from domain.resumes.sections import (
    LONGEST_TITLE,
    heading,
    headings_in,
    is_bullet,
    is_title,
    outside,
    sections_of,
    without_label,
)
from domain.resumes.timeline import Range, months_covered, ranges_in
from domain.resumes.vocabulary import names, vocabulary
from domain.resumes.whereabouts import is_remote, without_place

PARTS = ("name", "contact", "dates", "role", "education", "skills")
CONFIDENCE_PER_PART = 0.1
_SOFT_HYPHEN = "\xad"  # some PDF producers write it for every hyphen
_LONGEST_ROLE = 100
_FEW_SKILLS = 3
_MOST_SKILLS = 60
_MOST_ENTRIES = 30

_RESULT = re.compile(
    r"\d+(?:[.,]\d+)?\s?(?:%|percent|por ciento|x\b|k\b|m\b|hours?|horas?|days|días|users|usuarios|customers"
    r"|clientes|people|personas|ms\b|million|millones|euros?|usd)|[$€£]\s?\d",
    re.IGNORECASE,
)
_CALLED = re.compile(r"\b(curriculum vitae|curriculumvitae|resume|cv|lebenslauf|hoja de vida)\b")
_MOST_CHARACTERS = 60_000  # some twenty pages; the rules take 2 ms for each thousand
_ELSEWHERE = re.compile(rf"{EMAIL.pattern}|\b(?:19|20)\d\d\b")  # a line that is no headline
_SPLIT = re.compile(r"\s*[|•·@]\s*|\s+[-–—]\s+|\t+|\s{3,}|,\s+|\s+\bat\b\s+")


def read_resume(document: ExtractedText, language: str, today: date) -> ResumeFacts:
    """What the rules see in a document; `today` stands for "present" in a date range."""
    text = document.text[:_MOST_CHARACTERS].replace(_SOFT_HYPHEN, "-").replace("\xa0", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    sections = sections_of(lines)
    contact = contact_in(lines, document.links)
    work = sections.get("experience", [])
    dated = _dated(work or outside(sections, "education"), today)
    months = months_covered(each.range for each in dated)
    experience = _experience(dated)
    skills = skills_in(text)[:_MOST_SKILLS]
    education = _education(sections.get("education", []))
    role = _role(lines, work, experience)
    found = _found(contact, bool(dated), role, education, skills)
    analysis = ResumeAnalysis(
        is_resume=_is_resume(found, sections, lines),
        contact=contact,
        inferred_role=role,
        years_of_experience=months // 12 if dated else None,
        skills=skills,
        experience=experience,
        education=education,
        languages=_languages(sections.get("languages", []), lines, language),
        confidence=round(CONFIDENCE_PER_PART * len(found), 1),
        method="rules",
    )
    with_results = sum(bool(_RESULT.search(line)) for line in lines)
    headings = headings_in(lines)
    return ResumeFacts(analysis, found, with_results, months, headings)


def _found(
    contact: Contact, dated: bool, role: str, education: Sequence[Education], skills: Sequence[str]
) -> tuple[str, ...]:
    there = {
        "name": bool(contact.name),
        "contact": bool(contact.email or contact.phone),
        "dates": dated,
        "role": bool(role),
        "education": bool(education),
        "skills": len(skills) >= _FEW_SKILLS,
    }
    return tuple(part for part in PARTS if there[part])


def _is_resume(found: Sequence[str], sections: dict[str, list[str]], lines: Sequence[str]) -> bool:
    """Two headings of a resume, or contact details and other parts; refusing one is the worse error."""
    headings = len(sections.keys() & {"experience", "education", "skills", "languages"})
    top = "\n".join(lines[:TOP_LINES])
    reachable = bool(EMAIL.search(top) or PHONE.search(top))
    telling = len(set(found) & {"dates", "role", "education", "skills"})
    if headings >= 2 or (headings == 1 and "contact" in found):
        return True
    return reachable and (telling >= 2 or bool(_CALLED.search(fold(top))) or not _is_latin(lines))


def _is_latin(lines: Sequence[str]) -> bool:
    """Whether most letters are Latin; of other scripts the rules know too little to call a file no resume."""
    letters = [char for line in lines for char in line if char.isalpha()]
    return 2 * sum(char < "\u0250" for char in letters) >= len(letters)


@dataclass(frozen=True)
class _Dated:
    range: Range
    rest: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def _dated(lines: Sequence[str], today: date) -> list[_Dated]:
    """Each date range with the rest of its line and two lines on either side."""
    found = []
    for index, line in enumerate(lines):
        for each in ranges_in(line, today):
            rest = (line[: each.start] + "  |  " + line[each.end :]).strip(" |()[],–—-")
            near = lines[max(0, index - 2) : index], lines[index + 1 : index + 3]
            found.append(_Dated(each, rest, tuple(reversed(near[0])), tuple(near[1])))
    return found


def _experience(dated: Sequence[_Dated]) -> list[Experience]:
    entries = []
    for each in dated[:_MOST_ENTRIES]:
        parts = [] if is_bullet(each.rest) else _parts_of(each.rest)
        near = [_parts_of(line) for line in (*each.before, *each.after) if _can_name_a_job(line)]
        title = next((part for part in parts if is_title(part)), "")
        if not title:
            title = next((part for line in near for part in line if is_title(part)), "")
            parts += next((line for line in near if title in line), [])
        employer = next((part for part in parts if part != title), "")
        if not employer and each.before and _can_name_a_job(each.before[0]):
            employer = next((part for part in _parts_of(each.before[0]) if not is_title(part)), "")
        if title or employer:
            entries.append(
                Experience(title=title, employer=employer, start=each.range.began, end=each.range.ended)
            )
    return entries


def _can_name_a_job(line: str) -> bool:
    """Whether a line may be that of a title or an employer, and not what somebody did there."""
    return (
        len(line) <= LONGEST_TITLE
        and not is_bullet(line)
        and not line[:1].islower()
        and line[-1:] not in ".;"
        and heading(line) is None
    )


def _parts_of(line: str) -> list[str]:
    """What a line of a job names, one by one, but for where it was."""
    halves = (without_place(half.strip()) for half in line.split("  |  "))
    parts = (part.strip(" –—-|") for half in halves for part in _SPLIT.split(half))
    return [part for part in parts if len(part) > 1 and not is_remote(part)]


def _role(lines: Sequence[str], work: Sequence[str], experience: Sequence[Experience]) -> str:
    """The headline above the first heading, or else the title of the employment that is listed first."""
    for line in lines[:TOP_LINES]:
        if heading(line) is not None:
            break
        for part in re.split(r"\s*[|•·●]\s*|\s{3,}", without_label(line)):
            is_headline = len(part.split()) <= 8 and part[-1:] != "." and not _ELSEWHERE.search(part)
            if is_headline and is_title(part):
                return part[:_LONGEST_ROLE]
    dated = (each.title for each in experience if each.title)
    listed = (
        part
        for line in work
        if len(line) <= LONGEST_TITLE and not is_bullet(line)
        for part in _parts_of(line)
        if is_title(part)
    )
    return next(dated, next(listed, ""))[:_LONGEST_ROLE]


def _education(lines: Sequence[str]) -> list[Education]:
    """Lines of the education section that name a degree or a school; a school joins the degree beside it."""
    entries: list[Education] = []
    for line in lines:
        if len(line) > 2 * LONGEST_TITLE or is_bullet(line):
            continue
        degree = names(line, "education", "degrees")
        school = names(line, "education", "schools")
        years = re.findall(r"(?:19|20)\d\d", line)
        last = entries[-1] if entries else None
        if last and degree != school and ((school and not last.school) or (degree and not last.degree)):
            update = {"school" if school else "degree": line, "year": last.year or (years or [""])[-1]}
            entries[-1] = last.model_copy(update=update)
        elif degree or school:
            entries.append(
                Education(
                    degree=line if degree else "",
                    school=line if school and not degree else "",
                    year=(years or [""])[-1],
                )
            )
        elif last and years and not last.year:
            entries[-1] = last.model_copy(update={"year": years[-1]})
    return entries[:_MOST_ENTRIES]


def _languages(section: Sequence[str], lines: Sequence[str], language: str) -> list[str]:
    """Spoken languages of their section, or named with a level anywhere; in English or Spanish names."""
    level = re.compile(
        r"\b(native|fluent|bilingual|nativ[oa]|fluid[oa]|avanzado|mother tongue|[abc][12])\b", re.IGNORECASE
    )
    texts = [*section, *(line for line in lines if len(line) <= 2 * LONGEST_TITLE and level.search(line))]
    words = {token.lower for line in texts for token in tokens(line)}
    named = []
    for name, others in vocabulary()["spoken"].items():
        if {name.casefold(), *(other.casefold() for other in others)} & words:
            named.append(others[0].capitalize() if language == "es" else name)
    return named
