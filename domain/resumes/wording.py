"""How words are compared where only their letters count, and shown where a file or a person named them."""

from __future__ import annotations

import unicodedata

# Embeddings, overrides and isolates of Unicode's bidirectional algorithm.
_TURNING = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


def plain(text: str) -> str:
    """Lower case without accents, a space for whatever is no letter or digit; "C++" and "C#" keep theirs."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(
        c if c.isalnum() or c in "+#" else " " for c in decomposed if not unicodedata.combining(c)
    )
    return " ".join(letters.split())


def legible(text: str) -> str:
    """A name without control characters and marks that turn the direction of writing round.

    "cv\N{RIGHT-TO-LEFT OVERRIDE}fdp.exe" would be shown as "cvexe.pdf".
    """
    return "".join(c for c in text if unicodedata.category(c) != "Cc" and c not in _TURNING)
