"""Keys that stand in each other's way."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.catalog.source import Path
from ivr.dialog.checks import QUESTIONS
from ivr.dialog.commands import Act, Commands
from ivr.dialog.inspection.findings import Findings
from ivr.dialog.inspection.routes import Routes
from ivr.dialog.listen import DIGITS
from ivr.dialog.table import Collect, Confirm, Menu, State, Table
from ivr.dialog.ways import obeyed, question_of


def check_presses(routes: Routes, table: Table, findings: Findings) -> None:
    """In the questions of one table."""
    for state in table.states.values():
        if question_of(state.exit) is None:
            if state.commands:
                what, remedy = f"'{state.name}' asks nothing, so its commands are never obeyed", "remove them"
                findings.error(("states", state.name, "commands"), "hidden-command", what, remedy, key=True)
            continue
        top: Path = ("states", state.name, QUESTIONS[type(state.exit)])
        match state.exit:
            case Menu(options=options, question=question):
                _longer(list(options), (*top, "options"), question.listen.between, findings)
            case Confirm(keys=(yes, no)) if yes == no:
                findings.error((*top, "keys"), "same-keys", f"yes and no are both '{yes}'", "give them different keys")
            case Collect(question=question):
                _digit_ends(question.listen.end, top, findings)
        _hidden(routes, table, state, top, findings)
    if table.name not in routes.unsure:
        _back(routes, table, findings)


def _longer(options: list[str], top: Path, pause: float, findings: Findings) -> None:
    for option in options:
        longer = next((other for other in options if other != option and other.startswith(option)), None)
        if longer is not None:
            what = f"who presses '{option}' waits {pause:g} s, since '{longer}' begins with it"
            findings.warn((*top, option), "slow-option", what, f"choose another key for '{option}'", key=True)


def _digit_ends(end: str, top: Path, findings: Findings) -> None:
    for key in sorted(set(end) & DIGITS):
        findings.warn((*top, "end"), "digit-end", f"no answer can hold a {key}, which ends it", "use # or *")


def _hidden(routes: Routes, table: Table, state: State, top: Path, findings: Findings) -> None:
    """Commands that this question does not obey; those of outer scopes only where an option takes their key."""
    taken = {option[0]: option for option in _options(state)}
    works = obeyed(state, table, routes.repertoire)
    for key, command in state.commands.items():
        if key not in works and command.act is not Act.OFF:
            what = f"the command '{key}' is never obeyed: the key is part of an answer here"
            path = ("states", state.name, "commands", key)
            findings.error(path, "hidden-command", what, "use a key that answers nothing", key=True)
    for key, whose in _outer(state, table, routes.repertoire.commands):
        place = (*top, "options", taken[key]) if key in taken else (*top, "end")
        if key in taken or (isinstance(state.exit, Collect) and key in state.exit.question.listen.end):
            by = "an option" if key in taken else "the end of the answer"
            what = f"{by} hides the command '{key}' of the {whose}"
            remedy = f"choose another key, or write 'commands: {{\"{key}\": off}}' to say that it is meant"
            findings.warn(place, "hidden-command", what, remedy, key=key in taken)


def _outer(state: State, table: Table, project: Commands) -> Iterator[tuple[str, str]]:
    for key, command in table.commands.items():
        if command.act is not Act.OFF and key not in state.commands:
            yield key, "dialog"
    for key, command in project.items():
        if command.act is not Act.OFF and key not in table.commands and key not in state.commands:
            yield key, "project"


def _options(state: State) -> list[str]:
    match state.exit:
        case Menu(options=options):
            return list(options)
        case Confirm(keys=keys):
            return list(keys)
    return []


def _back(routes: Routes, table: Table, findings: Findings) -> None:
    """A way back of a state's or dialog's own, where no question comes before."""
    asked = [state for state in routes.reached[table.name].values() if question_of(state.exit) is not None]
    remedy = "remove it, or use repeat, which is what it does"
    if len(asked) < 2:
        for key, command in table.commands.items():
            if command.act is Act.BACK:
                what = "the dialog has no two questions to go back between"
                findings.warn(("commands", key), "back-nowhere", what, remedy)
    for state in asked:
        for key, command in state.commands.items():
            if command.act is Act.BACK and not _comes_behind(routes, table, state, asked):
                what = f"no question comes before '{state.name}'"
                findings.warn(("states", state.name, "commands", key), "back-nowhere", what, remedy)


def _comes_behind(routes: Routes, table: Table, state: State, asked: list[State]) -> bool:
    """Whether another question leads to this one."""
    ahead = [s.name for s in asked if s.name != state.name]
    seen = set(ahead)
    while ahead:
        for step in routes.steps[table.name, ahead.pop()]:
            if step.to is None or step.over or step.to[1] in seen:
                continue
            if step.to[1] == state.name:
                return True
            seen.add(step.to[1])
            ahead.append(step.to[1])
    return False
