"""Voice notes as Telegram hands them to bots, Opus in Ogg, though Chromium records Opus in WebM.

Sources: RFC 3533 (Ogg), RFC 7845 (Opus in Ogg), RFC 6716 section 3.1 (an Opus packet's first byte), RFC 8794
and RFC 9559 (WebM's elements).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from bot.playground.errors import Impossible

SAMPLES_PER_SECOND = 48_000
_PACKETS_PER_PAGE = 50
_SERIAL = 1
_FIRST_PAGE, _LAST_PAGE = 2, 4

_MASTERS = frozenset({0x18538067, 0x1654AE6B, 0xAE, 0x1F43B675, 0xA0})
"""Segment, Tracks, TrackEntry, Cluster, BlockGroup: walked into, so that unknown sizes do not matter."""
_CODEC_PRIVATE, _SIMPLE_BLOCK, _BLOCK = 0x63A2, 0xA3, 0xA1
_LACING = 0x06


def as_voice_note(content: bytes) -> bytes:
    """Opus in Ogg: as it came, or taken out of WebM. Raises `Impossible` for anything else."""
    if content.startswith(b"OggS"):
        return content
    try:
        return _write_ogg(*_read_webm(content))
    except (IndexError, ValueError):
        raise Impossible("a voice note is Opus in Ogg or WebM") from None


def voice_seconds(ogg: bytes) -> int:
    """The length of an Ogg file by the position that its last page states; at least 1."""
    last = ogg.rfind(b"OggS")
    if last < 0 or len(ogg) < last + 14:
        return 1
    position = int.from_bytes(ogg[last + 6 : last + 14], "little")
    return max(round(position / SAMPLES_PER_SECOND), 1)


def _read_webm(content: bytes) -> tuple[bytes, list[bytes]]:
    """The OpusHead and the packets. Raises `IndexError` or `ValueError` where there are none."""
    head, packets = b"", []
    if not content.startswith(b"\x1a\x45\xdf\xa3"):
        raise ValueError("no EBML")
    for element, payload in _elements(content):
        if element == _CODEC_PRIVATE:
            head = payload
        elif element in (_SIMPLE_BLOCK, _BLOCK):
            _, start = _variable_int(payload, 0)
            if payload[start + 2] & _LACING:
                raise ValueError("laced blocks")
            packets.append(payload[start + 3 :])
    if not head.startswith(b"OpusHead") or not packets:
        raise ValueError("no Opus")
    return head, packets


def _elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(content):
        length = 9 - content[position].bit_length()
        element = int.from_bytes(content[position : position + length], "big")
        size, position = _variable_int(content, position + length)
        if element in _MASTERS:
            continue
        yield element, content[position : position + size]
        position += size


def _variable_int(content: bytes, position: int) -> tuple[int, int]:
    """An EBML number, whose leading zero bits tell its length, and the position behind it."""
    length = 9 - content[position].bit_length()
    if length > 8:
        raise ValueError("no EBML number")
    value = int.from_bytes(content[position : position + length], "big")
    return value & ((1 << 7 * length) - 1), position + length


def _packet_samples(packet: bytes) -> int:
    first = packet[0]
    configuration, frames = first >> 3, first & 3
    if configuration < 12:
        size = (480, 960, 1920, 2880)[configuration & 3]
    elif configuration < 16:
        size = (480, 960)[configuration & 1]
    else:
        size = (120, 240, 480, 960)[configuration & 3]
    return size * (packet[1] & 0x3F if frames == 3 else 1 + (frames > 0))


def _write_ogg(head: bytes, packets: list[bytes]) -> bytes:
    tags = b"OpusTags" + struct.pack("<I", 10) + b"playground" + struct.pack("<I", 0)
    pages = [_page([head], 0, 0, _FIRST_PAGE), _page([tags], 0, 1, 0)]
    position = 0
    for start in range(0, len(packets), _PACKETS_PER_PAGE):
        batch = packets[start : start + _PACKETS_PER_PAGE]
        position += sum(map(_packet_samples, batch))
        is_last = start + _PACKETS_PER_PAGE >= len(packets)
        pages.append(_page(batch, position, len(pages), _LAST_PAGE if is_last else 0))
    return b"".join(pages)


def _page(packets: list[bytes], position: int, number: int, flags: int) -> bytes:
    lacing = b"".join(b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255]) for packet in packets)
    if len(lacing) > 255:
        raise ValueError("packets larger than those of speech")
    header = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, position, _SERIAL, number, 0, len(lacing))
    page = header + lacing + b"".join(packets)
    return page[:22] + struct.pack("<I", _checksum(page)) + page[26:]


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ 0x04C11DB7 if value & 0x80000000 else value << 1
        table.append(value & 0xFFFFFFFF)
    return tuple(table)


_CRC = _crc_table()


def _checksum(page: bytes) -> int:
    """Ogg's CRC-32, which is not zlib's: neither reflected nor inverted."""
    value = 0
    for byte in page:
        value = (value << 8 & 0xFFFFFFFF) ^ _CRC[value >> 24 ^ byte]
    return value
