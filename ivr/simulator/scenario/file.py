"""``prompts/calls/*.yaml``: the scenarios of a project, or everything that is wrong with them."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import Any

from ivr.catalog.mistakes import listing, meant
from ivr.catalog.source import Path as Place
from ivr.catalog.source import Source, check, read
from ivr.errors import Problem, ProjectError
from ivr.project.files import listed, read_text
from ivr.project.hours import zone
from ivr.project.project import Project
from ivr.simulator.scenario.against import against
from ivr.simulator.scenario.making import Making
from ivr.simulator.scenario.model import Scenario
from ivr.simulator.scenario.shapes import VARIABLE, ScenarioShape

CALLS = Path("prompts", "calls")
MOST_ROWS = 10_000


def load_scenarios(project: Project) -> list[Scenario]:
    """In the order of their files and rows; none where the project has none.

    Raises ``ProjectError`` with every problem of every file.
    """
    directory = project.root / CALLS
    if not os.path.lexists(directory):
        return []
    files, problems = listed(directory, ".yaml")
    found: list[Scenario] = []
    names: dict[str, str] = {}
    for file in files:
        text = read_text(file)
        if isinstance(text, Problem):
            problems.append(text)
            continue
        scenarios, wrong = read_scenario(text, str(file), project)
        problems += wrong
        found += scenarios
        for name in dict.fromkeys(scenario.name for scenario in scenarios):
            other = names.setdefault(name, file.name)
            if other != file.name:
                what = f"the scenario '{name}' is in {other} too"
                problems.append(Problem(str(file), 1, 1, what, "give one of them another name", code="twice"))
    if problems:
        raise ProjectError(problems)
    return found


def read_scenario(text: str, file: str, project: Project) -> tuple[list[Scenario], list[Problem]]:
    """The scenario of one file, once for each row of its table; or everything that is wrong with it."""
    source = read(text, file)
    if not source.places:
        return [], list(source.problems)
    rows, problems = _rows(source)
    problems = [*source.problems, *problems]
    where = zone(project.settings.timezone)
    found: list[Scenario] = []
    for row in rows if rows is not None else [{}]:
        scenario, wrong = _made(source, row, project, where)
        problems += wrong
        if scenario is not None:
            found.append(scenario)
    return ([], sorted(set(problems))) if problems else (found, [])


def _made(
    source: Source, row: dict[str, str], project: Project, where: tzinfo
) -> tuple[Scenario | None, list[Problem]]:
    unknown: list[Problem] = []
    filled = replace(source, data=_filled(source.data, (), row, source, unknown))
    shape, problems = check(ScenarioShape, filled)
    problems += unknown
    if shape is None or problems:
        return None, problems
    making = Making(filled, where)
    scenario = making.scenario(shape, row)
    return scenario, [*making.problems, *against(scenario, shape, filled, project)]


def _filled(value: Any, path: Place, row: dict[str, str], source: Source, problems: list[Problem]) -> Any:
    """``value`` with the cells of ``row`` in place of their names."""
    match value:
        case dict():
            return {key: _filled(each, (*path, key), row, source, problems) for key, each in value.items()}
        case list():
            return [_filled(each, (*path, index), row, source, problems) for index, each in enumerate(value)]
        case str() if "$" in value and path[:1] != ("rows",):
            for name in VARIABLE.findall(value):
                if name != "$" and name not in row:
                    remedy = meant(name, row, f"the columns are {listing(row) or 'missing: add rows: a.csv'}")
                    what = f"there is no column '{name}'"
                    problems.append(source.problem(path, what, f"{remedy}; write $$ for a dollar"))
            return VARIABLE.sub(lambda found: "$" if found[1] == "$" else row.get(found[1], ""), value)
    return value


def _rows(source: Source) -> tuple[list[dict[str, str]] | None, list[Problem]]:
    """The rows of the scenario's table; None where it has none."""
    name = source.at(("rows",))
    if not isinstance(name, str):
        return None, []
    file = Path(source.file).parent / name
    text = read_text(file)
    if isinstance(text, Problem):
        return None, [source.problem(("rows",), f"{name}: {text.what}", text.remedy)]
    try:
        lines = list(_lines(text))
    except csv.Error as error:
        return None, [Problem(str(file), 1, 1, f"this is no table ({error})", "save it as CSV with commas")]
    if len(lines) < 2:
        return None, [Problem(str(file), 1, 1, "there are no rows", "give it a line of names and one for each call")]
    if len(lines) > MOST_ROWS:
        return None, [Problem(str(file), 1, 1, f"there are more than {MOST_ROWS:,} rows", "split it")]
    (_, names), *cells = lines
    problems = [
        Problem(str(file), line, 1, f"there are {len(row)} cells for {len(names)} columns", "give each column one")
        for line, row in cells
        if len(row) != len(names)
    ]
    problems += [
        Problem(str(file), 1, 1, f"'{name}' is no name for a column", "use letters, digits and '_', each name once")
        for index, name in enumerate(names)
        if not VARIABLE.fullmatch(f"${name}") or name == "$" or name in names[:index]
    ]
    return None if problems else [dict(zip(names, row, strict=True)) for _, row in cells], problems


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Lines that are not empty, with their numbers."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    for row in reader:
        if row:
            yield reader.line_num, [cell.strip() for cell in row]
