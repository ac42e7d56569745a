"""How words are compared where only their letters count."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """Lower case without accents, a space for whatever is no letter or digit; "C++" and "C#" keep theirs."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(
        c if c.isalnum() or c in "+#" else " " for c in decomposed if not unicodedata.combining(c)
    )
    return " ".join(letters.split())
