"""The sentences of a text, cut so that nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PIECES = re.compile(r"[^.!?。！？।؟\n]*(?:[.!?。！？।؟\n]+[\"'”»)\]]*\s*|$)")
_LONGEST_PIECE = 2_000  # longer ones are cut, so that looking at each stays linear


def pieces(text: str) -> Iterator[str]:
    """The sentences of a text with what stands between them: put together they are the text."""
    for found in _PIECES.finditer(text):
        piece = found.group()
        yield from (piece[i : i + _LONGEST_PIECE] for i in range(0, len(piece), _LONGEST_PIECE))
