"""From a carrier sentence as a voice spoke it to the fragment as a clip: cut, trimmed, levelled with its sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ivr.catalog.carriers import Carrier
from ivr.errors import CutRefused
from ivr.media.edges import FADE, fade_in, fade_out, trim
from ivr.media.finish import Finished
from ivr.media.loudness import loudness
from ivr.media.resample import resample
from ivr.media.samples import Samples
from ivr.media.whole import held
from ivr.pregen.cutting.cut import cut
from ivr.speech.synthesizer import WordTiming

ROOM = 0.005
"""Seconds left before the first block of 10 ms that is speech."""
TAIL_ROOM = 0.0
"""Seconds left behind the last one: with 10 ms more of silence, "nineteen" is heard as "ninety" more often."""
AUDIBLE_DB = 40.0
"""A block that far under its sentence's loudness, or further, is not heard as part of a word."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a fragment is cut from."""

    samples: Samples
    rate: int
    """Hz."""
    text: str
    """As the voice was asked for it."""
    carrier: Carrier
    words: Sequence[WordTiming] = ()
    """What the voice told of its words; empty where it tells nothing."""


def fragment(sentence: Sentence, to_rate: int, target: float) -> Finished:
    """The words inside ``sentence`` at ``to_rate`` Hz.

    The gain is midway between the one that brings the whole sentence to ``target`` LUFS and the one that brings the
    fragment itself there. By the first alone a word is as loud as it is among others, and a value louder than the clips
    beside it: the words around are weaker than what they carry. By the second all words are alike.
    Raises ``CutRefused`` for a cut that cannot be trusted.
    """
    span = cut(sentence.samples, sentence.rate, sentence.carrier, sentence.text, sentence.words)
    whole = resample(sentence.samples, sentence.rate, to_rate)
    before = loudness(trim(whole, to_rate), to_rate)
    if not np.isfinite(before):
        raise CutRefused("nothing was spoken")
    scale = to_rate / sentence.rate
    piece = whole[round(span.start * scale) : round(span.stop * scale)]
    kept = trim(piece, to_rate, ROOM, TAIL_ROOM, before - AUDIBLE_DB)
    own = loudness(kept, to_rate)
    level = (before + own) / 2 if np.isfinite(own) else before
    made = held(fade_out(fade_in(kept, to_rate, FADE), to_rate, FADE), to_rate, target - level)
    return Finished(made.samples, to_rate, before, made.loudness, made.peak, 0.0)
