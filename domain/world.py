"""Everything a job may need of the world, made once by the composition root."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from domain.accounts.passwords import PasswordHasher
from domain.database import Transactions
from domain.messaging.pipe import Pipe
from domain.ports import (
    BlobStore,
    Clock,
    DocumentReader,
    FileSource,
    Interviewer,
    Keyring,
    Mailer,
    Places,
    Press,
)
from domain.turns import Turns

MOST_FILES_IN_HAND = 2  # each some MB while it comes, up to 20 MB while an export packs it
# A file keeps this program busy for longer than reading it takes: nine tenths of the time are the others'.
PAUSES_AFTER_FILES = 9.0


@dataclass(frozen=True)
class World:
    """`interviewer` is Gemini's where a key is set; `offline` stands in for it while it is away.

    `operators` are the Telegram user ids of those who may see how the installation does. `bot_username` is
    "" until Telegram has told it, `public_url` where the web side is reached, if it is. `files_in_hand`
    bounds how many files of people are in memory at once, `file_turns` how much of this program they take.
    """

    transactions: Transactions
    pipe: Pipe
    keyring: Keyring
    hasher: PasswordHasher
    interviewer: Interviewer
    offline: Interviewer
    reader: DocumentReader
    press: Press
    mailer: Mailer
    files: FileSource
    blobs: BlobStore
    places: Places
    clock: Clock
    operators: frozenset[int] = frozenset()
    bot_username: Callable[[], str] = str
    files_in_hand: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_FILES_IN_HAND))
    file_turns: Turns = field(default_factory=lambda: Turns(PAUSES_AFTER_FILES))
    public_url: str | None = None
