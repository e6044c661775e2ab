"""``ivr check [DIR]``"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict
from pathlib import Path

from ivr.cli.directory import add_directory, directory
from ivr.errors import Problem, ProjectError
from ivr.project.load import load
from ivr.project.project import Project
from ivr.runtime.calls import gateways
from ivr.runtime.serving import TWILIO_AUTH_TOKEN
from ivr.runtime.unmovable import unmovable


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    parser.add_argument("--json", action="store_true", help="the answer as JSON")
    parser.epilog = (
        "Exit status 1 when anything is wrong. Warnings tell what works and is worth a look.\n\n"
        "example:\n  ivr check harbour"
    )


def run(args: argparse.Namespace) -> int:
    """Load the project as a call would, and print what is wrong."""
    root = directory(args)
    try:
        project = load(root, os.environ)
    except ProjectError as error:
        if args.json:
            _print_json(root, error.problems)
        else:
            count = len(error.problems)
            print(error)
            print(f"\n{count} {'problem' if count == 1 else 'problems'} in {root.absolute()}")
        return 1
    webhook = bool(os.environ.get(TWILIO_AUTH_TOKEN, "").strip() and project.settings.serve.public_url)
    offered = gateways(project.settings.serve)
    notes = [f"transfers by /{name}: {why}" for name, why in unmovable(project, webhook=webhook, gateways=offered)]
    if args.json:
        _print_json(root, (), project.warnings, {**_counts(project), "notes": notes})
    else:
        for warning in project.warnings:
            print(f"{warning.file}:{warning.line}:{warning.column}: warning: {warning.what}, {warning.remedy}")
        for note in notes:
            print(note)
        counts = _counts(project)
        print(f"{counts['phrases']} phrases, {counts['states']} states, all clips present ({root.absolute()})")
    return 0


def _counts(project: Project) -> dict[str, int]:
    return {
        "phrases": sum(len(catalogue.phrases) for catalogue in project.catalogues.values()),
        "states": sum(len(table.states) for table in project.tables.values()),
        "functions": len(project.functions),
        "clips": len(project.store.names),
    }


def _print_json(
    root: Path,
    problems: tuple[Problem, ...],
    warnings: tuple[Problem, ...] = (),
    counts: dict[str, int | list[str]] | None = None,
) -> None:
    answer = {
        "ok": not problems,
        "root": str(root.absolute()),
        "problems": [asdict(problem) for problem in problems],
        "warnings": [asdict(warning) for warning in warnings],
        **(counts or {}),
    }
    print(json.dumps(answer, indent=2))
