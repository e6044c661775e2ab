"""What a dialog asks of its call. A dialog is a coroutine; each ``await`` yields one of these to the engine."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import field
from typing import Any

from ivr.catalog.bargein import BargeIn
from ivr.dialog.cover import Cover
from ivr.dialog.listen import Listen
from ivr.dialog.values import Kind
from ivr.dialog.web import HttpRequest
from ivr.records import record


class Handle:
    """A lookup that runs. It may stand in a slot before it has returned; awaiting it gives its value."""

    __slots__ = ("id", "kind", "name", "private")

    def __init__(self, id: str, name: str, private: bool, kind: Kind | None = None) -> None:
        self.id = id
        self.name = name
        self.private = private
        self.kind = kind

    def __await__(self) -> Generator[Request, Any, Any]:
        return (yield Returned(self))

    def __repr__(self) -> str:
        return f"Handle({self.id} {self.name})"


@record
class Say:
    """Enqueue a prompt; answered at once, the words sound later."""

    prompt: str
    values: Mapping[str, Any] = field(default_factory=dict)
    attempt: int = 1
    bargein: BargeIn | None = None
    """None: as the prompt says."""
    locale: str | None = None
    """None: the call's, when it is asked for."""
    cover: Cover | None = None
    """None: the call's, when it is asked for."""


@record
class Sayable:
    """Whether the values of ``say`` can be said, as far as they are known.

    Answered at once with why one cannot, in words that do not show it; with an empty text where all can.
    """

    say: Say


@record
class Ask:
    """Wait for keys; answered with ``Typed``, or with None after ``listen.first`` seconds of silence."""

    listen: Listen


@record
class Record:
    """Record what the caller says, behind what is still to be heard; times are seconds.

    Answered with a ``Recording``, with None where nobody spoke, or with the ``Typed`` command that broke it off.
    """

    listen: Listen
    """``first`` is the silence after which nobody is taken to speak; ``end`` and ``commands`` are keys."""
    longest: float = 60.0
    silence: float = 3.0
    """Behind speech; it ends the message."""
    beep: bool = True


@record
class Spoke:
    """Whether the caller has spoken since the words of the last question; answered at once.

    Known only of words that speech may interrupt, of the question behind them, and of recordings.
    """


@record
class Run:
    """Start a function of the project, or ask over HTTP; answered at once with a ``Handle``."""

    name: str
    function: Callable[..., Any] | HttpRequest | None
    """None: the project's function of that name."""
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    timeout: float = 8.0
    private: bool = True
    kind: Kind | None = None
    """Of what it is to return; anything else is a failure. None: everything goes."""


@record
class Returned:
    """Wait for a lookup; answered with its value, or ``LookupFailed`` is raised."""

    handle: Handle


@record
class Heard:
    """Wait until the last word was heard."""


@record
class Drop:
    """Say no more of what is queued; what is sounding ends at a clean edge."""

    own: bool = False
    """Only of what was said since the dialog entered the state that it is in."""


@record
class Entered:
    """The dialog is in another state; for the trace."""

    state: str
    why: str = ""
    """What led there, without anything of the caller's: ``option 1``, ``no_input 2``, ``goto``."""
    dialog: str = ""
    """Whose state it is; states of other dialogs may have the same name."""


@record
class Clock:
    """What time it is; answered at once with an aware ``datetime``."""


@record
class Speak:
    """Say what comes in another locale; what is queued stays as it is."""

    locale: str


@record
class Covered:
    """Cover what is said and waited for from here on in another way; what is queued stays as it is."""

    cover: Cover


@record
class HangUp:
    """End the call once the last word was heard."""

    reason: str


@record
class Transfer:
    """Move the call to another party once the last word was heard; answered with a ``TransferOutcome``.

    ``TransferRefused`` or ``LocalGatewayError`` is raised where it cannot be.
    """

    to: Any
    """A text, or one that is ``Private``."""
    timeout: float = 30.0
    """Seconds of ringing."""


Request = (
    Say
    | Sayable
    | Ask
    | Record
    | Spoke
    | Run
    | Returned
    | Heard
    | Drop
    | Entered
    | Clock
    | Speak
    | Covered
    | Transfer
    | HangUp
)
