"""A latency profile: how long providers, lookups and networks take, and what goes wrong with them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ivr.catalog.mistakes import listing, meant
from ivr.catalog.phrase import Catalogue
from ivr.catalog.source import Path as Place
from ivr.catalog.source import Source, check, read
from ivr.dialog.table import Table
from ivr.dialog.written import answered_by, value_at
from ivr.errors import ConfigError, Problem, ProjectError
from ivr.project.checks.answers import Answers, Refused
from ivr.project.disk.files import listed, read_text
from ivr.project.project import Project
from ivr.project.reading.readable import Readable

if TYPE_CHECKING:
    from ivr.project.profiles.shapes import ProfileShape

PROFILES = "profiles"
"""Where in ``prompts/`` a project's profiles stand."""
USUAL = "usual"
"""The one that holds where none is named."""

Functions = Mapping[str, Callable[..., Any]]
Read = tuple["ProfileShape | None", list[Problem]]


def read_profile(text: str, file: str, functions: Functions = MappingProxyType({})) -> Read:
    """The profile, or every mistake in it. What ``functions`` are annotated to return decides what values are."""
    from ivr.project.profiles.shapes import ProfileShape  # late: few projects have one, and shapes take long to make

    source = read(text, file)
    if source.problems:
        return None, list(source.problems)
    profile, problems = check(ProfileShape, replace(source, data=_with_values(source, functions)))
    if profile is not None:
        problems += _contradictions(profile, source)
    return (None if problems else profile), problems


def _with_values(source: Source, functions: Functions) -> dict[str, Any]:
    """The file with what its lookups return as values; what has another shape is left as it is."""
    lookups = source.data.get("lookups")
    made: dict[str, Any] = {}
    for name, entry in lookups.items() if isinstance(lookups, dict) else ():
        made[name] = entry
        if isinstance(entry, dict) and isinstance(entry.get("returns"), list):
            hint, below = answered_by(functions, name), ("lookups", name, "returns")
            values = [_value(source, (*below, index), hint) for index in range(len(entry["returns"]))]
            made[name] = {**entry, "returns": values}
    return {**source.data, "lookups": made} if made else source.data


def _value(source: Source, path: Place, hint: Any) -> Any:
    """``{text: 4512}`` is the text alone, as in scenarios."""
    match source.at(path):
        case {"text": str(text), **others} if not others:
            return text
    return value_at(source, path, hint)


def load_profile(project: Project | Readable, named: str | None = None) -> ProfileShape:
    """The profile that is meant: a file, a name below ``prompts/profiles/``, or left out ``usual`` if there is one.

    Raises ``ConfigError`` where nothing has that name, ``ProjectError`` with every mistake of the file, and with each
    lookup that it answers and no dialog asks for.
    """
    file = _named(named, project.root / "prompts" / PROFILES)
    if file is None:
        from ivr.project.profiles.shapes import ProfileShape

        return ProfileShape()
    profile, problems = _read(file, asked(project.tables.values()), project.functions)
    if profile is None or problems:
        raise ProjectError(problems)
    return profile


def wrong_profiles(
    prompts: Path, tables: Sequence[Table], catalogues: Mapping[str, Catalogue], functions: Functions
) -> list[Problem]:
    """The mistakes of all profiles of a project with those dialogs; it need not have any.

    A warning for what lookups return and no slot can say.
    """
    if not os.path.lexists(prompts / PROFILES):
        return []
    files, problems = listed(prompts / PROFILES, ".yaml")
    known, answers = asked(tables), Answers(tables, catalogues, functions)
    for file in files:
        profile, wrong = _read(file, known, functions)
        problems += wrong
        text = read_text(file) if profile is not None else ""
        if profile is not None and isinstance(text, str):
            problems += _unsayable(profile, read(text, str(file)), answers)
    return problems


def _unsayable(profile: ProfileShape, source: Source, answers: Answers) -> Iterator[Problem]:
    """One for all values of a lookup that are refused alike, at the first of them."""
    for name, lookup in profile.lookups.items():
        alike: dict[str, list[tuple[int, Refused]]] = {}
        for index, value in enumerate(lookup.returns):
            for each in answers.refused(name, value):
                alike.setdefault(each.what, []).append((index, each))
        for (index, first), *others in alike.values():
            yield first.problem(source, ("lookups", name, "returns", index), len(others))


def asked(tables: Iterable[Table]) -> set[str]:
    """The lookups of those tables. Those of dialogs in Python are not known."""
    states = [state for table in tables for state in table.states.values()]
    return {state.lookup.run for state in states if state.lookup is not None}


def _read(file: Path, known: Iterable[str], functions: Functions) -> Read:
    text = read_text(file)
    if isinstance(text, Problem):
        return None, [text]
    profile, problems = read_profile(text, str(file), functions)
    if profile is not None:
        problems += _strangers(profile, text, str(file), known)
    return profile, problems


def _named(named: str | None, below: Path) -> Path | None:
    if named is None:
        usual = below / f"{USUAL}.yaml"
        return usual if usual.is_file() else None
    for file in (Path(named), below / f"{named}.yaml"):
        if file.is_file():
            return file
    names = [file.stem for file in listed(below, ".yaml")[0]] if below.is_dir() else []
    there = f"there is {listing(names)}" if names else f"there is none in {below}"
    raise ConfigError(f"no latency profile '{named}': {meant(named, names, there)}")


def _contradictions(profile: ProfileShape, source: Source) -> Iterator[Problem]:
    chance = 0.0
    for index, fault in enumerate(profile.voice.faults):
        chance += fault.chance
        if chance > 1 + 1e-9:
            what = f"with '{fault.fault}' the chances of all faults are over 100 %"
            yield source.problem(("voice", "faults", index), what, "make them less: a request has one at most")
            break
    for index, entry in enumerate(profile.script):
        if entry.region is not None and entry.region > profile.voice.regions:
            yield source.problem(
                ("script", index, "region"), f"there is no region {entry.region}", "make voice.regions as many"
            )


def _strangers(profile: ProfileShape, text: str, file: str, known: Iterable[str]) -> list[Problem]:
    names = sorted(known)
    source = read(text, file)
    return [
        source.problem(
            ("lookups", name),
            f"no dialog asks for '{name}'",
            meant(name, names, f"there is {listing(names)}" if names else "remove it"),
            key=True,
        )
        for name in profile.lookups
        if names and name not in names
    ]
