"""A resume understood by rules alone: what is certain enough to show where no AI is at hand.

The rules look for the parts every resume has (contact, dates, headings, titles, skills, education) and
claim no more than they found: the confidence is a tenth for each part, 0.6 at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from domain.background.vocabulary import fold, skills_in, tokens
from domain.resumes.analysis import Contact, Education, Experience, ExtractedText, ResumeAnalysis
from domain.resumes.timeline import Range, months_covered, ranges_in
from domain.resumes.vocabulary import folded, names, vocabulary

PARTS = ("name", "contact", "dates", "role", "education", "skills")
CONFIDENCE_PER_PART = 0.1
_TOP_LINES = 12
_SOFT_HYPHEN = "\xad"  # some PDF producers write it for every hyphen
_LONGEST_HEADING = 45
_LONGEST_TITLE = 80
_LONGEST_ROLE = 100
_FEW_SKILLS = 3
_MOST_SKILLS = 60
_MOST_ENTRIES = 30

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(
    r"(?<![\w/.-])(?:\+\d{1,3}[\s.\-()]{0,2})?(?:\(?\d{2,5}\)?[\s.\-/]{0,2}){2,5}\d{2,5}(?![\w/])"
)
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s|,;<>()]+|(?:linkedin|github|gitlab|bitbucket|behance|medium)\.(?:com|org)/[^\s|,;<>()]+",
    re.IGNORECASE,
)
_PLACE = re.compile(r"^[^\W\d_][\w .'’-]{1,30},\s*[^\W\d_][\w .'’-]{1,30}$")
_RESULT = re.compile(
    r"\d+(?:[.,]\d+)?\s?(?:%|percent|por ciento|x\b|k\b|m\b|hours?|horas?|days|días|users|usuarios|customers"
    r"|clientes|people|personas|ms\b|million|millones|euros?|usd)|[$€£]\s?\d",
    re.IGNORECASE,
)
_CALLED = re.compile(r"\b(curriculum vitae|curriculumvitae|resume|cv|lebenslauf|hoja de vida)\b")
_NAME_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]*)*")
_PARTICLES = {
    "de",
    "del",
    "la",
    "las",
    "los",
    "van",
    "von",
    "der",
    "den",
    "da",
    "dos",
    "di",
    "le",
    "y",
    "bin",
    "al",
    "el",
}
_NOT_NAMES = {
    "curriculum",
    "vitae",
    "resume",
    "resumé",
    "résumé",
    "cv",
    "lebenslauf",
    "currículum",
    "hoja",
    "vida",
}
_MOST_CHARACTERS = 60_000  # some twenty pages; the rules take 2 ms for each thousand
_SPLIT = re.compile(r"\s*[|•·@]\s*|\s+[-–—]\s+|\t+|\s{3,}|,\s+|\s+\bat\b\s+")


@dataclass(frozen=True)
class ResumeFacts:
    """The analysis, without words about it, and what it rests on: the `PARTS` that were found.

    `months` are those that the dates cover together, `headings` the lines that open a section.
    """

    analysis: ResumeAnalysis
    found: tuple[str, ...]
    lines_with_results: int
    months: int = 0
    headings: tuple[str, ...] = ()


def read_resume(document: ExtractedText, language: str, today: date) -> ResumeFacts:
    """What the rules see in a document; `today` stands for "present" in a date range."""
    text = document.text[:_MOST_CHARACTERS].replace(_SOFT_HYPHEN, "-").replace("\xa0", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    sections = _sections(lines)
    contact = _contact(lines, document.links)
    work = sections.get("experience", [])
    dated = _dated(work or _outside(sections, "education"), today)
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


def headings_in(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines that are headings of a resume's sections, each once."""
    return tuple(dict.fromkeys(line for line in lines if _heading(line) is not None))


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
    top = "\n".join(lines[:_TOP_LINES])
    reachable = bool(_EMAIL.search(top) or _PHONE.search(top))
    telling = len(set(found) & {"dates", "role", "education", "skills"})
    if headings >= 2 or (headings == 1 and "contact" in found):
        return True
    return reachable and (telling >= 2 or bool(_CALLED.search(fold(top))) or not _is_latin(lines))


def _is_latin(lines: Sequence[str]) -> bool:
    """Whether most letters are Latin; of other scripts the rules know too little to call a file no resume."""
    letters = [char for line in lines for char in line if char.isalpha()]
    return 2 * sum(char < "\u0250" for char in letters) >= len(letters)


def _heading(line: str) -> str | None:
    """Which section a line opens, if it is a heading."""
    if len(line) > _LONGEST_HEADING:
        return None
    words = re.sub(r"\b(\w) (?=\w\b)", r"\1", fold(line)).strip(" .&0123456789")
    for section in vocabulary()["headings"]:
        headings = folded("headings", section)
        if words in headings or words.replace(" and ", " & ") in headings:
            return str(section)
    return None


def _sections(lines: Iterable[str]) -> dict[str, list[str]]:
    """The lines below each heading; those before the first are under "top"."""
    sections: dict[str, list[str]] = {"top": []}
    current = "top"
    for line in lines:
        heading = _heading(line)
        if heading is not None:
            current = heading
            sections.setdefault(current, [])
        else:
            sections[current].append(line)
    return sections


def _outside(sections: dict[str, list[str]], name: str) -> list[str]:
    return [line for section, lines in sections.items() if section != name for line in lines]


def _contact(lines: Sequence[str], links: Sequence[str]) -> Contact:
    text = "\n".join(lines)
    email = _EMAIL.search(text)
    written = (match.group().rstrip(".") for match in _LINK.finditer(text))
    web = (link for link in links if link.startswith(("http://", "https://")))
    return Contact(
        name=_name(lines),
        email=email.group() if email else next((x[7:] for x in links if x.startswith("mailto:")), ""),
        phone=_phone(lines[: 2 * _TOP_LINES]) or _phone(lines),
        location=_location(lines[:_TOP_LINES]),
        links=list(dict.fromkeys((*written, *web))),
    )


def _phone(lines: Iterable[str]) -> str:
    """The first run of 8 to 15 digits that is written like a number and not like dates."""
    for line in lines:
        for match in _PHONE.finditer(line):
            digits = re.sub(r"\D", "", match.group())
            if 8 <= len(digits) <= 15 and not re.search(r"(?:19|20)\d\d\s*[-–/.]", match.group()):
                return match.group().strip()
    return ""


def _location(lines: Iterable[str]) -> str:
    for line in lines:
        for part in re.split(r"\s*[|•·●]\s*|\s{3,}", line):
            if _PLACE.match(part) and not _is_title(part) and not skills_in(part):
                return part
    return ""


def _name(lines: Sequence[str]) -> str:
    """Two to five capitalised words above the first heading, no title; else two lines of one, or one."""
    headings = (index for index, line in enumerate(lines) if _heading(line) is not None)
    top = lines[: min(next(headings, _TOP_LINES), _TOP_LINES)] or lines[:_TOP_LINES]
    for line in top:
        for part in re.split(r"\s*[|•·●,]\s*|\s{3,}|\s+[-–—]\s+", line)[:2]:
            if _looks_like_name(part.split(), least=2):
                return _cased(part)
    for first, second in pairwise(top[:5]):
        if _looks_like_name(first.split(), least=1) and _looks_like_name(second.split(), least=1):
            return _cased(f"{first} {second}")
    return _cased(top[0]) if top and _looks_like_name(top[0].split(), least=1) else ""


def _looks_like_name(words: Sequence[str], least: int) -> bool:
    if not least <= len(words) <= 5 or any(not _NAME_WORD.fullmatch(word) for word in words):
        return False
    if any(word.casefold() in _NOT_NAMES for word in words) or _heading(" ".join(words)) is not None:
        return False
    capital = [word for word in words if word.casefold() not in _PARTICLES]
    # Scripts without capitals write a name as plainly as any other words.
    cased = all(word[0].isupper() or word[0].lower() == word[0].upper() for word in capital)
    joined = " ".join(words)
    return (
        any(
            (len(word) > 1 or word[0].lower() == word[0].upper()) and word[-1] not in ".-" for word in capital
        )
        and cased
        and len(joined) > 1
        and not _is_title(joined)
        and not skills_in(joined)
    )


def _cased(name: str) -> str:
    return name.title() if name.isupper() and len(name) > 4 else name.strip()


def _is_title(text: str) -> bool:
    return len(text) <= _LONGEST_TITLE and names(text, "titles", "words")


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
        parts = [part for part in _SPLIT.split(each.rest) if part and len(part) > 1]
        near = [
            line for line in (*each.before, *each.after) if len(line) <= _LONGEST_TITLE and not _bullet(line)
        ]
        title = next((part for part in parts if _is_title(part)), "")
        if not title:
            title = next((p for line in near for p in _SPLIT.split(line) if _is_title(p)), "")
        employer = next((part for part in parts if part != title and not _PLACE.match(part)), "")
        if title or employer:
            entries.append(
                Experience(title=title, employer=employer, start=each.range.began, end=each.range.ended)
            )
    return entries


def _bullet(line: str) -> bool:
    return line[:1] in "•●▪◦*‣·–-"


def _role(lines: Sequence[str], work: Sequence[str], experience: Sequence[Experience]) -> str:
    """The headline above the first heading, or else the title of the employment that is listed first."""
    for line in lines[:_TOP_LINES]:
        if _heading(line) is not None:
            break
        for part in re.split(r"\s*[|•·●]\s*|\s{3,}", line):
            if len(part.split()) <= 8 and not _EMAIL.search(part) and part[-1:] != "." and _is_title(part):
                return part[:_LONGEST_ROLE]
    dated = (each.title for each in experience if each.title)
    listed = (
        part
        for line in work
        if len(line) <= _LONGEST_TITLE and not _bullet(line)
        for part in _SPLIT.split(line)
        if part and _is_title(part)
    )
    return next(dated, next(listed, ""))[:_LONGEST_ROLE]


def _education(lines: Sequence[str]) -> list[Education]:
    """Lines of the education section that name a degree or a school; a school joins the degree beside it."""
    entries: list[Education] = []
    for line in lines:
        if len(line) > 2 * _LONGEST_TITLE or _bullet(line):
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
    texts = [*section, *(line for line in lines if len(line) <= 2 * _LONGEST_TITLE and level.search(line))]
    words = {token.lower for line in texts for token in tokens(line)}
    named = []
    for name, others in vocabulary()["spoken"].items():
        if {name.casefold(), *(other.casefold() for other in others)} & words:
            named.append(others[0].capitalize() if language == "es" else name)
    return named
