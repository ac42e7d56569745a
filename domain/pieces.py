"""Files piece by piece, so that none has to be in memory as a whole."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator


async def chunks_of(pieces: AsyncIterable[bytes], size: int) -> AsyncIterator[tuple[bytes, bool]]:
    """Pieces of whatever length as chunks of `size` bytes, the last of which may be shorter, and is told.

    Of nothing there is one chunk, which is empty.
    """
    held = bytearray()
    async for piece in pieces:
        held += piece
        while len(held) > size:
            yield _taken(held, size), False
    yield bytes(held), True


def _taken(held: bytearray, size: int) -> bytes:
    """The first bytes of what is held, which are held no longer."""
    with memoryview(held) as view:
        taken = bytes(view[:size])
    del held[:size]
    return taken


async def whole(pieces: AsyncIterable[bytes]) -> bytes:
    """All of it, for what is small or has to be at hand at once."""
    return b"".join([piece async for piece in pieces])
