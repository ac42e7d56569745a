"""The corpus of injections: texts that try to make an interviewer obey the candidate."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict


class Injection(BaseModel):
    """One text. `place` is where it stands; of those in a document a plan or an analysis is made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: Literal["direct", "resume", "multilingual", "encoded", "role-play", "delimiter", "hidden"]
    place: Literal["answer", "resume", "job_description"]
    text: str


@cache
def injections() -> tuple[Injection, ...]:
    """All of them, in the order of the file."""
    text = (files(__package__) / "injections.toml").read_text(encoding="utf-8")
    return tuple(Injection.model_validate(each) for each in tomllib.loads(text)["injection"])


def injected(answer: str, injection: Injection) -> str:
    """The answer with the injection in it: at its end, or for every second one at its beginning."""
    if int(injection.id.rsplit("-", 1)[1]) % 2:
        return f"{answer}\n{injection.text}"
    return f"{injection.text}\n{answer}"
