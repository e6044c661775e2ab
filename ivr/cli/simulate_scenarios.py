"""``ivr simulate [DIR] [NAME…]``: the scenarios of a project, one call each."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from ivr.catalog.mistakes import listing, meant
from ivr.cli.arguments import writable, writing
from ivr.cli.simulate_listen import ear, speaker
from ivr.cli.simulate_trace import trace_of
from ivr.errors import ConfigError
from ivr.project.load import load
from ivr.project.profiles.profile import load_profile
from ivr.project.settings.settings import TraceSettings
from ivr.simulator.junit import of_scenarios
from ivr.simulator.scenario.file import load_scenarios
from ivr.simulator.scenario.model import Scenario
from ivr.simulator.scenario.report import Report, Verdict
from ivr.simulator.scenario.run import Stage
from ivr.simulator.scenario.understood import understood


def add_scenarios(parser: argparse.ArgumentParser) -> None:
    """The arguments of scenarios."""
    parser.add_argument("names", metavar="NAME", nargs="*", help="scenarios to play; left out: all of prompts/calls/")


def run_scenarios(args: argparse.Namespace, root: Path) -> int:
    """Play them, and print what came of them: 1 where an expectation fails. Raises ``ProjectError`` for wrong files."""
    project = load(root, os.environ)
    scenarios = _chosen(load_scenarios(project, args.profile), args.names)
    if args.junit is not None:
        writable(args.junit, "--junit")
    settings = project.settings.trace
    record = args.trace is not None and settings.replay
    stage = Stage(project, speaker(args, project), record=record, profile=args.profile)
    if args.profile is not None:
        load_profile(project, args.profile)
    listener = ear(args, project)
    reports = [stage.run(scenario, args.seed, gateway=args.gateway) for scenario in scenarios]
    if listener is not None:
        reports = [understood(report, listener) for report in reports]
    if args.trace is not None:
        _write(args.trace, reports, settings)
    if args.junit is not None:
        with writing(args.junit, "--junit"):
            args.junit.write_bytes(of_scenarios((_called(report), _wrong(report)) for report in reports))
    failed = sum(not report.ok for report in reports)
    if args.json:
        print(json.dumps({"ok": not failed, "seed": args.seed, "calls": [_plain(each) for each in reports]}, indent=2))
    else:
        for report in reports:
            _show(report)
        print(f"{len(reports)} call{'s' * (len(reports) != 1)}, {failed} failed")
    return 1 if failed else 0


def _chosen(scenarios: list[Scenario], names: list[str]) -> list[Scenario]:
    known = list(dict.fromkeys(scenario.name for scenario in scenarios))
    if not known:
        raise ConfigError("the project has no scenarios: write one below prompts/calls/")
    for name in names:
        if name not in known:
            raise ConfigError(f"there is no scenario '{name}': {meant(name, known, f'there is {listing(known)}')}")
    return [scenario for scenario in scenarios if not names or scenario.name in names]


def _show(report: Report) -> None:
    word = "ok" if report.ok else "FAILED"
    print(f"{_called(report)}: {word} ({report.gateway}, {report.made.seconds:.2f} s, {report.made.reason})")
    for verdict in report.verdicts:
        print(f"  {_told(verdict, report.scenario.file)}")


def _called(report: Report) -> str:
    return report.scenario.name + "".join(f" {name}={value}" for name, value in report.scenario.row.items())


def _wrong(report: Report) -> str | None:
    """What a build server shows of a scenario that failed: every line of it, since one explains the other."""
    lines = (_told(verdict, report.scenario.file) for verdict in report.verdicts if verdict.ok is not True)
    return None if report.ok else "\n".join(lines)


def _told(verdict: Verdict, file: str) -> str:
    mark = {True: "ok    ", False: "FAILED", None: "-     "}[verdict.ok]
    where = f"{file}:{verdict.line}: " if verdict.ok is False and verdict.line else ""
    return f"{mark} {verdict.at:7.2f} s  {where}{verdict.what}{f': {verdict.detail}' if verdict.detail else ''}"


def _plain(report: Report) -> dict[str, Any]:
    return {
        "scenario": report.scenario.name,
        "row": dict(report.scenario.row),
        "gateway": report.gateway,
        "ok": report.ok,
        "seconds": round(report.made.seconds, 6),
        "reason": report.made.reason,
        "states": report.states,
        "digits": report.digits,
        "characters": report.characters,
        "requests": report.paid.requests,
        "cost": report.cost,
        "checked": [
            {
                "what": each.what,
                "ok": each.ok,
                "at": round(each.at, 6),
                "line": each.line or None,
                "detail": each.detail,
            }
            for each in report.verdicts
        ],
    }


def _write(folder: Path, reports: list[Report], settings: TraceSettings) -> None:
    with writing(folder, "--trace"):
        folder.mkdir(parents=True, exist_ok=True)
        for number, report in enumerate(reports, 1):
            file = folder / f"{report.scenario.name}-{number}.jsonl"
            file.write_bytes(trace_of("sim", report.made.trace, settings))
