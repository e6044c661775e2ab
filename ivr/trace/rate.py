"""The rate of a call's sound: what its trace tells, or else a guess by where segments stand and when they sound."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ivr.trace.doors import StreamCame
from ivr.trace.events import CallStarted, TraceEvent
from ivr.trace.sound import SegmentStarted, Strategy

RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 96000, 192000)
"""What gateways speak; Asterisk's formats and the speaker's among them."""

USUAL = 8000
"""Where nothing tells it."""


def rate(events: Sequence[TraceEvent]) -> int:
    """Samples a second of the positions in ``events``."""
    return next((told for event in events if (told := _told(event))), 0) or _guessed(events)


def _told(event: TraceEvent) -> int:
    """0 where the event tells none."""
    match event:
        case CallStarted(rate=told) if told > 0:
            return told
        case StreamCame(capabilities=capabilities):
            return _of_format(capabilities)
        case _:
            return 0


def _of_format(capabilities: str) -> int:
    """From ``{"out_format": "mulaw/8000", …}``; 0 where it is another text, for anybody may have written a trace."""
    try:
        found = json.loads(capabilities)["out_format"].rpartition("/")[2]
    except (ValueError, TypeError, KeyError, AttributeError):
        return 0
    return int(found) if found.isascii() and found.isdigit() else 0


def _guessed(events: Sequence[TraceEvent]) -> int:
    """From the longest segment that another one of its utterance follows, neither of them silence.

    When a silence is first audible is its end, and of other segments it is their beginning, but for some quiet.
    Quiet at the head of either moves that by a tenth of a second at the most, and the nearest of the known rates is a
    fifth away or more.
    """
    longest = (0, 0.0)
    before: SegmentStarted | None = None
    for event in events:
        match event:
            case CallStarted() | SegmentStarted(strategy=Strategy.SILENCE):
                before = None
            case SegmentStarted():
                if before is not None and before.utterance == event.utterance:
                    longest = max(longest, (event.position - before.position, event.sounds_at - before.sounds_at))
                before = event
    samples, seconds = longest
    if samples <= 0 or seconds <= 0:
        return USUAL
    return min(RATES, key=lambda known: abs(samples / seconds / known - 1))
