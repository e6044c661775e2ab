"""Reads what people record: every channel as it stands; nothing is mixed, resampled or rounded to 16 bits."""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from threading import Lock

import numpy as np

from ivr.errors import BadAudioFile, MissingExtra
from ivr.media.samples import Samples, empty
from ivr.media.wave import read_channels

LONGEST = 600.0
"""Seconds of a recording; a little more is decoded, so that a longer one is told from one that just fits."""
_LIMIT = LONGEST + 1.0
_FORMATS = {"aiff": "aiff", "mp3": "mp3", "mp4": "mp4", "ogg": "ogg", "flac": "flac", "wav": "wav"}
"""What ffmpeg calls each: it is told, and does not guess, since some formats that it knows name other files."""
_PLAIN = (1, 3, 6, 7, 0xFFFE)
"""Format tags (mmreg.h): PCM, float, A-law, mu-law, extensible."""
_CODED = {2: "adpcm_ms", 17: "adpcm_ima_wav", 49: "gsm_ms"}
"""What ffmpeg calls those of which pydub would want PCM of as many bits as they have: there is none of four."""
_ONE = Lock()
"""Warnings are kept quiet for the whole process, so that one thread at a time may do it."""


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """A recording in memory."""

    channels: tuple[Samples, ...]
    """Of equal length; at least one."""
    rate: int
    """Hz."""

    @property
    def mono(self) -> Samples:
        """The mean of the channels."""
        if len(self.channels) == 1:
            return self.channels[0]
        mixed: Samples = np.mean(self.channels, axis=0, dtype=np.float32)
        return mixed


def read_sound(data: bytes, file: str) -> Sound:
    """The sound of ``data``, by what it is and not by how ``file`` ends: people rename what they do not convert.

    WAV of 8 to 32 bits, float, mu-law and A-law needs nothing, FLAC the extra ``codecs`` or ffmpeg, all else ffmpeg.
    Raises ``BadAudioFile``, which names ``file``'s ending or what is damaged.
    """
    kind = kind_of(data)
    match kind:
        case "":
            ending = file.rpartition(".")[2]
            what = "the file is empty" if not data else f"this is no sound that is known, whatever '.{ending}' says"
            raise BadAudioFile(f"{what}: record or convert it to WAV")
        case "wav":
            return _wav(data)
        case "flac":
            return _flac(data)
    return _by_pydub(data, kind)


def kind_of(data: bytes) -> str:
    """What the first bytes say it is, as a key of ``_FORMATS``; empty for nothing that is known."""
    head = data[:12]
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"fLaC":
        return "flac"
    if head[:4] == b"OggS":
        return "ogg"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if head[4:8] == b"ftyp":
        return "mp4"
    # An ID3 tag, or the eleven ones that begin a frame of MPEG audio layer III (ISO 11172-3, 2.4.2.3).
    layer = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2
    return "mp3" if head[:3] == b"ID3" or layer else ""


def _wav(data: bytes) -> Sound:
    """What ``read_channels`` takes as it stands; what else a WAV may hold (ADPCM, GSM, MP3; RF64) by ffmpeg."""
    tag = _tag(data)
    if data[:4] == b"RIFF" and tag in _PLAIN:
        return Sound(*read_channels(data))
    return _by_pydub(data, "wav", _CODED.get(tag))


def _tag(data: bytes) -> int:
    """The format tag of a WAV's fmt chunk; that of PCM where there is none, whose reader tells what is wrong."""
    at = 12
    while len(data) >= at + 10:
        name, size, tag = struct.unpack_from("<4sIH", data, at)
        if name == b"fmt ":
            return int(tag)
        at += 8 + size + size % 2
    return 1


def _flac(data: bytes) -> Sound:
    try:
        import miniaudio
    except ImportError:
        try:
            return _by_pydub(data, "flac")
        except BadAudioFile as error:
            if "needs ffmpeg" in str(error):
                raise BadAudioFile(str(MissingExtra("codecs", "reading FLAC without ffmpeg"))) from None
            raise
    try:
        facts = miniaudio.flac_get_info(data)
        decoded = miniaudio.decode(
            data, miniaudio.SampleFormat.FLOAT32, nchannels=facts.nchannels, sample_rate=facts.sample_rate
        )
    except miniaudio.MiniaudioError as error:
        raise BadAudioFile(f"not a FLAC file that can be read ({error}): record or export it again") from None
    return _apart(np.frombuffer(decoded.samples, dtype=np.float32), facts.nchannels, int(facts.sample_rate))


def _by_pydub(data: bytes, kind: str, codec: str | None = None) -> Sound:
    with _ONE, warnings.catch_warnings():
        # pydub warns of a missing ffmpeg, of its own syntax, and leaves closing its pipes to the collector.
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
        from pydub.exceptions import CouldntDecodeError

        try:
            sound = AudioSegment.from_file(io.BytesIO(data), format=_FORMATS[kind], codec=codec, duration=_LIMIT)
        except FileNotFoundError:
            raise BadAudioFile(f"reading {kind} needs ffmpeg (on Debian: apt install ffmpeg)") from None
        except (CouldntDecodeError, IndexError, KeyError, ValueError) as error:
            why = type(error).__name__
            raise BadAudioFile(f"not a {kind} file that can be read ({why}): record or export it again") from None
    steps = np.frombuffer(sound.raw_data, dtype={1: "<i1", 2: "<i2", 4: "<i4"}[sound.sample_width])
    if sound.sample_width == 4 and not np.any((steps & 0xFF) - np.where(steps < 0, 0xFF, 0)):
        steps = steps & ~0xFF  # pydub widens 24 bits with bytes of the sign: a step too much below zero
    full = 1.0 / (1 << (8 * sound.sample_width - 1))
    return _apart((steps * full).astype(np.float32), sound.channels, sound.frame_rate)


def _apart(woven: Samples, count: int, rate: int) -> Sound:
    """Samples that alternate between ``count`` channels."""
    whole = woven[: len(woven) // count * count]
    return Sound(tuple(np.ascontiguousarray(whole[each::count]) for each in range(count)) or (empty(),), rate)
