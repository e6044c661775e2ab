"""A dialog against what stands in other files: the phrases that it says and the functions that it runs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from ivr.catalog.mistakes import listing, meant
from ivr.catalog.phrase import Catalogue
from ivr.catalog.source import Path, Source
from ivr.dialog.conditions import names
from ivr.dialog.dialog_file import DialogSource
from ivr.dialog.facts import FACTS
from ivr.dialog.ladders import Event, Handlers
from ivr.dialog.table import (
    Branches,
    Collect,
    Condition,
    Confirm,
    Menu,
    Record,
    Return,
    State,
    SubDialog,
    Table,
    Transfer,
)
from ivr.dialog.web_step import HttpStep
from ivr.errors import Problem

QUESTIONS = {Menu: "menu", Collect: "collect", Confirm: "confirm", Record: "record"}
"""The ways out that ask, by the key that a file has for each."""


def check_against(
    dialog: DialogSource, catalogue: Catalogue, functions: Collection[str], given: Collection[str] | None = ()
) -> list[Problem]:
    """Everything that the dialog names and nobody provides, in the order of its file.

    ``functions`` are the project's own, as ``module.function``. A variable counts as provided when any state sets it,
    the dialog declares it, or it is ``given`` by whoever runs the dialog; ``ivr.dialog.inspection.values`` looks at the
    ways between. ``given`` None: nobody knows what it is given.
    """
    unsure = given is None or dialog.cuts.sets_anything
    provided = None if unsure else _provided(dialog.table).union(given or ())
    found: list[Problem] = []
    for state in dialog.table.states.values():
        found += _prompts(state, dialog.source, catalogue, provided)
        found += _functions(state, dialog.source, functions)
        found += _variables(state, dialog.source, provided)
    found += check_said(rungs_said(dialog.table.handlers, ("on",), dialog.source), dialog.source, catalogue, provided)
    return sorted(found)


def _provided(table: Table) -> frozenset[str]:
    states = table.states.values()
    looked_up = {state.lookup.name for state in states if state.lookup is not None}
    ways = [state.exit for state in states if isinstance(state.exit, Collect | Record | SubDialog)]
    answered = {way.name for way in ways if way.name is not None}
    return frozenset(looked_up.union(answered, table.variables, *(state.assignments for state in states)))


def _prompts(state: State, source: Source, catalogue: Catalogue, provided: Collection[str] | None) -> Iterator[Problem]:
    otherwise = f"look it up or set it in state '{state.name}' or before"
    return check_said(prompts_said(state, source), source, catalogue, provided, otherwise)


def check_said(
    said: Iterable[tuple[Path, str]],
    source: Source,
    catalogue: Catalogue,
    provided: Collection[str] | None,
    otherwise: str = "look it up or set it in every state before",
) -> Iterator[Problem]:
    """Prompts with their places: those that do not exist, and slots of variables that are not ``provided``.

    ``provided`` None: it is not known what has a value.
    """
    for path, name in said:
        prompt = catalogue.prompt(name)
        if prompt is None:
            what = f"no prompt or phrase '{name}' for locale '{catalogue.locale}'"
            known = [*catalogue.prompts, *(name for name in catalogue.phrases if name not in catalogue.prompts)]
            yield source.problem(path, what, meant(name, known, "add it under prompts/phrases/"), code="no-phrase")
            continue
        for slot in slots_of(name, catalogue):
            if provided is not None and slot not in provided:
                what = f"slot '{slot}' of prompt '{name}' has no value"
                yield source.problem(path, what, meant(slot, provided, otherwise), code="no-value")


def slots_of(name: str, catalogue: Catalogue) -> list[str]:
    """The variables that a prompt needs, each once; none where there is no such prompt."""
    prompt = catalogue.prompt(name)
    phrases = dict.fromkeys(phrase for variant in prompt.variants for phrase in variant) if prompt else ()
    return list(dict.fromkeys(slot.name for phrase in phrases for slot in catalogue.phrases[phrase].slots))


def prompts_said(state: State, source: Source) -> Iterator[tuple[Path, str]]:
    """The prompts that a state names, with their places."""
    top: Path = ("states", state.name)
    for index, name in enumerate(state.say):
        yield (*top, "say", index), name
    yield from rungs_said(state.handlers, (*top, "on"), source)
    kind = QUESTIONS.get(type(state.exit))
    if kind is not None and isinstance(state.exit, Menu | Collect | Confirm | Record):
        yield from rungs_said(state.exit.question.handlers, (*top, kind), source)


def rungs_said(handlers: Handlers, top: Path, source: Source) -> Iterator[tuple[Path, str]]:
    """The prompts of ladders that stand below ``top``, each once, with their places."""
    for event in Event:
        rungs = handlers.ladders.get(event, ())
        for name in dict.fromkeys(name for rung in rungs for name in rung.say):
            yield place(name, (*top, event.value), source), name


def place(name: str, top: Path, source: Source) -> Path:
    """Where below ``top`` the file has ``name`` as a value; ``top`` where it has not."""
    return next(_places(name, top, source.at(top)), top)


def _places(name: str, top: Path, value: Any) -> Iterator[Path]:
    match value:
        case str() if value == name:
            yield top
        case dict():
            for key, inner in value.items():
                yield from _places(name, (*top, key), inner)
        case list():
            for index, inner in enumerate(value):
                yield from _places(name, (*top, index), inner)


def _functions(state: State, source: Source, functions: Collection[str]) -> Iterator[Problem]:
    if state.lookup is not None and state.lookup.http is None and state.lookup.run not in functions:
        run = state.lookup.run
        otherwise = f"the functions are {listing(sorted(functions))}" if functions else "write it"
        what = f"no function '{run}' in prompts/*.py"
        yield source.problem(
            ("states", state.name, "lookup", "run"), what, meant(run, functions, otherwise), code="no-function"
        )


def _variables(state: State, source: Source, provided: Collection[str] | None) -> Iterator[Problem]:
    if provided is None:
        return
    known = {*provided, *FACTS}
    for path, condition in conditions_of(state):
        for name in sorted(names(condition.source) - known):
            found = re.search(rf"\b{name}\b", condition.source)
            otherwise = "set it or look it up before"
            offset = found.start() if found else 0
            yield source.problem(
                path, f"'{name}' has no value", meant(name, known, otherwise), offset=offset, code="no-value"
            )


def _asked(step: HttpStep | None, top: Path) -> Iterator[tuple[Path, Condition]]:
    """The expressions of a lookup over HTTP."""
    if step is None:
        return
    for condition in step.slots.values():
        yield (*top, step.method.lower()), condition
    for name, condition in step.query.items():
        yield (*top, "query", name), condition
    yield from _ends(step.body, (*top, "body"))


def _ends(tree: Any, path: Path) -> Iterator[tuple[Path, Condition]]:
    match tree:
        case Condition():
            yield path, tree
        case dict():
            for key, inner in tree.items():
                yield from _ends(inner, (*path, key))
        case list():
            for index, inner in enumerate(tree):
                yield from _ends(inner, (*path, index))


def conditions_of(state: State) -> Iterator[tuple[Path, Condition]]:
    """The expressions of a state, with their places."""
    top: Path = ("states", state.name)
    for name, condition in state.assignments.items():
        yield (*top, "set", name), condition
    if state.lookup is not None:
        for name, condition in state.lookup.arguments.items():
            yield (*top, "lookup", "with", name), condition
        yield from _asked(state.lookup.http, (*top, "lookup"))
    match state.exit:
        case Branches(branches=branches):
            for index, branch in enumerate(branches):
                if branch.when is not None:
                    yield (*top, "branch", index, "if"), branch.when
        case Collect(valid=Condition() as valid):
            yield (*top, "collect", "valid"), valid
        case SubDialog(arguments=arguments):
            for name, condition in arguments.items():
                yield (*top, "dialog", "with", name), condition
        case Transfer(to=Condition() as to):
            yield (*top, "transfer", "to"), to
        case Return(value=Condition() as value):
            yield (*top, "return", "value"), value
