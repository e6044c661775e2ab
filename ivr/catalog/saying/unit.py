"""A unit: what of a value is spoken in one piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

GROUP = 0.20
"""Seconds between the groups of a telephone number or a code: two breaths of a listener who writes them down."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Words that are said in one breath."""

    text: str
    """As a voice is asked to say them: ``twenty one``, ``dollars``."""
    final: bool = False
    """Whether the pitch falls at its end: nothing of the sentence comes behind it."""
    pause: float = 0.0
    """Seconds of silence behind it, beyond what the words bring themselves."""


Units = tuple[Unit, ...]


def as_units(texts: Sequence[str]) -> Units:
    """One unit each, without a pause."""
    return tuple(Unit(text) for text in texts)


def in_groups(groups: Sequence[Sequence[str]]) -> Units:
    """One unit each, with a pause between the groups."""
    said: list[Unit] = []
    for group in groups:
        if said:
            said[-1] = replace(said[-1], pause=GROUP)
        said += as_units(group)
    return tuple(said)


def closed(said: Units) -> Units:
    """The same where they end a sentence."""
    return (*said[:-1], replace(said[-1], final=True)) if said else said


def words(said: Units) -> str:
    """As one voice is asked to say all of it, with a comma for each pause."""
    return " ".join(_with_comma(said))


def _with_comma(said: Units) -> Iterator[str]:
    for unit in said:
        yield f"{unit.text}," if unit.pause else unit.text
