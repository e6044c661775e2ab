"""Keys that mean the same at every question: back, repeat, an agent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ivr.dialog.ladders import Target
from ivr.dialog.listen import DIGITS


class Act(StrEnum):
    """What a command does."""

    BACK = "back"
    """To the question before this one; at the first one it is asked again."""
    REPEAT = "repeat"
    """The same words again; it is no error and no other attempt."""
    GO = "go"
    """To another state or dialog."""
    OFF = "off"
    """Nothing: here the key is none of the outer scope's commands."""


@dataclass(frozen=True, slots=True)
class Command:
    """What one key does."""

    act: Act
    target: Target | None = None
    """Of ``GO``."""


Commands = Mapping[str, Command]
"""By key."""


def in_force(scopes: Sequence[Commands], *, options: frozenset[str], collects: bool, end: str = "") -> Commands:
    """The commands of a question; ``scopes`` stand innermost first.

    A key that an option begins with is that option, and a key that ends an answer ends it. Where digits are collected
    no digit is a command.
    """
    merged = {key: command for scope in reversed(scopes) for key, command in scope.items()}
    taken = {option[0] for option in options} | set(end) | (DIGITS if collects else set())
    return {key: c for key, c in merged.items() if key not in taken and c.act is not Act.OFF}
