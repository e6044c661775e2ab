"""The keys behind their stand-ins, as far as a trace tells by where they led."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ivr.dialog.table import Confirm, Table
from ivr.simulator.recorded import SAME
from ivr.trace.doors import KeyCame
from ivr.trace.events import StateEntered, TraceEvent

_LED = re.compile(r"(?:option|command) (\S+)")
_TYPED = re.compile(r"typed (\d+) keys")
_PLAIN = frozenset("*#")
"""A stand-in leaves them as they are."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A key that stays a stand-in."""

    place: int
    at: float
    until: float
    """When the call came to another state; until then it may have been the doing of this key."""


@dataclass(slots=True)
class Keys:
    """Of one call."""

    known: dict[int, str] = field(default_factory=dict)
    """By their place among the events."""
    unknown: list[Unknown] = field(default_factory=list)
    """Those that led nowhere that the trace tells of: wrong ones, and some typed ahead."""
    typed: list[tuple[int, ...]] = field(default_factory=list)
    """The places of each number that was typed; they stay stand-ins too."""


def restored(events: Sequence[TraceEvent], tables: Iterable[Table]) -> Keys:
    """What was pressed: a state is entered by ``option 2``, and a number that was typed leaves its length."""
    tables = tuple(tables)
    keys, state = Keys(), ""
    pending: list[_Key] = []
    for place, event in enumerate(events):
        match event:
            case KeyCame(digit=digit, at=at):
                pending.append(_Key(place, at, digit))
            case StateEntered(state=entered, why=why, at=at):
                pressed = _pressed(why, state, tables)
                first, stop = _taken(pending, pressed, why, at)
                for key, digit in zip(pending[first:stop], pressed, strict=False):
                    keys.known[key.place] = digit
                if not pressed and first < stop:
                    keys.typed.append(tuple(key.place for key in pending[first:stop] if key.digit not in _PLAIN))
                keys.unknown += _unknown(pending[:first], events)
                del pending[:stop]
                state = entered
    keys.unknown += _unknown(pending, events)
    return keys


@dataclass(frozen=True, slots=True)
class _Key:
    place: int
    at: float
    digit: str


def _pressed(why: str, state: str, tables: Iterable[Table]) -> str:
    if led := _LED.fullmatch(why):
        return led[1]
    if why in ("yes", "no"):
        exits = (table.states[state].exit for table in tables if state in table.states)
        confirm = next((way for way in exits if isinstance(way, Confirm)), None)
        return "" if confirm is None else confirm.keys[why == "no"]
    return ""


def _taken(pending: list[_Key], pressed: str, why: str, at: float) -> tuple[int, int]:
    """From where to where in ``pending`` keys led to a state that was entered ``at``.

    The last ones, where the last of all came then; else the first that can have been those.
    """
    typed = _TYPED.fullmatch(why)
    count = len(pressed) or (int(typed[1]) if typed else 0)
    if not count or not pending:
        return 0, 0
    if abs(pending[-1].at - at) < SAME:
        closed = typed is not None and pending[-1].digit == "#" and len(pending) > count
        return max(0, len(pending) - count - closed), len(pending)
    places = range(len(pending) - count + 1)
    first = next((place for place in places if _fits(pending[place : place + count], pressed)), 0)
    stop = first + count
    closed = typed is not None and len(pending) > stop and pending[stop].digit == "#"
    return first, stop + closed


def _fits(keys: list[_Key], pressed: str) -> bool:
    return all(key.digit == digit for key, digit in zip(keys, pressed, strict=False) if key.digit in _PLAIN)


def _unknown(keys: Iterable[_Key], events: Sequence[TraceEvent]) -> list[Unknown]:
    entered = [event.at for event in events if isinstance(event, StateEntered)]
    end = max((event.at for event in events), default=0.0)
    return [
        Unknown(key.place, key.at, next((at for at in entered if at > key.at + SAME), end))
        for key in keys
        if key.digit not in _PLAIN
    ]
