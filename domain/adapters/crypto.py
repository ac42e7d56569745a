"""Encryption at rest: operator keys, the keys of persons they wrap, and random tokens.

Everything sealed is AES-256-GCM with a random 96-bit nonce. What an operator key sealed is laid out as

    format (1 byte) | key id (8 bytes) | nonce (12 bytes) | ciphertext and tag

and what a person's key sealed is the same without the key id. The key id is a fingerprint of the key and
says nothing about it, so keys may stand in any order and rotation is: put a new one in front.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import secrets
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_KEY_ID_BYTES: Final = 8
_FORMAT: Final = b"\x01"


class Tampered(Exception):
    """The sealed bytes were changed, cut, or belong to another place than the one they were opened for."""


class UnknownKey(Exception):
    """The bytes were sealed with an operator key that is no longer among the configured ones."""


class PersonKey:
    """The key of one person; destroying its wrapped form makes all that it sealed unreadable."""

    __slots__ = ("_cipher", "_key")

    def __init__(self, key: bytes) -> None:
        self._cipher = _cipher(key)
        self._key = key

    def __repr__(self) -> str:
        return "PersonKey(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not to be pickled")

    def seal(
        self, plaintext: bytes, *, table: str, column: str, user_id: UUID, row_id: UUID | int, version: int
    ) -> bytes:
        """Seal the value of one column of one row. `version` counts that value's own changes, so that an
        older sealed value cannot be put back in its place."""
        place = _place(table, column, user_id, row_id, version)
        return _encrypt(self._cipher, plaintext, place, before=_FORMAT)

    def open(
        self, sealed: bytes, *, table: str, column: str, user_id: UUID, row_id: UUID | int, version: int
    ) -> bytes:
        """Give the value back. Raises `Tampered` unless every argument is the one it was sealed for."""
        if sealed[:1] != _FORMAT:
            raise Tampered("not sealed by a person's key, or in a format this version does not know")
        return _decrypt(self._cipher, memoryview(sealed)[1:], _place(table, column, user_id, row_id, version))


class Keyring:
    """The operator's keys, newest first: the first one seals, any of them opens.

    One key may seal about 2³² values before random nonces get too likely to meet (NIST SP 800-38D §8.3).
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Raises `ValueError` where there is no key or one is not 32 bytes long."""
        if not keys:
            raise ValueError("at least one encryption key is needed")
        self._ciphers = {_key_id(key): _cipher(key) for key in keys}
        self._current = _key_id(keys[0])

    def __repr__(self) -> str:
        return f"Keyring({', '.join(key_id.hex() for key_id in self._ciphers)})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are not to be pickled")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read comma-separated base64 keys, newest first.

        Raises `ValueError` with a message that tells which key is wrong, and nothing of its content.
        """
        parts = [part.strip() for part in text.split(",")]
        return cls([_decoded(part, f"key {number} of {len(parts)}") for number, part in enumerate(parts, 1)])

    @classmethod
    def load_or_create(cls, path: Path) -> Self:
        """Read the keys kept in a file, which is made with one new key where it does not exist.

        Processes that start together agree on one key. Raises `ValueError` where the file is readable by
        others than its owner or holds no keys, and `OSError` where it cannot be read or made.
        """
        if not path.exists():
            _create_key_file(path)
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read()
        if os.name == "posix" and mode & 0o077:
            raise ValueError(
                f"{path}: this key file may be read by others (mode {mode:04o}); "
                f"if nobody has read it, run: chmod 600 {path}"
            )
        try:
            return cls.parse(content.decode("ascii"))
        except ValueError as error:
            reason = "it is not ASCII text" if isinstance(error, UnicodeDecodeError) else error
            raise ValueError(f"{path}: {reason}") from None

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """Seal with the newest key. `context` says what the bytes are for and must be given again to open."""
        return self._seal(plaintext, b"context\0" + context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Raises `Tampered` for changed bytes or another context, `UnknownKey` where the key is missing."""
        return self._open(sealed, b"context\0" + context.encode())

    def new_person_key(self) -> PersonKey:
        """256 random bits for one person; nothing keeps them but what `wrap` gives."""
        return PersonKey(secrets.token_bytes(KEY_BYTES))

    def wrap(self, person_key: PersonKey, person_id: UUID) -> bytes:
        """The person's key as it may be stored: sealed with the newest key, for this person only."""
        return self._seal(person_key._key, b"person\0" + person_id.bytes)

    def unwrap(self, wrapped: bytes, person_id: UUID) -> PersonKey:
        """Raises `Tampered` for changed bytes or another person, `UnknownKey` where the key is missing."""
        return PersonKey(self._open(wrapped, b"person\0" + person_id.bytes))

    def _seal(self, plaintext: bytes, purpose: bytes) -> bytes:
        header = _FORMAT + self._current
        return _encrypt(self._ciphers[self._current], plaintext, header + purpose, before=header)

    def _open(self, sealed: bytes, purpose: bytes) -> bytes:
        header, body = _split(sealed)
        key_id = header[len(_FORMAT) :]
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise UnknownKey(f"sealed with key {key_id.hex()}, which is not among the encryption keys")
        return _decrypt(cipher, body, header + purpose)


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, this one has {len(key)}")
    return AESGCM(key)


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"greenroom key id\0" + key).digest()[:_KEY_ID_BYTES]


def _place(table: str, column: str, user_id: UUID, row_id: UUID | int, version: int) -> bytes:
    """The parts with their lengths in front, so that no two places are written alike."""
    parts = [part.encode() for part in (table, column, str(user_id), str(row_id), str(version))]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _encrypt(cipher: AESGCM, plaintext: bytes, associated: bytes, *, before: bytes) -> bytes:
    """Sealed, behind what stands `before` it; put together once, since a file has 20 MB."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return b"".join((before, nonce, cipher.encrypt(nonce, plaintext, associated)))


def _decrypt(cipher: AESGCM, body: bytes | memoryview, associated: bytes) -> bytes:
    if len(body) < _NONCE_BYTES + _TAG_BYTES:
        raise Tampered("the sealed bytes are cut short")
    try:
        return cipher.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], associated)
    except InvalidTag:
        raise Tampered("the sealed bytes were changed, or belong to another place") from None


def _split(sealed: bytes) -> tuple[bytes, bytes]:
    end = len(_FORMAT) + _KEY_ID_BYTES
    if len(sealed) < end + _NONCE_BYTES + _TAG_BYTES:
        raise Tampered("the sealed bytes are cut short")
    if not sealed.startswith(_FORMAT):
        raise Tampered("sealed in a format this version does not know")
    return sealed[:end], sealed[end:]


def _decoded(text: str, which: str) -> bytes:
    """Both alphabets of base64 are read, since key generators differ."""
    try:
        key = base64.b64decode(text.translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{which} is not base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"{which} has {len(key)} bytes, {KEY_BYTES} are needed")
    return key


def _create_key_file(path: Path) -> None:
    """Write a new key beside the path and link it in: it appears complete, or loses to an earlier one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.unlink(draft)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # a key that a power cut forgets makes every sealed byte unreadable
        finally:
            os.close(folder)
