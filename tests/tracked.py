"""A track with what is queued on it, asked by hand as playout would ask. One message is 100 ms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from toy import covers, make_tone

from ivr.media.format import MULAW_8K
from ivr.playout.arrivals import Arrivals
from ivr.playout.live import LiveSpeech
from ivr.playout.segments import ClipSegment, Utterance
from ivr.playout.track import Track
from ivr.playout.utterances import Utterances
from ivr.testing.voices import babble

MARGIN = 0.1
SHORT = make_tone(0.1, "short")


@dataclass
class Tracked:
    """The parts that playout has of it."""

    utterances: Utterances
    arrivals: Arrivals
    track: Track


def track(with_covers=True, **changes) -> Tracked:
    utterances = Utterances(lambda voice: LiveSpeech(MULAW_8K, -20.0, 0.0))
    made = covers(**changes) if with_covers else None
    return Tracked(utterances, Arrivals(utterances), Track(utterances, MULAW_8K, made, MARGIN, 800))


def clip(name="u1.1") -> ClipSegment:
    return ClipSegment(name, SHORT, "short")


def utter(made: Tracked, *segments, now=0.0, id="u1", wait=False) -> None:
    made.utterances.enqueue(Utterance(id, segments, wait=wait), now)


def ask(made: Tracked, now: float, due: float, most: int = 800):
    """(strategy, samples) of what comes next, or when to ask again."""
    found = made.track.next_span(now, due, most)
    if found:
        found[0].playing.started = True  # as playout notes it
    return (found[0].source.strategy.value, found[1].samples) if found else made.track.decide_at


def say(made: Tracked, now: float, due: float) -> list[str]:
    """The strategies of what sounds in the next three seconds, asked for just before it is due."""
    said, until = [], now + 3.0
    while due < until and isinstance(found := ask(made, max(now, due - MARGIN), due), tuple):
        if not said or said[-1] != found[0]:
            said.append(found[0])
        due += found[1] / 8000
    return said


def push(made: Tracked, segment: str, seconds: float, finish=False) -> None:
    live = made.utterances.find(segment).live
    live.push(np.resize(babble("abcdefgh"), round(22050 * seconds)), 22050)
    if finish:
        live.finish()
