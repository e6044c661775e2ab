"""What a plan tells, as values: of each turn, each phrase, and the bill. Times are seconds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ivr.strategy.delays import Weighed, mean, percentiles
from ivr.strategy.path import Figures
from ivr.strategy.timeline import MARGIN, Told
from ivr.strategy.turns import Key
from ivr.strategy.words import ASKED, WRITTEN, Handling, Piece, label

Percentiles = Mapping[int, float]
LIKELY = 0.05
"""From this share of its turns on, a cover is worth telling of."""


class Row(StrEnum):
    """The strategies among which one chooses."""

    PRE_GENERATE = "Pre-generate"
    BOTH = "Pre-gen phrases + stream dynamic parts"
    STREAMING = "Streaming"

    @property
    def short(self) -> str:
        """For narrow tables."""
        return {"Pre-generate": "pre-gen", "Streaming": "streaming"}.get(self.value, "both")

    @property
    def expected(self) -> str:
        """Time to first audio that is commonly expected of it."""
        return {"Pre-generate": "10-50 ms", "Streaming": "100-300 ms"}.get(self.value, "10-300 ms")


def row(pieces: tuple[Piece, ...]) -> Row:
    """Which one these words have; values from fragments are in memory."""
    live = {piece.handling in ASKED for piece in pieces if piece.handling is not None}
    return Row.PRE_GENERATE if True not in live else Row.STREAMING if False not in live else Row.BOTH


@dataclass(frozen=True, slots=True)
class Value:
    """One value that a turn says."""

    slot: str
    """``{amount:money}``"""
    phrase: str
    by: str
    """Who says it: ``stream``, ``fragments``, or ``auto`` for the one that is there in time."""
    characters: float
    assumed: bool
    """Nothing but the kind of the slot tells how long its words are."""
    at_hand: float
    """Audio that is heard before it is due, from the moment when its words or their value are asked for."""
    needed: Percentiles
    """Until its words can begin, from the same moment; infinite where the voice fails so often.

    Those of the voice, where it is asked for any.
    """
    covered: float
    """How likely a cover is heard before it."""
    fragments: float
    """How likely fragments say it."""
    more: float | None
    """So much more audio before it would hide 95 of 100; None where it is not needed, or would not help."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a state says in one go."""

    key: Key
    locale: str
    strategy: str
    """``clip``, ``stream``, ``clip then fragments``, ``clip then auto`` …"""
    row: Row
    pieces: tuple[Piece, ...]
    per_call: float | None
    """How often a call has it; None where that is not known."""
    ttfa: Percentiles
    """To its first sound, or that of a cover for it; empty where other words always go before it."""
    behind: Percentiles
    """Silence before it where it goes on behind other words; empty where it never does."""
    before: tuple[str, ...]
    """Lookups that are waited for before it."""
    beside: tuple[str, ...]
    """Lookups that run while it sounds."""
    values: tuple[Value, ...]
    asked: tuple[float, ...]
    """How likely the voice is asked for each of ``pieces`` when it is said; 0 for what is in memory."""

    @property
    def characters(self) -> float:
        """That a voice is asked for each time."""
        return self.characters_of(lambda phrase: True)

    def characters_of(self, wanted: Callable[[str], bool]) -> float:
        """The same of some phrases."""
        found = zip(self.pieces, self.asked, strict=True)
        return sum(piece.characters * asked for piece, asked in found if asked and wanted(piece.phrase))


@dataclass(frozen=True, slots=True)
class Phrase:
    """One line of a catalogue."""

    name: str
    locale: str
    handling: str
    """As the strategy of a turn."""
    text: str
    fixed: int
    """Characters that are rendered once."""
    live: float
    """Characters that a voice is asked for each time, where every value comes."""
    per_call: float | None
    """How often a call hears it; None where that is not known."""
    cover: str = ""
    """As which cover it is heard: ``filler``, ``hold``, ``still`` or ``fallback``."""


@dataclass(frozen=True, slots=True)
class Bill:
    """Characters, and money where the price is known."""

    characters: int
    money: Decimal | None


def turn(
    key: Key, locale: str, pieces: tuple[Piece, ...], figures: Figures, per_call: float | None, assumed: Collection[str]
) -> Turn:
    """Of what was found on all ways; ``assumed``: slots, in braces, whose words' length is a guess."""
    return Turn(
        key,
        locale,
        label(pieces),
        row(pieces),
        pieces,
        per_call,
        percentiles(figures.at_once),
        percentiles(figures.behind),
        tuple(sorted(figures.before)),
        tuple(sorted(figures.beside)),
        tuple(_values(figures, assumed)),
        tuple(_asked(pieces, figures)),
    )


def _asked(pieces: tuple[Piece, ...], figures: Figures) -> Iterator[float]:
    """Of a turn that no way was found to, each value once."""
    shares = iter([each / figures.often for each in figures.asked] if figures.often else ())
    for piece in pieces:
        share = 0.0 if piece.slot is None else next(shares, 0.0 if figures.often else 1.0)
        yield share if piece.handling in ASKED else 0.0


def _values(figures: Figures, assumed: Collection[str]) -> list[Value]:
    most = max((len(told) for _, told in figures.values), default=0)
    found = []
    for place in range(most):
        each = [(weight, told[place]) for weight, told in figures.values if place < len(told)]
        found.append(_value(each, assumed))
    return found


def _value(each: list[tuple[float, Told]], assumed: Collection[str]) -> Value:
    """What would hide lateness is told of the voice, or, where fragments can say the value, of the value."""
    piece = each[0][1].piece
    live = piece.handling is Handling.LIVE
    lacking: list[Weighed] = [
        (weight, (told.needed if live else told.known) - told.at_hand + MARGIN) for weight, told in each
    ]
    covered = mean((weight, told.said.covered) for weight, told in each)
    more = percentiles(lacking, (95,)).get(95, 0.0)
    return Value(
        piece.text,
        piece.phrase,
        WRITTEN[piece.handling or Handling.LIVE],
        piece.characters,
        piece.text in assumed,
        percentiles([(weight, told.at_hand) for weight, told in each], (50,)).get(50, 0.0),
        percentiles((weight, told.needed) for weight, told in each),
        covered,
        mean((weight, told.said.fragments) for weight, told in each),
        more if covered >= LIKELY and 0 < more < float("inf") else None,
    )
