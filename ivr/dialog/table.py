"""A dialog as a table: states by name, immutable once read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression in CEL (Common Expression Language), compiled by ``ivr.dialog.conditions``."""

    source: str
    where: str
    """``file:line:column`` of the expression, for messages."""


@dataclass(frozen=True, slots=True)
class LookupStep:
    """Ask the project's own code for a value; it runs while words are said."""

    run: str
    """``module.function`` of the project."""
    name: str
    """The variable that takes the value."""
    arguments: Mapping[str, Condition] = field(default_factory=dict)
    timeout: float = 8.0
    """Seconds."""
    private: bool = True
    failed: str | None = None
    """State to go to when it fails; a state that has one is not left before its lookup returned."""


@dataclass(frozen=True, slots=True)
class Retry:
    """What happens after silence, or after a digit that means nothing here."""

    say: str | None
    goto: str | None
    """State to go to once ``limit`` is reached; None ends the call."""
    limit: int = 2
    """How often the caller may try again."""


@dataclass(frozen=True, slots=True)
class Menu:
    """Wait for one digit."""

    options: Mapping[str, str]
    """Digit to state."""
    first_digit: float = 5.0
    """Seconds of silence, counted from the last word *heard*, that are no input."""
    no_input: Retry = Retry(None, None)
    no_match: Retry = Retry(None, None)


@dataclass(frozen=True, slots=True)
class Branch:
    """Go to ``goto`` when ``when`` holds; without a condition, always."""

    goto: str
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Performed in this order: set, lookup, say, then menu, branches or goto, or hang up."""

    name: str
    assignments: Mapping[str, Condition] = field(default_factory=dict)
    lookup: LookupStep | None = None
    say: tuple[str, ...] = ()
    menu: Menu | None = None
    branches: tuple[Branch, ...] = ()
    goto: str | None = None
    hang_up: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One dialog."""

    name: str
    start: str
    states: Mapping[str, State]
