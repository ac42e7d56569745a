"""The keyword check: which key points an answer mentions, and in which of its own words.

It says what was mentioned, never how well: on a rated public set it agrees with people at r = 0.28
only (docs/evaluation.md), so nothing here is a score. Pure, without I/O.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from domain.interviews.plan import PlannedQuestion
from domain.interviews.rubric import Judgement, KeyPoint, Verdict, checked

ANY_NUMBER = "#"
MAX_QUOTE_WORDS = 16
_CONTEXT_WORDS = 6
_MIN_SIGNIFICANT = 4
_CLAUSE_END = re.compile(r"[.!?;:\n]+")

# Words of four letters or more that say nothing of a subject, English and Spanish.
_COMMON = """
    about after again also always and another because been before being between both but came come could
    does done down each either ever every from gave give goes good have having here how into itself just
    keep kept less like made make makes making many mentions might more most much must need needs never
    only other others over same says shall should shows since some such take taken than that their
    them then there these they thing things this those through time under until upon used user uses using
    very want was way well were what when where which while whom whose will with within without work would
    your yours answer candidate explains describes example names point
    acerca además algo alguna algunas alguno algunos ambos ante antes aquel aquella aunque cada como cuando
    cual cuales cuyo cuya debe deben desde después donde durante ella ellas ellos entonces entre eran esta
    está estaba están estar estas este esto estos fuera fueron haber hace hacer hacia hasta hubo incluso
    luego menciona menos mientras mismo mucha muchas mucho muchos nada ninguna ninguno nosotros nunca otra
    otras otro otros para pero poco porque puede pueden pues quien quienes según sido siempre sino sobre
    solo sólo suyo también tanto tener tenía tiene tienen toda todas todo todos tras unas unos usted varias
    varios vosotros respuesta explica describe ejemplo punto
"""


@dataclass(frozen=True)
class Word:
    """A word of a text, folded for comparison, and where it stands."""

    folded: str
    start: int
    end: int


def fold(text: str) -> str:
    """Case and accents removed: people type Spanish without them."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


_FOLDED_COMMON = frozenset(fold(_COMMON).split())


def words_of(text: str) -> list[Word]:
    return [Word(fold(m.group()), m.start(), m.end()) for m in re.finditer(r"\w+", text)]


@lru_cache(maxsize=8192)
def _pattern(keyword: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+\*?|#", fold(keyword)))


def _fits(pattern: str, word: str) -> bool:
    if pattern == ANY_NUMBER:
        return any(c.isdigit() for c in word)
    if pattern.endswith("*"):
        return word.startswith(pattern[:-1])
    return word == pattern or (len(pattern) > 2 and word in (f"{pattern}s", f"{pattern}es"))


def find(keyword: str, words: Sequence[Word], ignored: frozenset[str] = frozenset()) -> range | None:
    """The positions of the first occurrence of `keyword`, or None.

    `stem*` fits every word that begins so, `#` every number, anything else the word and its plural;
    several words must follow each other. An occurrence made of `ignored` words only does not count.
    """
    pattern = _pattern(keyword)
    if not pattern:
        return None
    for start in range(len(words) - len(pattern) + 1):
        span = words[start : start + len(pattern)]
        if all(_fits(p, w.folded) for p, w in zip(pattern, span, strict=True)) and any(
            w.folded not in ignored for w in span
        ):
            return range(start, start + len(pattern))
    return None


def _significant(text: str, ignored: frozenset[str]) -> tuple[str, ...]:
    """Stems of the words of `text` that carry its meaning, for key points that came without keywords."""
    stems: dict[str, None] = {}
    for word in words_of(text):
        if len(word.folded) >= _MIN_SIGNIFICANT and word.folded not in _FOLDED_COMMON | ignored:
            stem = word.folded[: max(_MIN_SIGNIFICANT, len(word.folded) - 3)]
            stems[f"{stem}*"] = None
    return tuple(stems)


def _evidence(point: KeyPoint, words: Sequence[Word], ignored: frozenset[str]) -> range | None:
    """Where the point is mentioned: any one of its keywords, or enough of its own words."""
    if point.keywords:
        found = (find(keyword, words, ignored) for keyword in point.keywords)
        return next((span for span in found if span is not None), None)
    stems = _significant(point.text, ignored)
    spans = [span for stem in stems if (span := find(stem, words, ignored)) is not None]
    needed = max(min(2, len(stems)), math.ceil(0.4 * len(stems)))
    return spans[0] if stems and len(spans) >= needed else None


def _quote(text: str, words: Sequence[Word], span: range) -> str:
    """The clause around `span`, cut to a few words on either side where it is long."""
    first, last = span.start, span.stop - 1
    ends = list(_CLAUSE_END.finditer(text))
    first_allowed = max((e.end() for e in ends if e.end() <= words[first].start), default=0)
    last_allowed = min((e.start() for e in ends if e.start() >= words[last].end), default=len(text))
    begin = next(i for i, w in enumerate(words) if w.start >= first_allowed)
    stop = max(i for i, w in enumerate(words) if w.end <= last_allowed)
    if stop - begin >= MAX_QUOTE_WORDS:
        begin, stop = max(begin, first - _CONTEXT_WORDS), min(stop, last + _CONTEXT_WORDS)
    return text[words[begin].start : words[stop].end]


def mentioned(question: PlannedQuestion, answer: str) -> tuple[Judgement, ...]:
    """One judgement per key point: `met` with the answer's words where it is mentioned, else `missing`.

    Words of the question itself do not count, so a copied question mentions nothing.
    """
    text = unicodedata.normalize("NFKC", answer)
    words = words_of(text)
    asked = frozenset(w.folded for w in words_of(question.text))
    judgements = []
    for index, point in enumerate(question.key_points):
        span = _evidence(point, words, asked)
        if span is not None:
            quote = _quote(text, words, span)
            judgements.append(Judgement(key_point=index, quote=quote, verdict=Verdict.MET))
    return checked(judgements, len(question.key_points), answer, question.text)
