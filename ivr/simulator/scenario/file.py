"""``prompts/calls/*.yaml``: the scenarios of a project, or everything that is wrong with them."""

from __future__ import annotations

import os
from datetime import tzinfo

from ivr.catalog.source import check, read
from ivr.errors import Problem, ProjectError
from ivr.project.code.mentioned import mentioned
from ivr.project.disk.files import listed, read_text
from ivr.project.disk.layout import CALLS, PROMPTS
from ivr.project.project import Project
from ivr.project.reading.readable import Readable
from ivr.project.settings.hours import zone
from ivr.simulator.scenario.against import Against
from ivr.simulator.scenario.making import Making
from ivr.simulator.scenario.model import Scenario
from ivr.simulator.scenario.rows import Filled, Row, read_rows
from ivr.simulator.scenario.shapes import ScenarioShape


def load_scenarios(project: Project, profile: str | None = None) -> list[Scenario]:
    """In the order of their files and rows; none where the project has none. ``profile`` has the price of the voice.

    Raises ``ProjectError`` with every problem of every file, ``ConfigError`` for a profile that there is not.
    """
    found, problems = _all(readable(project), profile)
    if problems:
        raise ProjectError(problems)
    return found


def wrong_scenarios(project: Readable) -> list[Problem]:
    """Every problem of every file; ``project`` may be wrong itself."""
    return _all(project, thorough=True)[1]


def read_scenario(text: str, file: str, project: Project) -> tuple[list[Scenario], list[Problem]]:
    """The scenario of one file, once for each row of its table; or everything that is wrong with it."""
    found = readable(project)
    return _read(text, file, Against(found), zone(found.settings.timezone))


def readable(project: Project) -> Readable:
    """A project that is right, as it is held against scenarios."""
    texts = mentioned(project.root / PROMPTS).texts
    return Readable(project.root, project.settings, project.catalogues, project.tables, project.functions, texts)


def _all(
    project: Readable, profile: str | None = None, *, thorough: bool = False
) -> tuple[list[Scenario], list[Problem]]:
    directory = project.root / CALLS
    if not os.path.lexists(directory):
        return [], []
    files, problems = listed(directory, ".yaml")
    against, where = Against(project, profile, thorough=thorough), zone(project.settings.timezone)
    found: list[Scenario] = []
    names: dict[str, str] = {}
    for file in files:
        text = read_text(file)
        if isinstance(text, Problem):
            problems.append(text)
            continue
        scenarios, wrong = _read(text, str(file), against, where)
        problems += wrong
        found += scenarios
        for name in dict.fromkeys(scenario.name for scenario in scenarios):
            other = names.setdefault(name, file.name)
            if other != file.name:
                what = f"the scenario '{name}' is in {other} too"
                problems.append(Problem(str(file), 1, 1, what, "give one of them another name", code="twice"))
    return found, problems


def _read(text: str, file: str, against: Against, where: tzinfo) -> tuple[list[Scenario], list[Problem]]:
    source = read(text, file)
    if not source.places:
        return [], list(source.problems)
    rows, problems = read_rows(source)
    if problems:  # each of its cells would be missing
        return [], sorted({*source.problems, *problems})
    problems = list(source.problems)
    told: set[tuple[int, int]] = set()
    found: list[Scenario] = []
    for row in rows:
        scenario, wrong = _made(Filled(source, row), row, against, where)
        # Of a table that is wrong in a column, its first row tells.
        problems += [each for each in wrong if (each.line, each.column) not in told]
        told |= {(each.line, each.column) for each in wrong}
        if scenario is not None:
            found.append(scenario)
    return ([], sorted(set(problems))) if problems else (found, [])


def _made(filled: Filled, row: Row, against: Against, where: tzinfo) -> tuple[Scenario | None, list[Problem]]:
    shape, problems = check(ScenarioShape, filled.source)
    if shape is None:
        return None, list(filled.told(problems))
    making = Making(filled.source, where, against.functions)
    scenario = making.scenario(shape, row.cells)
    problems = [*making.problems, *against.problems(scenario, shape, filled.source)]
    return scenario, list(filled.told(problems))
