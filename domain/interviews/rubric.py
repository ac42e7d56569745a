"""Scoring, without I/O: verdicts on key points, evidence that must be quoted, a score computed here.

No model is asked for a number, a quote that is not in the answer counts for nothing, and length earns
nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

MAX_SCORE = 10.0
COPIED_WORDS = 6  # a sentence of so many words is not said twice by chance
SENTENCE_ENDS = re.compile(r"[.!?¿¡。!?\n]+")


class Verdict(StrEnum):
    """How far an answer covers one key point."""

    MET = "met"
    PARTLY = "partly"
    MISSING = "missing"


# Chinese, Japanese and Korean are written without spaces: each of their characters counts as a word.
WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")

CREDIT = {Verdict.MET: 1.0, Verdict.PARTLY: 0.5, Verdict.MISSING: 0.0}


class KeyPoint(BaseModel):
    """One thing a good answer shows. `keywords` serve the offline keyword check only."""

    model_config = ConfigDict(frozen=True)

    text: str
    keywords: tuple[str, ...] = ()


class Judgement(BaseModel):
    """The verdict on the key point at `key_point` (0-based) and the answer's own words that show it."""

    model_config = ConfigDict(frozen=True)

    key_point: int = Field(ge=0)
    quote: str = ""
    verdict: Verdict


def normalised(text: str) -> str:
    """Fold case, width, accents' encoding, quotes and white space, so that a quote can be looked for."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    visible = "".join(each for each in folded if unicodedata.category(each) != "Cf")
    return " ".join(WORDS.findall(visible))


def is_quoted(quote: str, answer: str) -> bool:
    """Whether the words of `quote` occur in `answer`, in order and without gaps."""
    words = normalised(quote)
    return bool(words) and f" {words} " in f" {normalised(answer)} "


def own_words(answer: str, given: str, set_aside: Sequence[str] = ()) -> str:
    """`answer`, normalised, with the whole sentences of `given` and what was set aside cut out.

    Nothing is quoted across a cut.
    """
    copied = (each for each in SENTENCE_ENDS.split(given) if len(normalised(each).split()) >= COPIED_WORDS)
    words = f" {normalised(answer)} "
    for cut in filter(None, map(normalised, (*copied, *set_aside))):
        words = words.replace(f" {cut} ", " | ")
    return words


def checked(
    judgements: Sequence[Judgement],
    key_points: int,
    answer: str,
    question: str,
    set_aside: Sequence[str] = (),
) -> tuple[Judgement, ...]:
    """One judgement per key point, each without evidence in the answer turned into `missing`.

    Words that merely repeat the question are no evidence, nor is its whole sentence with a few words around
    it: an answer that copies it earns nothing. `question` is all that the candidate was given, with the hint.
    Nor are the sentences that were set aside because they speak to whoever judges.
    """
    answer = own_words(answer, question, set_aside)
    first = {j.key_point: j for j in reversed(judgements)}
    result = []
    for index in range(key_points):
        given = first.get(index, Judgement(key_point=index, verdict=Verdict.MISSING))
        words = normalised(given.quote)
        shown = bool(words) and f" {words} " in answer and not is_quoted(given.quote, question)
        if given.verdict is not Verdict.MISSING and not shown:
            given = Judgement(key_point=index, quote="", verdict=Verdict.MISSING)
        result.append(given)
    return tuple(result)


def score(judgements: Sequence[Judgement]) -> float:
    """The score from 0 to 10, to one decimal: the mean credit of the key points."""
    if not judgements:
        return 0.0
    return round(MAX_SCORE * sum(CREDIT[j.verdict] for j in judgements) / len(judgements), 1)


def best_of(*attempts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts of a topic: of a question and its follow-ups, the best on each key point."""
    return tuple(max(each, key=CREDIT.__getitem__) for each in zip(*attempts, strict=True))


def topic_score(verdicts: Sequence[Verdict]) -> float:
    """The score of a topic from 0 to 10, to one decimal."""
    return score([Judgement(key_point=i, verdict=verdict) for i, verdict in enumerate(verdicts)])
