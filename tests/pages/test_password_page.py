"""The page for typing a password, over real HTTP, beside the chat that asks for it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from tests.loopback.greenroom import PASSWORD, Greenroom, code_from_mail, links, on_the_web
from tests.loopback.password_pages import EMAIL, asked_to_choose, form_of, init_data, page_of

NEW_PASSWORD = "nine grey geese land"
GONE = "This page is not good any more"
THANKS = "Please go back to the chat"
PHONE = "Mozilla/5.0 (a phone of a test)"


@pytest.fixture
async def served(dsn: str, tmp_path: Path) -> AsyncIterator[Greenroom]:
    async with Greenroom(dsn, tmp_path, **on_the_web()) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=60.0, headers={"User-Agent": PHONE}) as client:
        yield client


async def types(
    browser: httpx.AsyncClient, url: str, password: str, headers: dict[str, str] | None = None, **fields: str
) -> httpx.Response:
    """Open the page and send it with a password."""
    page = await browser.get(url)
    assert page.status_code == 200, page.text
    form = form_of(page) | {"password": password} | fields
    return await browser.post(url, data=form, headers=headers or {})


async def test_a_new_password_is_chosen_on_the_page(served: Greenroom, browser: httpx.AsyncClient) -> None:
    ana = await asked_to_choose(served)
    url = page_of(ana)
    page = await browser.get(url)
    assert 'autocomplete="new-password"' in page.text
    assert 'type="password"' in page.text
    assert f'value="{EMAIL}"' in page.text
    taken = await types(browser, url, PASSWORD)
    assert (taken.status_code, THANKS in taken.text) == (200, True)
    await ana.hears("linked")
    (session,) = await served.rows("SELECT ip_address, user_agent FROM user_sessions")
    assert tuple(session) == ("127.0.0.1", PHONE)
    assert PASSWORD not in ana.transcript()


async def test_a_known_password_is_typed_on_the_page(served: Greenroom, browser: httpx.AsyncClient) -> None:
    await links(served.candidate("Ana"), EMAIL)
    await served.rows("UPDATE email_codes SET created_at = created_at - interval '61 seconds'")
    other = served.candidate("Other")
    other.playground.mails.clear()
    await other.says("/link")
    await other.hears("email")
    await other.says(EMAIL)
    await other.hears("type the code")
    await other.says(await code_from_mail(other, EMAIL))
    await other.hears("type your password")
    first = page_of(other)
    assert 'autocomplete="current-password"' in (await browser.get(first)).text
    await types(browser, first, "this is not it, I fear")
    await other.hears("not right")
    await other.hears("type your password")
    second = page_of(other)
    assert second != first
    assert (await browser.get(first)).status_code == 404
    await types(browser, second, PASSWORD)
    await other.hears("linked")
    attempts = await served.rows("SELECT success, ip_address FROM login_attempts ORDER BY created_at")
    assert [tuple(each) for each in attempts] == [(False, "127.0.0.1"), (True, "127.0.0.1")]


async def test_a_refused_password_is_told_on_the_page_which_stays_good(
    served: Greenroom, browser: httpx.AsyncClient
) -> None:
    ana = await asked_to_choose(served)
    url, said = page_of(ana), len(ana.bot_messages)
    for password, reason in {"zwölf Käfer": "15", "greenroom greenroom": "name", EMAIL * 2: "email"}.items():
        refused = await types(browser, url, password)
        assert refused.status_code == 422
        assert 'role="alert"' in refused.text
        assert reason in refused.text
        assert 'type="password"' in refused.text
        assert password not in unescape(refused.text)
    assert len(ana.bot_messages) == said, "the chat has heard nothing of it"
    again = form_of(refused) | {"password": PASSWORD}
    assert (await browser.post(url, data=again)).status_code == 200
    await ana.hears("linked")


async def test_a_page_is_good_once(served: Greenroom, browser: httpx.AsyncClient) -> None:
    ana = await asked_to_choose(served)
    url = page_of(ana)
    form = form_of(await browser.get(url)) | {"password": PASSWORD}
    sent = await asyncio.gather(*(browser.post(url, data=form) for _ in range(8)))
    assert sorted(each.status_code for each in sent) == [200] + [404] * 7
    await ana.hears("linked")
    assert (await browser.get(url)).status_code == 404
    assert len(await served.rows("SELECT FROM users")) == 1


async def test_whatever_is_good_for_nothing_gets_one_answer(
    served: Greenroom, browser: httpx.AsyncClient
) -> None:
    """Unknown, malformed, expired, out of turn and used: the same bytes, to look at and to send to."""
    ana, bea = await asked_to_choose(served), await asked_to_choose(served, "Bea", "bea@example.org")
    cleo = await asked_to_choose(served, "Cleo", "cleo@example.org")
    public = served.settings.public_url
    form = form_of(await browser.get(page_of(ana)))
    used, expired, left = page_of(ana), page_of(bea), page_of(cleo)
    await types(browser, used, PASSWORD)
    await ana.hears("linked")
    await served.rows(
        "UPDATE password_pages SET created_at = created_at - interval '11 minutes',"
        " expires_at = expires_at - interval '11 minutes' WHERE chat_id = $1",
        bea.id,
    )
    await cleo.says("/cancel")
    await cleo.hears("left that")
    unknown = f"{public}/password/{'A' * 43}"
    urls = [used, expired, left, unknown, f"{public}/password/%00", f"{public}/password/{'x' * 5000}"]
    looked = [await browser.get(url) for url in urls]
    assert {each.status_code for each in looked} == {404}
    assert len({each.text for each in looked}) == 1
    assert GONE in looked[0].text
    cookie = {"Cookie": f"greenroom_page={form['form_token']}"}
    sent = [await browser.post(url, data=form | {"password": PASSWORD}, headers=cookie) for url in urls]
    assert {each.status_code for each in sent} == {404}
    assert {each.text for each in sent} == {looked[0].text}
    assert len(await served.rows("SELECT FROM users")) == 1


async def test_looking_uses_nothing_up(served: Greenroom, browser: httpx.AsyncClient) -> None:
    """Telegram, mail scanners and proxies look at links before people do."""
    ana = await asked_to_choose(served)
    url = page_of(ana)
    assert (await browser.head(url)).status_code == 200
    for _ in range(3):
        assert (await browser.get(url)).status_code == 200
    assert (await types(browser, url, PASSWORD)).status_code == 200
    await ana.hears("linked")


async def test_no_other_site_can_send_the_form(served: Greenroom, browser: httpx.AsyncClient) -> None:
    ana = await asked_to_choose(served)
    url, ours = page_of(ana), str(served.settings.public_url)
    foreign = [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ours.replace("http://", "https://")},
        {"Origin": ours, "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ]
    for headers in foreign:
        assert (await types(browser, url, PASSWORD, headers)).status_code == 403, headers
    form = form_of(await browser.get(url)) | {"password": PASSWORD}
    assert (await browser.post(url, data=form | {"form_token": "guessed"})).status_code == 403
    assert (await browser.post(url, data=form | {"form_token": ""})).status_code == 403
    async with httpx.AsyncClient() as without_cookie:
        assert (await without_cookie.post(url, data=form)).status_code == 403
        empty = {"Cookie": "greenroom_page="}
        assert (
            await without_cookie.post(url, data=form | {"form_token": ""}, headers=empty)
        ).status_code == 403
    assert await served.rows("SELECT FROM users") == []
    same = {"Origin": ours, "Sec-Fetch-Site": "same-origin"}
    assert (await types(browser, url, PASSWORD, same)).status_code == 200
    await ana.hears("linked")


async def test_what_is_no_form_of_ours_is_turned_away(served: Greenroom, browser: httpx.AsyncClient) -> None:
    ana = await asked_to_choose(served)
    url = page_of(ana)
    form = form_of(await browser.get(url)) | {"password": PASSWORD}
    as_form = {"Content-Type": "application/x-www-form-urlencoded"}

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 1024

    answers = {
        "JSON": await browser.post(url, json=form),
        "multipart": await browser.post(url, data=form, files={"f": b"x"}),
        "no type": await browser.post(url, content=urlencode(form)),
        "too long": await browser.post(url, data=form | {"init_data": "x" * 20_000}),
        "too long, length untold": await browser.post(url, content=chunks(), headers=as_form),
        "too many fields": await browser.post(url, content="&".join(["a=1"] * 100), headers=as_form),
        "not UTF-8": await browser.post(url, content=b"password=%ff%fe", headers=as_form),
        "not ASCII": await browser.post(url, content="password=é".encode(), headers=as_form),
    }
    assert {why: each.status_code for why, each in answers.items()} == dict.fromkeys(answers, 400)
    assert (await browser.put(url)).status_code == 405
    assert (await browser.post(url, data=form | {"password": ""})).status_code == 200, "asked again"
    assert await served.rows("SELECT FROM users") == []
    assert (await browser.get(url)).status_code == 200, "nothing of it used the page up"


async def test_the_headers_of_every_answer(served: Greenroom, browser: httpx.AsyncClient) -> None:
    ana = await asked_to_choose(served)
    url = page_of(ana)
    form = await browser.get(url)
    answers = [
        form,
        await browser.get(f"{url}x"),
        await browser.post(url),
        await types(browser, url, PASSWORD),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "base-uri 'none'" in policy
        assert "form-action 'self'" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not re.search(r"(?:src|href)=", answer.text), "nothing is fetched, from anywhere"
        for tag, name in (("style", "style-src"), ("script", "script-src")):
            content = re.findall(rf"<{tag}>(.*?)</{tag}>", answer.text, re.S)[0].encode()
            digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
            assert f"{name} 'sha256-{digest}'" in policy
    cookie = form.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert f"Path={url.removeprefix(str(served.settings.public_url))}" in cookie


async def test_a_frame_of_telegrams_gets_a_cookie_of_its_own(
    served: Greenroom, browser: httpx.AsyncClient
) -> None:
    ana = await asked_to_choose(served)
    framed = await browser.get(page_of(ana), headers={"Sec-Fetch-Dest": "iframe"})
    assert "SameSite=None; Partitioned" in framed.headers["set-cookie"]


async def test_a_mini_app_is_taken_from_its_own_person_only(
    served: Greenroom, browser: httpx.AsyncClient
) -> None:
    ana = await asked_to_choose(served)
    url = page_of(ana)
    wrong = [
        init_data(ana.id + 1),
        init_data(ana.id, age=301),
        init_data(ana.id, token="2:another"),
        "user=%7B%7D",
        "nonsense",
    ]
    for each in wrong:
        assert (await types(browser, url, PASSWORD, init_data=each)).status_code == 404, each
    assert await served.rows("SELECT FROM users") == []
    assert (await types(browser, url, PASSWORD, init_data=init_data(ana.id))).status_code == 200
    await ana.hears("linked")


async def test_the_page_speaks_the_persons_language(served: Greenroom, browser: httpx.AsyncClient) -> None:
    ana = served.candidate("Ana", "es")
    await ana.says("/link")
    await ana.hears("correo")
    await ana.says(EMAIL)
    await ana.hears("código")
    await ana.says(await code_from_mail(ana, EMAIL))
    await ana.hears("nombre")
    await ana.taps("Ana")
    await ana.hears("contraseña")
    url = page_of(ana)
    page = await browser.get(url)
    assert '<html lang="es">' in page.text
    assert "Elige una contraseña" in page.text
    assert "15 caracteres" in (await types(browser, url, "corta")).text
    stranger = await browser.get(f"{url}x", headers={"Accept-Language": "es-MX,es;q=0.9"})
    assert "ya no sirve" in stranger.text


async def test_whoever_asks_too_often_is_slowed_down(served: Greenroom, browser: httpx.AsyncClient) -> None:
    await asked_to_choose(served)  # it serves by then
    url = f"{served.settings.public_url}/password/nothing"
    answers = [(await browser.get(url)).status_code for _ in range(60)]
    assert answers[:20] == [404] * 20
    assert 429 in answers
    assert (await browser.get(f"{served.settings.public_url}/healthz")).status_code == 200


async def test_only_the_hash_of_a_pages_token_is_kept(served: Greenroom, browser: httpx.AsyncClient) -> None:
    ana = await asked_to_choose(served)
    token = page_of(ana).rpartition("/")[2]
    (page,) = await served.rows("SELECT * FROM password_pages WHERE chat_id = $1", ana.id)
    assert page["token_hash"] == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(dict(page))
    assert (page["expires_at"] - page["created_at"]).total_seconds() == 600
