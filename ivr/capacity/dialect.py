"""Twilio's side of the wire as finished bytes: what a far end sends is the same for every line but for a few names.

Written from the vendor's public documents ("Media Streams - WebSocket Messages"). Frames are serialised by
``websockets`` once, so that hundreds of lines cost the driver little more than the write itself.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

import orjson
from websockets.frames import Frame, Opcode

CONNECTED = '{"event":"connected","protocol":"Call","version":"1.0.0"}'
QUIET = b64encode(b"\xff\x7f" * 80).decode()
"""20 ms of mu-law silence: platforms send the caller's silence too, fifty messages a second."""


def frame(text: str) -> bytes:
    """A whole text message as a client sends it, masked (RFC 6455 §5.3)."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=True)


@dataclass(frozen=True, slots=True)
class Wire:
    """The messages of one stream."""

    stream: str

    def start(self, caller: str) -> bytes:
        """``connected`` and ``start``, in one write."""
        start = {
            "event": "start",
            "sequenceNumber": "1",
            "streamSid": self.stream,
            "start": {
                "streamSid": self.stream,
                "callSid": "CA" + self.stream,
                "accountSid": "AC0",
                "tracks": ["inbound"],
                "customParameters": {"from": caller},
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            },
        }
        return frame(CONNECTED) + frame(orjson.dumps(start).decode())

    def media(self) -> bytes:
        """20 ms of the caller's side."""
        return frame(
            f'{{"event":"media","sequenceNumber":"3","streamSid":"{self.stream}","media":'
            f'{{"track":"inbound","chunk":"2","timestamp":"40","payload":"{QUIET}"}}}}'
        )

    def key(self, digit: str) -> bytes:
        """A key was pressed."""
        return frame(
            f'{{"event":"dtmf","sequenceNumber":"9","streamSid":"{self.stream}","dtmf":'
            f'{{"track":"inbound_track","digit":"{digit}"}}}}'
        )

    def echo(self, mark: str) -> bytes:
        """The sound before a mark was heard."""
        body = orjson.dumps({"name": mark}).decode()
        return frame(f'{{"event":"mark","sequenceNumber":"12","streamSid":"{self.stream}","mark":{body}}}')

    def stop(self) -> bytes:
        """The caller hung up."""
        return frame(
            f'{{"event":"stop","sequenceNumber":"40","streamSid":"{self.stream}","stop":'
            f'{{"accountSid":"AC0","callSid":"CA{self.stream}"}}}}'
        )
