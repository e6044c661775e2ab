"""Values as units of words: what is spoken in one piece, and so can be put together from fragments rendered ahead."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ivr.catalog.phrase import Slot
from ivr.catalog.sayas import DEFAULT_CURRENCY, sayable, units_of
from ivr.catalog.saying.kinds import SAYINGS
from ivr.catalog.saying.languages import language_of
from ivr.catalog.saying.unit import Unit, Units, closed

__all__ = ["Unit", "closes", "inventory", "readable", "units"]

_ENDS = ".!?…"


def readable(kind: str, locale: str) -> bool:
    """Whether values of this kind can be put together from fragments: all but texts, where they have words."""
    return kind in SAYINGS and language_of(locale) is not None


def closes(slot: Slot, last: bool) -> bool:
    """Whether the value ends a sentence: by the punctuation right behind it, or since the phrase ends there."""
    return slot.ending in _ENDS if slot.ending else last


def units(
    slot_name: str, kind: str, value: Any, locale: str, *, currency: str = DEFAULT_CURRENCY, closing: bool = True
) -> Units:
    """The units of ``value``; their words are those of ``say_as``. ``closing``: they end their sentence.

    Only the last one of a value that does is final. Raises ``SlotError`` as ``say_as`` does, and for the kind text.
    """
    said = units_of(slot_name, kind, value, locale, currency)
    return closed(said) if closing else said


def inventory(
    kind: str, locale: str, *, currency: str = DEFAULT_CURRENCY, closings: tuple[bool, ...] = (True, False)
) -> tuple[tuple[str, bool], ...]:
    """Every (text, final) that ``units`` can answer for a value of the kind, in a fixed order.

    ``closings``: whether values end their sentences; where none does nothing is final. Every unit is there as one that
    goes on, for any of them may stand before others. Raises ``SlotError`` where the kind is not readable in the locale.
    """
    sayable(kind, kind, locale, currency)
    return _inventory(kind, locale, currency if kind == "money" else DEFAULT_CURRENCY, closings)


@lru_cache(512)
def _inventory(kind: str, locale: str, currency: str, closings: tuple[bool, ...]) -> tuple[tuple[str, bool], ...]:
    language = sayable(kind, kind, locale, currency)
    found: dict[tuple[str, bool], None] = {}
    for value in SAYINGS[kind].every():
        said = SAYINGS[kind].say(kind, value, language, currency)
        found |= dict.fromkeys((unit.text, unit.final) for unit in said)
        if True in closings and said:
            found[said[-1].text, True] = None
    return tuple(sorted(found))
