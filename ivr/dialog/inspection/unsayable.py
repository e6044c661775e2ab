"""Values that their slots can never say: constants, what callers type, and what functions are annotated to return."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ivr.catalog.phrase import Catalogue, Slot
from ivr.catalog.source import Path
from ivr.dialog.checks import prompts_said
from ivr.dialog.inspection.findings import Findings
from ivr.dialog.inspection.put_in import ANYTHING, Put, PutIn
from ivr.dialog.inspection.routes import Routes
from ivr.dialog.returned import UNTOLD, returned, samples, shown
from ivr.dialog.sayable import Constant, Keys, refusal, remedy
from ivr.dialog.table import Table
from ivr.dialog.values import SAID, fits

CODE = "unsayable"


def check_sayable(
    routes: Routes, put_in: PutIn, catalogues: Collection[Catalogue], findings: Mapping[str, Findings]
) -> None:
    """An error for what no way makes right; a warning where other values of the same slot can be said.

    It is told where the value comes from, since there it is mended.
    """
    for (dialog, name), known in put_in.states.items():
        if dialog in routes.unsure:
            continue
        table = routes.tables[dialog]
        state = table.states[name]
        for path, prompt in prompts_said(state, routes.dialogs[dialog].source):
            for slot, locale in slots_said(prompt, catalogues):
                values = known.get(slot.name, frozenset())
                failed = path[2] == "on" and state.lookup is not None and state.lookup.name == slot.name
                if not failed and not _told_by_its_type(table, slot):
                    _judge(prompt, slot, locale, values, findings)
    for dialog, table in routes.tables.items():
        _returned(table, routes, findings[dialog])


def _judge(prompt: str, slot: Slot, locale: str, values: Collection[Put], findings: Mapping[str, Findings]) -> None:
    bad = {put: why for put in values if put.held and (why := refusal(slot.kind, locale, put.held)) is not None}
    says = f"'{prompt}' says '{slot.name}' as {slot.kind}"
    for put, why in bad.items():
        assert put.held is not None
        told, how = f"{says}: {why}", remedy(slot.kind, locale, put.held)
        if len(bad) == len(values):
            findings[put.dialog].error(put.path, CODE, told, how)
        elif not _stands_for_none(put):
            findings[put.dialog].warn(put.path, CODE, told, how)
    for put in values:
        if isinstance(put.held, Keys) and put not in bad and not put.held.judged:
            longest = Keys(put.held.most, put.held.most, kind=put.held.kind)
            if (why := refusal(slot.kind, locale, longest)) is not None:
                findings[put.dialog].warn(put.path, CODE, f"{says}: {why}", remedy(slot.kind, locale, longest))


def slots_said(prompt: str, catalogues: Collection[Catalogue]) -> Iterator[tuple[Slot, str]]:
    """The slots of all attempts of a prompt, each with the locale that says it."""
    for catalogue in catalogues:
        found = catalogue.prompt(prompt)
        names = dict.fromkeys(name for variant in found.variants for name in variant) if found is not None else ()
        for phrase in (catalogue.phrases[name] for name in names if name in catalogue.phrases):
            yield from ((slot, phrase.locale) for slot in phrase.slots)


def _told_by_its_type(table: Table, slot: Slot) -> bool:
    """Whether the declaration of the variable says already that it is said wrongly."""
    declared = table.variables.get(slot.name)
    return declared is not None and slot.kind not in SAID[declared.kind]


def _stands_for_none(put: Put) -> bool:
    """A constant that says that there is no value: conditions keep it from being said, which nobody follows here."""
    return put == ANYTHING or (isinstance(put.held, Constant) and (not put.held.value or put.held.value == -1))


def _returned(table: Table, routes: Routes, findings: Findings) -> None:
    """Functions whose values never fit the variable that takes them, so that each of these lookups fails."""
    for state in table.states.values():
        step = state.lookup
        declared = table.variables.get(step.name) if step is not None else None
        if step is None or declared is None or step.http is not None:
            continue
        hint = returned(routes.repertoire.functions.get(step.run))
        values = None if hint is UNTOLD else samples(hint)
        if values and not any(fits(declared.kind, value) for value in values):
            what = f"'{step.run}' returns {shown(hint)}, and '{step.name}' is declared to be {declared.kind}"
            path: Path = ("states", state.name, "lookup", "run")
            findings.error(path, CODE, what, "declare it as what comes, or return what is declared")
