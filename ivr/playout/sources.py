"""Where the audio of a segment comes from: one small class for each way to sound."""

from __future__ import annotations

from typing import Protocol

from ivr.media.clip import Clip
from ivr.playout import measures
from ivr.playout.live import Live
from ivr.playout.segments import Span
from ivr.trace.sound import Strategy

EDGE = 0.5
"""Seconds at either end of a live segment in which its edge loudness is measured."""


class Source(Protocol):
    """Audio that has begun to be sent."""

    strategy: Strategy
    sent: int
    """Samples handed over."""

    def take(self, samples: int) -> Span | None:
        """At most ``samples`` of what comes next; None when nothing is at hand."""
        ...

    @property
    def done(self) -> bool:
        """Nothing is left."""
        ...


class ClipSource:
    """A clip, from its beginning to its end."""

    def __init__(self, clip: Clip, strategy: Strategy) -> None:
        self.strategy = strategy
        self.sent = 0
        self._clip = clip

    def take(self, samples: int) -> Span | None:
        """See ``Source.take``."""
        if self.done:
            return None
        stop = min(self.sent + samples, self._clip.samples)
        span = Span(self._clip, self.sent, stop)
        self.sent = stop
        return span

    @property
    def done(self) -> bool:
        """See ``Source.done``."""
        return self.sent >= self._clip.samples


class LoopSource:
    """A clip that begins again at its end, until it is left by a fade."""

    strategy = Strategy.HOLD

    def __init__(self, clip: Clip) -> None:
        self.clip = clip
        self.sent = 0

    def take(self, samples: int) -> Span | None:
        """See ``Source.take``."""
        start = self.sent % self.clip.samples
        stop = min(start + samples, self.clip.samples)
        self.sent += stop - start
        return Span(self.clip, start, stop)

    @property
    def done(self) -> bool:
        """A loop has no end of its own."""
        return False


class LiveSource:
    """Speech that is still arriving."""

    def __init__(self, live: Live, strategy: Strategy = Strategy.STREAM) -> None:
        self.strategy = strategy
        self.live = live
        self.sent = 0
        self.whole = live.taken == 0
        """What was sent is the segment from its very beginning, and no part of it was faded."""
        self._sent_clips: list[Clip] = []

    def take(self, samples: int) -> Span | None:
        """See ``Source.take``."""
        count = min(samples, self.live.available())
        if count <= 0:
            return None
        return self._span(self.live.take(count))

    def cut_off(self) -> Span | None:
        """See ``LiveSpeech.cut_off``."""
        self.whole = False
        clip = self.live.cut_off()
        return None if clip is None else self._span(clip)

    def as_clip(self, name: str) -> Clip | None:
        """All that was sent, for saying it again; None unless it was sent whole and to its end."""
        if not (self.whole and self.done and self._sent_clips):
            return None
        first = self._sent_clips[0]
        payload = b"".join(clip.payload for clip in self._sent_clips)
        edge = first.format.size(first.format.samples(EDGE))
        head = measures.loudness(payload[:edge], first.format, "head")
        tail = measures.loudness(payload[-edge:], first.format, "tail")
        return Clip(payload, first.format, head, tail, name)

    @property
    def done(self) -> bool:
        """See ``Source.done``."""
        return self.live.done

    def _span(self, clip: Clip) -> Span:
        self.sent += clip.samples
        if self.whole:
            self._sent_clips.append(clip)
        return Span(clip, 0, clip.samples)
