"""From a response's bytes to linear audio, chunk by chunk: any chunking of the same bytes gives the same samples."""

from __future__ import annotations

from email.message import Message
from typing import Literal, Protocol, TypeGuard

import numpy as np

from ivr.errors import AudioError, MissingExtra, SpeechBroken
from ivr.media import pcm
from ivr.media.format import AudioFormat, Encoding
from ivr.media.samples import Samples, empty
from ivr.media.wave import WavStream
from ivr.speech.mp3 import Mp3Decoder

Audio = Literal["pcm", "wav", "mulaw", "alaw", "mp3"]
"""What a provider can be asked for; pcm is signed 16-bit little-endian mono."""

AUDIO: tuple[Audio, ...] = ("pcm", "wav", "mulaw", "alaw", "mp3")

_ENCODINGS = {"pcm": Encoding.L16, "mulaw": Encoding.MULAW, "alaw": Encoding.ALAW}

_TYPES: dict[str, Audio] = {
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/vnd.wave": "wav",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/basic": "mulaw",
    "audio/mulaw": "mulaw",
    "audio/x-mulaw": "mulaw",
    "audio/pcmu": "mulaw",
    "audio/alaw": "alaw",
    "audio/x-alaw": "alaw",
    "audio/pcma": "alaw",
    "audio/l16": "pcm",
    "audio/x-l16": "pcm",
    "audio/pcm": "pcm",
}
_G711_RATE = 8000
"""What audio/basic means (RFC 2046 §4.3) and PCMU and PCMA are without a rate (RFC 4856 §2.1.9, §2.1.12)."""


class Decoder(Protocol):
    """Decodes one response."""

    @property
    def rate(self) -> int | None:
        """Hz; None while the stream has not told it yet."""
        ...

    def push(self, data: bytes) -> Samples:
        """The samples that ``data`` completes, none if it completes none. Raises ``SpeechBroken`` on other bytes."""
        ...

    def finish(self) -> Samples:
        """Samples held back until the end. Raises ``SpeechBroken`` when the stream ended too early.

        A stream of no bytes is not an error here.
        """
        ...


class RawDecoder:
    """Samples without a header."""

    def __init__(self, audio: AudioFormat, *, big_endian: bool = False) -> None:
        self._format = audio
        self._swap = big_endian and audio.encoding is Encoding.L16
        self._carry = b""

    @property
    def rate(self) -> int:
        """Hz."""
        return self._format.rate

    def push(self, data: bytes) -> Samples:
        """Decode whole samples; an odd byte waits for its other half."""
        data = self._carry + data
        whole = len(data) - len(data) % self._format.sample_bytes
        self._carry = data[whole:]
        if self._swap:
            return pcm.decode(np.frombuffer(data[:whole], dtype=">i2").astype("<i2").tobytes(), self._format)
        return pcm.decode(data[:whole], self._format)

    def finish(self) -> Samples:
        """Raises ``SpeechBroken`` when half a sample is left."""
        if self._carry:
            raise SpeechBroken("the speech was cut off inside a 16-bit sample: one byte is left over")
        return empty()


class WavDecoder:
    """RIFF/WAVE; the header's rate and encoding count, not the configured ones."""

    def __init__(self) -> None:
        self._stream = WavStream()
        self._raw: RawDecoder | None = None
        self._begun = False

    @property
    def rate(self) -> int | None:
        """Hz; None until the header came."""
        return None if self._raw is None else self._raw.rate

    def push(self, data: bytes) -> Samples:
        """Decode the data chunk. Raises ``SpeechBroken`` when the header is no WAV header."""
        self._begun = self._begun or bool(data)
        try:
            payload = self._stream.push(data)
        except AudioError as error:
            raise SpeechBroken(f"the speech is not the WAV that it should be: {error}") from error
        if self._raw is None:
            if self._stream.format is None:
                return empty()
            self._raw = RawDecoder(self._stream.format)
        return self._raw.push(payload)

    def finish(self) -> Samples:
        """Raises ``SpeechBroken`` when less came than the header says."""
        if self._begun:
            try:
                self._stream.finish()
            except AudioError as error:
                raise SpeechBroken(f"the speech was cut off: {error}") from error
        return empty()


def is_audio(name: str) -> TypeGuard[Audio]:
    """Whether ``name`` is a format that can be decoded."""
    return name in AUDIO


def decoder_for(audio: Audio, rate: int) -> Decoder:
    """A decoder for one response.

    ``rate`` in Hz counts for pcm, mulaw and alaw; wav and mp3 tell their own. Raises ``MissingExtra`` for mp3
    without ``miniaudio``.
    """
    match audio:
        case "wav":
            return WavDecoder()
        case "mp3":
            return Mp3Decoder()
        case _:
            return RawDecoder(AudioFormat(_ENCODINGS[audio], rate))


def decoder_for_content(content_type: str | None, audio: Audio, rate: int) -> Decoder:
    """A decoder for what the response's ``Content-Type`` says it is.

    No header, application/octet-stream and a bare audio/pcm mean what was asked for: ``audio`` at ``rate`` Hz.
    16-bit audio is little-endian unless ``endianness=big-endian`` stands in the header: RFC 2586 gives audio/l16
    network order, but the speech services that use the name send little-endian (Amazon Lex, IBM Watson).
    Raises ``SpeechBroken``, naming the type, for what is no mono audio that can be decoded.
    """
    header = Message()
    header["content-type"] = content_type or "application/octet-stream"
    kind = header.get_content_type() if "/" in header["content-type"] else header["content-type"].strip()
    if kind in ("application/octet-stream", "binary/octet-stream"):
        return decoder_for(audio, rate)
    found = _TYPES.get(kind)
    if found is None:
        raise SpeechBroken(f"the provider sent {kind} in place of {audio} audio: check its url, format and voice")
    if _parameter(header, "channels", "channel-count") not in (None, "1"):
        raise SpeechBroken(f"the provider sent {content_type}: ask it for one channel")
    told = _parameter(header, "rate", "sample-rate")
    if told is not None and not (told.isascii() and told.isdigit() and 1000 <= int(told[:9]) <= 384000):
        raise SpeechBroken(f"the provider sent {content_type}: its rate is no number of Hz")
    if found == "pcm":
        big = _parameter(header, "endianness") == "big-endian"
        return RawDecoder(AudioFormat(Encoding.L16, int(told or rate)), big_endian=big)
    usual = rate if found == audio and kind != "audio/basic" else _G711_RATE
    try:
        return decoder_for(found, int(told or usual))
    except MissingExtra as error:
        raise SpeechBroken(f"the provider sent {kind}: {error}, or ask it for pcm") from error


def _parameter(header: Message, *names: str) -> str | None:
    """The first of the named parameters that the header has, lower case."""
    for name in names:
        value = header.get_param(name)
        if isinstance(value, str):
            return value.strip().lower()
    return None
