"""What came to a call from outside, door by door, and what it sent: all that running the call again needs.

Only calls that are recorded have these events (``ivr.call.recorded``). ``at`` is what the door was told, unrounded: run
again at the same times, the same call does the same. The caller's sound is told by its amount, never by what it is.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamCame:
    """A stream began; the first event of each of a call's streams, before its ``CallStarted``."""

    stream: str
    capabilities: str
    """What the gateway can do, as JSON; see ``ivr.gateways.described``."""
    provider: str
    """Who makes live speech: ``Synthesizer.name``."""
    names: tuple[str, ...]
    """Of the parameters that it brought."""
    values: tuple[str, ...]
    """Theirs, in the same order."""
    at: float
    private: bool = True


@dataclass(frozen=True, slots=True)
class MediaCame:
    """Caller's sound that somebody listened to, a second of it or so in one event; what nobody wants is not counted."""

    messages: int
    octets: int
    timestamp: int
    """Of the last message: milliseconds, by the platform's clock."""
    since: float
    """When the first came."""
    at: float
    """When the last came."""


@dataclass(frozen=True, slots=True)
class AudibleCame:
    """The first of the caller's sound."""

    at: float


@dataclass(frozen=True, slots=True)
class KeyCame:
    """A key."""

    digit: str
    at: float
    private: bool = True


@dataclass(frozen=True, slots=True)
class MarkCame:
    """A mark came back."""

    name: str
    at: float


@dataclass(frozen=True, slots=True)
class FlowCame:
    """The far side's queue takes no more, or takes more again."""

    blocked: bool
    queued: float
    at: float


@dataclass(frozen=True, slots=True)
class QueueCame:
    """The far side told the state of its queue, in seconds of sound."""

    queued: float
    at: float


@dataclass(frozen=True, slots=True)
class ErrorCame:
    """The far side could not do what it was asked; what it said of that is left out."""

    at: float


@dataclass(frozen=True, slots=True)
class StopCame:
    """The far side ended the stream."""

    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class SpeechCame:
    """A chunk of live speech."""

    segment: str
    attempt: int
    samples: int
    rate: int
    loudness: str
    """A letter for each 10 ms; see ``ivr.media.sketch``."""
    words: tuple[int, ...]
    """Three numbers a word: its sample, and offset and length in the text."""
    region: str
    at: float
    private: bool = True
    """What it says belongs to the caller: ``loudness`` and ``words`` would tell which words it has."""


@dataclass(frozen=True, slots=True)
class SpeechEndCame:
    """All of it was there."""

    segment: str
    attempt: int
    at: float


@dataclass(frozen=True, slots=True)
class SpeechFailureCame:
    """No more of it came."""

    segment: str
    attempt: int
    error: str
    """The kind, such as ``SpeechRefused``."""
    status: int | None
    retry_after: float | None
    at: float


@dataclass(frozen=True, slots=True)
class LookupCame:
    """A lookup returned."""

    lookup: str
    value: str
    """As JSON; see ``ivr.trace.values``."""
    private: bool
    at: float


@dataclass(frozen=True, slots=True)
class LookupFailureCame:
    """A lookup failed."""

    lookup: str
    detail: str
    status: int | None
    private: bool
    at: float


@dataclass(frozen=True, slots=True)
class TransferCame:
    """What came of a transfer: its outcome, or ``refused``."""

    outcome: str
    at: float


@dataclass(frozen=True, slots=True)
class TimerRang:
    """The call was woken, at the time that it had asked for or as late as the machine was, or without having asked."""

    at: float
    late: float | None = None
    """Seconds by which that was behind the time that it had asked for; None where it had not."""


@dataclass(frozen=True, slots=True)
class TimerPassed:
    """The time at which the call had asked to be woken had come when the next door was opened: that came first."""

    at: float
    late: float
    """Seconds since that time."""


@dataclass(frozen=True, slots=True)
class SocketBlocked:
    """The socket took no more, or took more again."""

    blocked: bool
    at: float


@dataclass(frozen=True, slots=True)
class ProbeCame:
    """The shell asked for a sign of life of the far side."""

    at: float


@dataclass(frozen=True, slots=True)
class StreamLeft:
    """The stream was let go of, so that the call could be moved."""

    at: float


@dataclass(frozen=True, slots=True)
class EndCame:
    """The call was ended from outside: the socket closed, the server stopped."""

    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class Played:
    """Sound was sent, in so many messages one after the other."""

    messages: int
    samples: int
    at: float


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that is no sound was sent: ``mark``, ``clear``, ``pause``, ``resume``, ``answer`` or ``probe``."""

    what: str
    name: str
    """Of a mark."""
    at: float


Unasked = (
    StreamCame
    | MediaCame
    | AudibleCame
    | KeyCame
    | FlowCame
    | QueueCame
    | ErrorCame
    | StopCame
    | SocketBlocked
    | ProbeCame
    | StreamLeft
    | EndCame
    | TimerRang
)
"""What came by itself, at its time; a wake does so where the call had not asked for it."""

OfSpeech = SpeechCame | SpeechEndCame | SpeechFailureCame
OfLookup = LookupCame | LookupFailureCame

InwardEvent = Unasked | MarkCame | OfSpeech | OfLookup | TransferCame | TimerPassed

DoorEvent = InwardEvent | Played | Sent
