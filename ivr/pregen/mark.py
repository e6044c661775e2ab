"""The mark inside a rendered WAV: that it was rendered, and from what.

It lets a build take up clips again that no lock names (the lock was lost, or the build was killed before it was
written), and it tells rendered clips from sounds of the project's own, which are never written over. The mark is a
RIFF comment (LIST INFO ICMT, Multimedia Programming Interface 1.0) before the audio, so that it outlives a cut.
"""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import asdict, dataclass
from typing import Literal

_AT = 36
"""Where the mark stands: behind the RIFF header (12 bytes) and fmt chunk (24), both as ``write_wav`` has them."""
_SIGN = b"ivr render "


@dataclass(frozen=True, slots=True)
class Mark:
    """What a clip was made from, and how it came out; as in its entry of the lock."""

    key: str
    origin: Literal["rendered", "recorded"]
    provider: str
    voice: str
    loudness: float | None
    level: float | None
    peak: float | None


def signed(wav: bytes, mark: Mark) -> bytes:
    """``wav``, as ``write_wav`` made it, with ``mark`` and a checksum of the rest."""
    note = _SIGN + json.dumps({**asdict(mark), "crc": zlib.crc32(wav)}, sort_keys=True).encode("ascii") + b"\0"
    note += b"\0" * (len(note) % 2)
    chunk = struct.pack("<4sI4s4sI", b"LIST", 12 + len(note), b"INFO", b"ICMT", len(note)) + note
    size = struct.pack("<I", len(wav) + len(chunk) - 8)
    return wav[:4] + size + wav[8:_AT] + chunk + wav[_AT:]


def is_marked(data: bytes) -> bool:
    """Whether ``data`` was written by a build, be it damaged since."""
    return data[_AT : _AT + 4] == b"LIST" and data[_AT + 20 : _AT + 20 + len(_SIGN)] == _SIGN


def mark_of(data: bytes) -> Mark | None:
    """The mark of a clip whose checksum holds."""
    if not is_marked(data):
        return None
    (size,) = struct.unpack_from("<I", data, _AT + 4)
    stop = _AT + 8 + size
    try:
        found = json.loads(data[_AT + 20 + len(_SIGN) : stop].rstrip(b"\0"))
        crc = found.pop("crc")
        mark = Mark(**found)
    except (ValueError, TypeError, AttributeError, KeyError):
        return None
    bare = data[:4] + struct.pack("<I", len(data) - (stop - _AT) - 8) + data[8:_AT] + data[stop:]
    return mark if zlib.crc32(bare) == crc else None
