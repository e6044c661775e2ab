"""Values that an author wants tried, held against the project: none is left out without a word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ivr.catalog.mistakes import listing, meant
from ivr.dialog.listen import DIGITS
from ivr.dialog.table import Collect
from ivr.dialog.web_step import lookups_over_http
from ivr.errors import ConfigError
from ivr.project.project import Project


def check_given(project: Project, given: Mapping[str, Sequence[Any]]) -> None:
    """Raises ``ConfigError`` for a name that nothing has, and for values that no call could have there."""
    typed: dict[str, list[Collect]] = {}
    for exit in _collected(project):
        typed.setdefault(exit.name, []).append(exit)
    known = sorted({*project.functions, *lookups_over_http(project.tables), *typed})
    for name, values in given.items():
        if name not in known:
            there = f"there is {listing(known)}" if known else "the project has none"
            raise ConfigError(f"no lookup '{name}', and no variable of that name is typed: {meant(name, known, there)}")
        if not values:
            raise ConfigError(f"'{name}' has nothing to be tried: write its values, or leave it out")
        for value in values:
            wrong = _no_entry(value, typed[name]) if name in typed else _no_failure(value)
            if wrong:
                raise ConfigError(f"'{name}': {wrong}")


def _collected(project: Project) -> Iterator[Collect]:
    for table in project.tables.values():
        for state in table.states.values():
            if isinstance(state.exit, Collect):
                yield state.exit


def _no_entry(value: Any, asked: Sequence[Collect]) -> str:
    """Why nobody can type it where it is asked for; empty where somebody can."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return f"{value!r} cannot be typed: write keys as a text, such as '0423'"
    keys = str(value)
    if not keys or not set(keys) <= DIGITS:
        return f"'{keys}' has other keys than 0 to 9: write digits"
    sizes = [(each.question.listen.least, each.question.listen.most) for each in asked]
    if not any(least <= len(keys) <= most for least, most in sizes):
        wanted = " or ".join(dict.fromkeys(f"{a}" if a == b else f"{a} to {b}" for a, b in sizes))
        zeros = "; write it as a text if it begins with 0" if isinstance(value, int) else ""
        return f"'{keys}' has {len(keys)} digits and {wanted} are asked for{zeros}"
    return ""


def _no_failure(value: Any) -> str:
    """What is wrong with a lookup's failure; empty for one that is right, and for a value."""
    if not isinstance(value, dict) or not value or not value.keys() <= {"error", "status"}:
        return ""
    status = value.get("status")
    if "error" in value and not isinstance(value["error"], str):
        return f"error {value['error']!r} is no text: write {{error: closed}}"
    if "status" in value and (isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599):
        return f"status {status!r} is none: write a number from 100 to 599"
    return ""
