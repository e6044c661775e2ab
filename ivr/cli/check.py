"""``ivr check [DIR]``"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict
from pathlib import Path

from ivr.cli.collector import uncollected
from ivr.cli.directory import add_directory, directory
from ivr.errors import Problem, ProjectError, Severity
from ivr.phrases.fragments import is_fragment
from ivr.project.audio.fragments import fragments
from ivr.project.disk.layout import CALLS
from ivr.project.load import load
from ivr.project.project import Project
from ivr.project.reading.readable import Readable


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    parser.add_argument("--json", action="store_true", help="the answer as JSON")
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")
    parser.epilog = (
        "Exit status 1 when anything is wrong; warnings alone are none, but with --strict.\n"
        "docs/check.md lists what is looked for.\n\nexample:\n  ivr check harbour"
    )


def run(args: argparse.Namespace) -> int:
    """Load the project as a call would, examine it, and print what is wrong."""
    root = directory(args)
    project: Project | None = None
    try:
        with uncollected():
            project = load(root, os.environ, thorough=True, also=_simulated)
        problems = project.warnings
    except ProjectError as error:
        problems = error.problems
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    warnings = len(problems) - errors
    counts = {} if project is None else _counts(project)
    notes = [] if project is None else _notes(project)
    wrong = bool(errors or (args.strict and warnings))
    if args.json:
        answer = {"ok": not wrong, "root": str(root.absolute()), "errors": errors, "warnings": warnings}
        print(
            json.dumps(
                {**answer, "problems": [asdict(problem) for problem in problems], "notes": notes, **counts}, indent=2
            )
        )
    else:
        for problem in problems:
            print(problem)
        for note in notes:
            print(note)
        if problems or notes:
            print()
        print(_end(root, errors, warnings, counts))
    return 1 if wrong else 0


def _simulated(project: Readable) -> list[Problem]:
    """What simulated calls would stumble over."""
    from ivr.simulator.paying import unpriced  # late: profiles, which no call needs

    return [*unpriced(project), *_scenarios(project)]


def _scenarios(project: Readable) -> list[Problem]:
    if not os.path.lexists(project.root / CALLS):
        return []
    from ivr.simulator.scenario.file import wrong_scenarios  # late: all that answers calls, and the far ends

    return wrong_scenarios(project)


def _end(root: Path, errors: int, warnings: int, counts: dict[str, int]) -> str:
    also = f", {warnings} warning{'' if warnings == 1 else 's'}" if warnings else ""
    if errors:
        return f"{errors} {'problem' if errors == 1 else 'problems'}{also} in {root.absolute()}"
    told = f"{counts['phrases']} phrases, {counts['states']} states, all clips present{_and_fragments(counts)}{also}"
    return f"{told} ({root.absolute()})"


def _and_fragments(counts: dict[str, int]) -> str:
    there, needed = counts["fragments"], counts["fragments_needed"]
    if there < needed:
        return f" but those of fragments, of which {there} of {needed} are there"
    return f", {there} fragments" if there else ""


def _notes(project: Project) -> list[str]:
    """What gateways cannot do of what the project asks for."""
    if not project.settings.transfer.allow:
        return []
    from ivr.runtime.calls import gateways  # all that answers calls: a quarter of this command's start
    from ivr.runtime.serving import TWILIO_AUTH_TOKEN
    from ivr.runtime.unmovable import unmovable

    webhook = bool(os.environ.get(TWILIO_AUTH_TOKEN, "").strip() and project.settings.serve.public_url)
    offered = gateways(project.settings.serve)
    return [f"transfers by /{name}: {why}" for name, why in unmovable(project, webhook=webhook, gateways=offered)]


def _counts(project: Project) -> dict[str, int]:
    return {
        "phrases": sum(len(catalogue.phrases) for catalogue in project.catalogues.values()),
        "states": sum(len(table.states) for table in project.tables.values()),
        "functions": len(project.functions),
        "clips": sum(not is_fragment(name) for name in project.store.names),
        "fragments": sum(is_fragment(name) for name in project.store.names),
        "fragments_needed": sum(1 for _ in fragments(project.catalogues, project.settings)),
    }
