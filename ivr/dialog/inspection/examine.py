"""All that can be said of a project's dialogs before the first call, beyond what each file says of itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ivr.catalog.phrase import Catalogue
from ivr.dialog.dialog_file import DialogSource
from ivr.dialog.inspection.arguments import check_arguments, given_to
from ivr.dialog.inspection.findings import Findings
from ivr.dialog.inspection.presses import check_presses
from ivr.dialog.inspection.put_in import PutIn
from ivr.dialog.inspection.reach import bare_dialogs, check_reach, check_unused
from ivr.dialog.inspection.routes import Routes
from ivr.dialog.inspection.rungs import check_rungs
from ivr.dialog.inspection.spoken import check_spoken
from ivr.dialog.inspection.times import Around, check_times
from ivr.dialog.inspection.traps import check_traps
from ivr.dialog.inspection.unasked import check_unasked
from ivr.dialog.inspection.unheard import check_unheard
from ivr.dialog.inspection.unsayable import check_sayable
from ivr.dialog.inspection.values import Flow, check_values
from ivr.dialog.repertoire import Repertoire
from ivr.errors import Problem


@dataclass(frozen=True, slots=True)
class Examined:
    """What is looked at."""

    dialogs: Mapping[str, DialogSource]
    """By name; those that could be read."""
    repertoire: Repertoire
    catalogues: Collection[Catalogue]
    """The project's own locale first; may be none."""
    start: str
    """The dialog that answers."""
    around: Around
    mentioned: Collection[str] = ()
    """Texts that stand in the project's own code: it may run the dialogs of these names."""
    ignored: Collection[str] = ()
    """Codes of warnings that the project has seen."""
    whole: bool = True
    """False: some dialog could not be read, and may run others."""
    all_slots: bool = True
    """False: some phrase could not be read, and may have slots."""


def examine(what: Examined) -> list[Problem]:
    """Errors and warnings, sorted by place. Takes time in states, ways and variables."""
    routes = Routes(what.dialogs, what.repertoire)
    findings = {name: Findings(dialog.source, what.ignored, dialog.unread) for name, dialog in what.dialogs.items()}
    check_traps(routes, findings)
    check_reach(routes, findings)
    if what.whole:
        check_unused(routes, what.start, what.mentioned, findings)
    bare = bare_dialogs(routes, what.start)
    flows: dict[str, Flow] = {}
    for name, dialog in what.dialogs.items():
        tell = findings[name]
        check_presses(routes, dialog.table, tell)
        check_times(dialog.table, dialog.source, what.around, tell)
        check_rungs(routes, dialog.table, dialog.source, tell)
        check_unheard(routes, dialog.table, tell)
        for catalogue in list(what.catalogues)[:1]:
            check_spoken(routes, dialog.table, catalogue, tell, answers=name == what.start)
        flows[name] = Flow(routes, name, given_to(routes, name, bare, what.mentioned, whole=what.whole))
        check_values(flows[name], what.catalogues, tell)
    check_unasked(routes, what.start, findings)
    check_arguments(routes, flows, what.catalogues, findings, all_slots=what.all_slots)
    slots = {slot.name for each in what.catalogues for phrase in each.phrases.values() for slot in phrase.slots}
    check_sayable(routes, PutIn(routes, flows, what.mentioned, slots), what.catalogues, findings)
    return sorted(problem for each in findings.values() for problem in each.problems)
