"""How likely each way out of a state is: all ways alike, but that lookups fail as often as a profile says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ivr.dialog.ladders import Event, Rung
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.table import State, Table
from ivr.dialog.ways import By, Way, climbed, failures, question_of, ways
from ivr.project.profiles.shapes import LookupProfile

ERRORS = {By.NO_INPUT: Event.NO_INPUT, By.NO_MATCH: Event.NO_MATCH, By.MAX_ERRORS: Event.NO_MATCH}
"""What a caller does who takes such a way; too many errors of both kinds are counted as wrong answers."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A way, and how likely it is."""

    way: Way
    chance: float


def chosen(
    state: State, table: Table, repertoire: Repertoire, lookups: Mapping[str, LookupProfile]
) -> tuple[Chosen, ...]:
    """The ways out of ``state``; their chances add up to 1."""
    found = list(ways(state, table, repertoire))
    failing = [way for way in found if way.by is By.LOOKUP_FAILED]
    others = [way for way in found if way.by is not By.LOOKUP_FAILED]
    fails = len(failing) / len(found) if found else 0.0
    if failing and state.lookup is not None and (known := lookups.get(state.lookup.run)) is not None:
        fails = min(1.0, known.fails + known.never)
    return tuple(
        [Chosen(way, fails / len(failing)) for way in failing]
        + [Chosen(way, (1.0 - fails) / len(others)) for way in others]
    )


def rungs(way: Way, state: State, table: Table, repertoire: Repertoire) -> Iterator[tuple[str, Rung]]:
    """What a ladder does on that way, with its name (``no_input 1``); the last one takes it. Nothing for other ways."""
    question = question_of(state.exit)
    if way.by is By.LOOKUP_FAILED:
        if not way.label.isdecimal() or way.label in (state.lookup.on if state.lookup is not None else ()):
            return  # an answer's status led there, and no rung
        found = failures(state, table, repertoire)
    elif way.by in ERRORS and question is not None:
        found = climbed(ERRORS[way.by], question, table, repertoire)
    else:
        return
    for number, rung in enumerate(found, 1):
        if rung.leave is None:
            yield f"{ERRORS.get(way.by, way.by)} {number}", rung
    yield f"{way.by} {way.label}", Rung(say=way.said, leave=way.target)
