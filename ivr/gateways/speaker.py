"""The local sound card as a gateway: binary messages are L16 both ways, text messages a word and what it is about.

To us: ``start FROM``, ``digit D``, ``mark NAME``, ``stop WHY``. From us: ``mark NAME``, ``clear``. The dialect is our
own; its far side is ``ivr/runtime/speaker``.
"""

from __future__ import annotations

from collections.abc import Sequence

from ivr.catalog.party import Kind
from ivr.errors import RemoteGatewayError
from ivr.gateways.codec import Capabilities, MarkKind, Message, Pacing, Prepared
from ivr.gateways.events import (
    DigitReceived,
    GatewayEvent,
    MarkReached,
    MediaReceived,
    StreamStarted,
    StreamStopped,
)
from ivr.media.format import L16_8K, L16_16K, L16_24K, AudioFormat

START, DIGIT, MARK, STOP, CLEAR = "start", "digit", "mark", "stop", "clear"

DIGITS = frozenset("0123456789*#ABCD")

MAX_LEAD = 1.0
"""Seconds of audio that the ring is to hold; it has room for more."""


def speaker(format: AudioFormat) -> Capabilities:
    """What a sound card can do that is given ``format``, L16 both ways.

    Buffered, not real time: the card is the clock. It takes a period when it wants one, and a period may be longer than
    the 40 ms of lead that pacing by our own clock allows. A lead costs nothing here, because a clear drops the ring.
    """
    return Capabilities(
        out_format=format,
        in_format=format,
        pacing=Pacing.BUFFERED,
        max_lead=MAX_LEAD,
        can_clear=True,
        marks=MarkKind.LOST_ON_CLEAR,
        transfers=frozenset(Kind),  # nobody is called: who talks says what comes of it
    )


def wire_format(rate: int) -> AudioFormat:
    """The format that carries sounds of ``rate`` Hz whole: the next of 8, 16 and 24 kHz, or 24.

    No more than that, so that live words have the band of the clips beside them, and the way to the card is the only
    resampling.
    """
    return next((format for format in (L16_8K, L16_16K) if rate <= format.rate), L16_24K)


class SpeakerCodec:
    """One call at the speaker. ``listening`` says whether somebody wants the microphone's sound."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities
        self.listening = False
        self.unknown = 0
        """Messages with a word that we do not know; ignored and counted."""
        self._heard = 0

    def receive(self, message: Message) -> Sequence[GatewayEvent]:
        """See ``Codec.receive``."""
        if isinstance(message, bytes):
            return self._media_in(message)
        word, _, rest = message.partition(" ")
        match word:
            case "start":
                return (StreamStarted("speaker", "speaker", {"from": rest}, self.capabilities.in_format),)
            case "digit":
                if rest not in DIGITS:
                    raise RemoteGatewayError("a digit that is none of 0-9 * # A-D")
                return (DigitReceived(rest),)
            case "mark":
                return (MarkReached(rest),)
            case "stop":
                return (StreamStopped(rest),)
            case _:
                self.unknown += 1
                return ()

    def presume(self) -> Sequence[GatewayEvent]:
        """See ``Codec.presume``: its start tells the format."""
        return ()

    def prepare(self, payload: bytes) -> Prepared:
        """See ``Codec.prepare``: a payload is its own message."""
        return payload

    def media(self, prepared: Prepared) -> Message:
        """See ``Codec.media``."""
        return prepared

    def mark(self, name: str) -> Message | None:
        """See ``Codec.mark``."""
        return f"{MARK} {name}"

    def clear(self) -> Message | None:
        """See ``Codec.clear``."""
        return CLEAR

    def pause(self) -> Message | None:
        """See ``Codec.pause``: nothing here needs it."""
        return None

    def resume(self) -> Message | None:
        """See ``Codec.resume``."""
        return None

    def hang_up(self) -> Message | None:
        """See ``Codec.hang_up``: closing the devices does."""
        return None

    def answer(self) -> Message | None:
        """See ``Codec.answer``: who sits at the speaker is there."""
        return None

    def probe(self) -> Message | None:
        """See ``Codec.probe``: the device itself is watched."""
        return None

    def _media_in(self, payload: bytes) -> Sequence[GatewayEvent]:
        format = self.capabilities.in_format
        if len(payload) % format.sample_bytes:
            raise RemoteGatewayError(f"{len(payload)} bytes of sound, which is no whole number of samples")
        timestamp = self._heard * 1000 // format.rate
        self._heard += len(payload) // format.sample_bytes
        return (MediaReceived(payload, timestamp),) if self.listening else ()
