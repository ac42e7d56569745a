"""What an email address is."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from domain.errors import Refused


def address(typed: str) -> str:
    """The address a person typed, as it is stored; raises `Refused("email.invalid")`.

    Nothing is sent and no name server is asked: the mailed code is the proof.
    """
    try:
        found = validate_email(typed.strip().removeprefix("mailto:"), check_deliverability=False)
    except EmailNotValidError:
        raise Refused("email.invalid") from None
    return found.normalized.lower()
