"""A voice whose every word is a tone of its own, and an ear that knows them again.

The same word sounds 22 Hz higher from a fragment than from the voice, and what is fixed has tones of its own: so what a
far end really played can be read, word by word, with who said each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from typing import Any

import numpy as np
from toy import HOLD, clips, make_plan

from ivr.call.plan import CallPlan
from ivr.call.readback import Mode, ReadBack
from ivr.catalog.readback import inventory
from ivr.media.clip import Clip, make_clip
from ivr.media.format import MULAW_8K
from ivr.media.samples import Samples
from ivr.phrases.fragments import Fragments, fragment_name
from ivr.playout.covers import Covers
from ivr.testing.heard import Heard

RATE = 8000
WORD, REST = 0.09, 0.03
"""Seconds of a word, and of the silence behind it."""
HIGHER = 22.0
"""Hz by which fragments lie above the voice."""
BLOCK = 80
"""Samples in which something sounds or does not; a hundredth of a second."""
_SPACING = 50.0
_LOWEST = 300.0


def _words(kinds: Iterable[str]) -> list[str]:
    texts = {text for kind in kinds for text, _ in inventory(kind, "en-US")}
    return sorted({word for text in texts for word in text.split()})


FIXED = sorted(name for name in clips() if name != HOLD)
VOCABULARY = _words(["money"])
TONES = {name: _LOWEST + _SPACING * index for index, name in enumerate([*VOCABULARY, *(f"<{name}>" for name in FIXED)])}
HOLD_TONE = 3700.0
assert max(TONES.values()) + HIGHER < HOLD_TONE - _SPACING, "more words than an octave of telephone has room for"


def _tone(frequency: float, seconds: float, rest: float = REST) -> Samples:
    count = round(seconds * RATE)
    wave = 0.2 * np.sin(2 * np.pi * frequency * np.arange(count) / RATE)
    return np.concatenate((wave, np.zeros(round(rest * RATE)))).astype(np.float32)


def say(text: str, higher: float = 0.0) -> Samples:
    """The words of ``text`` in the voice's tones, or ``higher`` by so many Hz."""
    return np.concatenate([_tone(TONES[word.strip(".,")] + higher, WORD) for word in text.split()])


def speak(text: str) -> tuple[Samples, int]:
    """As ``ScriptedVoice.speak`` asks for it."""
    return say(text), RATE


def fragments(kinds: Iterable[str] = ("money",), leave_out: Iterable[str] = ()) -> Fragments:
    """All of those kinds, but for the texts that are left out."""
    made: dict[str, Clip] = {}
    gone = set(leave_out)
    for kind in kinds:
        for text, final in inventory(kind, "en-US"):
            if text not in gone:
                name = fragment_name("en-US", text, final)
                made[name] = make_clip(say(text, HIGHER), MULAW_8K, name, whole=False)
    return Fragments(made, MULAW_8K)


def plan(mode: Mode, *, made: Fragments | None = None, filler: bool = True, **changes: Any) -> CallPlan:
    """The toy bank, said in tones."""
    fixed: Mapping[str, Clip] = {name: make_clip(_tone(TONES[f"<{name}>"], 0.4), MULAW_8K, name) for name in FIXED}
    hold = make_clip(_tone(HOLD_TONE, 2.0, 0.0), MULAW_8K, HOLD)
    covers = Covers(fixed["one_moment"] if filler else None, "", hold, fixed["sorry"], "I am sorry.")
    made = fragments() if made is None else made
    read_back = ReadBack(mode, None if mode is Mode.STREAM else made)
    return replace(make_plan(covers=covers), clips={**fixed, HOLD: hold}, read_back=read_back, **changes)


@dataclass(frozen=True, slots=True)
class Said:
    """One tone that was heard."""

    word: str
    """A clip's name in angles, ``<hold>``, or a word of a value."""
    spliced: bool
    """It came from a fragment."""
    start: float
    stop: float


def listen(heard: Heard, stop: float) -> list[Said]:
    """Every tone up to ``stop`` seconds, in order."""
    samples = heard.timeline(0.0, BLOCK * ceil(stop * RATE / BLOCK) / RATE)
    loud = np.abs(samples).reshape(-1, BLOCK).max(axis=1) > 0.01
    spectra = np.abs(np.fft.rfft(samples.reshape(-1, BLOCK), axis=1))
    holds = loud & (np.argmax(spectra, axis=1) * RATE / BLOCK > HOLD_TONE - 200)
    # Where the hold ends words may follow without a gap between.
    kinds = np.where(holds, 2, np.where(loud, 1, 0))
    edges = [0, *(np.flatnonzero(np.diff(kinds)) + 1), len(kinds)]
    spans = [(start, end) for start, end in pairwise(edges) if kinds[start]]
    return [_known(samples, start * BLOCK, end * BLOCK) for start, end in spans if end - start > 1]


def _known(samples: Samples, start: int, end: int) -> Said:
    part = samples[start:end]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 8192))
    frequency = float(np.argmax(spectrum)) * RATE / 8192
    if frequency > HOLD_TONE - 200:
        return Said(f"<{HOLD}>", False, start / RATE, end / RATE)
    name, base = min(TONES.items(), key=lambda one: abs(one[1] + HIGHER / 2 - frequency))
    return Said(name, frequency > base + HIGHER / 2, start / RATE, end / RATE)
