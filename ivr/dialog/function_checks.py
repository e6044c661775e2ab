"""What tables look up and run of the project's Python, against the signatures there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ivr.catalog.source import Path
from ivr.dialog.dialog_file import DialogSource
from ivr.dialog.signatures import is_dialog, misfits
from ivr.dialog.table import LookupStep, State, SubDialog
from ivr.errors import Problem

Functions = Mapping[str, Callable[..., Any]]
CODE = "wrong-arguments"


def check_functions(dialog: DialogSource, lookups: Functions, dialogs: Functions) -> Iterator[Problem]:
    """Of one table. ``dialogs``: the functions that may be dialogs."""
    for state in (each for each in dialog.table.states.values() if not each.vague):
        top: Path = ("states", state.name)
        step = state.lookup
        if step is not None and step.http is None and step.run in lookups:
            yield from _looked_up(dialog, step, lookups[step.run], (*top, "lookup"))
        if isinstance(state.exit, SubDialog) and state.exit.dialog in dialogs:
            yield from _run(dialog, state, state.exit, dialogs[state.exit.dialog])


def _looked_up(dialog: DialogSource, step: LookupStep, function: Callable[..., Any], top: Path) -> Iterator[Problem]:
    if is_dialog(function, step.arguments):
        what = f"'{step.run}' takes the call, so it is a dialog"
        remedy = f"run it in a state of its own: 'dialog: {{run: {step.run}, goto: …}}'"
        yield dialog.source.problem((*top, "run"), what, remedy, code=CODE)
        return
    yield from _misfits(dialog, step.run, function, step.arguments, top, runs=False)


def _run(dialog: DialogSource, state: State, exit: SubDialog, function: Callable[..., Any]) -> Iterator[Problem]:
    return _misfits(dialog, exit.dialog, function, exit.arguments, ("states", state.name, "dialog"), runs=True)


def _misfits(
    dialog: DialogSource,
    name: str,
    function: Callable[..., Any],
    given: Mapping[str, object],
    top: Path,
    *,
    runs: bool,
) -> Iterator[Problem]:
    for argument, what, remedy in misfits(name, function, list(given), dialog=runs):
        path = (*top, "run") if argument is None else (*top, "with", argument)
        yield dialog.source.problem(path, what, remedy, key=argument is not None, code=CODE)


def needs(name: str, function: Callable[..., Any]) -> str | None:
    """Why a function cannot take over a call, for which it is given nothing else; None where it can."""
    return next((what for _, what, _ in misfits(name, function, (), dialog=True)), None)
