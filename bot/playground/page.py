"""The chat page: plain HTML, CSS and JavaScript from this package, nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

_STATIC = Path(__file__).parent / "static"
_PAGE_PARTS = {
    "page.html": "text/html",
    "page.css": "text/css",
    "page.js": "text/javascript",
    "messages.js": "text/javascript",
    "feed.js": "text/javascript",
    "mails.js": "text/javascript",
    "recorder.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
        " media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


async def page(request: Request) -> Response:
    return _part("page.html")


async def part(request: Request) -> Response:
    name = request.path_params["name"]
    return _part(name) if name in _PAGE_PARTS else Response(status_code=404)


def _part(name: str) -> Response:
    return Response((_STATIC / name).read_bytes(), media_type=_PAGE_PARTS[name], headers=_HEADERS)
