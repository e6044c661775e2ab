"""What a peer said last on a socket that broke under our own writing.

A peer that sends its close and closes its socket at once, as Asterisk does, breaks what we write before we have read
that close. It lies in the system's buffer still, and tells a hang-up from a peer that was lost.
"""

from __future__ import annotations

import asyncio
import os

MOST = 65_536
"""Bytes that are looked at; a close is the last thing on a socket."""


def closing_code(transport: asyncio.BaseTransport) -> int | None:
    """The code of the close that was not read; None where there is none, and under TLS, where it cannot be read."""
    socket = transport.get_extra_info("socket")
    if socket is None or transport.get_extra_info("sslcontext") is not None:
        return None
    try:
        return code_at_end(os.read(socket.fileno(), MOST))
    except (OSError, ValueError):
        return None


def code_at_end(data: bytes) -> int | None:
    """The code of the masked close frame (RFC 6455 §5.5.1) that ``data`` ends with; None where it ends with none."""
    for size in range(2, 126):
        frame = data[-(6 + size) :]
        if len(frame) == 6 + size and frame[0] == 0x88 and frame[1] == 0x80 | size:
            mask = frame[2:6]
            code = (frame[6] ^ mask[0]) << 8 | (frame[7] ^ mask[1])
            return code if 1000 <= code < 5000 else None
    return None
