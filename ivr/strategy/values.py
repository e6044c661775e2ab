"""How long the words of a slot are: by what a profile says that lookups return, by what is typed, else by its kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ivr.catalog.sayas import say_as
from ivr.catalog.saying.kinds import SAYINGS
from ivr.dialog.table import Collect, State
from ivr.errors import SlotError
from ivr.project.profiles.shapes import ProfileShape
from ivr.project.project import Project

TYPICAL: Mapping[str, tuple[Any, ...]] = {
    **{kind: (saying.example,) for kind, saying in SAYINGS.items()},
    "money": (Decimal("1234.56"),),
    "number": (Decimal(42),),
    "digits": ("1234",),
    "text": ("x" * 20,),
}
"""Of what nothing else tells, by kind."""
Lengths = Mapping[tuple[str, str], float]
"""Characters on average, by the name and the kind of a slot."""


def lengths(project: Project, profile: ProfileShape, locale: str) -> tuple[Lengths, frozenset[tuple[str, str]]]:
    """Of all slots that are said in that locale; second those of which nothing but their kind is known."""
    known: dict[str, list[Any]] = {}
    for state in (state for table in project.tables.values() for state in table.states.values()):
        for name, values in _given(state, profile):
            known.setdefault(name, []).extend(values)
    slots = {(slot.name, slot.kind) for phrase in project.catalogue(locale).phrases.values() for slot in phrase.slots}
    found: dict[tuple[str, str], float] = {}
    assumed: set[tuple[str, str]] = set()
    for name, kind in sorted(slots):
        said = list(_said(name, kind, known.get(name, ()), locale))
        if not said:
            assumed.add((name, kind))
            said = list(_said(name, kind, TYPICAL[kind], locale))
        found[name, kind] = sum(said) / len(said) if said else 0.0
    return found, frozenset(assumed)


def _given(state: State, profile: ProfileShape) -> Iterable[tuple[str, list[Any]]]:
    """What a state may put into variables."""
    if state.lookup is not None and state.lookup.run in profile.lookups:
        yield state.lookup.name, profile.lookups[state.lookup.run].returns
    if isinstance(state.exit, Collect):
        listen = state.exit.question.listen
        yield state.exit.name, ["1" * listen.least, "1" * listen.most]


def _said(name: str, kind: str, values: Iterable[Any], locale: str) -> Iterable[int]:
    for value in values:
        try:
            yield len(say_as(name, kind, value, locale))
        except SlotError:
            continue
