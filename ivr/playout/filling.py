"""Silence between words, where the far side wants sound without a break and makes none of its own.

It is sent when nothing else waits on the wire, a frame at a time, so that words wait for one frame at the most. It
belongs to no utterance and to no position of the ledger: what was heard is a matter of words.
"""

from __future__ import annotations

from functools import cache
from math import inf

from ivr.media.clip import make_clip
from ivr.media.format import AudioFormat
from ivr.media.samples import silence
from ivr.playout.segments import Span


class Filling:
    """Of one stream. Times are seconds."""

    def __init__(self, format: AudioFormat, on: bool) -> None:
        self.on = on
        """Whether anything is ever filled."""
        self.until = -inf
        """When the silence that was sent has sounded."""
        self._frame = _frame(format) if on else None
        self._length = format.seconds(format.frame)

    def after(self, words_until: float) -> float:
        """When all that was sent has sounded, words and silence."""
        return words_until if self._frame is None else max(self.until, words_until)

    def due(self, words_until: float, now: float) -> Span | None:
        """A frame to send now, where neither words, which end at ``words_until``, nor silence still sound."""
        since = self.after(words_until)
        if self._frame is None or now < since:
            return None
        # A wake that is late by less than a frame does not shift those that follow.
        self.until = (since if now - since < self._length else now) + self._length
        return self._frame

    def cut(self, now: float) -> None:
        """What was sent and has not sounded is dropped over there."""
        self.until = min(self.until, now)


@cache
def _frame(format: AudioFormat) -> Span:
    return Span(make_clip(silence(format.frame), format, "silence"), 0, format.frame)
