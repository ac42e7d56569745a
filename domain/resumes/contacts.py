"""Who a resume is of and how to reach them, as far as rules can tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from domain.background.vocabulary import skills_in
from domain.resumes.analysis import Contact
from domain.resumes.sections import heading, is_title, without_label
from domain.resumes.vocabulary import names
from domain.resumes.whereabouts import is_region

TOP_LINES = 12

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(
    r"(?<![\w/.-])(?:\(?\+\d{1,3}[\s.\-()]{0,2})?(?:\(?\d{2,5}\)?[\s.\-/]{0,2}){2,5}\d{2,5}(?![\w/])"
)
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s|,;<>()]+|(?:linkedin|github|gitlab|bitbucket|behance|medium)\.(?:com|org)/[^\s|,;<>()]+",
    re.IGNORECASE,
)
_POSTCODE = re.compile(r"\d{4,6}\s+(?=\()")  # "CA 94588 (555) 123-4567"
_PARTS = re.compile(r"\s*[|•·●]\s*|\s{3,}")
_LABEL = re.compile(r"^[-–*\s]*[^\W\d_]+\s*:\s*")  # "- Location: Lima, Perú"
_WORDS = r"[^\W\d_][\w.'’-]*(?: [\w.'’-]+){0,2}"
_PLACE = re.compile(rf"{_WORDS},\s*{_WORDS}")
_NAME_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]*)*")
# fmt: off
_PARTICLES = {
    "al", "bin", "da", "de", "del", "den", "der", "di", "dos", "el", "la", "las", "le", "los", "van",
    "von", "y",
}
_NOT_NAMES = {
    "curriculum", "vitae", "resume", "resumé", "résumé", "cv", "lebenslauf", "currículum", "hoja", "vida",
    "address", "anschrift", "dirección", "house", "street", "road", "avenue", "village", "apartment",
    "phone", "email",
}
# fmt: on
_OWNER = re.compile(r"['’]s? (?:cv|resume|résumé|curriculum vitae)$", re.IGNORECASE)


def contact_in(lines: Sequence[str], links: Sequence[str]) -> Contact:
    """What the lines of a resume and the links behind its words tell; "" where they do not."""
    text = "\n".join(lines)
    linked = (link[7:] for link in links if link.startswith("mailto:"))
    written = (match.group().rstrip(".") for match in _LINK.finditer(text))
    web = (link for link in links if link.startswith(("http://", "https://")))
    email = EMAIL.search(text) or next(filter(None, map(EMAIL.match, linked)), None)
    return Contact(
        name=_name(lines),
        email=email.group() if email else "",
        phone=_phone(lines[: 2 * TOP_LINES]) or _phone(lines),
        location=_location(_top(lines)),
        links=list(dict.fromkeys((*written, *web))),
    )


def _top(lines: Sequence[str]) -> Sequence[str]:
    """The lines above the first heading, or the first ones where that is at the very top."""
    headings = (index for index, line in enumerate(lines) if heading(line) is not None)
    return lines[: min(next(headings, TOP_LINES), TOP_LINES)] or lines[:TOP_LINES]


def _phone(lines: Iterable[str]) -> str:
    """The first run of 8 to 15 digits that is written like a number and not like dates."""
    for line in lines:
        for match in PHONE.finditer(line):
            number = _POSTCODE.sub("", match.group().strip(), count=1)
            digits = re.sub(r"\D", "", number)
            if 8 <= len(digits) <= 15 and not re.search(r"(?:19|20)\d\d\s*[-–/.]", number):
                return number
    return ""


def _location(lines: Iterable[str]) -> str:
    """The first "City, Region", also at the end of an address: best one whose region is known."""
    parts = [_LABEL.sub("", part) for line in lines for part in _PARTS.split(line)]
    for part in parts:
        pieces = [piece.strip() for piece in part.split(",")]
        if len(pieces) > 1 and is_region(pieces[-1]) and not _is_something_else(pieces[-2]):
            return ", ".join(pieces[-2:])
    return next((part for part in parts if _PLACE.fullmatch(part) and not _is_something_else(part)), "")


def _is_something_else(part: str) -> bool:
    """Whether what is written like a place is a title, a skill, a school or a degree."""
    is_learnt = names(part, "education", "schools") or names(part, "education", "degrees")
    return is_learnt or is_title(part) or bool(skills_in(part)) or any(map(str.isdigit, part))


def _name(lines: Sequence[str]) -> str:
    """Two to five capitalised words above the first heading, no title; else two lines of one, or one."""
    top = [_OWNER.sub("", without_label(line)) for line in _top(lines)]
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
    if any(word.casefold() in _NOT_NAMES for word in words) or heading(" ".join(words)) is not None:
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
        and not is_title(joined)
        and not skills_in(joined)
    )


def _cased(name: str) -> str:
    return name.title() if name.isupper() and len(name) > 4 else name.strip()
