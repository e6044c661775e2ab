"""Packets on a TCP stream: kind (1 byte), length of the payload (2, big-endian), payload.

Source: Asterisk's documentation, "AudioSocket", and its ``include/asterisk/res_audiosocket.h``.
"""

from __future__ import annotations

from collections.abc import Iterator

from ivr.errors import LocalGatewayError, RemoteGatewayError

HEADER = 3
"""Bytes before the payload."""

LONGEST = 0xFFFF
"""Bytes of a payload, the most that its length can say."""

HANG_UP, UUID, DIGIT, ERROR = 0x00, 0x01, 0x03, 0xFF
"""Kinds that are no sound. ``DIGIT`` and ``ERROR`` only ever come to us: Asterisk ends the call over one of ours."""

UUID_BYTES = 16


def write(kind: int, payload: bytes = b"") -> bytes:
    """One packet. Raises ``LocalGatewayError`` for a payload that no packet holds."""
    if len(payload) > LONGEST:
        raise LocalGatewayError(f"a packet of {len(payload)} bytes: its length can say {LONGEST} at the most")
    return bytes((kind,)) + len(payload).to_bytes(2, "big") + payload


class Packets:
    """Cuts a stream into whole packets, however its bytes come. Holds less than one packet of what is not whole."""

    def __init__(self, longest: int = LONGEST) -> None:
        """``longest``: bytes of a payload that is taken."""
        self._longest = longest
        self._rest = bytearray()

    @property
    def waiting(self) -> int:
        """Bytes of a packet that is not whole yet."""
        return len(self._rest)

    def cut(self, data: bytes) -> Iterator[bytes]:
        """The packets that ``data`` completes, header and all; to be taken to the end before more is given.

        Raises ``RemoteGatewayError`` for one that is too long, as soon as its header tells so; the stream is lost then.
        """
        rest = self._rest
        rest += data
        start = 0
        try:
            while len(rest) - start >= HEADER:
                length = int.from_bytes(rest[start + 1 : start + HEADER], "big")
                if length > self._longest:
                    raise RemoteGatewayError(f"a packet of {length} bytes; {self._longest} are taken")
                stop = start + HEADER + length
                if stop > len(rest):
                    break
                packet = bytes(rest[start:stop])
                start = stop
                yield packet
        finally:
            del rest[:start]
