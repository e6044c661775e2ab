"""Whether a slot can ever say what is put into it, told before any call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ivr.catalog.mistakes import listing
from ivr.catalog.sayas import KINDS, say_as, spoken_in
from ivr.catalog.saying.kinds import SAYINGS
from ivr.dialog.returned import UNTOLD, samples, shown
from ivr.dialog.values import Kind, fits, taken
from ivr.errors import SlotError


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that stands in a file."""

    value: Any


@dataclass(frozen=True, slots=True)
class Keys:
    """What a caller types: digits."""

    least: int
    most: int
    judged: bool = False
    """Something else decides which of them are right, too."""
    kind: Kind | None = None
    """What the variable is declared to be."""

    def typed(self, size: int) -> Any:
        """Most that have that length are like it, and of some kinds none is."""
        keys = ("1234567890" * 4)[:size]
        return taken(self.kind, keys) if self.kind is not None and fits(self.kind, keys) else keys

    @property
    def shown(self) -> str:
        """``8 digits``"""
        size = str(self.most) if self.least == self.most else f"{self.least} to {self.most}"
        return f"{size} digit{'' if size == '1' else 's'}"


@dataclass(frozen=True, slots=True)
class Hinted:
    """A value of a type."""

    hint: Any
    by: str
    """Who gives it: ``'bank.balance' returns``, ``this is``."""


Held = Constant | Keys | Hinted


def refusal(kind: str, locale: str, held: Held) -> str | None:
    """Why a slot of that kind can never say it; None where it may."""
    match held:
        case Constant(value=value):
            return _why(kind, locale, value)
        case Keys():
            sizes = {held.least, min(held.most, 40)}
            zeros = ["0" * (size - 1) + "1" for size in sizes] if held.judged else []
            whys = [_why(kind, locale, value) for value in (*map(held.typed, sizes), *zeros)]
            return _never(whys, f"a caller types {held.shown}")
        case Hinted(hint=hint, by=by):
            values = None if hint is UNTOLD else samples(hint)
            whys = [None] if values is None else [_why(kind, locale, value) for value in values]
            return _never(whys, f"{by} {shown(hint)}")


def remedy(kind: str, locale: str, held: Held) -> str:
    """How else it could be said."""
    other = [each for each in sorted(KINDS - {kind}) if spoken_in(each, locale) and not refusal(each, locale, held)]
    if isinstance(held, Constant):
        fits = _mended(kind, locale, held.value)
        return f"{fits}, or say it as {listing(other)}" if other else fits
    if other:
        return f"say it as {listing(other)}, or make it fit"
    return "return what can be said, or say it by other phrases, chosen in a branch"


def _mended(kind: str, locale: str, value: Any) -> str:
    """The value as what can be said, where that is the same in quotes."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        if refusal(kind, locale, Constant(str(value))) is None:
            return f"write a text, '{value}' in quotes"
    return f"write what fits{_such_as(kind)}"


def _such_as(kind: str) -> str:
    saying = SAYINGS.get(kind)
    if saying is None:
        return ""
    return f", such as '{saying.example}'" if isinstance(saying.example, str) else f", such as {saying.example}"


def _why(kind: str, locale: str, value: Any) -> str | None:
    if not spoken_in(kind, locale):
        return None  # told at the slot
    try:
        say_as("", kind, value, locale)
    except SlotError as error:
        return error.what.removeprefix("slot '': ")
    return None


def _never(whys: list[str | None], got: str) -> str | None:
    told = list(_told(whys))
    if not whys or len(told) < len(whys):
        return None
    return f"{told[0].partition(', and got')[0]}, and {got}"


def _told(whys: list[str | None]) -> Iterator[str]:
    yield from (why for why in whys if why is not None)
