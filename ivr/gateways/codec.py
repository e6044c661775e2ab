"""The seam to a platform: pure functions over its messages, and a record of what it can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from ivr.catalog.party import Kind
from ivr.gateways.events import GatewayEvent
from ivr.media.format import AudioFormat

Message = str | bytes
"""One whole message: of a websocket, text or binary; of a plain socket, a packet with its header."""

Prepared = str | bytes
"""A payload in the platform's wrapping, as far as it can be made before the stream is known."""


class Pacing(Enum):
    """Whose clock the audio runs on."""

    BUFFERED = auto()
    """The platform queues and paces; we keep a bounded lead."""
    REALTIME = auto()
    """We are the clock; the lead is tens of milliseconds."""


class MarkKind(Enum):
    """What becomes of a mark when the queue is cleared."""

    NONE = auto()
    """There are no marks; the clock alone tells what was heard."""
    ECHO_ON_CLEAR = auto()
    """Pending marks come back at once."""
    LOST_ON_CLEAR = auto()
    """Pending marks never come back."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one platform can do."""

    out_format: AudioFormat
    in_format: AudioFormat
    """Of the sound in ``MediaReceived``."""
    pacing: Pacing
    max_lead: float
    """Seconds of audio that may wait on the far side."""
    can_clear: bool
    """Whether what waits over there can be dropped; if not, all that was sent is heard."""
    marks: MarkKind
    can_pause: bool = False
    """Whether what waits can be made to stand still over there, and to go on, without being sent again."""
    max_message: int = 64_000
    """Largest payload of one message, in bytes of ``out_format`` before any base64."""
    opening: float = 0.0
    """Seconds that the first words wait, at the most, for the caller's first sound: where a stream may begin before
    the call is put through, what is said at once is lost. 0: they do not wait."""
    clocked_media: bool = False
    """The timestamps of ``MediaReceived`` run on while no sound comes. If not, a gap shows by the time alone."""
    linger: float = 0.0
    """Seconds between the end of the last word, by its mark, and the hang-up: where an end cuts off what is past the
    mark and still on its way to the caller."""
    transfers: frozenset[Kind] = frozenset()
    """Whom a call can be transferred to; nobody where the gateway cannot transfer."""
    close_is_hangup: bool = False
    """Nothing but an orderly close (1000) tells that the caller has hung up."""
    fills_silence: bool = False
    """Whether silence is ours to send: between words the far side hears nothing from us otherwise, and gives us up."""
    presumes_after: float = 0.0
    """Seconds from its first message on in which the far side tells its format by what it sends; after them
    ``Codec.presume`` begins the stream. 0: it tells it in so many words."""


class Codec(Protocol):
    """One stream's messages. Pure: bytes in, events out, and the other way round."""

    listening: bool
    """Whether somebody wants the caller's sound; if not it is dropped undecoded, as early as may be."""

    @property
    def capabilities(self) -> Capabilities:
        """What this platform can do; where a stream's format is told at its start, of that format from then on."""
        ...

    @property
    def unknown(self) -> int:
        """How many messages had an event that is not known; they are ignored."""
        ...

    def receive(self, message: Message) -> Sequence[GatewayEvent]:
        """The events in one message; none for what is unknown. Raises ``RemoteGatewayError`` when malformed."""
        ...

    def presume(self) -> Sequence[GatewayEvent]:
        """The far side has not told its format in time: begin all the same, unless its stream has begun."""
        ...

    def prepare(self, payload: bytes) -> Prepared:
        """Wrap a payload as far as possible without a stream; the same for all calls, so made once per clip."""
        ...

    def media(self, prepared: Prepared) -> Message:
        """A message that plays what was prepared."""
        ...

    def mark(self, name: str) -> Message | None:
        """A message that asks to be told when all before it was played; None where there are no marks."""
        ...

    def clear(self) -> Message | None:
        """A message that drops what is queued; None where that cannot be."""
        ...

    def pause(self) -> Message | None:
        """A message that makes what is queued stand still, marks too; None where that cannot be."""
        ...

    def resume(self) -> Message | None:
        """A message that makes it go on. A clear does not: one that follows a pause needs this behind it."""
        ...

    def hang_up(self) -> Message | None:
        """A message that ends the call; None where closing the socket does."""
        ...

    def answer(self) -> Message | None:
        """A message that takes a call which still rings; None where calls are answered before they come to us."""
        ...

    def probe(self) -> Message | None:
        """A message that a living far side answers, with the state of its queue; None where there is none."""
        ...
