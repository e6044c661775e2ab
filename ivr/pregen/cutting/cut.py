"""A fragment out of its carrier sentence: where it is cut, or why no cut can be trusted. Pure.

A voice that tells when its words begin is cut at those, at the quietest place near; another one at its pauses, which
the punctuation of a carrier asks for. Both are held against the same doubts, and both leave the silence to the
trimming, so that the two give the same fragment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.catalog.carriers import Carrier
from ivr.errors import CutRefused
from ivr.media.samples import Samples
from ivr.pregen.cutting.quiet import Loudness, Pause
from ivr.speech.synthesizer import WordTiming

SHORTEST = 0.080
"""Seconds of a pause that parts two phrases; within words, the closure of a stop is the longest silence."""
LONGEST_INSIDE = 0.250
"""Seconds of a pause from which it is no part of one fragment; two stops in a row, as in "septiembre", take 160 ms."""
NEAR = 0.060
"""Seconds within which a word's time and its border in the sound agree."""
DEEP = 20.0
"""dB under the speech at a cut."""
ENDED = 10.0
"""The same at the end of the whole sound: a last consonant may be all that fades there."""
PACE = 4.0
"""How many times as fast or as slow as the words around it a fragment may be spoken."""
_BREATH = 3  # letters by which every text counts as longer: "an" takes as long as "name"


@dataclass(frozen=True, slots=True)
class Span:
    """What is to be kept of a sentence, in samples; silence at its edges is still there."""

    start: int
    stop: int


def cut(samples: Samples, rate: int, carrier: Carrier, sentence: str, words: Sequence[WordTiming] = ()) -> Span:
    """The fragment of ``sentence``, which was made by ``carrier``, in its audio.

    ``words``: what the voice told, empty where it tells nothing. Raises ``CutRefused`` for a cut that nobody can trust.
    """
    sound = Loudness(samples, rate)
    spoken = sound.span()
    if not spoken.seconds:
        raise CutRefused("nothing was spoken")
    borders = _by_words(sound, carrier, sentence, words, rate) if words else _by_pauses(sound, carrier)
    if words:
        _agreed(borders, sound, carrier)
    start, stop = borders[0], spoken.stop if carrier.final else borders[1]
    _doubt(sound, carrier, sentence, spoken, Pause(start, stop))
    end = len(samples) if carrier.final else round(stop * rate)
    return Span(round(start * rate), end)


def _by_pauses(sound: Loudness, carrier: Carrier) -> list[float]:
    """The longest ones; any others are shorter and stand within the fragment, for the carrier's own words have none."""
    needed = 1 if carrier.final else 2
    pauses = sound.pauses(SHORTEST)
    if len(pauses) < needed:
        raise CutRefused(f"the voice made {len(pauses)} pauses where the sentence has {needed}")
    longest = sorted(pauses, key=lambda pause: -pause.seconds)
    borders = [pauses[0], pauses[-1]][:needed]
    if {*borders} != {*longest[:needed]}:
        raise CutRefused(f"it is not clear which of its {len(pauses)} pauses are those of the sentence")
    return [sound.quietest(pause.start, pause.stop) for pause in borders]


def _by_words(sound: Loudness, carrier: Carrier, sentence: str, words: Sequence[WordTiming], rate: int) -> list[float]:
    times = [word.sample for word in words]
    if times != sorted(times) or times[0] < 0 or times[-1] / rate > sound.length:
        raise CutRefused("the times that the voice gave for its words contradict each other or the sound")
    begins = [word for word in words if word.offset == len(carrier.before)]
    behind = [word for word in words if word.offset >= len(sentence) - len(carrier.behind)]
    if not begins or not (carrier.final or behind):
        raise CutRefused("the voice gave no time for the words at which it is to be cut")
    marks = [begins[0], *behind[:1]][: 1 if carrier.final else 2]
    return [_border(sound, word.sample / rate) for word in marks]


def _agreed(borders: Sequence[float], sound: Loudness, carrier: Carrier) -> None:
    """Where the pauses tell as well, they must tell the same."""
    try:
        others = _by_pauses(sound, carrier)
    except CutRefused:
        return
    if any(abs(one - other) > NEAR for one, other in zip(borders, others, strict=True)):
        raise CutRefused("the times that the voice gave for its words are not those of its pauses")


def _border(sound: Loudness, at: float) -> float:
    """The quietest place of the pause at a word's beginning, or near it where there is none."""
    near = [pause for pause in sound.pauses(SHORTEST / 2) if pause.apart(at) <= NEAR]
    if near:
        pause = max(near, key=lambda pause: pause.seconds)
        return sound.quietest(pause.start, pause.stop)
    return sound.quietest(at - NEAR, at + NEAR)


def _doubt(sound: Loudness, carrier: Carrier, sentence: str, spoken: Pause, kept: Pause) -> None:
    """Raises ``CutRefused`` where the sound contradicts the cut."""
    end = (sound.length, ENDED) if carrier.final else (kept.stop, DEEP)
    for place, (at, deep) in (("before", (kept.start, DEEP)), ("behind", end)):
        if sound.depth(at) < deep:
            raise CutRefused(f"there is no quiet place {place} its words ({sound.depth(at):.0f} dB under them)")
    inside = _within(sound, kept)
    if not inside.seconds:
        raise CutRefused("there is nothing between its borders")
    if any(inside.start < pause.start and pause.stop < inside.stop for pause in sound.pauses(LONGEST_INSIDE)):
        raise CutRefused("there is a pause within its words")
    fragment = inside.seconds / _length(carrier.inside(sentence))
    around = _around(sound, carrier, spoken, kept)
    if not fragment * PACE >= around >= fragment / PACE:
        much = "long" if fragment > around else "short"
        raise CutRefused(f"what was cut is too {much} for its words ({inside.seconds:.2f} s)")


def _within(sound: Loudness, part: Pause) -> Pause:
    """``part`` without the pauses at its edges."""
    start, stop = part.start, part.stop
    for pause in sound.pauses(0.0):
        if pause.apart(part.start) == 0:
            start = pause.stop
        if pause.apart(part.stop) == 0:
            stop = pause.start
    return Pause(start, max(start, stop))


def _around(sound: Loudness, carrier: Carrier, spoken: Pause, kept: Pause) -> float:
    """Seconds for a letter in the carrier's own words."""
    before = _within(sound, Pause(spoken.start, kept.start)).seconds
    behind = 0.0 if carrier.final else _within(sound, Pause(kept.stop, spoken.stop)).seconds
    return (before + behind) / (_length(carrier.before) + (0 if carrier.final else _length(carrier.behind)))


def _length(text: str) -> int:
    return sum(char.isalpha() for char in text) + _BREATH
