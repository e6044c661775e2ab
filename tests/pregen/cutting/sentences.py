"""Sentences that nobody spoke: words of noise as long as their letters, pauses at commas, and the words' times."""

import re
from dataclasses import dataclass

import numpy as np

from ivr.catalog.carriers import Carrier
from ivr.media.samples import silence
from ivr.media.tones import noise
from ivr.speech.synthesizer import SpeechChunk, WordTiming

RATE = 16000
MEDIAL = Carrier("Now, ", ", then.")
FINAL = Carrier("It is now, ", ".")


@dataclass(frozen=True)
class Manner:
    """How it is spoken; all but ``level`` and ``floor``, in dBFS, in seconds."""

    pause: float = 0.20
    """At a comma."""
    letter: float = 0.07
    between: float = 0.0
    """From word to word where no comma stands."""
    inside: float = 0.0
    """The same within the fragment."""
    stretched: float = 1.0
    """How many times as long the fragment's letters last."""
    level: float = -20.0
    floor: float = -90.0


USUAL = Manner()


def say(carrier: Carrier, text: str, manner: Manner = USUAL) -> SpeechChunk:
    return spoken(carrier.around(text), (len(carrier.before), len(carrier.before) + len(text)), manner)


def spoken(sentence: str, own: tuple[int, int] = (0, 0), manner: Manner = USUAL) -> SpeechChunk:
    """``own``: where the fragment stands. A dash asks for a pause as a comma does."""
    parts, words, at = [silence(round(0.03 * RATE))], [], round(0.03 * RATE)
    for number, match in enumerate(re.finditer(r"[^\W_]+(?:'\w+)?", sentence)):
        inside = own[0] <= match.start() < own[1]
        seconds = len(match[0]) * manner.letter * (manner.stretched if inside else 1.0)
        behind = sentence[match.end() : match.end() + 2]
        within = inside and match.end() < own[1]
        rest = manner.pause if behind[:1] == "," or behind == " -" else manner.inside if within else manner.between
        words.append(WordTiming(at, match.start(), len(match[0])))
        sound = noise(round(seconds * RATE), manner.level, number)
        parts += [sound, silence(round(rest * RATE))]
        at += len(sound) + round(rest * RATE)
    sound = np.concatenate([*parts, silence(round(0.05 * RATE))])
    return SpeechChunk(sound + noise(len(sound), manner.floor, 99), RATE, tuple(words))


def fragment_of(carrier: Carrier, text: str, chunk: SpeechChunk) -> tuple[float, float]:
    """Where its words begin and end, in seconds."""
    words = chunk.words
    own = [at for at, word in enumerate(words) if 0 <= word.offset - len(carrier.before) < len(text)]
    loud = np.flatnonzero(np.abs(chunk.samples) > np.abs(chunk.samples).max() / 30) / RATE
    stop = words[own[-1] + 1].sample / RATE if own[-1] + 1 < len(words) else len(chunk.samples) / RATE
    return words[own[0]].sample / RATE, float(loud[loud < stop].max())
