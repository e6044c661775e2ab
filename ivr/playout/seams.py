"""The seam as a figure: gap, level step and sample jump wherever two segments meet on the wire."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ivr.media.clip import Clip
from ivr.media.format import AudioFormat
from ivr.playout import measures
from ivr.playout.segments import Span
from ivr.trace.sound import SeamJoined, Strategy

WINDOW = 0.5
"""Seconds of live audio that are kept at a seam: 400 ms of speech and what silence may stand before it."""


@dataclass(slots=True)
class _Side:
    """The audio of one segment, near the seam."""

    segment: str
    clip: Clip | None
    """Set where the whole segment is one clip whose edges are known."""
    first: list[Span]
    """Of a live segment, its first ``WINDOW``."""
    last: deque[Span]
    """Of a live segment its last ``WINDOW``; of a clip what was sent last."""
    samples: int = 0
    kept: int = 0


class SeamMeter:
    """Follows what is sent and reports each seam once both of its sides are known."""

    def __init__(self, format: AudioFormat) -> None:
        self._format = format
        self._window = format.samples(WINDOW)
        self._before: _Side | None = None
        self._now: _Side | None = None
        self._open: SeamJoined | None = None
        self.finished: list[SeamJoined] = []
        """Seams to report, oldest first."""

    def begin(self, segment: str, span: Span, strategy: Strategy) -> None:
        """A segment that sounds has its first audio sent; ``joined`` follows when there is a seam before it."""
        self._close()
        if self._now is not None:
            self._before = self._now
        whole = strategy is not Strategy.STREAM
        self._now = _Side(segment, span.clip if whole else None, [], deque())

    def joined(self, utterance: str, strategy: Strategy, gap: int, slack: float | None, span: Span, at: float) -> None:
        """The segment begun last stands behind another."""
        if self._before is None or self._now is None:
            return
        jump = 0.0
        if self._before.last:
            edge = self._format.size(self._format.frame)
            jump = measures.jump(self._before.last[-1].payload[-edge:], span.payload[:edge], self._format)
        before_id, after_id = self._before.segment, self._now.segment
        self._open = SeamJoined(utterance, before_id, after_id, strategy, gap, None, jump, slack, at)
        if self._now.clip is not None:
            self._close()

    def sent(self, span: Span) -> None:
        """Audio of the segment begun last is sent."""
        side = self._now
        if side is None:
            return
        if side.clip is not None:
            side.last.clear()
            side.last.append(span)
            return
        if side.samples < self._window:
            side.first.append(span)
        side.samples += span.samples
        side.last.append(span)
        side.kept += span.samples
        while side.kept - side.last[0].samples >= self._window:
            side.kept -= side.last.popleft().samples
        if self._open is not None and side.samples >= self._window:
            self._close()

    def end(self) -> None:
        """What was sounding has ended; what comes after planned silence is no seam."""
        self._close()
        self._before = self._now = None

    def _close(self) -> None:
        if self._open is None:
            return
        assert self._before is not None and self._now is not None
        before, after = self._tail(self._before), self._head(self._now)
        step = after - before if math.isfinite(before) and math.isfinite(after) else None
        self.finished.append(replace(self._open, level_step=step))
        self._open = None

    def _head(self, side: _Side) -> float:
        if side.clip is not None:
            return side.clip.head
        return measures.loudness(_joined(side.first), self._format, "head")

    def _tail(self, side: _Side) -> float:
        if side.clip is not None:
            return side.clip.tail
        return measures.loudness(_joined(side.last), self._format, "tail")


def _joined(spans: Iterable[Span]) -> bytes:
    return b"".join(span.payload for span in spans)
