"""Words that cannot be interrupted where they should be, and ends without a word."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.catalog.phrase import Catalogue
from ivr.catalog.source import Path
from ivr.dialog.checks import QUESTIONS
from ivr.dialog.inspection.findings import Findings
from ivr.dialog.inspection.routes import Routes
from ivr.dialog.ladders import END, Event, Handlers
from ivr.dialog.table import Branches, Goto, HangUp, State, Table
from ivr.dialog.ways import question_of


def check_spoken(routes: Routes, table: Table, catalogue: Catalogue, findings: Findings, *, answers: bool) -> None:
    """Of one table; ``answers``: it is the one that answers a call, so that nothing was said before it."""
    _uninterruptible(routes, table, catalogue, findings)
    _no_goodbye(routes, table, findings, answers)
    _silent_ends(routes, table, findings)


def _uninterruptible(routes: Routes, table: Table, catalogue: Catalogue, findings: Findings) -> None:
    """The last words before a question: its own, or where it says none, those of the states that lead to it."""
    for state in routes.reached[table.name].values():
        question = question_of(state.exit)
        asks = question is not None or any(_asks_at_once(other) for other in _next(routes, table, state))
        prompt = catalogue.prompt(state.say[-1]) if state.say and asks else None
        if prompt is not None and not prompt.bargein.by:
            what = f"a caller who knows the answer must hear all of '{prompt.id}', which cannot be interrupted"
            remedy = "say it before other words, or remove its 'bargein: no'"
            path = ("states", state.name, "say", len(state.say) - 1)
            findings.warn(path, "uninterruptible", what, remedy)


def _next(routes: Routes, table: Table, state: State) -> Iterator[State]:
    if isinstance(state.exit, Goto | Branches):
        for step in routes.steps[table.name, state.name]:
            if step.to is not None and step.to[0] == table.name:
                yield table.states[step.to[1]]


def _asks_at_once(state: State) -> bool:
    return question_of(state.exit) is not None and not state.say and not state.vague


def _no_goodbye(routes: Routes, table: Table, findings: Findings, answers: bool) -> None:
    """Ends that are come to from a question, or from the start, with nothing said between."""
    first = table.states.get(table.start)
    quiet = {first.name} if answers and first is not None and not (first.say or first.vague) else set()
    ahead = list(quiet)
    for name, state in routes.reached[table.name].items():
        if question_of(state.exit) is not None and not state.vague:
            ahead += [to for to in _wordless(routes, table, name) if to not in quiet]
            quiet.update(ahead)
    while ahead:
        state = table.states[ahead.pop()]
        if isinstance(state.exit, Goto | Branches):
            fresh = [to for to in _wordless(routes, table, state.name) if to not in quiet]
            quiet.update(fresh)
            ahead += fresh
    for name in table.states:
        if name in quiet and isinstance(table.states[name].exit, HangUp) and name in routes.reached[table.name]:
            what = f"'{name}' ends the call, and nothing is said before it"
            findings.warn(("states", name), "no-goodbye", what, "say goodbye: 'say: …'", key=True)


def _wordless(routes: Routes, table: Table, name: str) -> list[str]:
    """The states that come next and say nothing, by ways on which nothing is said."""
    said = _said_on_ways(routes, table, name)
    steps = [step.to[1] for step in routes.steps[table.name, name] if step.to is not None and not step.over]
    quiet = [to for to in dict.fromkeys(steps) if not table.states[to].say and to not in said]
    return [to for to in quiet if not table.states[to].vague]


def _said_on_ways(routes: Routes, table: Table, name: str) -> set[str]:
    silent: set[str] = set()
    spoken: set[str] = set()
    for way in routes.ways[table.name][name]:
        if way.target.state is not None:
            (spoken if way.said else silent).add(way.target.state)
    return spoken - silent


def _silent_ends(routes: Routes, table: Table, findings: Findings) -> None:
    """Rungs that end the call and say nothing."""
    scopes: list[tuple[Handlers, Path]] = [(table.handlers, ("on",))]
    for state in routes.reached[table.name].values():
        scopes.append((state.handlers, ("states", state.name, "on")))
        question = question_of(state.exit)
        if question is not None:
            scopes.append((question.handlers, ("states", state.name, QUESTIONS[type(state.exit)])))
    for handlers, top in scopes:
        for event, rungs in handlers.ladders.items():
            for rung in rungs if event is not Event.HANG_UP else ():
                if rung.leave == END and not rung.say:
                    what = f"after {event} {rung.count} the call ends without a word"
                    remedy = "let it lead to a state that says goodbye: 'goto: …'"
                    findings.warn((*top, event.value), "no-goodbye", what, remedy, key=True)
