"""Passwords: which are accepted (NIST SP 800-63B-4, ASVS 5.0 §6.2), and how they are hashed."""

from __future__ import annotations

import asyncio
import re
import secrets
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeVar

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from domain.errors import Refused, Unavailable

MIN_CHARACTERS: Final = 15
MAX_BYTES: Final = 1024
SERVICE_NAME: Final = "greenroom"

T = TypeVar("T")


@dataclass(frozen=True)
class Seen:
    """From where a person acted: a page tells an address and a browser, a chat tells neither."""

    ip_address: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True)
class Typed:
    """A password as it was typed, and where."""

    password: str = field(repr=False)
    seen: Seen = Seen()


# ---------------------------------------------------------------- hashing


class PasswordHasher:
    """Argon2id in two threads of its own, so that the event loop never waits for it (~150 ms a hash).

    At most `queue` calls wait for a thread; one more raises `Unavailable("passwords.busy")`.
    """

    def __init__(
        self,
        *,
        memory_kib: int = 65536,
        iterations: int = 3,
        lanes: int = 1,
        threads: int = 2,
        queue: int = 32,
    ) -> None:
        self._memory, self._iterations, self._lanes = memory_kib, iterations, lanes
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._room = threading.BoundedSemaphore(threads + queue)

    async def hash(self, secret: str) -> str:
        """The secret as a PHC string with a salt of its own."""
        return await self._run(self._hash, secret)

    async def verify(self, secret: str, phc: str) -> bool:
        """Whether the secret is the hashed one; False also where the PHC string is malformed."""
        return await self._run(_verify, secret, phc)

    def needs_rehash(self, phc: str) -> bool:
        """Whether the string was made with other parameters than today's."""
        parameters = f"$argon2id$v=19$m={self._memory},t={self._iterations},p={self._lanes}$"
        return not phc.startswith(parameters)

    def close(self) -> None:
        """Finish what is being hashed and cancel what still waits."""
        self._threads.shutdown(cancel_futures=True)

    def _hash(self, secret: str) -> str:
        argon2 = Argon2id(
            salt=secrets.token_bytes(16),
            length=32,
            iterations=self._iterations,
            lanes=self._lanes,
            memory_cost=self._memory,
        )
        return argon2.derive_phc_encoded(_encoded(secret))

    async def _run(self, work: Callable[..., T], *arguments: str) -> T:
        if not self._room.acquire(blocking=False):
            raise Unavailable("passwords.busy", retry_after=2.0)
        try:
            future: Future[T] = self._threads.submit(work, *arguments)
        except BaseException:
            self._room.release()
            raise
        future.add_done_callback(lambda _: self._room.release())
        return await asyncio.wrap_future(future)


def _verify(secret: str, phc: str) -> bool:
    try:
        Argon2id.verify_phc_encoded(_encoded(secret), phc)
    except (InvalidKey, ValueError):
        return False
    return True


def _encoded(secret: str) -> bytes:
    """NFKC, so that a password is the same from every keyboard (SP 800-63B-4 §3.1.1.2).

    Text too long to be a password stays as it is: normalising it could take quadratic time.
    """
    if len(secret) <= MAX_BYTES:
        secret = unicodedata.normalize("NFKC", secret)
    return secret.encode("utf-8", "surrogatepass")


# ---------------------------------------------------------------- policy

# What must be left of a password without its predictable parts, in characters.
_MIN_UNPREDICTABLE: Final = 8
_MIN_DISTINCT: Final = 6
_RUN: Final = 4
_PIECE: Final = 8
_WHOLE_LOCAL_PART: Final = 8

# Keys as they lie side by side (US, French, German and Russian), the alphabets, and walks along columns.
_ROWS: Final = (
    "01234567890", "abcdefghijklmnopqrstuvwxyza", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "!@#$%^&*()_+", "!\"№;%:?*()_+", "`1234567890-=",
    "azertyuiop^$", "qsdfghjklmù", "wxcvbn,;:!", "&é\"'(-è_çà)=", "qwertzuiopü+", "asdfghjklöä#",
    "yxcvbnm,.-", "!\"§$%&/()=?", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю.",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "1qay2wsx3edc4rfv5tgb6zhn7ujm", "1aqw2zsx3edc4rfv",
    "qazwsxedcrfvtgbyhnujmikolp", "zaq12wsxcde34rfvbgt56yhnmju78ik", "123qweasdzxc", "йфяцычувскамепинртгоь",
    "1й2ц3у4к5е6н7г8ш9щ0з", "1q2w3e4r5t6y7u8i9o0p", "13579", "24680", "147258369", "159753", "741852963",
)  # fmt: skip

_DATE: Final = re.compile(
    r"(?:19|20)\d\d(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))?"
    r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d"
    r"|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:19|20)\d\d"
)

# Substitutions people think of; "1" is read as both letters it may stand for.
_LEET: Final = (str.maketrans("01345789@$", "oieastbgas"), str.maketrans("01345789@$", "oleastbgas"))


def check_policy(password: str, *, email: str, name: str = "") -> None:
    """Accept the password, or say why not.

    Raises `Refused` with "password.too_long" (`maximum` bytes of UTF-8), "password.too_short" (`minimum`
    characters), "password.service_name", "password.contains_email", "password.contains_name",
    "password.repetitive", "password.sequence" or "password.common". There are no composition rules: what
    counts is how much is left without words, names, dates, runs and repetitions that a guesser tries first.
    """
    if len(password.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise Refused("password.too_long", maximum=MAX_BYTES)
    normalised = unicodedata.normalize("NFKC", password)
    # Some single characters become many when normalised, and must not pass for many.
    if min(len(password), len(normalised)) < MIN_CHARACTERS:
        raise Refused("password.too_short", minimum=MIN_CHARACTERS)

    folded = _Folded(password)
    if folded.holds(SERVICE_NAME):
        raise Refused("password.service_name")
    local_part = _squeezed(email.rpartition("@")[0])
    if any(len(text) >= _WHOLE_LOCAL_PART and folded.holds(text) for text in (_squeezed(email), local_part)):
        raise Refused("password.contains_email")
    if min(len(set(password)), len(set(folded.text))) < _MIN_DISTINCT:
        raise Refused("password.repetitive")

    predictable = {
        "password.sequence": _runs(folded.text),
        "password.common": set(folded.places(_blocklist())) | set(folded.quotations()) | folded.dates(),
        "password.repetitive": _repetitions(folded.text),
        "password.contains_email": set(folded.places({local_part, *_words(email)})),
        "password.contains_name": set(folded.places(_words(name))),
    }
    if _worth(folded.text, set().union(*predictable.values())) < _MIN_UNPREDICTABLE:
        raise Refused(max(predictable, key=lambda reason: len(predictable[reason])))


class _Folded:
    """A password without case and accents, read in several ways that keep their places in `text`."""

    def __init__(self, password: str) -> None:
        self.text = _without_accents(password)
        kept = [at for at, character in enumerate(self.text) if character.isalnum() or character in "@$"]
        plain = "".join(self.text[at] for at in kept)
        self._kept = kept
        self._readings = (plain, *(plain.translate(letters) for letters in _LEET))

    def holds(self, word: str) -> bool:
        return any(word in reading for reading in self._readings)

    def places(self, words: Iterable[str]) -> Iterator[int]:
        """Where in `text` any of the words stands, whatever separates its letters."""
        for reading in self._readings:
            for word in words:
                start = reading.find(word) if word else -1
                while start >= 0:
                    yield from self._kept[start : start + len(word)]
                    start = reading.find(word, start + 1)

    def quotations(self) -> Iterator[int]:
        """Where pieces of blocked phrases stand, also of a phrase that is cut or begun in the middle."""
        for reading in self._readings:
            for start in range(len(reading) - _PIECE + 1):
                if reading[start : start + _PIECE] in _pieces():
                    yield from self._kept[start : start + _PIECE]

    def dates(self) -> set[int]:
        found = _DATE.finditer(self._readings[0])
        return {place for match in found for place in self._kept[match.start() : match.end()]}


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _squeezed(text: str) -> str:
    return "".join(character for character in _without_accents(text) if character.isalnum())


def _words(text: str) -> set[str]:
    """The words of an address or a name that are long enough to mean something."""
    return {word for word in re.findall(r"[^\W_]+", _without_accents(text)) if len(word) >= 3}


@cache
def _blocklist() -> frozenset[str]:
    lines = Path(__file__).with_name("blocklist.txt").read_text("utf-8").splitlines()
    return frozenset(_squeezed(line) for line in lines if line and not line.startswith("#"))


@cache
def _pieces() -> frozenset[str]:
    return frozenset(line[at : at + _PIECE] for line in _blocklist() for at in range(len(line) - _PIECE + 1))


@cache
def _neighbours() -> dict[tuple[str, str], set[int]]:
    """Which rows, forwards or backwards, lead from one character to the next."""
    neighbours: dict[tuple[str, str], set[int]] = {}
    directions = [_without_accents(row)[::step] for row in _ROWS for step in (1, -1)]
    for direction, row in enumerate(directions):
        for pair in pairwise(row):
            neighbours.setdefault(pair, set()).add(direction)
    return neighbours


def _runs(text: str) -> set[int]:
    """The places of runs of four characters or more along one row."""
    places: set[int] = set()
    start, shared = 0, set[int]()
    for at, pair in enumerate(pairwise(text), 1):
        rows = _neighbours().get(pair, set())
        if start < at - 1 and not shared & rows:
            start, shared = at - 1, set()
        shared = shared & rows if shared else rows
        if not shared:
            start = at
        elif at - start + 1 >= _RUN:
            places.update(range(start, at + 1))
    return places


def _repetitions(text: str) -> set[int]:
    """The places of every group of four characters that stood before."""
    places: set[int] = set()
    seen: set[str] = set()
    for start in range(len(text) - _RUN + 1):
        group = text[start : start + _RUN]
        if group in seen:
            places.update(range(start, start + _RUN))
        seen.add(group)
    return places


def _worth(text: str, predictable: set[int]) -> float:
    """How many characters a guesser must guess: a digit counts half, each other sign once."""
    left = [character for at, character in enumerate(text) if at not in predictable]
    letters = sum(character.isalpha() for character in left)
    digits = sum(character.isdigit() for character in left)
    signs = {character for character in left if not character.isalnum()}
    return letters + digits / 2 + len(signs)
