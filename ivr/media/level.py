"""Bringing speech to one level, edges first: what stands beside a seam is what a caller compares.

The gain is constant over the first 400 ms of speech, moves to the body's gain over 200 ms, and likewise at the tail.
What is wholly in hand has its whole at that level as well (``ivr.media.whole``); live speech is levelled here.
"""

from __future__ import annotations

import numpy as np

from ivr.errors import AudioError
from ivr.media.balance import RAMP
from ivr.media.edges import speech_bounds
from ivr.media.envelope import Bounds, Curve, Edge, Knot, Shape, fit
from ivr.media.limit import lookahead
from ivr.media.loudness import EDGE
from ivr.media.samples import Samples, empty, silence
from ivr.media.whole import bring

LIVE_REACH_DB = 9.0
"""How far an edge's gain may lie from the voice's in live speech, which is judged by less than a clip."""
_MARGIN = 0.100  # seconds beside an edge's speech: its bounds move a little with the gain
_SETTLE = 0.100  # seconds in which a gain that is being heard moves to a better one
_NEWS = 0.040  # seconds of new audio that make it worth mending the head's gain
_SHORTEST = 0.020  # seconds of tail under which it is left alone


def gain_db(samples: Samples, db: float) -> Samples:
    """``samples`` louder by ``db``; nothing is limited."""
    return samples * np.float32(10 ** (db / 20))


def _whole_shape(start: int, stop: int, rate: int, body: float) -> Shape:
    """The gain of live speech that is wholly in hand before any was taken, and stands from ``start`` to ``stop``.

    Under 400 ms both gains are one; up to twice that and two ramps, the head's gain moves straight to the tail's;
    then the body's stands between them.
    """
    span, ramp = EDGE * rate, RAMP * rate
    length = stop - start
    if length <= span:
        return Shape((Knot(start, head=0.5, tail=0.5),))
    flat = min(max(length / 2 - ramp, 0.0), span)
    first, last = start + flat, stop - flat
    if last - first <= 2 * ramp:
        return Shape((Knot(first, head=1.0), Knot(last, tail=1.0)))
    return Shape((Knot(first, head=1.0), Knot(first + ramp, body), Knot(last - ramp, body), Knot(last, tail=1.0)))


def _head_edge(start: int, stop: int, rate: int) -> Edge:
    return Edge("head", 0, min(stop, start + round((EDGE + _MARGIN) * rate)))


def _tail_edge(end: int, stop: int, rate: int) -> Edge:
    return Edge("tail", max(0, stop - round((EDGE + _MARGIN) * rate)), end)


def level(samples: Samples, rate: int, target: float) -> Samples:
    """A whole clip with head, tail (``edge_loudness``) and integrated loudness at ``target`` LUFS; see ``bring``."""
    return bring(samples, rate, target).samples


class StreamLeveller:
    """Levels live speech while it arrives: audio is pushed ahead of being taken.

    ``target`` is LUFS; ``voice_gain_db`` is the gain that the voice needs on the whole. The head's gain is set at the
    first ``take`` by the speech in hand, up to 400 ms of it. With less than that in hand it goes only part of the
    way from the voice's gain, and mends itself as more arrives. Once ``finish`` was called, the part of the last
    400 ms that nobody has taken is brought to the target as well. Edges stay within 9 dB of the voice's gain.

    All audio is kept until the object goes, for ``rewind``: 4 bytes a sample.
    """

    def __init__(self, rate: int, target: float, voice_gain_db: float) -> None:
        self._rate = rate
        self._target = target
        self._body = voice_gain_db
        self._raw = empty()  # grows by doubling; the first self._end samples are audio
        self._end = 0
        self._finished = False
        self._origin = 0  # where the present beginning is; curves count from here
        self._position = 0
        self._curve: Curve | None = None
        self._head_done = False
        self._stale = True  # something came that the curve does not know
        self._known = 0  # the audio that it does know

    @property
    def position(self) -> int:
        """Samples taken, less those that a rewind gave back."""
        return self._position

    def push(self, samples: Samples) -> None:
        """Audio that follows; raises ``AudioError`` after ``finish``."""
        if self._finished:
            raise AudioError("audio was pushed after finish(): make a new StreamLeveller for the next speech")
        end = self._end + len(samples)
        if end > len(self._raw):
            self._raw = np.concatenate((self._raw[: self._end], silence(max(end, 2 * len(self._raw)) - self._end)))
        self._raw[self._end : end] = samples
        self._end = end
        if self._curve is None or (not self._head_done and end - self._known >= _NEWS * self._rate):
            self._stale = True

    def finish(self) -> None:
        """Nothing more will be pushed."""
        self._finished = True
        self._stale = True

    def available(self, final: bool = False) -> int:
        """How many samples may be taken now.

        Before ``finish`` the last 20 ms are kept back, so that the limiter sees a peak coming; ``final`` counts them
        too, for when there is nothing else to play.
        """
        kept = 0 if self._finished or final else lookahead(self._rate)
        return max(0, self._end - self._position - kept)

    def take(self, samples: int) -> Samples:
        """The next ``samples`` levelled; fewer when fewer are in hand, what ``available`` keeps back included."""
        if self._stale:
            self._plan()
        start = self._position - self._origin
        stop = min(start + samples, self._end - self._origin)
        reach = lookahead(self._rate)
        left = max(0, start - reach)
        around = self._raw[self._origin + left : min(self._origin + stop + reach, self._end)]
        assert self._curve is not None
        taken = self._curve.apply(around, left, self._rate)[start - left : stop - left]
        self._position += len(taken)
        return taken

    def rewind(self, position: int) -> None:
        """Go back to ``position``; raises ``AudioError`` when that was not taken yet.

        What follows is levelled as a new beginning: its head is the speech from here on.
        """
        if not 0 <= position <= self._position:
            raise AudioError(f"cannot rewind to sample {position} of {self._position} taken: go to an earlier sample")
        self._origin = self._position = position
        self._curve = None
        self._head_done = False
        self._stale = True

    def _plan(self) -> None:
        self._stale = False
        self._known = self._end
        run = self._raw[self._origin : self._end]
        # With the head done only what is left and the tail's window matter; long speech is not scanned again.
        done = self._position - self._origin
        skip = max(0, min(done, len(run)) - round((EDGE + _MARGIN) * self._rate)) if self._head_done else 0
        start, stop = speech_bounds(gain_db(run[skip:], self._body), self._rate)
        if self._curve is None:
            self._curve = Curve(np.zeros(1), np.array([self._body]))
        if stop > done - skip:
            self._curve = self._planned(run, done, start + skip, stop + skip)

    def _planned(self, run: Samples, done: int, start: int, stop: int) -> Curve:
        rate = self._rate
        head, tail = self._reach(1.0), self._reach(min(1.0, (stop - done) / (EDGE * rate / 2)))
        if not done and self._finished:
            shape = _whole_shape(start, stop, rate, self._body)
        else:
            shape = self._head_shape(done, start)
            if self._finished:
                shape = self._with_tail(shape, done, start, stop)
        edges = []
        if any(knot.head for knot in shape.knots):
            edges.append(_head_edge(start, stop, rate))
        if any(knot.tail for knot in shape.knots):
            edges.append(_tail_edge(len(run), stop, rate))
        head_gain, tail_gain = fit(shape, run, rate, edges, self._target, EDGE, Bounds(head, tail))
        span = EDGE * rate
        known = 1.0 if self._finished else min(1.0, (stop - start) / span)
        self._head_done = self._head_done or self._finished or len(run) >= start + span
        return shape.curve(self._body + known * (head_gain - self._body), tail_gain)

    def _reach(self, share: float) -> tuple[float, float]:
        return self._body - share * LIVE_REACH_DB, self._body + share * LIVE_REACH_DB

    def _head_shape(self, done: int, start: int) -> Shape:
        """From what is being heard to the head's gain, then to the body's; as it was, once the head is past."""
        assert self._curve is not None
        as_it_was = Shape.of(self._curve)
        end = start + EDGE * self._rate
        settled = max(start, done + _SETTLE * self._rate) if done else start
        if self._head_done or settled >= end:
            return as_it_was
        ahead = Knot(settled, head=1.0), Knot(end, head=1.0), Knot(end + RAMP * self._rate, self._body)
        return as_it_was.until(done).then(*ahead) if done else Shape(ahead)

    def _with_tail(self, shape: Shape, done: int, start: int, stop: int) -> Shape:
        """``shape`` until the tail's ramp begins; nothing changes when hardly any of the tail is left."""
        if stop - done < _SHORTEST * self._rate:
            return shape
        ramp = RAMP * self._rate
        turn = max(done, start, stop - EDGE * self._rate - ramp)
        return shape.until(turn).then(
            Knot(max(stop - EDGE * self._rate, turn + min(ramp, (stop - turn) / 2)), tail=1.0)
        )
