"""What the caller has heard, word by word, with the time of each.

Times come from where the runtime says that a segment sounds, and the way to the caller; within a segment, by its
letters in proportion. Fixed words are as long as their clip; how long live words are is known once the last was sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from ivr.trace.events import BargedIn, CallEnded, CallStarted, TraceEvent
from ivr.trace.report import COVERS
from ivr.trace.sound import Abandoned, SegmentEnded, SegmentStarted, SoundWentOn, Strategy

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
PER_LETTER = 0.055
"""Seconds: a usual voice, for live words whose length is not known yet."""

TAIL = 0.050
"""Seconds at the end of a piece in which it does not stand still, but is over: its length may be a guess."""

EDGE = 1e-6
"""Seconds by which floating point may miss a time and still mean it."""

Pattern = Sequence[str | None]
"""Words in small letters; None stands for one word or more."""


def words_of(text: str) -> list[str]:
    """In small letters, without punctuation. Numbers are words."""
    return [match[0] for match in _WORD.finditer(text.lower())]


@dataclass(slots=True)
class Piece:
    """A segment or a cover as it sounds."""

    utterance: str
    segment: str
    strategy: Strategy
    text: str
    sent: float
    """When its first sound was handed over."""
    begins: float
    """When it is heard."""
    length: float
    """Seconds of the whole."""
    known: bool
    """Whether ``length`` is more than a guess."""
    cut_at: float = inf
    """When it was broken off."""
    stood: dict[float, float] = field(default_factory=dict)
    """By how much of it was heard before: for how long nothing was heard, and then it went on."""

    @property
    def ends(self) -> float:
        """When no more of it is heard."""
        return max(self.begins, min(self.begins + self.length + sum(self.stood.values()), self.cut_at))

    @property
    def settled(self) -> bool:
        """Whether that will stay so, unless somebody interrupts."""
        return self.known or self.cut_at < inf

    def time(self, offset: int) -> float:
        """When the letter at ``offset`` begins to sound."""
        said = self.length * offset / max(1, len(self.text))
        return self.begins + said + sum(held for before, held in self.stood.items() if said > before + EDGE)

    def stand(self, since: float, held: float) -> None:
        """It stood still from ``since`` on, for so long; of the same standstill the last word counts."""
        before = since - self.begins - sum(held for at, held in self.stood.items() if self.begins + at < since - EDGE)
        if EDGE < before < self.length - TAIL:
            self.stood[round(before, 6)] = held


@dataclass(frozen=True, slots=True)
class Found:
    """Words that sound, or will."""

    begins: float
    ends: float
    first: Piece
    """In which they begin."""
    last: Piece
    strategies: frozenset[Strategy]
    whole: bool = True
    """False: what is known so far is only their beginning."""


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    piece: Piece
    begins: float
    ends: float


class Words:
    """Of one call, as its trace tells them."""

    def __init__(self, lengths: Mapping[str, float], rate: int, way: float) -> None:
        """``lengths``: seconds of fixed texts; ``rate``: Hz of what is sent; ``way``: seconds to the caller."""
        self.pieces: list[Piece] = []
        self._lengths = lengths
        self._rate = rate
        self._way = way

    def see(self, event: TraceEvent) -> None:
        """The next event."""
        match event:
            case SegmentStarted() if event.strategy is not Strategy.SILENCE:
                self._begin(event)
            case SegmentEnded(utterance=utterance, segment=segment, strategy=strategy, samples=samples):
                for piece in reversed(self.pieces):
                    if (piece.utterance, piece.segment, piece.strategy) == (utterance, segment, strategy):
                        piece.length, piece.known = samples / self._rate, True
                        break
            case BargedIn(at=at) | CallEnded(at=at) | CallStarted(at=at):
                self._cut(self.pieces, at)
            case Abandoned(segment=segment, at=at):
                self._cut([p for p in self.pieces if p.segment == segment and p.strategy not in COVERS], at)
            case SoundWentOn(held=held, at=at):
                self._shift(at - held + self._way, held)

    def stand(self, since: float, held: float) -> None:
        """Nothing was heard from ``since`` on, for so long, and the words go on behind it."""
        for piece in self.pieces:
            piece.stand(since, held)

    def find(self, pattern: Pattern, since: float = -inf, *, covers: bool = False) -> Found | None:
        """The first place of ``pattern`` in what began at ``since`` or later; maybe only its beginning is known yet.

        Words of covers, which come between others, are left out, or with ``covers`` the only ones.
        """
        words = [w for w in self._words(since) if (w.piece.strategy in COVERS) == covers]
        texts = [word.text for word in words]
        begun: Found | None = None
        for start, first in enumerate(words):
            stop, whole = _match(pattern, texts, start)
            if stop is None:
                continue
            last = words[stop - 1]
            ends = last.piece.ends if pattern[-1] is None else last.ends
            strategies = frozenset(word.piece.strategy for word in words[start:stop])
            found = Found(first.begins, ends, first.piece, last.piece, strategies, whole)
            if whole:
                return found
            begun = begun or found
        return begun

    def voiced(self, strategy: Strategy, since: float = -inf) -> Found | None:
        """The first sound that began at ``since`` or later and was voiced so."""
        for piece in self.pieces:
            if piece.strategy is strategy and piece.begins >= since - EDGE and piece.ends > piece.begins:
                return Found(piece.begins, piece.ends, piece, piece, frozenset([strategy]))
        return None

    def sounding(self, now: float) -> Piece | None:
        """What is heard now."""
        return next((piece for piece in reversed(self.pieces) if piece.begins <= now < piece.ends), None)

    def next(self, now: float) -> Piece | None:
        """What begins to be heard next, as far as it was sent."""
        return next((piece for piece in self.pieces if piece.begins >= now), None)

    def heard(self, since: float, until: float) -> str:
        """What was heard then, and when: for people."""
        return "; ".join(_told(p) for p in self.pieces if p.ends > since and p.begins <= until) or "nothing"

    def text(self, until: float) -> str:
        """The words heard by then, covers included, as they are written; of what was broken off, its beginning."""
        return " ".join(filter(None, (_said(piece, until) for piece in self.pieces)))

    def _begin(self, event: SegmentStarted) -> None:
        if event.strategy not in COVERS:
            # Broken off and begun again: one text covers both.
            self.pieces = [p for p in self.pieces if p.segment != event.segment or p.strategy in COVERS]
        length = self._lengths.get(event.text) if event.strategy is Strategy.CLIP else None
        known = length is not None
        guess = len(event.text) * PER_LETTER if event.text else inf
        piece = Piece(
            event.utterance,
            event.segment,
            event.strategy,
            event.text,
            event.at,
            event.sounds_at + self._way,
            guess if length is None else length,
            known,
        )
        self.pieces.append(piece)

    def _cut(self, pieces: Sequence[Piece], at: float) -> None:
        for piece in pieces:
            if piece.ends > at or not piece.settled:
                piece.cut_at = min(piece.cut_at, at + self._way)

    def _shift(self, since: float, held: float) -> None:
        for piece in self.pieces:
            if piece.begins > since:
                piece.begins += held
            else:
                piece.stand(since, held)

    def _words(self, since: float) -> list[_Word]:
        """Of all pieces, but what was broken off before it was heard."""
        found = []
        for piece in self.pieces:
            for match in _WORD.finditer(piece.text.lower()):
                begins, ends = piece.time(match.start()), piece.time(match.end())
                if begins >= since - EDGE and ends <= piece.cut_at + EDGE:
                    found.append(_Word(match[0], piece, begins, ends))
        return found


def _said(piece: Piece, until: float) -> str:
    """Punctuation belongs to the word before it; without words it is no text that anybody hears."""
    words = list(_WORD.finditer(piece.text))
    end = min(until, piece.cut_at) + EDGE
    heard = sum(piece.time(word.end()) <= end for word in words)
    return piece.text[: words[heard - 1].end()] if 0 < heard < len(words) else piece.text if heard else ""


def _told(piece: Piece) -> str:
    what = f"'{piece.text}'" if piece.text else "sound without words"
    how = "" if piece.strategy is Strategy.CLIP else f" ({piece.strategy.value})"
    return f"{what}{how} at {piece.begins:.2f} s" + (f", until {piece.ends:.2f} s" if piece.cut_at < inf else "")


def _match(pattern: Pattern, texts: Sequence[str], start: int) -> tuple[int | None, bool]:
    """Where a pattern that begins at ``start`` ends, None for nowhere; and whether that is all of it."""
    at = start
    for index, wanted in enumerate(pattern):
        if at >= len(texts):
            return at, False
        if wanted is None:
            behind = pattern[index + 1] if index + 1 < len(pattern) else None
            at += 1
            while at < len(texts) and behind is not None and texts[at] != behind:
                at += 1
            if behind is not None and at >= len(texts):
                return at, False
        elif texts[at] == wanted:
            at += 1
        else:
            return None, False
    return at, True
