"""Dialogs in YAML on the toy bank's words, driven in virtual time; for the tests of docs/dialog.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from toy import ANSWERS, Run, clips, drive, make_plan, states

from ivr.dialog.calendar import Almanac
from ivr.dialog.dialog_file import read_dialog
from ivr.dialog.ladders import NO_HANDLERS, Handlers
from ivr.dialog.repertoire import Repertoire
from ivr.simulator.driver import Answer
from ivr.trace.events import Listening, NoInput, PromptSaid

KEPT = {"bank.keep": Answer(0, 0.0)}
"""What answers ``typed``."""
Keys = Iterable[tuple[float, str]]


def tables(*texts: str, functions: Mapping[str, Any] | None = None, **project: Any) -> Repertoire:
    """The dialogs of those files; the first one answers as ``main``."""
    made = {}
    for number, text in enumerate(texts, 1):
        dialog, problems = read_dialog(text, f"dialog{number}.yaml")
        assert [str(problem) for problem in problems] == []
        assert dialog is not None
        made[dialog.table.name] = dialog.table
    handlers: Handlers = project.get("handlers", NO_HANDLERS)
    almanac: Almanac = project.get("almanac", Almanac())
    return Repertoire(made, dict(functions or {}), handlers, project.get("commands", {}), almanac)


def call(repertoire: Repertoire | str, keys: Keys = (), **options: Any) -> Run:
    """One call; ``keys`` are (seconds, digit). A text is the states of a dialog that begins at ``a``."""
    if isinstance(repertoire, str):
        repertoire = tables(f"dialog: main\nstart: a\nstates:\n{repertoire}")
    plan = make_plan(lambda line: repertoire.answer("main", line), functions=(*ANSWERS, "bank.keep"))
    return drive(plan, keys=keys, **options)


def typed(run: Run, name: str = "bank.keep") -> list[Any]:
    """What a lookup of that name was given, call by call, as its first argument."""
    return [
        effect.keywords.get("x") for _, effect in run.done if type(effect).__name__ == "Lookup" and effect.name == name
    ]


def seconds(*names: str) -> float:
    """How long those clips of the toy bank last."""
    return sum(clips()[name].samples for name in names) / 8000


def listened(run: Run) -> list[tuple[float, float]]:
    """When silence began to count, and for how long it might last."""
    return [(event.at, event.seconds) for event in run.of(Listening)]


def silent(run: Run) -> list[float]:
    """When it was too long."""
    return [event.at for event in run.of(NoInput)]


def attempts(run: Run, prompt: str) -> list[int]:
    """The attempts as which a prompt was said."""
    return [event.attempt for event in run.of(PromptSaid) if event.prompt == prompt]


__all__ = ["KEPT", "attempts", "call", "listened", "seconds", "silent", "states", "tables", "typed"]
