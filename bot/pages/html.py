"""Pages as they go out: one self-contained document, in the person's language, under a strict policy."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files

from starlette.responses import HTMLResponse

from bot.step import Line, Sheet, t
from bot.texts import render

TELEGRAM_WEB = "https://web.telegram.org"  # shows Mini Apps in a frame


@dataclass(frozen=True)
class Look:
    """The files that make a kind of page: its styles, and its script if it has one."""

    styles: tuple[str, ...]
    script: str | None = None
    framed_by: str = "'none'"


FORM = Look(("page.css", "password.css"), "password.js", TELEGRAM_WEB)
PLAIN = Look(("page.css", "shared.css"))


@dataclass(frozen=True)
class Form:
    """What is asked for: a new password or the known one, of which account, and what was wrong last time."""

    is_new: bool
    email: str | None = None
    refused: Line | None = None


@dataclass(frozen=True)
class Notice:
    """A page that says one thing."""

    name: str
    title: Line
    text: Line
    status: int


def form_page(form: Form, language: str, *, form_token: str) -> HTMLResponse:
    """Asks for the password; `form_token` comes back with it."""

    def says(line: Line) -> str:
        return render(line, language)

    refused = account = ""
    if form.refused:
        refused = f'<p class="refused" id="refused" role="alert">{says(form.refused)}</p>'
    if form.email:
        account = (
            f'<label for="email">{says(t("page.account"))}</label><input id="email" name="email" type="email"'
            f' autocomplete="username" readonly value="{escape(form.email)}">'
        )
    body = (
        f'{refused}<form method="post">'
        f'<input type="hidden" name="form_token" value="{escape(form_token)}">'
        f'<input type="hidden" name="init_data" value="">{account}'
        f'<label for="password">{says(t("page.password"))}</label>'
        f'<input id="password" name="password" type="password" required autofocus spellcheck="false"'
        f' autocapitalize="none" autocomplete="{"new" if form.is_new else "current"}-password"'
        f' aria-describedby="{"refused " if refused else ""}hint">'
        f'<label class="show" hidden><input id="show" type="checkbox"> {says(t("page.show"))}</label>'
        f'<p class="hint" id="hint">{says(t("page.hint_new" if form.is_new else "page.hint"))}</p>'
        f"<button>{says(t('page.send'))}</button></form>"
    )
    title = says(t("page.new" if form.is_new else "page.current"))
    return _page("form", title, body, language, FORM, 422 if form.refused else 200)


def notice_page(notice: Notice, language: str, look: Look = FORM) -> HTMLResponse:
    title, text = render(notice.title, language), render(notice.text, language)
    return _page(notice.name, title, f"<p>{text}</p>", language, look, notice.status)


def sheet_page(sheet: Sheet, language: str, file_url: str | None) -> HTMLResponse:
    """What a link shows, with the address of its file where that is shown too.

    Telegram's HTML, in which sentences are written, is HTML.
    """
    parts = "".join(f'<div class="part">{render(each, language)}</div>' for each in sheet.paragraphs)
    file = ""
    if sheet.file_name and file_url:
        words = render(t("page.shared.file"), language)
        file = f'<p><a class="file" href="{escape(file_url)}" download>{words}</a></p>'
    return _page("shared", render(sheet.title, language), parts + file, language, PLAIN)


def _page(name: str, heading: str, body: str, language: str, look: Look, status: int = 200) -> HTMLResponse:
    styles = "".join(f"<style>{_asset(each)}</style>" for each in look.styles)
    script = f"<script>{_asset(look.script)}</script>" if look.script else ""
    title = re.sub(r"<[^>]+>", "", heading)
    document = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex, nofollow">'
        f"<title>{title} · Greenroom</title>{styles}</head>"
        f'<body data-page="{name}"><main><p class="service">Greenroom</p><h1>{heading}</h1>{body}</main>'
        f"{script}</body></html>"
    )
    return HTMLResponse(document, status, headers=dict(headers(look)))


@cache
def headers(look: Look) -> Mapping[str, str]:
    """What every page goes out with.

    The referrer policy is not `no-referrer`, under which browsers send forms with `Origin: null`; no page
    leads anywhere else, so that nobody is sent a referrer all the same.
    """
    styles = " ".join(f"'{_digest(each)}'" for each in look.styles)
    forms = "'self'" if look.script else "'none'"
    policy = [
        "default-src 'none'",
        f"style-src {styles}",
        "base-uri 'none'",
        f"form-action {forms}",
        f"frame-ancestors {look.framed_by}",
    ]
    if look.script:
        policy.append(f"script-src '{_digest(look.script)}'")
    return {
        "Content-Security-Policy": "; ".join(policy),
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Robots-Tag": "noindex, nofollow",
        "X-Content-Type-Options": "nosniff",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


@cache
def _asset(name: str) -> str:
    return files("bot.pages").joinpath(name).read_text(encoding="utf-8")


def _digest(name: str) -> str:
    digest = hashlib.sha256(_asset(name).encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
