"""What passes between the pool and a worker: JSON lines one way, length-prefixed records the other.

A record is a header (kind 1 byte, utterance id 4, payload length 4, little-endian) and its payload. The worker greets
with ``HELLO``; then every ``Speak`` is answered by any number of ``WORDS`` and ``AUDIO`` and exactly one ``END`` or
``REFUSED``, also when it was cancelled. Both sides import this file, so it imports nothing heavy.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import IntEnum

from ivr.errors import SpeechBroken

_HEADER = struct.Struct("<BII")
_WORD = struct.Struct("<III")

MAX_PAYLOAD = 1 << 20
"""Bytes. The largest honest payload is some 3 kB (60 ms of audio); a longer one means that the stream is no records."""


@dataclass(frozen=True, slots=True)
class Speak:
    """Say ``text``. Utterances are said in the order in which they were asked for."""

    id: int
    """Counts up within one worker, from 1."""
    text: str
    voice: str
    """Empty: choose by ``locale``."""
    locale: str
    speed: float


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop utterance ``id`` at its next chunk; its ``END`` still comes. Unknown and ended ids are ignored."""

    id: int


Request = Speak | Cancel


class Kind(IntEnum):
    """What a record's payload is."""

    HELLO = 1
    """A ``Hello`` as JSON; its id is 0."""
    WORDS = 2
    """The words that begin in the next ``AUDIO``; see ``pack_words``."""
    AUDIO = 3
    """Mono signed 16-bit little-endian samples."""
    END = 4
    """Empty."""
    REFUSED = 5
    """A ``Refused`` as JSON; comes in place of ``END``."""


@dataclass(frozen=True, slots=True)
class Record:
    """One answer of a worker."""

    kind: Kind
    id: int
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Hello:
    """A worker's greeting."""

    version: str
    """The engine's own, such as ``1.52.0``."""
    rate: int
    """Hz of all audio to come."""
    reusable: bool
    """False where the library cannot be unloaded: one utterance per process, or audio is not reproducible."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a request cannot be served."""

    status: int
    """As in HTTP: 404 for a voice or locale that does not exist, 400 for a value out of range."""
    why: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word's first sample from the start of the utterance, and its place in the text, in characters."""

    sample: int
    offset: int
    length: int


def encode_request(request: Request) -> bytes:
    """One line, ASCII, with its newline."""
    match request:
        case Speak():
            fields = {"speak": asdict(request)}
        case Cancel():
            fields = {"cancel": asdict(request)}
    return json.dumps(fields).encode("ascii") + b"\n"


def decode_request(line: bytes) -> Request:
    """Raises ``ValueError`` for a line that ``encode_request`` would not write."""
    try:
        match json.loads(line):
            case {"speak": dict(fields)}:
                return Speak(**fields)
            case {"cancel": dict(fields)}:
                return Cancel(**fields)
    except TypeError as error:
        raise ValueError(f"request with wrong fields: {error}") from error
    raise ValueError("request is neither speak nor cancel")


def encode_record(record: Record) -> bytes:
    """Header and payload."""
    return _HEADER.pack(record.kind, record.id, len(record.payload)) + record.payload


class RecordDecoder:
    """Cuts a worker's output into records, however the pipe cut it."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Record]:
        """Yield the records that ``data`` completes. Raises ``SpeechBroken`` where the bytes are no record."""
        self._buffer += data
        while len(self._buffer) >= _HEADER.size:
            number, identity, length = _HEADER.unpack_from(self._buffer)
            try:
                kind = Kind(number)
            except ValueError:
                raise SpeechBroken(f"the voice's worker sent a record of unknown kind {number}") from None
            if length > MAX_PAYLOAD:
                raise SpeechBroken(f"the voice's worker sent a record of {length} bytes; the most is {MAX_PAYLOAD}")
            end = _HEADER.size + length
            if len(self._buffer) < end:
                return
            payload = bytes(self._buffer[_HEADER.size : end])
            del self._buffer[:end]
            yield Record(kind, identity, payload)

    @property
    def partial(self) -> bool:
        """Whether part of a record is waiting for its rest."""
        return bool(self._buffer)


def pack_words(words: Iterable[Word]) -> bytes:
    """Twelve bytes a word: sample, offset, length."""
    return b"".join(_WORD.pack(word.sample, word.offset, word.length) for word in words)


def unpack_words(payload: bytes) -> tuple[Word, ...]:
    """The inverse of ``pack_words``. Raises ``SpeechBroken`` for a payload that is not whole words."""
    if len(payload) % _WORD.size:
        raise SpeechBroken(f"the voice's worker sent {len(payload)} bytes of words, not a multiple of {_WORD.size}")
    return tuple(Word(*fields) for fields in _WORD.iter_unpack(payload))


def pack_facts(facts: Hello | Refused) -> bytes:
    """JSON."""
    return json.dumps(asdict(facts)).encode("ascii")


def unpack_hello(payload: bytes) -> Hello:
    """The inverse of ``pack_facts``. Raises ``SpeechBroken`` for anything else."""
    try:
        return Hello(**json.loads(payload))
    except (ValueError, TypeError) as error:
        raise SpeechBroken(f"the voice's worker did not greet as expected: {error}") from error


def unpack_refused(payload: bytes) -> Refused:
    """The inverse of ``pack_facts``. Raises ``SpeechBroken`` for anything else."""
    try:
        return Refused(**json.loads(payload))
    except (ValueError, TypeError) as error:
        raise SpeechBroken(f"the voice's worker refused without a reason: {error}") from error
