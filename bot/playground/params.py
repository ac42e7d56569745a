"""The parameters of one Bot API call, however they came: query, JSON, form or multipart."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from starlette.datastructures import UploadFile
from starlette.requests import Request

from bot.playground.errors import ApiError, bad_request
from bot.playground.files import MAX_UPLOAD_BYTES

_ROOM_FOR_FIELDS = 1024 * 1024
_TRUE = frozenset({"true", "yes", "1"})


@dataclass(frozen=True)
class Upload:
    name: str
    content: bytes
    mime_type: str


@dataclass(frozen=True)
class Params:
    values: dict[str, object] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A string, or "" where it was not given. Raises `ApiError`."""
        value = self.values.get(name)
        if value is None:
            return ""
        text = value if isinstance(value, str) else json.dumps(value)
        _check_utf8(text)
        return text

    def integer(self, name: str, default: int = 0) -> int:
        """Telegram takes a number it cannot read for none at all."""
        try:
            return int(self.text(name).strip())
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in _TRUE

    def json(self, name: str) -> object:
        """A list or object, or None where it was not given. Raises `ApiError`."""
        value = self.values.get(name)
        if not isinstance(value, str):
            _check_utf8(json.dumps(value, ensure_ascii=False))
            return value
        if not value.strip():
            return None
        try:
            parsed: object = json.loads(value)
        except (ValueError, RecursionError):
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None
        _check_utf8(json.dumps(parsed, ensure_ascii=False))
        return parsed

    def upload(self, name: str) -> Upload | None:
        """A file sent under that name, or under the `attach://` name that the parameter gives."""
        value = self.values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            return self.uploads.get(value.removeprefix("attach://"))
        return self.uploads.get(name)


def _check_utf8(text: str) -> None:
    """JSON can spell half of a surrogate pair, which no text holds. Raises `ApiError`."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None


async def read_params(request: Request) -> Params:
    """Raises `ApiError`: 413 for what is larger than Telegram takes, 400 for what cannot be read."""
    values: dict[str, object] = dict(request.query_params)
    uploads: dict[str, Upload] = {}
    if request.method == "GET":
        return Params(values)
    if _content_length(request) > MAX_UPLOAD_BYTES + _ROOM_FOR_FIELDS:
        await _drain(request)
        raise ApiError(413, "Request Entity Too Large")
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "application/json":
        values |= await _json_body(request)
        return Params(values)
    async with request.form(max_part_size=_ROOM_FOR_FIELDS) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                content = await value.read()
                uploads[name] = Upload(value.filename or "file", content, value.content_type or "")
            else:
                values[name] = value
    if any(len(upload.content) > MAX_UPLOAD_BYTES for upload in uploads.values()):
        raise ApiError(413, "Request Entity Too Large")
    return Params(values, uploads)


async def _drain(request: Request) -> None:
    """Read on to the end, so that the sender gets to read the refusal instead of a reset connection."""
    async for _ in request.stream():
        continue


def _content_length(request: Request) -> int:
    stated = request.headers.get("content-length", "")
    return int(stated) if stated.isdecimal() else 0


async def _json_body(request: Request) -> dict[str, object]:
    body = await request.body()
    if not body:
        return {}
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        raise bad_request("can't parse JSON object") from None
    if not isinstance(parsed, dict):
        raise bad_request("object expected as request body")
    return parsed
