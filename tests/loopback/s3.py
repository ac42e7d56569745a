"""An S3 on loopback: buckets of objects over real HTTP, signatures checked, and able to fail in each way.

async with LoopbackS3("bucket") as s3:
    settings = s3.settings("s3://bucket/prefix")
    s3.fails_with = 503
"""

from __future__ import annotations

import hashlib
import hmac
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, quote
from xml.etree import ElementTree

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.serving import Server

KEY_ID, SECRET, REGION = "AKIALOOPBACK", "loopback/secret+key", "eu-test-1"
METHODS = ["PUT", "GET", "HEAD", "DELETE", "POST"]


class LoopbackS3:
    """`objects` are those of all buckets by "bucket/key"; `asked` is every request as "METHOD path"."""

    def __init__(self, *buckets: str) -> None:
        self.buckets = set(buckets)
        self.objects: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.fails_with: int | None = None
        self._server = Server(Starlette(routes=[Route("/{path:path}", self._answer, methods=METHODS)]))

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.__aexit__(kind, error, trace)

    @property
    def url(self) -> str:
        return self._server.url

    def settings(self, place: str) -> dict[str, Any]:
        """What an operator sets to keep files there."""
        return {
            "blob_url": place,
            "aws_access_key_id": KEY_ID,
            "aws_secret_access_key": SECRET,
            "aws_region": REGION,
            "aws_endpoint_url": self.url,
        }

    async def _answer(self, request: Request) -> Response:
        body = await request.body()
        path = request.path_params["path"]
        self.asked.append(f"{request.method} {path}")
        if self.fails_with is not None:
            return refusal(self.fails_with, "ServiceUnavailable")
        if not is_signed(request, body):
            return refusal(403, "SignatureDoesNotMatch")
        bucket = path.partition("/")[0]
        if bucket not in self.buckets:
            return refusal(404, "NoSuchBucket")
        match request.method:
            case "PUT":
                self.objects[path] = body
                return Response(headers={"ETag": f'"{hashlib.md5(body).hexdigest()}"'})  # noqa: S324  # as S3 does
            case "GET" if path in self.objects:
                content = self.objects[path]
                headers = {"ETag": '"1"', "Last-Modified": "Sun, 22 Nov 2026 12:00:00 GMT"}
                return Response(content, headers=headers)
            case "GET":
                return refusal(404, "NoSuchKey")
            case "DELETE":
                self.objects.pop(path, None)
                return Response(status_code=204)
            case "POST" if "delete" in request.query_params:
                return self._deleted(bucket, body)
        return refusal(405, "MethodNotAllowed")

    def _deleted(self, bucket: str, body: bytes) -> Response:
        """DeleteObjects: several at once, in XML."""
        asked = ElementTree.fromstring(body)  # noqa: S314  # from the client under test
        keys = [each.text or "" for each in asked.iter() if each.tag.rpartition("}")[2] == "Key"]
        for key in keys:
            self.objects.pop(f"{bucket}/{key}", None)
        told = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        return Response(f"<DeleteResult>{told}</DeleteResult>", media_type="application/xml")


def refusal(status: int, code: str) -> Response:
    return Response(
        f"<Error><Code>{code}</Code><Message>{code}</Message></Error>", status, media_type="application/xml"
    )


def is_signed(request: Request, body: bytes) -> bool:
    """Whether AWS Signature Version 4 holds for the request, whose content is part of it."""
    scheme, _, fields = request.headers.get("authorization", "").partition(" ")
    given = dict(each.strip().split("=", 1) for each in fields.split(",") if "=" in each)
    stated = request.headers.get("x-amz-content-sha256", "")
    if scheme != "AWS4-HMAC-SHA256" or stated not in (hashlib.sha256(body).hexdigest(), "UNSIGNED-PAYLOAD"):
        return False
    key_id, _, scope = given["Credential"].partition("/")
    day, region, service, last = scope.split("/")
    signed = given["SignedHeaders"].split(";")
    query = sorted(parse_qsl(request.url.query, keep_blank_values=True))
    canonical = "\n".join(
        [
            request.method,
            request.scope["raw_path"].decode().partition("?")[0],
            "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query),
            *(f"{name}:{' '.join(request.headers[name].split())}" for name in signed),
            "",
            given["SignedHeaders"],
            stated,
        ]
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = "\n".join(["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, digest])
    key = f"AWS4{SECRET}".encode()
    for part in (day, region, service, last):
        key = hmac.digest(key, part.encode(), "sha256")
    expected = hmac.digest(key, to_sign.encode(), "sha256").hex()
    return (key_id, region) == (KEY_ID, REGION) and hmac.compare_digest(expected, given["Signature"])
