"""Sealing and opening: what must come back, and what must never open."""

from __future__ import annotations

import base64
import hashlib
import multiprocessing
import pickle
import re
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import ports
from domain.adapters.crypto import (
    Keyring,
    PersonKey,
    Tampered,
    UnknownKey,
)

OLD, NEW, OTHER = (hashlib.sha256(name).digest() for name in (b"old", b"new", b"other"))
USER, ROW = uuid4(), uuid4()


def encoded(*keys: bytes) -> str:
    return ",".join(base64.b64encode(key).decode() for key in keys)


@given(st.binary(max_size=2000), st.text(max_size=50))
def test_what_was_sealed_opens_and_never_the_same_way_twice(plaintext: bytes, context: str) -> None:
    keyring = Keyring([NEW])
    context = context.encode(errors="replace").decode()
    first, second = keyring.seal(plaintext, context), keyring.seal(plaintext, context)
    assert first != second
    assert keyring.open(first, context) == keyring.open(second, context) == plaintext


def test_an_older_key_opens_what_it_sealed_whatever_its_place() -> None:
    sealed = Keyring([OLD]).seal(b"words", "inbox")
    assert Keyring([NEW, OLD]).open(sealed, "inbox") == b"words"
    assert Keyring([NEW, OTHER, OLD]).open(sealed, "inbox") == b"words"


def test_the_newest_key_seals() -> None:
    sealed = Keyring([NEW, OLD]).seal(b"words", "inbox")
    assert Keyring([NEW]).open(sealed, "inbox") == b"words"
    with pytest.raises(UnknownKey):
        Keyring([OLD]).open(sealed, "inbox")


def test_another_context_does_not_open() -> None:
    keyring = Keyring([NEW])
    with pytest.raises(Tampered):
        keyring.open(keyring.seal(b"words", "inbox:1"), "inbox:2")


def test_every_changed_byte_is_noticed() -> None:
    keyring = Keyring([NEW, OLD])
    sealed = keyring.seal(b"words", "inbox")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises((Tampered, UnknownKey)):
            keyring.open(bytes(changed), "inbox")


@given(st.binary(max_size=80))
def test_foreign_bytes_are_refused_and_nothing_else_is_raised(junk: bytes) -> None:
    with pytest.raises((Tampered, UnknownKey)):
        Keyring([NEW]).open(junk, "")
    with pytest.raises(Tampered):
        PersonKey(NEW).open(junk, table="t", column="c", user_id=USER, row_id=ROW, version=1)


def test_a_cut_value_is_refused() -> None:
    keyring = Keyring([NEW])
    sealed = keyring.seal(b"words", "inbox")
    for length in range(len(sealed)):
        with pytest.raises(Tampered):
            keyring.open(sealed[:length], "inbox")


def test_a_persons_key_is_wrapped_for_that_person_only() -> None:
    keyring, person, stranger = Keyring([NEW]), uuid4(), uuid4()
    key = keyring.new_person_key()
    wrapped = keyring.wrap(key, person)
    place = {"table": "resumes", "column": "content"}
    sealed = key.seal(b"resume", **place, user_id=person, row_id=ROW, version=1)
    again = keyring.unwrap(wrapped, person)
    assert again.open(sealed, **place, user_id=person, row_id=ROW, version=1) == b"resume"
    with pytest.raises(Tampered):
        keyring.unwrap(wrapped, stranger)


def test_a_wrapped_key_and_a_sealed_value_are_not_taken_for_each_other() -> None:
    keyring = Keyring([NEW])
    wrapped = keyring.wrap(keyring.new_person_key(), USER)
    with pytest.raises(Tampered):
        keyring.open(wrapped, str(USER))
    with pytest.raises(Tampered):
        keyring.unwrap(keyring.seal(bytes(32), str(USER)), USER)


def test_what_an_old_key_wrapped_is_opened_and_wrapped_by_the_newest() -> None:
    before, after = Keyring([OLD]), Keyring([NEW, OLD])
    wrapped = before.wrap(before.new_person_key(), USER)
    again = after.wrap(after.unwrap(wrapped, USER), USER)
    assert Keyring([NEW]).unwrap(again, USER)
    with pytest.raises(Tampered):
        after.unwrap(b"short", USER)


PLACE: dict[str, str | UUID | int] = {
    "table": "resumes",
    "column": "text",
    "user_id": USER,
    "row_id": ROW,
    "version": 3,
}


@pytest.mark.parametrize(
    "change",
    [
        {"table": "answers"},
        {"column": "content"},
        {"user_id": uuid4()},
        {"row_id": uuid4()},
        {"row_id": 3},
        {"version": 2},
        {"table": "resumest", "column": "ext"},
        {"table": "resumes|text", "column": ""},
    ],
)
def test_a_value_opens_only_in_its_place(change: dict[str, str | UUID | int]) -> None:
    key = Keyring([NEW]).new_person_key()
    sealed = key.seal(b"words", **PLACE)  # type: ignore[arg-type]  # one dict, five types
    assert key.open(sealed, **PLACE) == b"words"  # type: ignore[arg-type]  # one dict, five types
    with pytest.raises(Tampered):
        key.open(sealed, **{**PLACE, **change})  # type: ignore[arg-type]  # one dict, five types


def test_rows_with_numbers_for_keys_are_served() -> None:
    key = Keyring([NEW]).new_person_key()
    sealed = key.seal(b"words", table="inbox", column="payload", user_id=USER, row_id=-12, version=0)
    assert key.open(sealed, table="inbox", column="payload", user_id=USER, row_id=-12, version=0) == b"words"


def test_keys_are_never_shown_nor_pickled() -> None:
    keyring, key = Keyring([NEW, OLD]), PersonKey(OLD)
    for shown in (repr(keyring), str(keyring), repr(key), f"{key}"):
        for secret in (NEW, OLD):
            assert secret.hex() not in shown
            assert repr(secret)[2:-1] not in shown
            assert base64.b64encode(secret).decode() not in shown
    for holder in (keyring, key):
        with pytest.raises(TypeError):
            pickle.dumps(holder)


def test_keys_are_parsed_newest_first_in_both_alphabets() -> None:
    urlsafe = base64.urlsafe_b64encode(NEW).decode()
    for text in (encoded(NEW, OLD), f" {urlsafe} ,\n{encoded(OLD)}\n"):
        keyring = Keyring.parse(text)
        assert Keyring([NEW]).open(keyring.seal(b"words", "c"), "c") == b"words"
        assert keyring.open(Keyring([OLD]).seal(b"words", "c"), "c") == b"words"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "key 1 of 1 has 0 bytes"),
        (encoded(NEW) + ",", "key 2 of 2 has 0 bytes"),
        (encoded(NEW) + ",c2hvcnQga2V5", "key 2 of 2 has 9 bytes"),
        ("hunter2!" + encoded(NEW), "key 1 of 1 is not base64"),
        ("ключ", "key 1 of 1 is not base64"),
    ],
)
def test_a_wrong_key_is_named_by_its_number_only(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        Keyring.parse(text)
    assert "\n" not in str(caught.value)
    for part in text.split(","):
        assert not part.strip() or part.strip() not in str(caught.value)
    assert caught.value.__cause__ is None


@given(st.text(max_size=100))
def test_any_text_for_keys_gives_a_keyring_or_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"key \d+ of \d+ "):
        Keyring.parse(text)


def test_no_keys_or_keys_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Keyring([])
    with pytest.raises(ValueError, match="32 bytes"):
        Keyring([bytes(16)])


def test_a_key_file_is_made_once_with_mode_0600(tmp_path: Path) -> None:
    path = tmp_path / "home" / "encryption-keys"
    sealed = Keyring.load_or_create(path).seal(b"words", "c")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0
    assert [file.name for file in path.parent.iterdir()] == ["encryption-keys"]
    assert Keyring.load_or_create(path).open(sealed, "c") == b"words"


def test_a_key_file_that_others_may_read_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    Keyring.load_or_create(path)
    path.chmod(0o640)
    with pytest.raises(ValueError, match=r"keys: .*others \(mode 0640\).*chmod 600"):
        Keyring.load_or_create(path)
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("content", [b"", b"hunter2\n", b"\xff\xfe", encoded(NEW[:16]).encode()])
def test_a_damaged_key_file_is_named_and_not_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(str(path))) as caught:
        Keyring.load_or_create(path)
    assert "hunter2" not in str(caught.value)
    assert path.read_bytes() == content


def _create_with_others(path: Path, gate: multiprocessing.synchronize.Barrier) -> str:
    gate.wait(timeout=10)
    return repr(Keyring.load_or_create(path))


def _seen_by(path: Path, gate: multiprocessing.synchronize.Barrier, seen: multiprocessing.Queue[str]) -> None:
    seen.put(_create_with_others(path, gate))


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    for attempt in range(5):
        path, gate, seen = tmp_path / str(attempt) / "keys", context.Barrier(4), context.Queue()
        racers = [context.Process(target=_seen_by, args=(path, gate, seen)) for _ in range(4)]
        for racer in racers:
            racer.start()
        assert len({seen.get(timeout=10) for _ in racers}) == 1
        for racer in racers:
            racer.join(timeout=10)
        assert [file.name for file in path.parent.iterdir()] == ["keys"]


def test_it_is_what_the_domain_asks_for() -> None:
    keyring: ports.Keyring = Keyring([NEW])
    key: ports.PersonKey = keyring.unwrap(keyring.wrap(keyring.new_person_key(), USER), USER)
    sealed = key.seal(b"words", table="t", column="c", user_id=USER, row_id=ROW, version=1)
    assert key.open(sealed, table="t", column="c", user_id=USER, row_id=ROW, version=1) == b"words"
