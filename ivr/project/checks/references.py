"""What dialogs and settings name, and nobody provides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ivr.catalog.mistakes import listing, meant
from ivr.catalog.phrase import Catalogue, Phrase
from ivr.catalog.source import Source
from ivr.dialog.checks import check_against, check_said, prompts_said, rungs_said
from ivr.dialog.cover import ROLES
from ivr.dialog.dialog_file import DialogSource
from ivr.dialog.function_checks import CODE, check_functions, needs
from ivr.dialog.inspection.arguments import given
from ivr.dialog.inspection.reach import named_by_project, no_dialog, unknown_dialogs
from ivr.dialog.ladder_shapes import commands, handlers
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.signatures import may_be_dialog
from ivr.errors import Problem
from ivr.project.code.functions import Functions
from ivr.project.code.mentioned import Mentioned
from ivr.project.settings.settings import Settings


def references(
    dialogs: Mapping[str, DialogSource],
    catalogues: Mapping[str, Catalogue],
    functions: Functions,
    broken: Collection[str],
    code: Mentioned,
    all_given: Callable[[str], bool],
) -> list[Problem]:
    """Of dialogs. Functions of modules that are ``broken`` get no second blame.

    ``all_given``: whether it is known of a dialog which values it is given, as far as it is not by the code.
    """
    found: set[Problem] = set()
    tables = {name: dialog.table for name, dialog in dialogs.items()}
    for name, dialog in dialogs.items():
        runs = {state.lookup.run for state in dialog.table.states.values() if state.lookup is not None}
        known = {*functions, *(run for run in runs if run.partition(".")[0] in broken)}
        arguments = given(tables, name) | code.given.get(name, set()) if all_given(name) else None
        for catalogue in catalogues.values() or [supposed(Catalogue(""), list(_said(dialog)))]:
            found.update(check_against(dialog, catalogue, known, arguments))
    return sorted(found)


def handed(
    dialogs: Mapping[str, DialogSource], code: Mentioned, all_given: Callable[[str], bool]
) -> Mapping[str, Collection[str] | None]:
    """By dialog, the variables that others may hand it; None: any, for code may, or what could not be read."""
    tables = {name: dialog.table for name, dialog in dialogs.items()}
    return {
        name: None
        if code.unnamed or name in code.texts or not all_given(name) or dialogs[name].cuts.sets_anything
        else given(tables, name) | code.given.get(name, set())
        for name in dialogs
    }


@dataclass(frozen=True, slots=True)
class Able:
    """The project's functions by what they can be."""

    dialogs: Functions
    """They may take the call."""
    lookups: Functions
    """They cannot."""

    @classmethod
    def of(cls, functions: Functions, plain: Collection[str]) -> Able:
        """``plain``: see ``may_be_dialog``."""
        found = {name: each for name, each in functions.items() if may_be_dialog(name, each, plain)}
        return cls(found, {name: each for name, each in functions.items() if name not in found})


def signatures(dialogs: Mapping[str, DialogSource], functions: Functions, able: Able) -> list[Problem]:
    """Functions that are looked up or run with other arguments than they take."""
    return sorted(
        problem for dialog in dialogs.values() for problem in check_functions(dialog, functions, able.dialogs)
    )


def unknown(settings: Settings, source: Source, dialogs: Mapping[str, DialogSource], able: Able) -> Iterator[Problem]:
    """Dialogs that tables and settings name, and that are no table and no function that could take the call so."""
    repertoire = Repertoire(handlers=handlers(settings.on), commands=commands(settings.commands))
    known = {*dialogs, *able.dialogs}
    alone = {name for name in known if name in dialogs or needs(name, able.dialogs[name]) is None}
    named = [(dialog.source, *each) for dialog in dialogs.values() for each in unknown_dialogs(dialog, alone)]
    named += [(source, *each) for each in named_by_project(repertoire, source, alone)]
    if settings.start in known - alone:
        named.append((source, ("start",), settings.start))
    for file, path, name in named:
        if name not in known:
            yield file.problem(path, *no_dialog(name, known, able.lookups), code="no-dialog")
        elif path[2:] != ("dialog", "run"):  # a state that runs it may give it something: see ``signatures``
            remedy = "give that a default value, or run it by a state with 'dialog: {run: …, with: …}'"
            yield file.problem(path, str(needs(name, able.dialogs[name])), remedy, code=CODE)


def said_by_settings(settings: Settings, source: Source, catalogues: Mapping[str, Catalogue]) -> list[Problem]:
    """Prompts of the project's own ladders; there they have no values for slots."""
    said = list(rungs_said(handlers(settings.on), ("on",), source))
    found = (check_said(said, source, catalogue, ()) for catalogue in catalogues.values())
    return sorted({problem for problems in found for problem in problems})


def measured(settings: Settings, source: Source, catalogues: Mapping[str, Catalogue]) -> Iterator[Problem]:
    """Thresholds of prompts that no locale has."""
    for index, threshold in enumerate(settings.thresholds if catalogues else ()):
        if threshold.scope == "prompt" and all(each.prompt(threshold.name) is None for each in catalogues.values()):
            names = sorted({name for each in catalogues.values() for name in (*each.prompts, *each.phrases)})
            remedy = meant(threshold.name, names, f"there is {listing(names)}")
            offset = threshold.text.index(threshold.name)
            what = f"there is no prompt '{threshold.name}'"
            yield source.problem(("thresholds", index), what, remedy, offset=offset, code="no-phrase")


def said_anywhere(settings: Settings, dialogs: Mapping[str, DialogSource]) -> set[str]:
    """All prompts and phrases that are named."""
    found = {name for role in ROLES if (name := getattr(settings.cover, role))}
    found.update(name for _, name in rungs_said(handlers(settings.on), ("on",), Source("", {})))
    found.update(threshold.name for threshold in settings.thresholds if threshold.scope == "prompt")
    for dialog in dialogs.values():
        found.update(_said(dialog))
    return found


def supposed(catalogue: Catalogue, names: Collection[str]) -> Catalogue:
    """A catalogue that has ``names``: where they could not be read, its mistakes were told."""
    lacking = [name for name in names if catalogue.prompt(name) is None]
    phrases = {name: Phrase(name, catalogue.locale, "", ()) for name in lacking}
    return replace(catalogue, phrases={**catalogue.phrases, **phrases})


def broken_modules(problems: Collection[Problem]) -> set[str]:
    """The names of modules that could not be imported."""
    return {Path(each.file).stem for each in problems}


def _said(dialog: DialogSource) -> Iterator[str]:
    yield from (name for _, name in rungs_said(dialog.table.handlers, ("on",), dialog.source))
    for state in dialog.table.states.values():
        yield from (name for _, name in prompts_said(state, dialog.source))
        yield from state.cover.phrases.values()
