"""What happens when a caller is silent, answers wrongly, or hangs up: ladders of rungs, in scopes.

As in VoiceXML 2.0 §5.2.4: of all rungs whose count the event has reached, in the question, its dialog and the project,
the one with the highest count is taken; of several with that count, the one of the innermost scope.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Event(StrEnum):
    """What a rung answers."""

    NO_INPUT = "no_input"
    """The caller pressed no key in time."""
    NO_MATCH = "no_match"
    """What the caller pressed is no answer."""
    MAX_ERRORS = "max_errors"
    """There were too many of these two together: in one question, in one run of a dialog, or in one call."""
    LOOKUP_FAILED = "lookup_failed"
    """A state's lookup raised, took too long, or does not exist."""
    HANG_UP = "hang_up"
    """The call has ended; what follows may look up, and not speak."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to go on. Without either name: nowhere, the call is to end."""

    state: str | None = None
    """Of the same dialog."""
    dialog: str | None = None
    """Another dialog, from its start; it does not come back."""


END = Target()


@dataclass(frozen=True, slots=True)
class Rung:
    """What is done from the ``count``-th event on, until a higher rung is reached."""

    count: int = 1
    say: tuple[str, ...] = ()
    """Prompts that come first."""
    leave: Target | None = None
    """Where to go; None: the question is asked again, or the lookup made again."""
    reprompt: bool = True
    """Whether the state's own words are said again then, as its next attempt."""


@dataclass(frozen=True, slots=True)
class Handlers:
    """The ladders of one scope."""

    ladders: Mapping[Event, tuple[Rung, ...]] = field(default_factory=dict)
    """By event; of rising count. Those of ``MAX_ERRORS`` have one rung, whose count is the limit."""

    def rung(self, event: Event, count: int) -> Rung | None:
        """The highest rung that the event has reached."""
        for rung in reversed(self.ladders.get(event, ())):
            if rung.count <= count:
                return rung
        return None

    @property
    def limit(self) -> int | None:
        """How many errors are too many in this scope."""
        found = self.ladders.get(Event.MAX_ERRORS)
        return found[0].count if found else None


NO_HANDLERS = Handlers()

_TWICE = (Rung(1), Rung(3, leave=END))
PLATFORM = Handlers({Event.NO_INPUT: _TWICE, Event.NO_MATCH: _TWICE, Event.LOOKUP_FAILED: _TWICE})
"""The outermost scope: again twice, then the call ends. No caller is kept for ever by a file that says less."""


def select(event: Event, count: int, scopes: Sequence[Handlers]) -> Rung | None:
    """The rung for the ``count``-th event; ``scopes`` stand innermost first. None where nobody answers the event."""
    best: Rung | None = None
    for scope in scopes:
        rung = scope.rung(event, count)
        if rung is not None and (best is None or rung.count > best.count):
            best = rung
    return best


def select_failed(count: int, scopes: Sequence[Handlers]) -> Rung | None:
    """The rung for the ``count``-th failure of a lookup; None where no scope answers failures at all.

    Without an answer the fallback phrase stands in for the value, which is more to a caller than the end of the call.
    """
    if not any(Event.LOOKUP_FAILED in scope.ladders for scope in scopes):
        return None
    return select(Event.LOOKUP_FAILED, count, (*scopes, PLATFORM))
