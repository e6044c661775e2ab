"""What a plan tells, as values: of each turn, each phrase, and the bill. Times are seconds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ivr.strategy.delays import Weighed, mean, percentiles
from ivr.strategy.path import Figures
from ivr.strategy.timeline import MARGIN, Told
from ivr.strategy.turns import Key
from ivr.strategy.words import Handling, Piece, label

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
    """Which one these words have."""
    live = {piece.handling is Handling.LIVE for piece in pieces if piece.handling is not None}
    return Row.PRE_GENERATE if True not in live else Row.STREAMING if False not in live else Row.BOTH


@dataclass(frozen=True, slots=True)
class Live:
    """One live segment of a turn."""

    slot: str
    """``{amount:money}``"""
    phrase: str
    characters: float
    assumed: bool
    """Nothing but the kind of the slot tells how long its words are."""
    at_hand: float
    """Audio that is heard before it is due, from the moment when its words or their value are asked for."""
    needed: Percentiles
    """Until its words can begin, from the same moment; infinite where the voice fails so often."""
    covered: float
    """How likely a cover is heard before it."""
    more: float | None
    """So much more audio before it would hide 95 of 100; None where it is not needed, or would not help."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a state says in one go."""

    key: Key
    locale: str
    strategy: str
    """``clip``, ``stream``, ``clip then stream`` …"""
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
    live: tuple[Live, ...]

    @property
    def characters(self) -> float:
        """That a voice is asked for each time."""
        return sum(piece.characters for piece in self.pieces if piece.handling is Handling.LIVE)


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
    """Characters that a voice is asked for each time."""
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
        tuple(_lives(figures, assumed)),
    )


def _lives(figures: Figures, assumed: Collection[str]) -> list[Live]:
    most = max((len(told) for _, told in figures.live), default=0)
    found = []
    for place in range(most):
        each = [(weight, told[place]) for weight, told in figures.live if place < len(told)]
        found.append(_live(each, assumed))
    return found


def _live(each: list[tuple[float, Told]], assumed: Collection[str]) -> Live:
    piece = each[0][1].piece
    lacking: list[Weighed] = [(weight, told.needed - told.at_hand + MARGIN) for weight, told in each]
    covered = mean((weight, told.covered) for weight, told in each)
    more = percentiles(lacking, (95,)).get(95, 0.0)
    return Live(
        piece.text,
        piece.phrase,
        piece.characters,
        piece.text in assumed,
        percentiles([(weight, told.at_hand) for weight, told in each], (50,)).get(50, 0.0),
        percentiles((weight, told.needed) for weight, told in each),
        covered,
        more if covered >= LIKELY and 0 < more < float("inf") else None,
    )
