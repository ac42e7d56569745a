"""Opus taken out of WebM into Ogg; that Chromium plays the result is shown in test_page.py."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.errors import Impossible
from bot.playground.voice import as_voice_note, voice_seconds

EBML = b"\x1a\x45\xdf\xa3"
UNKNOWN_SIZE = b"\x01" + b"\xff" * 7
HEAD = b"OpusHead\x01\x01" + struct.pack("<HIhB", 312, 48_000, 0, 0)
TWENTY_MS = 0b01001 << 3
"""The first byte of a packet of one SILK frame of 20 ms."""


def element(number: bytes, content: bytes) -> bytes:
    return number + struct.pack(">Q", 1 << 56 | len(content)) + content


def webm(packets: list[bytes], lacing: int = 0) -> bytes:
    """As MediaRecorder writes: segment and clusters of unknown size, one packet in each simple block."""
    track = element(b"\xae", element(b"\x86", b"A_OPUS") + element(b"\x63\xa2", HEAD))
    blocks = b"".join(element(b"\xa3", b"\x81\0\0" + bytes([0x80 | lacing]) + packet) for packet in packets)
    cluster = b"\x1f\x43\xb6\x75" + UNKNOWN_SIZE + element(b"\xe7", b"\0") + blocks
    return (
        element(EBML, b"")
        + b"\x18\x53\x80\x67"
        + UNKNOWN_SIZE
        + element(b"\x16\x54\xae\x6b", track)
        + cluster
    )


def ogg_packets(ogg: bytes) -> list[bytes]:
    packets, position, unfinished = [], 0, b""
    while position < len(ogg):
        assert ogg[position : position + 5] == b"OggS\0"
        lacing = ogg[position + 27 : position + 27 + ogg[position + 26]]
        position += 27 + len(lacing)
        for length in lacing:
            unfinished += ogg[position : position + length]
            position += length
            if length < 255:
                packets.append(unfinished)
                unfinished = b""
    return packets


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=120))
def test_every_packet_comes_through(bodies: list[bytes]) -> None:
    packets = [bytes([TWENTY_MS]) + body for body in bodies]
    ogg = as_voice_note(webm(packets))
    assert ogg_packets(ogg) == [HEAD, ogg_packets(ogg)[1], *packets]
    assert voice_seconds(ogg) == max(round(len(packets) * 0.02), 1)
    assert as_voice_note(ogg) == ogg


@given(st.binary(max_size=80))
def test_noise_is_refused(noise: bytes) -> None:
    for content in (noise, EBML + noise):
        if not content.startswith(b"OggS"):
            with pytest.raises(Impossible):
                as_voice_note(content)


def test_what_a_browser_does_not_write_is_refused() -> None:
    for content in (webm([]), webm([b""]), webm([b"\0abc"], lacing=2), webm([b"\0" * 5000] * 50)):
        with pytest.raises(Impossible):
            as_voice_note(content)
