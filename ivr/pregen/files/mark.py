"""The mark inside a rendered WAV: that it was rendered, and from what.

It lets a build take up clips again that no lock names (the lock was lost, or the build was killed before it was
written), and it tells rendered clips from sounds of the project's own, which are never written over. The mark is a
RIFF comment (LIST INFO ICMT, Multimedia Programming Interface 1.0) before the audio, so that it outlives a cut.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from dataclasses import asdict, dataclass
from typing import Literal

from ivr.catalog.normalise import normalise
from ivr.errors import BadAudioFile
from ivr.media.wave import read_wav

_AT = 36
"""Where the mark stands: behind the RIFF header (12 bytes) and fmt chunk (24), both as ``write_wav`` has them."""
_SIGN = b"ivr render "
_SHORTEST = _AT + 20 + len(_SIGN)
"""Bytes before which a mark cannot be told, and no sound begins."""
_POINTER = b"version https://git-lfs.github.com/spec/"
"""How a pointer begins: docs/spec.md of Git LFS."""
_RECORDED = ("recording", "words")


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
    recording: str = ""
    """The hash of what it was made from, where a person said it."""
    words: str = ""
    """The ``hash_of_words`` that the person was to say: no sound tells them."""


def hash_of_words(text: str) -> str:
    """32 hexadecimal digits; equal where texts say the same."""
    return hashlib.sha256(normalise(text).encode()).hexdigest()[:32]


def signed(wav: bytes, mark: Mark) -> bytes:
    """``wav``, as ``write_wav`` made it, with ``mark`` and a checksum of the rest."""
    told = {name: value for name, value in asdict(mark).items() if value or name not in _RECORDED}
    note = _SIGN + json.dumps({**told, "crc": zlib.crc32(wav)}, sort_keys=True).encode("ascii") + b"\0"
    note += b"\0" * (len(note) % 2)
    chunk = struct.pack("<4sI4s4sI", b"LIST", 12 + len(note), b"INFO", b"ICMT", len(note)) + note
    size = struct.pack("<I", len(wav) + len(chunk) - 8)
    return wav[:4] + size + wav[8:_AT] + chunk + wav[_AT:]


def is_marked(data: bytes) -> bool:
    """Whether ``data`` began as a file that a build wrote, whatever became of it since."""
    return data[_AT : _AT + 4] == b"LIST" and data[_AT + 20 : _SHORTEST] == _SIGN


def mark_of(data: bytes) -> Mark | None:
    """The mark of a clip whose checksum holds."""
    found = _read(data)
    if found is None:
        return None
    mark, crc, stop = found
    bare = data[:4] + struct.pack("<I", len(data) - (stop - _AT) - 8) + data[8:_AT] + data[stop:]
    return mark if zlib.crc32(bare) == crc else None


def is_wreck(data: bytes) -> bool:
    """Whether ``data`` is what is left of a clip that a build wrote, and cannot be anything else.

    That is nothing at all, zeros, a head alone, or a whole mark before a sound that is cut off or cannot be read. What
    can be played was changed by somebody, who may want to keep it.
    """
    if len(data) < _SHORTEST or not data.strip(b"\0"):
        return data.startswith(b"RIFF") or not data.strip(b"\0")
    if not is_marked(data):
        return False
    found = _read(data)
    if found is None:
        return _stop(data) > len(data)
    try:
        read_wav(data)
    except BadAudioFile:
        return True
    return False


def is_no_sound(data: bytes) -> bool:
    """Whether nobody can have recorded ``data``: it is a text, or too short for any sound."""
    return len(data) < _SHORTEST or _is_text(data)


def is_pointer(data: bytes) -> bool:
    """Whether ``data`` stands for a file that Git LFS did not fetch."""
    return data.startswith(_POINTER)


def _is_text(data: bytes) -> bool:
    if b"\0" in data:
        return False
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(each.isprintable() or each in "\t\r\n\f" for each in text)


def _stop(data: bytes) -> int:
    """Where the mark of what ``is_marked`` ends."""
    (size,) = struct.unpack_from("<I", data, _AT + 4)
    return _AT + 8 + int(size)


def _read(data: bytes) -> tuple[Mark, int, int] | None:
    """The mark as a build wrote it, its checksum, and where it ends."""
    if not is_marked(data):
        return None
    stop = _stop(data)
    try:
        found = json.loads(data[_SHORTEST:stop].rstrip(b"\0"))
        crc = found.pop("crc")
        return Mark(**found), crc, stop
    except (ValueError, TypeError, AttributeError, KeyError):
        return None
