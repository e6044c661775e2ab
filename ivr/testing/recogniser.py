"""An ear for tests: which of the sentences that could have been said a small recogniser hears in a sound.

It notices what a level meter does not: words backwards, words that are others, a word that is cut short. Much it
forgives (a voice a tenth too fast, a gap of 20 ms): measure that in samples. It hears worse than people do, telephones
above all; how much worse is what ``python -m bench.recognition`` prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from types import MappingProxyType
from typing import Any

import numpy as np

from ivr.errors import MissingExtra
from ivr.media.linear import to_int16
from ivr.media.resample import resample
from ivr.media.samples import Samples, silence

RATE = 16000
"""Hz that the recogniser's model was made for; other sound is brought to it."""
FLOOR_DB = -55.0
"""Noise laid under the sound, dBFS: in digital silence the model's features fall apart. Without it 72 of 100 prompts
were found, with it all."""
PADDING = 0.250
"""Seconds of that noise before and behind the sound."""
GARBAGE = tuple(
    "about above after again air animal around away because before better between black blue boat body book brother "
    "build bring brown carry catch change children church city clean cold color country cut different dinner door "
    "draw early earth eat every family farm father feet field find fire flower follow food form friend garden girl "
    "grass great green group grow hand happy head heart heavy high home horse house kind king land large learn letter "
    "light little long make many mother mountain move music name near never night north often paper people picture "
    "place plant point river road rock school".split()
)
"""Common words. What is made of them, and of the alternatives' own words, is none of the alternatives."""
PRONUNCIATIONS: Mapping[str, str] = MappingProxyType(
    {"nine": "AY N", "nineteen": "AY N T IY N", "ninety": "AY N T IY", "zero": "V IH R OW"}
)
"""What the model's American dictionary lacks, in its phones (ARPAbet): behind "and" no new n is heard, and the band of
a telephone ends below what tells a z from a v: eight zeros were heard as eight times "early"."""
PHONES = frozenset(
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split()
)
"""ARPAbet as the CMU Pronouncing Dictionary uses it, without stress."""
_UNLIKELY = 1e-12  # of each word of garbage: 1e-8 takes one true amount in seven, 1e-14 lets other prompts pass
_CLOSED = {"lm": None, "bestpath": False, "beam": 1e-60, "pbeam": 1e-60, "wbeam": 1e-40, "loglevel": "FATAL"}
# bestpath: a loop of words makes its lattice so large that one prompt takes minutes.
_GRAMMAR = "said"
_MUFFLED = 7  # number of the pronunciation with F for S, behind those of the dictionary

Edge = tuple[int, int, float] | tuple[int, int, float, str]
"""From state to state, with a probability; without a word, nothing is said on the way."""


class Recogniser:
    """Tells which of some sentences a sound is. What it heard before changes nothing."""

    def __init__(
        self,
        alternatives: Mapping[str, str],
        garbage: Iterable[str] = GARBAGE,
        pronunciations: Mapping[str, str] = PRONUNCIATIONS,
    ) -> None:
        """See ``expect``. ``pronunciations``: phones of words that the dictionary lacks, or further ones.

        Raises ``MissingExtra`` where pocketsphinx is not installed.
        """
        try:
            import pocketsphinx
        except ImportError:
            raise MissingExtra("listen", "the recogniser (up to Python 3.13)") from None
        self._decoder: Any = pocketsphinx.Decoder(**_CLOSED)
        # It learns the noise from one sound to the next: what was heard would depend on what came before.
        self._decoder.config["remove_noise"] = False
        self._decoder.reinit_feat()
        self._ids: dict[tuple[str, ...], str] = {}
        self._muffled: set[str] = set()
        for word, phones in pronunciations.items():
            self.pronounce(word, phones)
        self.expect(alternatives, garbage)

    def expect(self, alternatives: Mapping[str, str], garbage: Iterable[str] = GARBAGE) -> None:
        """Listen for other sentences: texts by id, with numbers as words; punctuation does not matter.

        With ``garbage``, three more things can be heard, and mean none of them: nothing at all; any sequence of it
        and of the alternatives' own words; and, where all alternatives begin alike, that beginning and then any
        sequence of their own words. Without it, nearly every sound is heard as one of the alternatives.
        Raises ``ValueError`` for words without a pronunciation, and for two alternatives that have the same words.
        """
        ids: dict[tuple[str, ...], str] = {}
        for id, text in alternatives.items():
            if not (words := words_of(text)):
                raise ValueError(f"alternative '{id}' has no words: leave it out")
            if (other := ids.setdefault(words, id)) != id:
                raise ValueError(f"'{id}' and '{other}' have the same words: leave one of them out")
        self._ids = ids
        garbage = tuple(dict.fromkeys(garbage))
        used = dict.fromkeys((*garbage, *(word for words in ids for word in words)))
        if unknown := [word for word in used if self._decoder.lookup_word(word) is None]:
            raise ValueError(f"no pronunciation of {', '.join(unknown)}: give each in ARPAbet, as in 'SH IY' for 'she'")
        for word in used:
            self._muffle(word)
        edges = list(_edges(ids, garbage))
        self._decoder.add_fsg(_GRAMMAR, self._decoder.create_fsg(_GRAMMAR, _START, _END, edges))
        self._decoder.activate_search(_GRAMMAR)

    def hear(self, samples: Samples, rate: int) -> str | None:
        """The id of the alternative that the whole of the sound is, or None. ``rate`` in Hz."""
        self._decoder.start_utt()
        self._decoder.process_raw(_audible(samples, rate), full_utt=True)
        self._decoder.end_utt()
        heard = self._decoder.hyp()
        return None if heard is None else self._ids.get(tuple(heard.hypstr.split()))

    def lacks(self, text: str) -> list[str]:
        """The words of a text that have no pronunciation."""
        return [word for word in dict.fromkeys(words_of(text)) if self._decoder.lookup_word(word) is None]

    def pronounce(self, word: str, phones: str) -> None:
        """A pronunciation in ARPAbet, beside those that the dictionary has; it counts from the next ``expect`` on."""
        numbers = (word, *(f"{word}({number})" for number in range(2, _MUFFLED)))
        self._decoder.add_word(next(name for name in numbers if self._decoder.lookup_word(name) is None), phones)

    def _muffle(self, word: str) -> None:
        """A telephone's band ends below what tells an s from an f."""
        phones = self._decoder.lookup_word(word).split()
        if "S" in phones and word not in self._muffled:
            self._muffled.add(word)
            muffled = " ".join("F" if phone == "S" else phone for phone in phones)
            self._decoder.add_word(f"{word}({_MUFFLED})", muffled)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in small letters, without its punctuation."""
    return tuple(re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", text.lower()))


_START, _END, _FREE = range(3)


def _edges(sentences: Iterable[tuple[str, ...]], garbage: tuple[str, ...]) -> Iterator[Edge]:
    """The sentences as a tree that ends in one state; with ``garbage``, the loops beside it."""
    sentences = tuple(sentences)
    states: dict[tuple[str, ...], int] = {(): _START}
    for words in sentences:
        for length in range(1, len(words)):
            if words[:length] not in states:
                states[words[:length]] = _FREE + len(states) - 1
                yield states[words[: length - 1]], states[words[:length]], 1.0, words[length - 1]
        yield states[words[:-1]], _END, 1.0, words[-1]
    if garbage:
        yield _START, _END, 1.0
        free = _FREE + len(states) - 1
        own = {word: None for words in sentences for word in words}
        yield from _loop(_START, free, (*garbage, *(word for word in own if word not in garbage)))
        if beginning := _beginning(sentences):
            yield from _loop(states[beginning], free + 2, tuple(own))


def _beginning(sentences: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The words that two or more sentences all begin with, and that are the whole of none."""
    if len(sentences) < 2:
        return ()
    alike = takewhile(lambda words: len(set(words)) == 1, zip(*(words[:-1] for words in sentences), strict=False))
    return tuple(words[0] for words in alike)


def _loop(state: int, free: int, words: tuple[str, ...]) -> Iterator[Edge]:
    """From ``state`` on, ``words`` in any order and number; states ``free`` and the next are its own."""
    yield state, free, 1.0
    for word in words:
        yield free, free + 1, _UNLIKELY, word
    yield free + 1, free, 1.0
    yield free + 1, _END, 1.0


def _audible(samples: Samples, rate: int) -> bytes:
    """16-bit samples at ``RATE`` with noise below; the same noise every time."""
    pad = silence(round(PADDING * RATE))
    padded = np.concatenate((pad, resample(samples, rate, RATE), pad))
    noise = np.random.default_rng(0).standard_normal(len(padded), dtype=np.float32)
    return to_int16(padded + noise * np.float32(10 ** (FLOOR_DB / 20))).tobytes()
