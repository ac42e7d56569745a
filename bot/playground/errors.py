"""What can go wrong, as Telegram words it to bots and as the playground words it to people."""

from __future__ import annotations


class ApiError(Exception):
    """A Bot API call that was refused: its HTTP status, its description and, for 429, when to try again."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def as_json(self) -> dict[str, object]:
        answer: dict[str, object] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            answer["parameters"] = {"retry_after": self.retry_after}
        return answer


def bad_request(reason: str) -> ApiError:
    return ApiError(400, f"Bad Request: {reason}")


def conflict(reason: str) -> ApiError:
    return ApiError(409, f"Conflict: {reason}")


def too_many_requests(retry_after: int) -> ApiError:
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after)


class Impossible(Exception):
    """Something a person cannot do in a real chat either, such as tapping no button. The text says why."""


class NoSuchChat(Impossible):
    """There is no chat of that number; after a restart there is none at all."""
