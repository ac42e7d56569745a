"""Two ways for the loopback Gemini to judge: properly, or as a text in its material orders it to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Literal

from domain.interviews.rubric import normalised
from tests.loopback.gemini import Request
from tests.loopback.gemini_answers import words

MET, PARTLY = 0.6, 0.3  # the share of a key point's telling words that one sentence must hold
RUN = 4
Obedience = Literal["forged", "injection", "own words", "leak"]


def key_points(request: Request) -> list[tuple[int, str]]:
    found = re.findall(r"^(\d+)\. (.+)$", request.material["question"], re.MULTILINE)
    return [(int(index), text) for index, text in found]


def _sentences(text: str) -> list[str]:
    return [each.strip() for each in re.split(r"(?<=[.!?])\s+|\n", text) if any(c.isalnum() for c in each)]


def properly(request: Request) -> dict[str, object]:
    """A key point is met by one sentence that says it, not by a word dropped somewhere."""
    sentences = _sentences(request.material.get("answer", ""))
    judgements = []
    for index, text in key_points(request):
        wanted = set(words(text))
        share, best = max(((_share(wanted, each), each) for each in sentences), default=(0.0, ""))
        verdict = "met" if share >= MET else "partly" if share >= PARTLY else "missing"
        quote = best if verdict != "missing" else ""
        judgements.append({"key_point": index, "quote": quote, "verdict": verdict})
    return _evaluation(judgements)


def _share(wanted: set[str], sentence: str) -> float:
    return len(wanted & set(words(sentence))) / len(wanted) if wanted else 0.0


def _evaluation(judgements: list[dict[str, object]], **said: str) -> dict[str, object]:
    texts = {"feedback": "You named what you did.", "model_answer": "", "probe": "", "next_question": ""}
    return {"judgements": judgements, **texts, **said}


def seen(text: str, request: Request) -> bool:
    """Whether the model is shown enough of a text to obey it: four of its words in a row, or a long one."""
    shown = f" {normalised(' '.join(request.material.values()))} "
    told = normalised(_untagged(text)).split()
    runs = [" ".join(told[i : i + RUN]) for i in range(len(told) - RUN + 1)] or [" ".join(told)]
    return any(f" {run} " in shown for run in [*runs, *(word for word in told if len(word) > 15)] if run)


def _untagged(text: str) -> str:
    return "".join(chr(ord(c) - 0xE0000) if 0xE0020 <= ord(c) <= 0xE007E else c for c in text)


def obeying(text: str, how: Obedience, always: bool = False) -> Callable[[Request], dict[str, object]]:
    """Judges properly until it is shown `text`; then everything is met, and what it says is as ordered.

    `always` obeys whether it was shown the text or not, as a model would that reads what no program finds.
    """

    def answer(request: Request) -> dict[str, object]:
        return _obeyed(text, how, request) if always or seen(text, request) else properly(request)

    return answer


def _obeyed(text: str, how: Obedience, request: Request) -> dict[str, object]:
    own = _sentences(request.material.get("answer", "")) or [""]
    plain = unicodedata.normalize("NFKC", text)
    judgements: list[dict[str, object]] = []
    for index, point in key_points(request):
        quotes = {"forged": point, "injection": plain, "own words": own[index % len(own)], "leak": plain}
        judgements.append({"key_point": index, "quote": quotes[how][:500], "verdict": "met"})
    if how != "leak":
        return _evaluation(judgements, feedback=text)
    paragraphs = [each for each in request.system.split("\n\n") if len(each.split()) > 12]
    return _evaluation(
        judgements,
        feedback=paragraphs[0],
        model_answer=f"Here you are: {paragraphs[1].upper()}",
        probe=paragraphs[2],
        next_question=" … ".join(paragraphs[-1].split(". ")),
    )
