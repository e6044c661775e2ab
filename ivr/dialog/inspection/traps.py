"""Where a call never ends: states that go round without a wait, dead ends, and loops of a silent caller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.dialog.inspection.components import components, innermost
from ivr.dialog.inspection.findings import Findings
from ivr.dialog.inspection.outcomes import Outcomes
from ivr.dialog.inspection.routes import Place, Routes
from ivr.dialog.inspection.silence import Silence, Spot
from ivr.dialog.ladders import Event
from ivr.dialog.table import Branches, Goto, Return, SubDialog
from ivr.dialog.ways import after_errors, failures, question_of, waits_for_lookup

SHOWN = 6
"""States of a loop that a message names."""


def check_traps(routes: Routes, findings: Mapping[str, Findings]) -> None:
    """Each trap once, at its first state: by the strongest thing that can be said of it."""
    told: set[Place] = set()

    def waits(place: Place) -> bool:
        state = routes.state(place)
        at_once = isinstance(state.exit, Goto | Branches | SubDialog)
        return not at_once or waits_for_lookup(state, routes.tables[place[0]], routes.repertoire)

    for loop in _traps(Outcomes(routes, routes.steps, waits), told):
        code = "runs-itself" if _runs(routes, loop) else "endless"
        what = f"{_named(routes, loop)} for ever without a wait"
        _tell(findings, loop, code, what, "lead one of them to a question, or end the call")
    everything = Outcomes(routes, routes.steps)
    for loop in _traps(everything, told):
        what = f"nothing that a caller does ends the call here ({_named(routes, loop)})"
        remedy = "give it a way to a state with hang_up or return"
        _tell(findings, loop, "runs-itself" if _runs(routes, loop) else "dead-end", what, remedy)
    for loop in _silent(routes, told):
        what = f"a caller who presses nothing is never let go: {_named(routes, loop)}"
        _tell(findings, loop, "silence", what, "let the last no_input of one of them lead to the end of the call")
    _wrong_keys(routes, findings)
    _failing(routes, findings)
    _never_return(routes, everything, findings, told)
    _pile_up(routes, findings, told)


def _traps(outcomes: Outcomes, told: set[Place]) -> Iterator[list[Place]]:
    """The innermost loops of what is stuck; all that is stuck counts as told."""
    stuck = outcomes.stuck
    fresh = set(stuck) - told
    for loop in innermost(stuck, outcomes.ahead):
        if fresh.issuperset(loop):
            yield loop
    told |= fresh


def _silent(routes: Routes, told: set[Place]) -> Iterator[list[Place]]:
    """The same of what silence is stuck in: states that are so whatever came before them stand first."""
    silence = Silence(routes)
    stuck = silence.stuck
    fresh = {spot.place for spot in stuck} - told
    at_once = {spot.place for spot in stuck if spot == Spot(spot.place)}
    for loop in innermost(stuck, silence.ahead):
        inside = {spot.place for spot in loop}
        if inside <= fresh:
            yield sorted((place for place in routes.places if place in inside), key=lambda place: place not in at_once)
            fresh -= inside
    told |= at_once


def _runs(routes: Routes, loop: list[Place]) -> bool:
    starts = {(name, table.start) for name, table in routes.tables.items()}
    inside = set(loop)
    return any(
        step.runs and (step.runs, routes.tables[step.runs].start) in inside & starts
        for place in loop
        for step in routes.steps[place]
        if step.runs in routes.tables
    )


def _named(routes: Routes, loop: list[Place]) -> str:
    several = len({dialog for dialog, _ in loop}) > 1
    names = [f"{dialog}.{state}" if several else state for dialog, state in loop]
    if len(names) == 1:
        return f"'{names[0]}' comes again and again"
    shown = ", ".join(f"'{name}'" for name in names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
    return f"{shown} follow each other"


def _tell(findings: Mapping[str, Findings], loop: list[Place], code: str, what: str, remedy: str) -> None:
    dialog, state = loop[0]
    findings[dialog].error(("states", state), code, what, remedy, key=True)


def _wrong_keys(routes: Routes, findings: Mapping[str, Findings]) -> None:
    for dialog, name in routes.places:
        question = question_of(routes.state((dialog, name)).exit)
        table = routes.tables[dialog]
        if question is not None and not any(after_errors(Event.NO_MATCH, question, table, routes.repertoire)):
            what = f"a caller who presses wrong keys is asked '{name}' for ever"
            remedy = "give the last no_match a goto or 'hang_up: yes'"
            findings[dialog].warn(("states", name), "wrong-keys", what, remedy, key=True)


def _failing(routes: Routes, findings: Mapping[str, Findings]) -> None:
    for dialog, name in routes.places:
        state, table = routes.state((dialog, name)), routes.tables[dialog]
        rungs = failures(state, table, routes.repertoire) if state.lookup is not None else []
        if rungs and rungs[-1].leave is None:
            what = f"a lookup that fails is made again and again in '{name}', for ever"
            remedy = "give the last lookup_failed a goto or 'hang_up: yes'"
            findings[dialog].warn(("states", name), "endless-retry", what, remedy, key=True)


def _never_return(routes: Routes, outcomes: Outcomes, findings: Mapping[str, Findings], told: set[Place]) -> None:
    """Dialogs that are run and do not come back, or come back without what is asked of them."""
    for dialog, name in routes.places:
        exit = routes.state((dialog, name)).exit
        start = routes.start(exit.dialog) if isinstance(exit, SubDialog) else None
        if not isinstance(exit, SubDialog) or start is None or start in told:
            continue
        path = ("states", name, "dialog", "run")
        if start not in outcomes.returns:
            what = f"the dialog '{exit.dialog}' never returns, so '{exit.goto}' is not come to"
            tell = findings[dialog].warn if exit.name is None else findings[dialog].error
            tell(path, "never-returns", what, f"give '{exit.dialog}' a state with return")
        elif exit.name is not None and exit.dialog not in routes.unsure and not any(_with_value(routes, exit.dialog)):
            what = f"'{exit.name}' stays empty: the dialog '{exit.dialog}' returns without a value"
            findings[dialog].warn((*path[:-1], "as"), "no-result", what, "write 'return: {value: …}' there")


def _with_value(routes: Routes, dialog: str) -> Iterator[bool]:
    for state in routes.reached[dialog].values():
        if isinstance(state.exit, Return):
            yield state.exit.value is not None


def _pile_up(routes: Routes, findings: Mapping[str, Findings], told: set[Place]) -> None:
    """Dialogs that run each other in a circle: each round lies upon the last, and none is ever done."""
    runs = {
        name: [
            s.exit.dialog for s in states.values() if isinstance(s.exit, SubDialog) and s.exit.dialog in routes.tables
        ]
        for name, states in routes.reached.items()
    }
    circle = {name: set(found) for found in components(runs, runs.__getitem__) for name in found}
    for dialog, name in routes.places:
        exit = routes.state((dialog, name)).exit
        if isinstance(exit, SubDialog) and exit.dialog in circle[dialog] and (dialog, name) not in told:
            other = "itself" if exit.dialog == dialog else f"'{exit.dialog}', which runs it again"
            remedy = "go there by goto, or by 'return', so that the rounds do not pile up"
            path = ("states", name, "dialog", "run")
            findings[dialog].warn(path, "runs-itself", f"the dialog '{dialog}' runs {other}", remedy)
