"""``ivr simulate [DIR] [NAME…]``"""

from __future__ import annotations

import argparse

from ivr.cli.directory import add_directory, directory
from ivr.cli.simulate_many import add_many, run_many
from ivr.cli.simulate_scenarios import add_scenarios, run_scenarios

_MANY = ("calls", "only", "profile", "mix", "no_covers", "junit", "baseline", "write_baseline")
"""Arguments that stand with very many calls alone."""


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    add_scenarios(parser)
    parser.add_argument("--gateway", metavar="NAME", help="the gateway that calls come by")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    add_many(parser)
    many = parser.epilog
    parser.epilog = (
        "Without --calls the scenarios of prompts/calls/*.yaml are played, once each (docs/scenarios.md); --trace\n"
        "names a directory then. Exit status 1 when an expectation fails.\n\n"
        "examples:\n  ivr simulate harbour\n  ivr simulate harbour balance --gateway asterisk/alaw --trace traces"
        + (f"\n\n{many}" if many else "")
    )


def run(args: argparse.Namespace) -> int:
    """Play scenarios, or make very many calls."""
    many = any(getattr(args, name) for name in _MANY)
    return run_many(args, directory(args)) if many and not args.names else run_scenarios(args, directory(args))
