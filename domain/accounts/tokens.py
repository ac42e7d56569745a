"""Secrets that are handed out once and stored as their SHA-256 only."""

from __future__ import annotations

import hashlib
import secrets

CODE_DIGITS = 6


def new_token() -> str:
    """256 random bits, safe in a link."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a token: 64 hexadecimal characters."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_code() -> str:
    """A code a person can type: six digits."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
