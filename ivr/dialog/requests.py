"""What a dialog asks of its call. A dialog is a coroutine; each ``await`` yields one of these to the engine."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr.dialog.listen import Listen


class Handle:
    """A lookup that runs. It may stand in a slot before it has returned; awaiting it gives its value."""

    __slots__ = ("id", "name", "private")

    def __init__(self, id: str, name: str, private: bool) -> None:
        self.id = id
        self.name = name
        self.private = private

    def __await__(self) -> Generator[Request, Any, Any]:
        return (yield Returned(self))

    def __repr__(self) -> str:
        return f"Handle({self.id} {self.name})"


@dataclass(frozen=True, slots=True)
class Say:
    """Enqueue a prompt; answered at once, the words sound later."""

    prompt: str
    values: Mapping[str, Any] = field(default_factory=dict)
    attempt: int = 1
    bargein: bool | None = None
    """None: as the prompt says."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Wait for keys; answered with ``Typed``, or with None after ``listen.first`` seconds of silence."""

    listen: Listen


@dataclass(frozen=True, slots=True)
class Run:
    """Start a function of the project; answered at once with a ``Handle``."""

    name: str
    function: Callable[..., Any] | None
    """None: the project's function of that name."""
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    timeout: float = 8.0
    private: bool = True


@dataclass(frozen=True, slots=True)
class Returned:
    """Wait for a lookup; answered with its value, or ``LookupFailed`` is raised."""

    handle: Handle


@dataclass(frozen=True, slots=True)
class Heard:
    """Wait until the last word was heard."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Say no more of what is queued; what is sounding ends at a clean edge."""


@dataclass(frozen=True, slots=True)
class Entered:
    """The dialog is in another state; for the trace."""

    state: str
    why: str = ""
    """What led there, without anything of the caller's: ``option 1``, ``no_input 2``, ``goto``."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is; answered at once with an aware ``datetime``."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call once the last word was heard."""

    reason: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Move the call to another party once the last word was heard; answered with a ``TransferOutcome``.

    ``TransferRefused`` or ``LocalGatewayError`` is raised where it cannot be.
    """

    to: Any
    """A text, or one that is ``Private``."""
    timeout: float = 30.0
    """Seconds of ringing."""


Request = Say | Ask | Run | Returned | Heard | Drop | Entered | Clock | HangUp | Transfer
