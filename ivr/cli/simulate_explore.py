"""``ivr simulate [DIR]`` without scenarios: every branch, and what a caller hears in it."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ivr.call.plan import plan_calls
from ivr.cli.directory import directory
from ivr.cli.simulate_listen import ear, speaker
from ivr.errors import ConfigError
from ivr.media.private import stand_in
from ivr.project.load import load
from ivr.simulator.emulated import EMULATED
from ivr.simulator.explore import MOST, Explorer
from ivr.simulator.explore_given import check_given
from ivr.simulator.explore_report import as_dict, tree
from ivr.simulator.explore_values import Tried
from ivr.simulator.scenario.run import PROVIDER
from ivr.testing.voices import ScriptedVoice

_GATEWAY = "twilio"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those of exploring alone; DIR and ``--json`` are the command's."""
    group = parser.add_argument_group("exploring, where no scenario is named")
    group.add_argument(
        "--values", type=Path, metavar="FILE", help="YAML: by lookup or typed variable, a list of what is to be tried"
    )
    group.add_argument("--most", type=int, default=MOST, metavar="N", help=f"calls at the most; {MOST} when left out")
    group.add_argument("--caller", default="+15550100", metavar="NUMBER", help="who calls; +15550100 when left out")


def run(args: argparse.Namespace) -> int:
    """Explore and print; 1 where a branch has dead air, raises, or never ends."""
    if args.most < 1:
        raise ConfigError(f"--most {args.most}: write how many calls may be made, at least 1")
    project = load(directory(args), os.environ)
    given = {} if args.values is None else _values(args.values)
    try:
        check_given(project, given)
    except ConfigError as error:
        raise ConfigError(f"--values {args.values}: {error}") from None
    gateway = EMULATED.get(args.gateway or _GATEWAY)
    if gateway is None:
        raise ConfigError(f"--gateway {args.gateway}: there is no such gateway; there is: {', '.join(EMULATED)}")
    said_by, voice = speaker(args, project), ScriptedVoice()
    provider = PROVIDER if said_by is None else said_by.provider
    plan = plan_calls(project, gateway.capabilities, provider=provider)
    script = voice if said_by is None else said_by.voice(voice)
    caller, tried = {"from": args.caller}, Tried(project, given)
    found = Explorer(project, plan, gateway, script, caller, tried, args.most, ear(args, project)).run()
    mask = str if project.settings.trace.private == "show" else stand_in
    answer = as_dict(found, mask)
    if args.json:
        print(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        print("\n".join(tree(found, mask)))
    return 0 if answer["ok"] else 1


def _values(file: Path) -> Mapping[str, Sequence[Any]]:
    try:
        read = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"--values: {file} cannot be read ({error.strerror or error})") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"--values: {file} is no YAML: {error}") from None
    if not isinstance(read, dict) or not all(isinstance(k, str) and isinstance(v, list) for k, v in read.items()):
        raise ConfigError(f"--values: {file}: write NAME: [VALUE, …] for each lookup, such as bank.balance: [12.5, 0]")
    return read
