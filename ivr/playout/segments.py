"""What an utterance is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.media.clip import Clip
from ivr.playout.covers import Covers
from ivr.records import record
from ivr.trace.sound import Strategy


@record
class ClipSegment:
    """Audio in memory."""

    id: str
    clip: Clip
    text: str = ""
    strategy: Strategy = Strategy.CLIP
    private: bool = False
    voice: str = ""
    """Of words that were live: see ``SpeechSegment``."""
    instead: Clip | None = None
    """Of words that a voice said before: the same from fragments, where the whole utterance is said from these."""


@record
class SilenceSegment:
    """A pause that the wording asks for; whole frames."""

    id: str
    samples: int


@record
class SpeechSegment:
    """Words whose audio is on its way."""

    id: str
    text: str
    private: bool = False
    voice: str = ""
    """Which of the call's voices says them; handed to whoever makes room for its audio."""
    instead: Clip | None = None
    """The same words from fragments: they take its place where it is not there when it is due, or has failed."""


@record
class PendingSegment:
    """Words that are not known yet, or, in a wait, nothing but time."""

    id: str
    spliced: bool = False
    """Fragments will be able to say them, and a voice might be late."""


Segment = ClipSegment | SilenceSegment | SpeechSegment | PendingSegment


@record
class Utterance:
    """The segments of one turn."""

    id: str
    segments: tuple[Segment, ...]
    wait: bool = False
    """Says nothing itself: the dialog waits for a lookup, and the wait is covered when it takes long."""
    covers: Covers | None = None
    """What its lateness is covered with; None: as the stream's is."""


@dataclass(slots=True, eq=False)  # plain, as a ``record`` is: one is made for each message
class Span:
    """Samples ``start`` to ``stop`` of a clip are to be sent now."""

    clip: Clip
    start: int
    stop: int

    @property
    def samples(self) -> int:
        """How many."""
        return self.stop - self.start

    @property
    def payload(self) -> bytes:
        """Their bytes on the wire."""
        return self.clip.part(self.start, self.stop)

    def pieces(self, most: int) -> Iterator[Span]:
        """The same in spans of at most ``most`` samples."""
        if self.samples <= most:
            yield self
            return
        for start in range(self.start, self.stop, most):
            yield Span(self.clip, start, min(start + most, self.stop))


@record
class Mark:
    """Ask the gateway to say when all that was sent before has been played."""

    name: str


Output = Span | Mark
