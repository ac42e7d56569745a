"""Our own prompts, recognised where a model recites them: nobody is shown a sentence of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from domain import prompts
from domain.interviews.rubric import normalised
from domain.interviews.sentences import pieces

RECITED_WORDS = 8  # so many words of ours in a row are no chance
_DELIMITER = re.compile(r"<<<[^>]{0,80}>>>?")
_EXAMPLES = re.compile(r'"[^"\n]*"')
_BREAKS = re.compile(r"\$\w+|\n\s*\n")


def without_prompts(text: str) -> str:
    """`text` without the sentences that recite our prompts or show their delimiters."""
    if not _recites(text):
        return text
    rest = "".join(piece for piece in pieces(text) if not _recites(piece)).strip()
    # A recital can be cut into sentences too short to tell: then nothing of it is passed on.
    return "" if _recites(rest) else rest


def _recites(text: str) -> bool:
    return bool(_DELIMITER.search(text)) or any(run in _our_runs() for run in _runs(text))


def _runs(text: str) -> Iterator[str]:
    words = normalised(text).split()
    for index in range(len(words) - RECITED_WORDS + 1):
        yield " ".join(words[index : index + RECITED_WORDS])


@cache
def _our_runs() -> frozenset[str]:
    """Every run of words of our prompts; examples between quotation marks may be taken up."""
    texts = (_EXAMPLES.sub("\n\n", prompts.load(name).template) for name in prompts.names())
    return frozenset(run for text in texts for part in _BREAKS.split(text) for run in _runs(part))
