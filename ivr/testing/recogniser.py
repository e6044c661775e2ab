"""An ear for tests: which of the sentences that could have been said a small recogniser hears in a sound.

It hears what a level meter does not: reversed words, words that are not the right ones, half of a word cut away. It
does not hear everything: a voice that is a tenth too fast, or a gap of 20 ms, it forgives; measure those in samples.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from ivr.errors import MissingExtra
from ivr.media.linear import to_int16
from ivr.media.resample import resample
from ivr.media.samples import Samples, silence

RATE = 16000
"""Hz that the recogniser's model was made for; telephone sound is brought up to it."""
FLOOR_DB = -55.0
"""Noise under the sound, dBFS. In digital silence the model's features fall apart: without it 72 of 100 prompts
were found, with it all."""
PADDING = 0.250
"""Seconds of that noise before and behind the sound."""
GARBAGE = tuple(
    "about above after again air all always animal answer around away because before between black blue boat book "
    "both bring brother build carry change children city close cold color country cut different door down draw early "
    "earth eat enough every family far father feet field find fire follow food form friend garden girl give great "
    "green group grow hand head hear high home horse house important kind king land large last learn leave letter "
    "light little live long make many mother mountain move music name near never night north often paper people "
    "picture place plant play point river road rock school sea sentence".split()
)
"""Common words of which any sequence means: none of the alternatives."""
PRONUNCIATIONS: Mapping[str, str] = MappingProxyType({})


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in small letters, without its punctuation."""
    return tuple(re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", text.lower()))


class Recogniser:
    """Tells which of ``alternatives`` a sound is. What it hears does not depend on what it has heard before."""

    def __init__(
        self,
        alternatives: Mapping[str, str],
        garbage: Iterable[str] = GARBAGE,
        pronunciations: Mapping[str, str] = PRONUNCIATIONS,
    ) -> None:
        try:
            import pocketsphinx
        except ImportError:
            raise MissingExtra("dev", "the recogniser") from None
        self._decoder: Any = pocketsphinx.Decoder(lm=None, loglevel="FATAL")
        for word, phones in pronunciations.items():
            self._decoder.add_word(word, phones, True)
        self.expect(alternatives, garbage)

    def expect(self, alternatives: Mapping[str, str], garbage: Iterable[str] = GARBAGE) -> None:
        self._ids: dict[tuple[str, ...], str] = {}
        for id, text in alternatives.items():
            if (other := self._ids.setdefault(words_of(text), id)) != id:
                raise ValueError(f"'{id}' and '{other}' have the same words")
        said = [" ".join(words) for words in self._ids]
        rules = f"public <said> = {' | '.join(said)}"
        garbage = tuple(garbage)
        if garbage:
            rules += f" | <other>+;\n<other> = {' | '.join(garbage)}"
        self._decoder.add_jsgf_string("said", f"#JSGF V1.0;\ngrammar ear;\n{rules};\n")
        self._decoder.activate_search("said")

    def hear(self, samples: Samples, rate: int) -> str | None:
        self._decoder.start_utt()
        self._decoder.process_raw(_with_floor(samples, rate), full_utt=True)
        self._decoder.end_utt()
        heard = self._decoder.hyp()
        self.last = heard and (heard.hypstr, heard.score, heard.prob)
        return None if heard is None else self._ids.get(tuple(heard.hypstr.split()))


def _with_floor(samples: Samples, rate: int) -> bytes:
    pad = silence(round(PADDING * RATE))
    padded = np.concatenate((pad, resample(samples, rate, RATE), pad))
    noise = np.random.default_rng(0).standard_normal(len(padded)).astype(np.float32)
    return to_int16(padded + noise * np.float32(10 ** (FLOOR_DB / 20))).tobytes()
