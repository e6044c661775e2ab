"""What a gateway tells us, in words that no platform owns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from ivr.media.format import AudioFormat
from ivr.records import record


@record
class StreamStarted:
    """The far side is ready for audio."""

    stream: str
    """The platform's id of this stream; a call may have several, one after another."""
    call: str
    """The platform's id of the call. Not proof of anything: whoever opens the socket chooses it."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    format: AudioFormat | None = None
    """What the far side says it sends; None where it does not say."""


@record
class MediaReceived:
    """Caller's sound, still encoded."""

    payload: bytes
    timestamp: int
    """Milliseconds since the start of the stream, by the platform's clock; where it tells none, of sound that came."""


@record
class CallerAudible:
    """The first of the caller's sound came, whether or not anybody listens to it. Once a stream."""


@record
class DigitReceived:
    """One key; some platforms tell it when it is pressed, others when it is let go."""

    digit: str


@record
class MarkReached:
    """A mark came back. After a clear it does not mean that its audio was heard."""

    name: str


@record
class FlowChanged:
    """The far side's queue takes no more, or takes more again; what is sent meanwhile may be lost without a word."""

    blocked: bool
    queued: float = 0.0
    """Seconds of sound that wait over there at the most, when it takes more again."""


@record
class QueueReported:
    """The far side was asked for the state of its queue, and answers."""

    queued: float
    """Seconds of sound that wait over there."""


@record
class ErrorReported:
    """The far side could not do what we asked. The call goes on."""

    what: str


@record
class StreamStopped:
    """The far side ended the stream; the last event of it."""

    reason: str


GatewayEvent = (
    StreamStarted
    | MediaReceived
    | CallerAudible
    | DigitReceived
    | MarkReached
    | FlowChanged
    | QueueReported
    | ErrorReported
    | StreamStopped
)
