"""Work for an account that waits on the world or computes for long: mail, hashing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from pydantic import SecretStr, field_serializer

from domain.accounts.passwords import Seen, Typed
from domain.messaging.happenings import Happening
from domain.messaging.job import Job, OwnedJob


class SendCode(Job, name="send_code"):
    """Mail a code; the same one on every retry."""

    patience = 90.0

    code_id: UUID
    code: SecretStr

    @field_serializer("code", when_used="json")
    def _sealed_later(self, code: SecretStr) -> str:
        return code.get_secret_value()


class CheckCode(Job, name="check_code"):
    """Hold typed digits against a mailed code."""

    code_id: UUID
    typed: str


class WithPassword(Job):
    """A job that carries a password; its payload is sealed and gone once the job is done."""

    password: SecretStr
    ip_address: str | None = None
    user_agent: str | None = None

    @property
    def seen(self) -> Seen:
        """Where the password was typed."""
        return Seen(self.ip_address, self.user_agent)

    @field_serializer("password", when_used="json")
    def _sealed_later(self, password: SecretStr) -> str:
        return password.get_secret_value()


def carrying(typed: Typed) -> dict[str, Any]:
    """The fields of a job that carries what was typed."""
    return {"password": SecretStr(typed.password), **asdict(typed.seen)}


class CreateAccount(WithPassword, name="create_account"):
    """Make the account whose email `code_id` has confirmed."""

    code_id: UUID


class SignIn(WithPassword, name="sign_in"):
    """Link the chat to the known account whose email `code_id` has confirmed."""

    code_id: UUID


class ResetPassword(WithPassword, name="reset_password"):
    """Set a new password by the right that `code_id` has won."""

    code_id: UUID


class GivePassword(WithPassword, name="give_password"):
    """Check the password of the chat's own account, to go on or to do something sensitive."""

    user_id: UUID


class ChangePassword(WithPassword, name="change_password"):
    """Set a new password for the chat's own account."""

    user_id: UUID


class SendNotice(OwnedJob, name="send_notice"):
    """Mail the owner of an account about a change to it; `to` is a former address of theirs."""

    notice: Literal["password_reset", "password_changed", "chat_linked", "locked_out", "email_changed"]
    to: str | None = None


class EraseAccount(WithPassword, name="erase_account"):
    """Erase everything of a person who has given the password once more."""

    user_id: UUID


class CodeVerdict(StrEnum):
    """What became of typed digits."""

    NEW = "new"
    KNOWN = "known"
    RESET = "reset"
    CHANGED = "changed"
    TAKEN = "taken"
    WRONG = "wrong"
    DEAD = "dead"


@dataclass(frozen=True)
class CodeChecked(Happening):
    """`left` tries remain after a wrong one."""

    code_id: UUID
    verdict: CodeVerdict
    left: int = 0


@dataclass(frozen=True)
class CodeNotSent(Happening):
    """The mail with a code could not be sent."""

    code_id: UUID


@dataclass(frozen=True)
class Linked(Happening):
    """The chat is linked to an account."""

    is_new: bool


class PasswordVerdict(StrEnum):
    """What became of a typed password that was not accepted."""

    WRONG = "wrong"
    LOCKED = "locked"
    USED_BEFORE = "used_before"
    EXPIRED = "expired"
    EMAIL_TAKEN = "email_taken"


@dataclass(frozen=True)
class PasswordDeclined(Happening):
    """`seconds` is how long the account still waits, where it is locked."""

    verdict: PasswordVerdict
    seconds: int = 0


@dataclass(frozen=True)
class PasswordGiven(Happening):
    """The password was right: the chat is signed in, and was just now."""


@dataclass(frozen=True)
class PasswordChanged(Happening):
    """A new password holds; sessions have ended: every one by a reset, by a change the others."""


@dataclass(frozen=True)
class ChatClaimed(Happening):
    """Another chat asks to be linked, by an invitation of this one."""

    link_id: UUID
    name: str


@dataclass(frozen=True)
class ChatAdmitted(Happening):
    """The inviting chat lets this one in."""

    link_id: UUID


@dataclass(frozen=True)
class ChatTurnedAway(Happening):
    """The inviting chat does not let this one in."""


@dataclass(frozen=True)
class ChatJoined(Happening):
    """The chat that was let in is linked."""

    name: str


@dataclass(frozen=True)
class AccountErased(Happening):
    """Nothing of the person is left."""
