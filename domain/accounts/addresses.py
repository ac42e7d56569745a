"""What an email address is, which one was probably meant, and what may be shown as a picture."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from domain.errors import Refused

LONGEST_URL: Final = 500
SHORTEST_GUESSED: Final = 8  # of shorter ones every neighbour is somebody's

# Where most people have their mail; a domain one slip away from one of these is asked about.
COMMON_DOMAINS: Final = (
    "gmail.com", "googlemail.com", "hotmail.com", "hotmail.es", "hotmail.co.uk", "hotmail.fr", "outlook.com",
    "outlook.es", "live.com", "msn.com", "yahoo.com", "yahoo.es", "yahoo.co.uk", "yahoo.fr", "yahoo.com.br",
    "yahoo.com.mx", "ymail.com", "icloud.com", "me.com", "mac.com", "aol.com", "protonmail.com", "proton.me",
    "gmx.com", "gmx.net", "gmx.de", "web.de", "mail.com", "mail.ru", "yandex.ru", "zoho.com", "orange.fr",
    "libero.it", "telefonica.net", "terra.com", "uol.com.br",
)  # fmt: skip
# Real ones that lie one slip from a common one, and slips that lie further away.
ALSO_REAL: Final = frozenset({"email.com", "gmx.at", "gmx.ch", "gmx.fr", "ya.ru", "zohomail.com", "live.fr"})
SLIPS: Final = {
    "gmail.con": "gmail.com",
    "gmail.es": "gmail.com",
    "gmail.co.uk": "gmail.com",
    "gnail.con": "gmail.com",
    "hotmial.con": "hotmail.com",
    "hotmail.con": "hotmail.com",
    "outlok.con": "outlook.com",
    "yahoo.con": "yahoo.com",
}


def address(typed: str) -> str:
    """The address a person typed, as it is stored; raises `Refused("email.invalid")`.

    Nothing is sent and no name server is asked: the mailed code is the proof.
    """
    try:
        found = validate_email(typed.strip().removeprefix("mailto:"), check_deliverability=False)
    except EmailNotValidError:
        raise Refused("email.invalid") from None
    return found.normalized.lower()


def meant(email: str) -> str | None:
    """The address that was probably meant where the domain looks mistyped: ana@gmial.com → ana@gmail.com."""
    local, _, domain = email.rpartition("@")
    if domain in COMMON_DOMAINS or domain in ALSO_REAL:
        return None
    if domain in SLIPS:
        return f"{local}@{SLIPS[domain]}"
    near = [each for each in COMMON_DOMAINS if len(each) >= SHORTEST_GUESSED and is_one_slip(domain, each)]
    return f"{local}@{near[0]}" if near else None


def is_one_slip(typed: str, word: str) -> bool:
    """Whether one letter too many, too few or wrong, or two swapped, make `word` into what was typed."""
    if typed == word or abs(len(typed) - len(word)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(typed, word, strict=False)) if a != b), None)
    if start is None:
        return True
    rest, wanted = typed[start:], word[start:]
    swapped = rest[:2] == wanted[1::-1] and rest[2:] == wanted[2:]
    return swapped or rest[1:] == wanted[1:] or rest[1:] == wanted or rest == wanted[1:]


def telegram_picture(username: str) -> str:
    """The address at which Telegram shows everybody the picture of a username."""
    return f"https://t.me/i/userpic/320/{username}.jpg"


def picture(typed: str) -> str:
    """The https address of a picture; raises `Refused("picture.invalid")`.

    One that holds a secret (a password, the path of a bot's file) is not taken.
    """
    url = typed.strip()
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_plain = False
    if not is_plain or len(url) > LONGEST_URL or re.search(r"[\s\"'<>\\]|/bot\d+:|[^\x21-\x7e]", url):
        raise Refused("picture.invalid")
    return url
