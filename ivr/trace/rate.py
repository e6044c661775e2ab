"""The rate of a call's sound, which a trace tells only by where its segments stand and when they sound."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.trace.events import CallStarted, TraceEvent
from ivr.trace.sound import SegmentStarted

RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 96000, 192000)
"""What gateways speak; Asterisk's formats and the speaker's among them."""

USUAL = 8000
"""Where a call has no two segments in a row."""


def rate(events: Sequence[TraceEvent]) -> int:
    """Samples a second of the positions in ``events``.

    From the two segments of one utterance that are farthest apart: quiet at the head of either moves when it is first
    audible by a tenth of a second at the most, and the nearest of the known rates is a fifth away or more.
    """
    longest = (0.0, 0.0)
    before: SegmentStarted | None = None
    for event in events:
        match event:
            case CallStarted():
                before = None
            case SegmentStarted():
                if before is not None and before.utterance == event.utterance:
                    apart = (event.position - before.position, event.sounds_at - before.sounds_at)
                    longest = max(longest, apart, key=lambda pair: pair[1])
                before = event
    samples, seconds = longest
    if samples <= 0 or seconds <= 0:
        return USUAL
    return min(RATES, key=lambda known: abs(samples / seconds / known - 1))
