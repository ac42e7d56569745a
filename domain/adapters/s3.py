"""Bytes in a bucket of Amazon S3, or of whatever speaks its protocol."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from domain.errors import Refused, Unavailable

# A chunk, or a whole file of before there were chunks, over a slow line; what fails longer is tried again.
_REQUEST = timedelta(seconds=60)
_CONNECT = timedelta(seconds=5)
_TRY_FOR = timedelta(seconds=20)
_TRIES = 2


class S3Objects:
    """`domain.adapters.blobs.Objects` at `s3://bucket/prefix`.

    What `options` (by obstore's names, such as `region`) leave out is taken from the environment as AWS names
    it. An object is one request, so that it is there as a whole or not at all: parts that were never put
    together would have to be cleared away by the operator.
    """

    def __init__(self, place: str, **options: Any) -> None:
        self._store = S3Store.from_url(
            place,
            client_options={
                "allow_http": str(options.get("endpoint", "")).startswith("http://"),
                "timeout": _REQUEST,
                "connect_timeout": _CONNECT,
            },
            retry_config={"max_retries": _TRIES, "retry_timeout": _TRY_FOR},
            **options,
        )

    async def put(self, key: str, content: bytes) -> None:
        try:
            await obstore.put_async(self._store, key, content, use_multipart=False)
        except (BaseError, OSError, ValueError) as error:
            raise _away(error) from error

    async def get(self, key: str) -> bytes:
        try:
            found = await obstore.get_async(self._store, key)
            return bytes(await found.bytes_async())
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise _away(error) from error
            raise Refused("file.gone") from error
        except (BaseError, OSError, ValueError) as error:
            raise _away(error) from error

    async def delete(self, key: str) -> None:
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise _away(error) from error
        except (BaseError, OSError, ValueError) as error:
            raise _away(error) from error


def _away(error: Exception) -> Unavailable:
    """All else passes, sooner or by the operator's doing; no word of the error is kept, only its kind."""
    if isinstance(error, PermissionDeniedError | UnauthenticatedError):
        return Unavailable("files.denied")
    if isinstance(error, FileNotFoundError):
        return Unavailable("files.bucket")
    return Unavailable("files.unreachable")
