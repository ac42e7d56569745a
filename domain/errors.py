"""The three kinds of error: `Refused`, `Unavailable`, and anything else, which is a bug."""

from __future__ import annotations


class Refused(Exception):
    """The person can put it right.

    `reason` names the sentence `refused.<reason>` of the catalogue, which says how; `details` fill it.
    """

    def __init__(self, reason: str, **details: str | int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


class Unavailable(Exception):
    """It will pass: the same call may succeed later.

    `reason` names what is away ("gemini.quota", "mail.connect", …) and never holds a secret or a
    candidate's words. `retry_after` is the wait in seconds that the other side asked for, if it did.
    """

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
