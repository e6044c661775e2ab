"""What a call wants done. The shell performs it and reports back; nothing here does anything.

Each carries the call, the stream and its generation. Segments and lookups have ids that are unique in a call, across
its streams: by these the call tells and drops what comes late.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from ivr.catalog.party import Party
from ivr.dialog.web import HttpRequest
from ivr.gateways.codec import Message
from ivr.playout.segments import Span
from ivr.records import record
from ivr.speech.synthesizer import SpeechRequest


@record
class Origin:
    """Who wants it."""

    call: str
    stream: str
    generation: int
    """Counts the streams of the call."""


@record
class Play:
    """Send audio: the codec's message for a span. The shell makes it, once per clip where it can be shared."""

    origin: Origin
    span: Span


@record
class Send:
    """Send a message that carries no audio."""

    origin: Origin
    message: Message


@record
class Synthesize:
    """Begin a synthesis; ends exactly once, by ``speech_finished``, ``speech_failed`` or a ``CancelSpeech``."""

    origin: Origin
    segment: str
    attempt: int
    request: SpeechRequest
    private: bool


@record
class CancelSpeech:
    """Nobody in this call wants that audio any more. A synthesis that others share goes on."""

    origin: Origin
    segment: str
    attempt: int


@record
class Lookup:
    """Call a function, or ask over HTTP; ends exactly once, by ``returned``, ``lookup_failed`` or a cancel."""

    origin: Origin
    id: str
    name: str
    function: Callable[..., Any] | HttpRequest
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    alone: float | None = None
    """Set where the call has ended and nobody waits: seconds after which the shell is to end it by itself."""


@record
class CancelLookup:
    """Its result is not wanted any more."""

    origin: Origin
    id: str


@record
class Transfer:
    """Move the call to another party; ends exactly once, by ``transferred``, ``transfer_refused`` or a ``Close``."""

    origin: Origin
    to: Party
    timeout: float
    """Seconds of ringing."""


@record
class Close:
    """End the call: close its socket."""

    origin: Origin
    reason: str


Effect = Play | Send | Synthesize | CancelSpeech | Lookup | CancelLookup | Transfer | Close
