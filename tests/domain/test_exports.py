"""What an export is made of: every column of every table has its place, archives are whole and bounded."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.texts import LANGUAGES
from domain.exports import archive, words
from domain.exports.archive import CHUNK, Archive, safe_name
from domain.exports.contents import LEFT_OUT, TOLD, record
from domain.models import Base

NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
COLUMNS = {f"{table.name}.{column.name}" for table in Base.metadata.tables.values() for column in table.c}
SECRETS = ("hash", "token", "key", "sealed", "password")


def test_every_column_is_told_or_left_out_with_a_reason() -> None:
    told = {f"{table}.{column}" for table, columns in TOLD.items() for column in columns}
    whole = {each for each in COLUMNS if each.partition(".")[0] in LEFT_OUT}
    single = {each for each in LEFT_OUT if "." in each}
    assert told | whole | single == COLUMNS, "tell it in domain/exports/contents.py, or say there why not"
    assert not told & (whole | single)
    assert {each for each in LEFT_OUT if "." not in each} <= set(Base.metadata.tables)
    assert all(len(reason) > 10 for reason in LEFT_OUT.values())


def test_nothing_that_is_told_is_a_secret() -> None:
    told = {f"{table}.{column}" for table, columns in TOLD.items() for column in columns}
    named = {each for each in told if any(secret in each.partition(".")[2] for secret in SECRETS)}
    assert named == {"model_calls.tokens_in", "model_calls.tokens_out"}


def test_a_record_has_the_columns_and_no_others() -> None:
    for mapper in Base.registry.mappers:
        table = mapper.class_.__tablename__
        if table in TOLD:
            assert tuple(record(mapper.class_())) == TOLD[table]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_note_is_there_in_every_language(language: str) -> None:
    assert words.LANGUAGES == LANGUAGES
    note = words.readme(language, name="Ana {x}", day="2026-11-22", part=2)
    assert all(each in note for each in ("Ana {x}", "2026-11-22", "2", "greenroom.json", "resumes/"))
    assert sections(note) == sections(words.readme("en", name="", day="", part=1))


def sections(note: str) -> list[str]:
    """The names that a note explains, each at the beginning of a line of a list."""
    return re.findall(r"^  ([a-z_]+) {2,}\S", note, re.MULTILINE)


def test_an_archive_taken_piece_by_piece_is_whole() -> None:
    random, packed = Random(1), Archive(NOW)
    made: list[bytes] = []
    contents = {
        f"resumes/{n}.pdf": random.randbytes(size) for n, size in enumerate((3, CHUNK + 7, 0, 2 * CHUNK))
    }
    for name, content in contents.items():
        packed.add(name, content)
        made += packed.taken(least=CHUNK)
    packed.add("ñandú 文.json", b"{}" * 1000)
    before = packed.size
    packed.close()
    made += packed.taken()
    assert all(len(each) <= CHUNK for each in made)
    whole = b"".join(made)
    assert len(whole) == packed.size <= before
    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == [*contents, "ñandú 文.json"]
        assert {name: opened.read(name) for name in contents} == contents
        assert not [each for each in opened.infolist() if each.flag_bits & 0x08], "readers of streams take it"
        assert {each.date_time for each in opened.infolist()} == {(2026, 11, 22, 23, 30, 0)}


def test_an_archive_that_has_room_stays_below_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST_PART", 1_000_000)
    random, packed = Random(2), Archive(NOW)
    while packed.has_room(content := random.randbytes(random.randrange(50_000))):
        packed.add(f"{random.random()}-{'n' * 80}.pdf", content)
    packed.close()
    assert 900_000 < packed.size <= 1_000_000


@given(st.text(max_size=300))
def test_names_are_safe(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 100
    assert not set(safe) & set('<>:"/\\|?* \0\n\t\u202e')
    assert not safe.startswith((".", "-"))
    assert not safe.endswith((".", "-"))
    assert safe.encode()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("My CV (final).pdf", "My-CV-(final).pdf"),
        ("../../etc/passwd", "etc-passwd"),
        ("Lebenslauf Müller.docx", "Lebenslauf-Müller.docx"),
        ("履歴書.pdf", "履歴書.pdf"),
        ("...", "file"),
        ("cv\u202efdp.exe", "cvfdp.exe"),
    ],
)
def test_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe
