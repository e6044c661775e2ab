"""``ivr simulate [DIR]``"""

from __future__ import annotations

import argparse

from ivr.cli import simulate_explore
from ivr.cli.directory import add_directory, directory
from ivr.cli.simulate_listen import add_listening, refuse_with_many
from ivr.cli.simulate_many import add_many, run_many
from ivr.cli.simulate_scenarios import add_scenarios, run_scenarios
from ivr.project.load import CALLS

_MANY = ("calls", "only", "profile", "mix", "no_covers", "junit", "baseline", "write_baseline")
"""Arguments that stand with very many calls alone."""


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    add_scenarios(parser)
    parser.add_argument("--explore", action="store_true", help="go through every branch of the dialogs")
    parser.add_argument("--gateway", metavar="NAME", help="the gateway that calls come by")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    add_listening(parser)
    add_many(parser)
    simulate_explore.add_arguments(parser)
    many = parser.epilog
    parser.epilog = (
        "Without --calls the scenarios of prompts/calls/*.yaml are played, once each (docs/scenarios.md); --trace is\n"
        "a directory then. A project without any is explored, as with --explore: every branch once\n"
        "(docs/exploring.md). Exit status 1 when an expectation fails or a caller would wait in silence; with\n"
        "--listen also when words are not understood.\n\n"
        "examples:\n  ivr simulate harbour\n  ivr simulate harbour balance --gateway asterisk/alaw --trace traces\n"
        "  ivr simulate harbour --explore --listen\n  ivr simulate harbour --calls 10000"
        + (f"\n\n{many}" if many else "")
    )


def run(args: argparse.Namespace) -> int:
    """Play scenarios, explore, or make very many calls."""
    root = directory(args)
    if not args.names and any(getattr(args, name) for name in _MANY):
        refuse_with_many(args)
        return run_many(args, root)
    explore = args.explore or args.values is not None
    if args.names or (not explore and any((root / CALLS).glob("*.yaml"))):
        return run_scenarios(args, root)
    return simulate_explore.run(args)
