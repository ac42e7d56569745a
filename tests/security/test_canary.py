"""Secrets and a candidate's words as canaries through the whole program: where do they turn up?"""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit
from uuid import UUID
from zipfile import ZipFile

import asyncpg
import httpx

from bot.playground.people import Person
from bot.web import SECRET_HEADER
from tests.loopback.candidates import PATIENCE
from tests.loopback.commands import running, stopped
from tests.loopback.documents import LINES, docx, paragraph
from tests.loopback.greenroom import code_from_mail
from tests.loopback.outside import Outside
from tests.loopback.password_pages import form_of, page_of
from tests.loopback.ports import free_port

SECRETS = {
    "bot token": "987654321:AAcanary-bot_token-0123456789abcdefg",
    "Gemini key": "canary-gemini-key-5f1d",
    "SMTP password": "canary/smtp p@ssw0rd",
    "webhook secret": "canary_webhook-secret",
    "encryption key": base64.b64encode(b"canary: 32 bytes of operator key").decode(),
    "database password": "canary-database-9c1e",
    "password": "seven canary herons wade",
    "new password": "nine canary geese land",
    "wrong password": "eleven canary ospreys dive",
}
EMAIL = "canary.ana@example.org"
NAME = "Canarina"
RESUME_WORD = "zyzzogeton"
ANSWER_WORD = "quokkaesque"
HARDWARE_WORD = "thinkpadlike"
RESUME = docx("".join(map(paragraph, (*LINES, f"Hobbies: keeping a {RESUME_WORD} and reading about it."))))
ANSWER = f"The situation mattered ({ANSWER_WORD}), my action took a week and the result is a number: 9."

TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
TOKEN_HASHES = """
    SELECT 'session' AS of, session_token AS hash FROM user_sessions
    UNION SELECT 'reset', token FROM password_reset_tokens
    UNION SELECT 'link', token_hash FROM chat_links
    UNION SELECT 'page', token_hash FROM password_pages
"""


async def test_canaries(dsn: str, tmp_path: Path) -> None:
    with_password = dsn.replace("//greenroom@", f"//greenroom:{SECRETS['database password']}@")
    port = free_port()
    outside = Outside(
        with_password,
        token=SECRETS["bot token"],
        gemini_key=SECRETS["Gemini key"],
        smtp_password=SECRETS["SMTP password"],
        encryption_key=SECRETS["encryption key"],
    )
    async with outside:
        settings = outside.settings | {
            "LOG_LEVEL": "debug",
            "PORT": str(port),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "WEBHOOK_SECRET": SECRETS["webhook secret"],
        }
        async with running("serve", tmp_path, **settings) as program:
            await program.logs("webhook set")
            codes = await lives_through_it(outside, f"http://127.0.0.1:{port}/telegram", dsn)
            assert await stopped(program) == 0
    written = "\n".join(program.lines) + (tmp_path / "stdout").read_text()
    for proof in ("withheld", '"level": "debug"', "update failed", "Traceback"):
        assert proof in written
    words = {
        "email": EMAIL,
        "name": NAME,
        "resume": RESUME_WORD,
        "answer": ANSWER_WORD,
        "hardware": HARDWARE_WORD,
    }
    assert not seen_in(written, SECRETS | words | codes)
    await nothing_is_kept_that_should_not_be(dsn, SECRETS | codes)
    await no_token_stands_anywhere(dsn, written)
    assert on_disk(dsn, SECRETS | {"resume": RESUME_WORD, "answer": ANSWER_WORD}) == ["answer"]


async def lives_through_it(outside: Outside, webhook: str, dsn: str) -> dict[str, str]:
    """Somebody links, sends a resume and rehearses while things go wrong; the codes they were mailed."""
    faults, gemini = outside.telegram.faults, outside.gemini
    faults.garbage("sendMessage")
    faults.server_error("sendMessage")
    faults.answer_lost("deleteMessage")
    gemini.fail("400", kind="analyse_resume")  # its error quotes the whole prompt
    gemini.fail("bad_json", kind="evaluate_turn")
    ana = outside.telegram.person(NAME)
    codes = {"code": await links_anew(ana)}
    await gives_background(ana)
    await ana.sends(RESUME, "cv.docx")
    await ana.hears("Skills|can't read|analysed", PATIENCE)
    await rehearses(ana, dsn)
    second = outside.telegram.person(NAME)
    codes["second code"] = await links_again(second, codes["code"])
    codes["reset code"] = await resets(second, list(codes.values()))
    codes["token of a page"] = await types_on_the_page(second)
    await takes_everything(second)
    codes["token of a link"] = await lets_another_in(second, outside.telegram.person(NAME))
    await asks_at_the_door(webhook)
    return codes


async def links_anew(ana: Person) -> str:
    await ana.says("/link")
    await ana.hears("email", PATIENCE)
    await ana.says(EMAIL)
    await ana.hears("type the code", PATIENCE)
    code = await code_from_mail(ana, EMAIL)
    await ana.says(f"{(int(code) + 1) % 10**6:06d}")
    await ana.hears("not the code", PATIENCE)
    await ana.says(code)
    await ana.hears("What name", PATIENCE)
    await ana.taps(NAME)
    await ana.hears("choose a password", PATIENCE)
    await ana.says("canary")
    await ana.hears("15", PATIENCE)
    await ana.says(SECRETS["password"])
    await ana.hears("linked", PATIENCE)
    return code


async def gives_background(ana: Person) -> None:
    await ana.hears("How experienced", PATIENCE)
    await ana.taps("Advanced")
    for question in ("domain", "languages", "tools"):
        await ana.hears(question, PATIENCE)
        await ana.taps("Skip")
    await ana.hears("hardware", PATIENCE)
    await ana.says(HARDWARE_WORD)
    await ana.hears("preferences", PATIENCE)
    await ana.taps("Skip")
    await ana.hears("Your background", PATIENCE)


async def rehearses(ana: Person, dsn: str) -> None:
    await ana.says("/interview")
    await ana.hears("What kind", PATIENCE)
    await ana.taps("Technical")
    await ana.hears("How many", PATIENCE)
    await ana.says("1")
    await ana.hears("job description", PATIENCE)
    await ana.says(f"We look for an engineer who is {ANSWER_WORD}.")
    await ana.hears("Question 1 of 1", PATIENCE)
    async with a_bug(dsn):
        await ana.says(f"{ANSWER_WORD} {SECRETS['password']}")
        await ana.hears("my fault", PATIENCE)
    await ana.says(ANSWER)
    await ana.hears("Final score", PATIENCE)


@asynccontextmanager
async def a_bug(dsn: str) -> AsyncIterator[None]:
    """The schema disagrees with the program, and PostgreSQL's error quotes the row that it refuses."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(
            "ALTER TABLE interview_questions ADD CONSTRAINT a_bug CHECK (answer_text IS NULL)"
        )
        yield
        await connection.execute("ALTER TABLE interview_questions DROP CONSTRAINT a_bug")
    finally:
        await connection.close()


async def links_again(ana: Person, former_code: str) -> str:
    """Another chat of hers: the account is known, so its password is asked for."""
    await ana.says("/link")
    await ana.hears("email", PATIENCE)
    await ana.says(EMAIL)
    await ana.hears("type the code", PATIENCE)
    mail = await ana.gets_mail(another := rf"\b(?!{former_code})\d{{6}}\b", EMAIL, PATIENCE)
    code = str(re.findall(another, mail.text)[0])
    await ana.says(code)
    await ana.hears("password", PATIENCE)
    await ana.says(SECRETS["wrong password"])
    await ana.hears("not right", PATIENCE)
    await ana.hears("type your password", PATIENCE)
    return code


async def types_on_the_page(ana: Person) -> str:
    """The password on the page that the chat offers; the token in its address."""
    url = page_of(ana)
    async with httpx.AsyncClient(timeout=PATIENCE) as browser:
        page = await browser.get(url)
        form = form_of(page)
        typed = form | {"password": SECRETS["new password"]}
        assert (await browser.post(url, data=typed | {"form_token": "forged"})).status_code == 403
        taken = await browser.post(url, data=typed)
        assert taken.status_code == 200
    await ana.hears("linked", PATIENCE)
    return url.rpartition("/")[2]


async def takes_everything(ana: Person) -> None:
    """The archive holds her words, and passes through tables in which they may not stand."""
    await ana.says("/export")
    await ana.hears("is packed", PATIENCE)
    archive = await ana.receives("document", "greenroom-", PATIENCE)
    assert archive.file is not None
    with ZipFile(BytesIO(archive.file.content)) as opened:
        (resume,) = (name for name in opened.namelist() if name.endswith(".docx"))
        assert opened.read(resume) == RESUME
        told = "".join(opened.read(name).decode() for name in opened.namelist() if name != resume)
    assert seen_in(told, {"resume": RESUME_WORD, "answer": ANSWER_WORD}) == ["resume", "answer"]
    assert not seen_in(told, SECRETS)


async def lets_another_in(ana: Person, other: Person) -> str:
    """A further chat is linked by an invitation; the token in it."""
    await ana.says("/account chat")
    invitation = await ana.hears(r"/start chat_", PATIENCE)
    token = str(re.findall(r"chat_([\w-]{40,})", invitation.text)[0])
    await other.says(f"/start chat_{token}")
    await ana.hears("asks to be linked", PATIENCE)
    await ana.taps("Yes")
    await other.hears("linked", PATIENCE)
    return token


async def resets(ana: Person, former: list[str]) -> str:
    """A forgotten password; the code that was mailed."""
    await ana.taps("Forgot password")
    await ana.hears("type the code", PATIENCE)
    mail = await ana.gets_mail(another := rf"\b(?!{'|'.join(former)})\d{{6}}\b", EMAIL, PATIENCE)
    code = str(re.findall(another, mail.text)[0])
    await ana.says(code)
    await ana.hears("new password", PATIENCE)
    await ana.says(SECRETS["new password"])
    await ana.hears("type your password", PATIENCE)
    return code


async def asks_at_the_door(webhook: str) -> None:
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        guess = {SECRET_HEADER: SECRETS["password"]}
        assert (await client.post(webhook, content=ANSWER, headers=guess)).status_code == 403
        known = {SECRET_HEADER: SECRETS["webhook secret"]}
        assert (await client.post(webhook, content=ANSWER, headers=known)).status_code == 400


# Where they turn up


async def nothing_is_kept_that_should_not_be(dsn: str, secrets: dict[str, str]) -> None:
    """Every value of every table: secrets nowhere, the resume sealed, the answer in its own table only."""
    connection = await asyncpg.connect(dsn)
    try:
        tables = [row["relname"] for row in await connection.fetch(TABLES)]
        with_answer = set()
        for table in tables:
            rows = await connection.fetch(f"SELECT * FROM {table}")  # noqa: S608  # from the catalogue
            text = "\n".join(as_text(value) for row in rows for value in row.values())
            assert not seen_in(text, secrets | {"resume": RESUME_WORD}), table
            if seen_in(text, {"answer": ANSWER_WORD}):
                with_answer.add(table)
        assert with_answer == {"interview_questions", "interview_sessions"}
        assert await connection.fetchval("SELECT count(*) FROM blobs") == 1
        assert await connection.fetchval("SELECT count(*) FROM export_chunks") == 0
        assert await connection.fetchval("SELECT extracted_text IS NOT NULL FROM resumes")
        for queue in ("inbox", "jobs", "outbox"):
            kept = await connection.fetchval(
                f"SELECT count(*) FROM {queue} WHERE payload IS NOT NULL AND NOT failed"  # noqa: S608  # of this line
                " AND done_at IS NOT NULL"  # the resume waits, sealed, to be read once Gemini is back
            )
            assert kept == 0, queue
    finally:
        await connection.close()


async def no_token_stands_anywhere(dsn: str, written: str) -> None:
    """Whatever looks like a token, in the logs or in any value, is none whose hash is stored.

    That holds for the tokens of sessions too, which nobody is ever shown.
    """
    connection = await asyncpg.connect(dsn)
    try:
        hashes = {each["hash"]: each["of"] for each in await connection.fetch(TOKEN_HASHES)}
        assert set(hashes.values()) == {"session", "reset", "link", "page"}
        dump = [written]
        for each in await connection.fetch(TABLES):
            rows = await connection.fetch(f"SELECT * FROM {each['relname']}")  # noqa: S608  # from the catalogue
            dump += [as_text(value) for row in rows for value in row.values()]
        looks_like_one = {found for text in dump for found in re.findall(r"[A-Za-z0-9_-]{20,64}", text)}
        assert looks_like_one >= set(hashes), "the hashes themselves stand there"
        assert [
            hashes[h] for each in looks_like_one if (h := sha256(each.encode()).hexdigest()) in hashes
        ] == []
    finally:
        await connection.close()


def as_text(value: object) -> str:
    """A value as it could be read by somebody; six digits in a time or a UUID are chance."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return "" if isinstance(value, datetime | UUID | int | float) else str(value)


def on_disk(dsn: str, secrets: dict[str, str]) -> list[str]:
    """Which of them stand in the server's files: tables, write-ahead log, its own log."""
    (folder,) = parse_qs(urlsplit(dsn).query)["host"]
    contents = [file.read_bytes() for file in Path(folder).rglob("*") if file.is_file()]
    return [name for name, secret in secrets.items() if any(secret.encode() in each for each in contents)]


def seen_in(text: str, canaries: dict[str, str]) -> list[str]:
    """The names of those that stand in a text, in any spelling that a log or a dump might give them."""
    return [
        name
        for name, canary in canaries.items()
        if any(spelling in text and is_whole(spelling, text) for spelling in spellings(canary))
    ]


def is_whole(spelling: str, text: str) -> bool:
    """Digits within longer digits or letters are chance."""
    return not spelling.isdecimal() or bool(re.search(rf"(?<![0-9A-Za-z]){spelling}(?![0-9A-Za-z])", text))


def spellings(canary: str) -> Iterator[str]:
    yield from (canary, quote(canary), quote(canary, safe=""), repr(canary.encode())[2:-1])
    if len(canary) > 6:  # a code is too short not to be found in hexadecimal by chance
        yield canary.encode().hex()
        yield base64.b64encode(canary.encode()).decode().rstrip("=")
