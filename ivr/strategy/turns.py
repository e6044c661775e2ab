"""Turns: all that a dialog's states say, each in one go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.dialog.ladders import Rung
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.table import State, Table
from ivr.strategy.likely import Chosen, rungs

SAYS = "say"


@dataclass(frozen=True, slots=True)
class Key:
    """One turn of a table."""

    dialog: str
    state: str
    cause: str
    """``say`` for a state's own words, else the rung: ``no_input 1``, ``no_match 3``, ``lookup_failed 1``."""
    prompts: tuple[tuple[str, int], ...]
    """Prompts and their attempts."""


def says(dialog: str, state: State) -> Key:
    """What a state says when it is come to."""
    return Key(dialog, state.name, SAYS, tuple((prompt, 1) for prompt in state.say))


def climbs(dialog: str, state: State, cause: str, rung: Rung, attempt: int) -> Key:
    """What a rung says, with the state's own words as that ``attempt`` where they are said again."""
    own = rung.say
    again = state.say if rung.leave is None and rung.reprompt else ()
    prompts = [(prompt, 1) for prompt in own] + [(prompt, attempt) for prompt in again]
    return Key(dialog, state.name, cause, tuple(prompts))


def ladder(
    dialog: str, state: State, chosen: Chosen, table: Table, repertoire: Repertoire
) -> Iterator[tuple[Key, Rung]]:
    """What the rungs on one way out say; a rung that says nothing has no prompts."""
    attempt = 1
    for cause, rung in rungs(chosen.way, state, table, repertoire):
        attempt += rung.leave is None and rung.reprompt
        yield climbs(dialog, state, cause, rung, attempt), rung
