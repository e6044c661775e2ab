"""A dialog as a table: states by name, immutable once read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ivr.catalog.party import Party, TransferOutcome
from ivr.dialog.commands import Commands
from ivr.dialog.cover import USUAL, Cover
from ivr.dialog.ladders import NO_HANDLERS, Handlers
from ivr.dialog.listen import ONE_KEY, Listen
from ivr.dialog.values import Variables

if TYPE_CHECKING:
    from ivr.dialog.web_step import HttpStep


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
    """``module.function`` of the project, or the name of what is asked over HTTP."""
    name: str
    """The variable that takes the value."""
    arguments: Mapping[str, Condition] = field(default_factory=dict)
    timeout: float = 8.0
    """Seconds."""
    private: bool = True
    http: HttpStep | None = None
    """What is asked over HTTP instead of a function."""
    on: Mapping[str, str] = field(default_factory=dict)
    """The state to go to by the status of an answer: ``404``, ``5xx``; the state is not left before one came."""


@dataclass(frozen=True, slots=True)
class Question:
    """How a state listens, and what it does with silence and wrong answers."""

    listen: Listen = ONE_KEY
    handlers: Handlers = NO_HANDLERS


@dataclass(frozen=True, slots=True)
class Menu:
    """One of several choices."""

    options: Mapping[str, str]
    """Keys to state."""
    question: Question = Question()


@dataclass(frozen=True, slots=True)
class Collect:
    """A number of keys, kept in a variable as a text."""

    name: str
    goto: str
    question: Question
    valid: Condition | None = None
    """Must hold, else what was typed is no match; it sees the variable."""
    private: bool = True


@dataclass(frozen=True, slots=True)
class Confirm:
    """Yes or no."""

    yes: str
    """The state to go to."""
    no: str
    keys: tuple[str, str] = ("1", "2")
    """For yes and for no."""
    question: Question = Question()


@dataclass(frozen=True, slots=True)
class Record:
    """A message, kept in a variable as a ``Recording``; always personal data. Times are seconds."""

    name: str
    goto: str
    question: Question
    """``first`` of its ``listen`` is the silence after which nobody speaks, ``end`` the keys that end the message."""
    longest: float = 60.0
    silence: float = 3.0
    """Behind speech; it ends the message."""
    least: float = 1.0
    """Of speech; less is no match."""
    beep: bool = True


@dataclass(frozen=True, slots=True)
class Branch:
    """Go to ``goto`` when ``when`` holds; without a condition, always."""

    goto: str
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Branches:
    """The first that applies; the last one always does."""

    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Goto:
    """Go on."""

    state: str


@dataclass(frozen=True, slots=True)
class SubDialog:
    """Run another dialog, and go on when it returns."""

    dialog: str
    """A table's name, or ``module.function`` of the project."""
    goto: str
    arguments: Mapping[str, Condition] = field(default_factory=dict)
    """What the other dialog knows at its start; it sees none of our variables."""
    name: str | None = None
    """The variable that takes what it returns."""


@dataclass(frozen=True, slots=True)
class Return:
    """Go back to the dialog that ran this one; where none did, the call ends."""

    value: Condition | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """Move the call to another party, and go on when it comes back."""

    to: Party | Condition
    timeout: float = 30.0
    """Seconds of ringing."""
    busy: str | None = None
    no_answer: str | None = None
    failed: str | None = None
    """Also for the two before, where they are left out."""
    goto: str | None = None
    """After the other party has hung up."""

    def after(self, outcome: TransferOutcome) -> str | None:
        """The state to go to; None: the call ends."""
        match outcome:
            case TransferOutcome.ANSWERED_AND_ENDED:
                return self.goto
            case TransferOutcome.BUSY:
                return self.busy or self.failed
            case TransferOutcome.NO_ANSWER:
                return self.no_answer or self.failed
        return self.failed


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call, once the last word was heard."""


Exit = Menu | Collect | Confirm | Record | Branches | Goto | SubDialog | Return | Transfer | HangUp
"""The one way out of a state."""


@dataclass(frozen=True, slots=True)
class State:
    """Performed in this order: set, lookup, locale, say, then the way out."""

    name: str
    exit: Exit
    assignments: Mapping[str, Condition] = field(default_factory=dict)
    lookup: LookupStep | None = None
    locale: str | None = None
    """What is said from here on is said in it."""
    say: tuple[str, ...] = ()
    commands: Commands = field(default_factory=dict)
    """Of this state's question, before those of the dialog."""
    cover: Cover = USUAL
    """Of what it says and waits for."""
    vague: bool = False
    """Some of it could not be read, so that it may lead anywhere and set anything. No such table is ever run."""
    handlers: Handlers = NO_HANDLERS
    """For its lookup, and for the end of the call while the dialog is in it."""
    where: str = field(default="", compare=False)
    """``file:line:column``, for messages; empty where no file has it."""


@dataclass(frozen=True, slots=True)
class Table:
    """One dialog. A state that is named and not there stands for any; no such table is ever run."""

    name: str
    start: str
    states: Mapping[str, State]
    handlers: Handlers = NO_HANDLERS
    """For all its questions and lookups, and for the end of the call."""
    commands: Commands = field(default_factory=dict)
    variables: Variables = field(default_factory=dict)
    """Those that the dialog declares; where it declares none, everything goes."""
