"""MP3 chunk by chunk: frames are cut here, decoded by ``miniaudio``, and joined sample-exact.

A frame cannot be decoded alone. Its bits may begin up to 511 bytes earlier (the bit reservoir: ``main_data_begin``
has 9 bits in MPEG-1 and 8 in MPEG-2, ISO 11172-3 §2.4.2.7), its first half overlaps the granule before, and the
synthesis filter remembers 15 of a granule's 18 slots. So each push decodes a window: the frames that the new ones
lean on, then the new ones; only what the new ones added is handed out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ivr.errors import MissingExtra, SpeechBroken
from ivr.media.samples import Samples, empty

RESERVOIR = 511
"""Bytes of earlier frames that a frame may use at the most."""
DECODER_DELAY = 529
"""Samples by which every MP3 decoder lags (528 + 1, LAME technical FAQ)."""
LONGEST_JUNK = 65536
"""Bytes without a frame after which a stream is no MP3."""

_KBPS = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """The four bytes that every Layer III frame begins with (ISO 11172-3 §2.4.1.3)."""

    mpeg1: bool
    rate: int
    mono: bool
    size: int
    """Bytes of the whole frame."""

    @property
    def samples(self) -> int:
        """Samples per channel in the frame."""
        return 1152 if self.mpeg1 else 576

    @property
    def side_info(self) -> int:
        """Bytes between header and main data."""
        if self.mpeg1:
            return 17 if self.mono else 32
        return 9 if self.mono else 17

    def same_stream(self, other: FrameHeader) -> bool:
        """Whether both may follow each other; bitrate and padding are free."""
        return (self.mpeg1, self.rate, self.mono) == (other.mpeg1, other.rate, other.mono)


def parse_header(data: bytes | bytearray, at: int = 0) -> FrameHeader | None:
    """The Layer III frame header at ``at``, or None where there is none. Free-format frames are not accepted."""
    if len(data) - at < 4 or data[at] != 0xFF or data[at + 1] & 0xE6 != 0xE2:
        return None
    version, kbps, rate = data[at + 1] >> 3 & 3, data[at + 2] >> 4, data[at + 2] >> 2 & 3
    if version == 1 or kbps in (0, 15) or rate == 3:
        return None
    hertz = _RATES[version][rate]
    slots = 144 if version == 3 else 72
    size = slots * 1000 * _KBPS[version == 3][kbps] // hertz + (data[at + 2] >> 1 & 1)
    return FrameHeader(version == 3, hertz, data[at + 3] >> 6 == 3, size)


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole frame."""

    header: FrameHeader
    data: bytes


@dataclass(frozen=True, slots=True)
class Info:
    """A Xing or Info frame: no sound, but how much of the decoded sound is the encoder's own padding."""

    skip: int
    """Samples to drop at the start."""
    keep: int | None
    """Samples after those; None where the tag does not say."""


def parse_info(frame: Frame) -> Info | None:
    """Read the Xing/Info tag and LAME's 12+12 bits of delay and padding behind it; None for a frame of sound."""
    data, at = frame.data, 4 + frame.header.side_info
    if data[at : at + 4] not in (b"Xing", b"Info"):
        return None
    flags = int.from_bytes(data[at + 4 : at + 8], "big")
    frames = int.from_bytes(data[at + 8 : at + 12], "big") if flags & 1 else 0
    lame = at + 8 + 4 * (flags & 1) + 2 * (flags & 2) + 25 * (flags & 4) + (flags & 8) // 2
    if data[lame : lame + 4] not in (b"LAME", b"Lavf", b"Lavc"):
        return Info(0, frames * frame.header.samples or None)
    both = int.from_bytes(data[lame + 21 : lame + 24], "big")
    skip, tail = (both >> 12) + DECODER_DELAY, max((both & 0xFFF) - DECODER_DELAY, 0)
    return Info(skip, max(frames * frame.header.samples - skip - tail, 0) if frames else None)


class FrameCutter:
    """Bytes in, whole frames out. Leading ID3v2 and trailing ID3v1 tags are left out."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._first: FrameHeader | None = None
        self._tag_left = 0
        self._junk = 0

    def push(self, data: bytes) -> Iterator[Frame]:
        """Yield every frame that ``data`` completes. Raises ``SpeechBroken`` when the bytes are not MP3."""
        self._buffer += data
        while self._skip_tag():
            header = self._header(0)
            if header is None:
                self._drop_junk()
                continue
            if len(self._buffer) < header.size + (4 if self._junk else 0):
                return
            if self._junk and self._header(header.size) is None:
                # Sound may look like a header, so after junk one counts only when the next stands behind its frame.
                self._drop_junk()
                continue
            self._first, self._junk = self._first or header, 0
            yield Frame(header, bytes(self._buffer[: header.size]))
            del self._buffer[: header.size]

    def finish(self) -> None:
        """Raises ``SpeechBroken`` when the stream ended inside a frame, or before the first."""
        if self._first is None and (self._buffer or self._junk or self._tag_left):
            raise SpeechBroken("the speech ended before one whole MP3 frame: the provider cut it off, or it is no MP3")
        if self._buffer[:1] == b"\xff" and not self._junk:
            raise SpeechBroken(f"the MP3 speech was cut off inside a frame, {len(self._buffer)} bytes after its start")

    def _header(self, at: int) -> FrameHeader | None:
        """The header at ``at`` when it belongs to this stream."""
        header = parse_header(self._buffer, at)
        if header is None or (self._first is not None and not header.same_stream(self._first)):
            return None
        return header

    def _skip_tag(self) -> bool:
        """Step over tags; False while more bytes are needed."""
        if self._tag_left:
            gone = min(self._tag_left, len(self._buffer))
            del self._buffer[:gone]
            self._tag_left -= gone
        if len(self._buffer) < 4:
            return False
        if self._buffer[:3] == b"ID3":
            if len(self._buffer) < 10:
                return False
            a, b, c, d = self._buffer[6:10]
            footer = 10 if self._buffer[5] & 0x10 else 0
            self._tag_left = 10 + (a << 21 | b << 14 | c << 7 | d) + footer
            return self._skip_tag()
        if self._buffer[:3] == b"TAG":
            self._tag_left = 128
            return self._skip_tag()
        return True

    def _drop_junk(self) -> None:
        """Step to the next byte that may begin a frame."""
        at = self._buffer.find(0xFF, 1)
        gone = at if at > 0 else len(self._buffer)
        del self._buffer[:gone]
        self._junk += gone
        if self._junk > LONGEST_JUNK or (self._first is None and self._junk > RESERVOIR * 8):
            raise SpeechBroken("the speech is not MP3: no Layer III frame found; check the format that is asked for")


class Mp3Decoder:
    """Layer III to linear mono; channels are averaged.

    A Xing/Info frame begins a new stream, so that files laid end to end lose no speech.
    Raises ``MissingExtra`` when ``miniaudio`` is not installed.
    """

    def __init__(self) -> None:
        try:
            import miniaudio
        except ImportError:
            raise MissingExtra("codecs", "MP3 speech") from None
        self._miniaudio: Any = miniaudio
        self._cutter = FrameCutter()
        self._rate: int | None = None
        self._warm: list[Frame] = []
        self._skip = 0
        self._keep: int | None = None

    @property
    def rate(self) -> int | None:
        """Hz; None until the first frame came."""
        return self._rate

    def push(self, data: bytes) -> Samples:
        """Decode every frame that ``data`` completes."""
        parts: list[Samples] = []
        fresh: list[Frame] = []
        for frame in self._cutter.push(data):
            self._rate = frame.header.rate
            info = parse_info(frame)
            if info is None:
                fresh.append(frame)
                continue
            parts.append(self._decode(fresh))
            fresh, self._warm = [], []
            self._skip, self._keep = info.skip, info.keep
        parts.append(self._decode(fresh))
        return np.concatenate(parts)

    def finish(self) -> Samples:
        """Raises ``SpeechBroken`` when the stream ended inside a frame, or before the length that its tag tells."""
        self._cutter.finish()
        if self._keep:
            raise SpeechBroken(f"the MP3 speech was cut off: {self._keep} samples fewer came than its Info tag says")
        return empty()

    def _decode(self, fresh: list[Frame]) -> Samples:
        """What ``fresh`` adds to the frames before it, without the encoder's padding."""
        if not fresh:
            return empty()
        window = self._warm + fresh
        before = len(self._decode_whole(self._warm))
        samples = self._decode_whole(window)[before:]
        self._warm = leaned_on(window)
        gone = min(self._skip, len(samples))
        self._skip -= gone
        samples = samples[gone:]
        if self._keep is not None:
            samples = samples[: self._keep]
            self._keep -= len(samples)
        return samples

    def _decode_whole(self, frames: list[Frame]) -> Samples:
        """Decode ``frames`` from a fresh state; frames whose reservoir is not there give nothing."""
        if not frames:
            return empty()
        try:
            sound = self._miniaudio.mp3_read_f32(b"".join(frame.data for frame in frames))
        except self._miniaudio.DecodeError:
            return empty()
        samples: Samples = np.frombuffer(sound.samples, dtype=np.float32)
        if sound.nchannels == 1:
            return samples
        mixed: Samples = samples.reshape(-1, sound.nchannels).mean(axis=1, dtype=np.float32)
        return mixed


def leaned_on(frames: list[Frame]) -> list[Frame]:
    """The last of ``frames`` that the next one needs: two decoded in full, and the reservoir of the first of these."""
    main_data, first = 0, max(len(frames) - 2, 0)
    while first > 0 and main_data < RESERVOIR:
        first -= 1
        main_data += frames[first].header.size - 4 - frames[first].header.side_info
    return frames[first:]
