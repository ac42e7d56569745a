"""When the rules follow an answer up, and in which of its words; a model decides that where there is one.

Every rule can be put to the person in a sentence: the answer is very short, tells nothing that happened or
names nothing that can be held on to, or the story stops before what came of it. Pure, without I/O; answers in
a language that probing.toml does not know are not followed up.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from domain.background.vocabulary import skills_in
from domain.interviews.debrief import excerpt
from domain.interviews.doubts import doubtful
from domain.interviews.keywords import fold
from domain.interviews.plan import PlannedQuestion, ProbeReason, QuestionKind
from domain.interviews.rubric import WORDS, Judgement, Verdict, is_quoted, own_words
from domain.interviews.sentences import pieces
from domain.ports import TurnRequest

SHORT_STORY = 30  # words: some twelve seconds of talking
SHORT_CASE = 20
FEWEST_WORDS = 3
SHORT_REFUSAL = 25  # an "I don't know" in a longer answer is only a part of it
LONGEST_QUOTE = 90
FEWEST_QUOTED = 4  # words: of fewer nobody knows which were meant
FEWEST_PLAIN = 0.25  # the share of plain words by which a text is known for one of its language
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_QUOTED = re.compile(r"“[^”]*”|«[^»]*»")
_NAME = re.compile(r"(?<=[\w,;] )[^\W\d_a-z]\w+")


@dataclass(frozen=True)
class Opening:
    """What an answer leaves open, and its words to ask on from; "" where none are fit to be quoted."""

    reason: ProbeReason
    quote: str = ""


def opening(request: TurnRequest, judgements: Sequence[Judgement]) -> Opening | None:
    """What to follow an answer up for; None where nothing is open, or asking on would not help.

    Only a first answer is ever called vague, and nothing is asked for twice.
    """
    question, answer, language = request.question, request.answer, request.candidate.language
    speech = _speech().get(language)
    own = own_words(answer, f"{question.text}\n{question.hint}").replace("|", " ")
    if speech is None or not reads(own, language) or _gives_up(own, answer, speech):
        return None
    if all(each.verdict is Verdict.MET for each in judgements):
        return None
    is_story = question.kind is QuestionKind.BEHAVIOURAL
    if not request.probed and _is_vague(own, answer, judgements, speech, is_story=is_story):
        return Opening(ProbeReason.VAGUE, _quoted(question, _sentences(answer), language))
    is_asked = ProbeReason.NO_RESULT in request.probed
    if is_story and not is_asked and not _has_result((*request.before, answer), speech):
        return Opening(ProbeReason.NO_RESULT, _quoted(question, reversed(_sentences(answer)), language))
    return None


def without_quotes(question: PlannedQuestion) -> PlannedQuestion:
    """A question without what it quotes of the candidate: those words are theirs, not the question's."""
    return question.model_copy(update={"text": _QUOTED.sub(" ", question.text)})


def reads(text: str, language: str) -> bool:
    """Whether the rules know this language, and the text looks like being in it."""
    speech = _speech().get(language)
    plain = fold(text)
    return speech is not None and len(speech.plain.findall(plain)) >= FEWEST_PLAIN * max(1, _length(plain))


def _gives_up(own: str, answer: str, speech: _Speech) -> bool:
    """Whether one says a word or two, mostly repeats the question, asks back, or does not know."""
    if _length(own) < max(FEWEST_WORDS, _length(answer) / 2) or answer.rstrip().endswith("?"):
        return True
    return _length(own) < SHORT_REFUSAL and bool(speech.unknown.search(fold(answer)))


def _is_vague(
    own: str, answer: str, judgements: Sequence[Judgement], speech: _Speech, *, is_story: bool
) -> bool:
    if _length(own) < (SHORT_STORY if is_story else SHORT_CASE):
        return True
    if is_story:
        # Spanish marks by an accent what people often leave out.
        return not (speech.told.search(fold(answer)) or speech.told.search(answer.casefold()))
    is_mentioned = any(each.verdict is not Verdict.MISSING for each in judgements)
    return not (is_mentioned or _NAME.search(answer) or any(map(str.isdigit, answer)) or skills_in(answer))


def _has_result(answers: Sequence[str], speech: _Speech) -> bool:
    """Whether a story holds a number, other than a year, or speaks of what came of it."""
    told = _YEAR.sub("", fold("\n".join(answers)))
    return any(map(str.isdigit, told)) or bool(speech.outcome.search(told))


def _length(text: str) -> int:
    return len(WORDS.findall(text))


def _quoted(question: PlannedQuestion, sentences: Iterable[str], language: str) -> str:
    """The first of these sentences that is fit to be said again, cut short; "" where none is.

    That is one of the candidate's own, without quotation marks, and not meant for whoever judges.
    """
    for each in sentences:
        is_own = not is_quoted(each, question.text) and not any(mark in each for mark in '“”«»"')
        if _length(each) >= FEWEST_QUOTED and is_own and not doubtful(each, language):
            return excerpt(each.rstrip(".!… "), LONGEST_QUOTE)
    return ""


def _sentences(answer: str) -> list[str]:
    return [piece.strip() for piece in pieces(answer) if piece.strip()]


@dataclass(frozen=True)
class _Speech:
    plain: re.Pattern[str]
    unknown: re.Pattern[str]
    told: re.Pattern[str]
    outcome: re.Pattern[str]


@cache
def _speech() -> dict[str, _Speech]:
    document = tomllib.loads((files(__package__) / "probing.toml").read_text(encoding="utf-8"))
    return {
        language: _Speech(**{name: re.compile(pattern) for name, pattern in entry.items()})
        for language, entry in document.items()
    }
