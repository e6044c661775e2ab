"""WAV bytes, whole and streamed (RIFF: Microsoft, Multimedia Programming Interface 1.0; format tags: mmreg.h)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ivr.errors import AudioError, BadAudioFile
from ivr.media import g711
from ivr.media.format import AudioFormat, Encoding
from ivr.media.linear import to_int16
from ivr.media.samples import Samples

_PCM, _FLOAT, _ALAW, _MULAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
_ENDLESS = 0x7FFFF000  # servers that do not know the length yet send 0, 0x7FFFFFFF or 0xFFFFFFFF, or nearly
_HEADER_LIMIT = 1 << 20  # bytes of other chunks before the audio; more is not a stream of speech


@dataclass(frozen=True, slots=True)
class _Header:
    tag: int
    channels: int
    rate: int
    bits: int
    start: int
    """Where the audio begins, in bytes."""
    size: int | None
    """Bytes of audio; None when it goes on until the end."""

    @property
    def step(self) -> int:
        """Bytes of one sample of all channels."""
        return self.channels * self.bits // 8

    def __str__(self) -> str:
        return f"WAV format {self.tag}, {self.channels} channel(s), {self.bits} bits, {self.rate} Hz"


def _parse(data: bytes) -> _Header | None:
    """The header, or None when more bytes are needed; raises ``BadAudioFile`` for what is not WAV."""
    if data[:4] != b"RIFF"[: len(data)] or data[8:12] != b"WAVE"[: max(0, len(data) - 8)]:
        raise BadAudioFile(f"not a WAV file: it begins with {data[:12]!r}; give RIFF/WAVE audio")
    at = 12
    described: tuple[int, int, int, int] | None = None
    while len(data) >= at + 8:
        name, size = struct.unpack_from("<4sI", data, at)
        at += 8
        if name == b"data":
            if described is None:
                raise BadAudioFile(f"the WAV's data chunk at byte {at - 8} comes before its fmt chunk: write it again")
            return _Header(*described, start=at, size=None if size == 0 or size >= _ENDLESS else size)
        if name == b"fmt ":
            if len(data) < at + size:
                return None
            described = _describe(data[at : at + size])
        at += size + size % 2  # chunks are padded to even length
    return None


def _describe(chunk: bytes) -> tuple[int, int, int, int]:
    if len(chunk) < 16:
        raise BadAudioFile(f"the WAV's fmt chunk has {len(chunk)} bytes of at least 16: the file is damaged")
    tag, channels, rate, _, align, bits = struct.unpack_from("<HHIIHH", chunk)
    if tag == _EXTENSIBLE and len(chunk) >= 26:
        (tag,) = struct.unpack_from("<H", chunk, 24)  # the sub-format's GUID begins with the plain tag
    if not channels or not rate or align * 8 != channels * bits:
        raise BadAudioFile(
            f"the WAV's fmt chunk contradicts itself ({channels} channels, {rate} Hz, {bits} bits, {align} bytes "
            "a sample): the file is damaged"
        )
    return tag, channels, rate, bits


def write_wav(samples_channels: Sequence[Samples], rate: int) -> bytes:
    """A 16-bit WAV of one or two channels of equal length; raises ``AudioError`` for anything else."""
    lengths = [len(channel) for channel in samples_channels]
    if len(lengths) not in (1, 2) or len(set(lengths)) != 1:
        raise AudioError(f"cannot write a WAV of channels with {lengths} samples: give one or two of equal length")
    body = np.stack([to_int16(channel) for channel in samples_channels], axis=1).astype("<i2").tobytes()
    step = 2 * len(lengths)
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, _PCM, len(lengths), rate, rate * step, step, 16)
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + len(body), b"WAVE") + fmt + struct.pack("<4sI", b"data", len(body)) + body
    )


def mulaw_wav(payload: bytes, rate: int) -> bytes:
    """A WAV of one channel of mu-law, with the fact chunk that a format other than PCM needs."""
    fmt = struct.pack("<4sIHHIIHHH", b"fmt ", 18, _MULAW, 1, rate, rate, 1, 8, 0)
    fact = struct.pack("<4sII", b"fact", 4, len(payload))
    body = struct.pack("<4sI", b"data", len(payload)) + payload + b"\0" * (len(payload) % 2)
    return struct.pack("<4sI4s", b"RIFF", 4 + len(fmt + fact + body), b"WAVE") + fmt + fact + body


def read_wav(data: bytes) -> tuple[Samples, int]:
    """The channels of a WAV mixed to mono, and its rate; what it takes and raises is that of ``read_channels``."""
    channels, rate = read_channels(data)
    if len(channels) == 1:
        return channels[0], rate
    mixed: Samples = np.mean(channels, axis=0, dtype=np.float32)
    return mixed, rate


def read_channels(data: bytes) -> tuple[tuple[Samples, ...], int]:
    """The channels of a WAV, and its rate.

    PCM of 8, 16, 24 and 32 bits, float of 32 and 64, mu-law and A-law, plain or extensible. A length of 0 or
    0xFFFFFFFF, as streaming servers write, means until the end. Raises ``BadAudioFile`` when the bytes are another
    format, or stop before the length that they promise.
    """
    header = _parse(data)
    if header is None:
        raise BadAudioFile(f"the WAV stops after {len(data)} bytes, before its audio: fetch or render it again")
    body = data[header.start :]
    if header.size is not None:
        if len(body) < header.size:
            raise BadAudioFile(
                f"the WAV has {len(body)} of {header.size} bytes of audio: it was cut off, fetch or render it again"
            )
        body = body[: header.size]
    body = body[: len(body) // header.step * header.step]
    decoded = _decode(body, header)
    return tuple(decoded[channel :: header.channels] for channel in range(header.channels)), header.rate


def _decode(body: bytes, header: _Header) -> Samples:
    match header.tag, header.bits:
        case (1, 8):
            return (np.frombuffer(body, dtype=np.uint8).astype(np.float32) - 128) / np.float32(128)
        case (1, 16):
            return np.frombuffer(body, dtype="<i2").astype(np.float32) / np.float32(1 << 15)
        case (1, 24):
            wide = np.zeros((len(body) // 3, 4), dtype=np.uint8)
            wide[:, 1:] = np.frombuffer(body, dtype=np.uint8).reshape(-1, 3)
            return np.frombuffer(wide.tobytes(), dtype="<i4").astype(np.float32) / np.float32(1 << 31)
        case (1, 32):
            return np.frombuffer(body, dtype="<i4").astype(np.float32) / np.float32(1 << 31)
        case (3, 32 | 64 as bits):
            floats = np.frombuffer(body, dtype=f"<f{bits // 8}")
            sane: Samples = np.clip(np.nan_to_num(floats, nan=0.0), -8.0, 8.0).astype(np.float32)
            return sane
        case (6, 8):
            return g711.alaw_decode(body)
        case (7, 8):
            return g711.mulaw_decode(body)
        case _:
            raise BadAudioFile(f"{header} cannot be read: convert it to 16-bit PCM")


class WavStream:
    """Takes a WAV apart while it arrives: the header is read once, the rest is payload of ``format``."""

    def __init__(self) -> None:
        self.format: AudioFormat | None = None
        """What the payload is; None until the header is complete."""
        self._head = b""  # the header so far; later the bytes of an incomplete sample
        self._left: int | None = None  # bytes of audio still to come; None when until the end

    def push(self, data: bytes) -> bytes:
        """Whole samples of payload, as they stand; what follows the audio is dropped.

        Raises ``BadAudioFile`` when it is not WAV, or not mono 16-bit, mu-law or A-law.
        """
        held = self._head + data
        if self.format is None:
            header = _parse(held)
            if header is None:
                if len(held) > _HEADER_LIMIT:
                    raise BadAudioFile(f"no audio in the first {len(held)} bytes of the WAV: ask for plain WAV or PCM")
                self._head = held
                return b""
            self.format = _format(header)
            self._left = header.size
            held = held[header.start :]
        if self._left is not None:
            held = held[: self._left]
        whole = len(held) // self.format.sample_bytes * self.format.sample_bytes
        if self._left is not None:
            self._left -= whole
        self._head = held[whole:]
        return held[:whole]

    def finish(self) -> None:
        """Raises ``BadAudioFile`` when the stream ended before its header or before the length it promised."""
        if self.format is None:
            raise BadAudioFile(f"the WAV ended after {len(self._head)} bytes, before its audio: ask for it again")
        if self._left:
            raise BadAudioFile(f"the WAV ended {self._left} bytes before its length: ask for it again")


def _format(header: _Header) -> AudioFormat:
    encodings = {(_PCM, 16): Encoding.L16, (_MULAW, 8): Encoding.MULAW, (_ALAW, 8): Encoding.ALAW}
    encoding = encodings.get((header.tag, header.bits))
    if encoding is None or header.channels != 1:
        raise BadAudioFile(f"{header} cannot be streamed: ask the server for mono 16-bit PCM, mu-law or A-law")
    return AudioFormat(encoding, header.rate)
